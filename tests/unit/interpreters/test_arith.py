"""`arith` against Python's unbounded integers and the C rules for floats."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

Array = npt.NDArray[Any]
Scalar = Callable[..., Array]

EDGES = [0, 1, 2, 3, 5, 7, 100, 127, 128, 200, 254, 255]


def pairs(width: int) -> tuple[Array, Array]:
    """All pairs of edge bit patterns, the low and the high ones of a width."""
    top = (1 << width) - 256
    bits = np.array(EDGES + [top + edge for edge in EDGES], np.uint64)
    values = bits.astype(f"uint{width}").view(f"int{width}")
    lhs, rhs = np.meshgrid(values, values)
    return lhs.ravel(), rhs.ravel()


def signed(value: int, width: int) -> int:
    value %= 1 << width
    return value - (1 << width) if value >> (width - 1) else value


def truncated(a: int, b: int) -> int:
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


ANY: dict[str, Callable[[int, int], int]] = {
    "addi": lambda a, b: a + b,
    "subi": lambda a, b: a - b,
    "muli": lambda a, b: a * b,
    "minsi": min,
    "maxsi": max,
    "andi": lambda a, b: a & b,
    "ori": lambda a, b: a | b,
    "xori": lambda a, b: a ^ b,
}
DIVISIONS: dict[str, Callable[[int, int], int]] = {
    "divsi": truncated,
    "floordivsi": lambda a, b: a // b,
    "ceildivsi": lambda a, b: -(-a // b),
    "remsi": lambda a, b: a - truncated(a, b) * b,
}
UNSIGNED: dict[str, Callable[[int, int], int]] = {"minui": min, "maxui": max}
UNSIGNED_DIVISIONS: dict[str, Callable[[int, int], int]] = {
    "divui": lambda a, b: a // b,
    "ceildivui": lambda a, b: -(-a // b),
    "remui": lambda a, b: a % b,
}


def expected(
    function: Callable[[int, int], int], lhs: Array, rhs: Array, width: int
) -> list[int]:
    pairs = zip(lhs.tolist(), rhs.tolist(), strict=True)
    return [signed(function(a, b), width) for a, b in pairs]


@pytest.mark.parametrize("width", [8, 16, 32, 64])
@pytest.mark.parametrize("name", [*ANY, *DIVISIONS, *UNSIGNED, *UNSIGNED_DIVISIONS])
def test_integers_wrap(scalar: Scalar, name: str, width: int) -> None:
    lhs, rhs = pairs(width)
    if name in DIVISIONS or name in UNSIGNED_DIVISIONS:
        lhs, rhs = lhs[rhs != 0], rhs[rhs != 0]
    got = scalar(
        f"arith.{name} %0, %1 : i{width}", f"i{width}, i{width}", f"i{width}", lhs, rhs
    )
    if name.rstrip("i").endswith("u"):
        lhs, rhs = lhs.view(f"uint{width}"), rhs.view(f"uint{width}")
    table = {**ANY, **DIVISIONS, **UNSIGNED, **UNSIGNED_DIVISIONS}
    assert got.tolist() == expected(table[name], lhs, rhs, width)


@pytest.mark.parametrize("name", [*ANY, "minui", "maxui"])
def test_one_bit_is_a_signed_number(scalar: Scalar, name: str) -> None:
    lhs, rhs = np.array([0, 0, 1, 1], bool), np.array([0, 1, 0, 1], bool)
    got = scalar(f"arith.{name} %0, %1 : i1", "i1, i1", "i1", lhs, rhs)
    sign = 1 if name in UNSIGNED else -1
    function = {**ANY, **UNSIGNED}[name]
    values = zip(lhs.tolist(), rhs.tolist(), strict=True)
    assert got.tolist() == [bool(function(sign * a, sign * b) & 1) for a, b in values]


@pytest.mark.parametrize(("name", "unsigned"), [("shrsi", False), ("shrui", True)])
@pytest.mark.parametrize("width", [8, 32])
def test_shifts_right(scalar: Scalar, name: str, unsigned: bool, width: int) -> None:
    values = np.repeat(pairs(width)[0], width)
    amounts = np.tile(np.arange(width), len(pairs(width)[0])).astype(values.dtype)
    got = scalar(
        f"arith.{name} %0, %1 : i{width}",
        f"i{width}, i{width}",
        f"i{width}",
        values,
        amounts,
    )
    source = values.view(f"uint{width}") if unsigned else values
    assert got.tolist() == expected(lambda a, b: a >> b, source, amounts, width)


@pytest.mark.parametrize("width", [8, 32, 64])
@pytest.mark.parametrize("is_high", [False, True])
def test_both_halves_of_a_product(scalar: Scalar, width: int, is_high: bool) -> None:
    lhs, rhs = pairs(width)
    got = scalar(
        f"arith.mulsi_extended %0, %1 : i{width}",
        f"i{width}, i{width}",
        f"i{width}",
        lhs,
        rhs,
        results="%low, %result" if is_high else "%result, %high",
    )
    down = width if is_high else 0
    wanted = expected(lambda a, b: (a * b) >> down, lhs, rhs, width)
    assert got.tolist() == wanted


PREDICATES: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
}


@pytest.mark.parametrize(
    "predicate", ["eq", "ne", *(s + p for s in "su" for p in ("lt", "le", "gt", "ge"))]
)
def test_integer_comparison(scalar: Scalar, predicate: str) -> None:
    lhs, rhs = pairs(16)
    got = scalar(f"arith.cmpi {predicate}, %0, %1 : i16", "i16, i16", "i1", lhs, rhs)
    if predicate[0] == "u":
        lhs, rhs = lhs.view("uint16"), rhs.view("uint16")
    function = PREDICATES[predicate[-2:]]
    values = zip(lhs.tolist(), rhs.tolist(), strict=True)
    assert got.tolist() == [function(a, b) for a, b in values]


@pytest.mark.parametrize(
    "predicate",
    [
        "false",
        "true",
        "ord",
        "uno",
        *(s + p for s in "ou" for p in ("eq", "gt", "ge", "lt", "le", "ne")),
    ],
)
def test_float_comparison(scalar: Scalar, predicate: str) -> None:
    values = np.array([-math.inf, -1.5, -0.0, 0.0, 2.0, math.inf, math.nan], "f")
    lhs, rhs = (m.ravel() for m in np.meshgrid(values, values))
    got = scalar(f"arith.cmpf {predicate}, %0, %1 : f32", "f32, f32", "i1", lhs, rhs)

    def reference(a: float, b: float) -> bool:
        unordered = math.isnan(a) or math.isnan(b)
        constant = {
            "false": False,
            "true": True,
            "ord": not unordered,
            "uno": unordered,
        }
        if predicate in constant:
            return constant[predicate]
        if unordered:
            return predicate[0] == "u"
        return PREDICATES[predicate[1:]](a, b)

    pairs = zip(lhs.tolist(), rhs.tolist(), strict=True)
    assert got.tolist() == [reference(a, b) for a, b in pairs]


def test_extremes_of_nan_and_zeros(scalar: Scalar) -> None:
    lhs = np.array([math.nan, 1.0, -0.0, 0.0, -0.0, 3.0], "f")
    rhs = np.array([1.0, math.nan, 0.0, -0.0, -0.0, 2.0], "f")
    nan = math.nan
    for name, wanted in {
        "maximumf": [nan, nan, 0.0, 0.0, -0.0, 3.0],
        "minimumf": [nan, nan, -0.0, -0.0, -0.0, 2.0],
    }.items():
        got = scalar(f"arith.{name} %0, %1 : f32", "f32, f32", "f32", lhs, rhs)
        assert [*map(str, got.tolist())] == [*map(str, wanted)]
    got = scalar("arith.maxnumf %0, %1 : f32", "f32, f32", "f32", lhs, rhs)
    assert got[:2].tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("operation", "source", "target", "values", "wanted"),
    [
        ("extsi", "i8", "i32", [-1, 127, -128], [-1, 127, -128]),
        ("extui", "i8", "i32", [-1, 127, -128], [255, 127, 128]),
        ("extsi", "i1", "i8", [True, False], [-1, 0]),
        ("extui", "i1", "i8", [True, False], [1, 0]),
        ("trunci", "i32", "i8", [255, 256, -129], [-1, 0, 127]),
        ("trunci", "i32", "i1", [2, 3], [False, True]),
        ("sitofp", "i32", "f32", [2**24 + 1, -3], [2.0**24, -3.0]),
        ("uitofp", "i8", "f32", [-1, 5], [255.0, 5.0]),
        ("sitofp", "i1", "f32", [True, False], [-1.0, 0.0]),
        ("uitofp", "i1", "f32", [True, False], [1.0, 0.0]),
        ("fptosi", "f32", "i8", [-1.9, 1.9, 300.0, -300.0], [-1, 1, 127, -128]),
        ("fptosi", "f32", "i64", [1e30, -1e30], [2**63 - 1, -(2**63)]),
        ("fptoui", "f32", "i8", [200.5, 0.9], [-56, 0]),
        ("truncf", "f64", "f32", [1 + 2**-25, 0.1], [1.0, float(np.float32(0.1))]),
        ("extf", "f16", "f32", [1.5, 65504.0], [1.5, 65504.0]),
        ("bitcast", "f32", "i32", [1.0, -0.0], [0x3F800000, -(2**31)]),
        ("bitcast", "i32", "f32", [0x40490FDB], [float(np.float32(math.pi))]),
    ],
)
def test_casts(
    scalar: Scalar,
    operation: str,
    source: str,
    target: str,
    values: list[Any],
    wanted: list[Any],
) -> None:
    names = {"i1": "bool", "f16": "float16", "f32": "float32", "f64": "float64"}
    dtype = names.get(source, "int" + source[1:])
    got = scalar(
        f"arith.{operation} %0 : {source} to {target}",
        source,
        target,
        np.array(values, dtype),
    )
    assert got.dtype == names.get(target, "int" + target[1:])
    assert got.tolist() == wanted


def test_float32_stays_float32(scalar: Scalar) -> None:
    third, big = np.array([1 / 3], "f"), np.array([3e38], "f")
    assert scalar("arith.addf %0, %0 : f32", "f32", "f32", big)[0] == math.inf
    product = scalar("arith.mulf %0, %0 : f32", "f32", "f32", third)[0]
    assert product == np.float32(1 / 3) * np.float32(1 / 3)


def test_fused_multiply_add_rounds_once(scalar: Scalar) -> None:
    rng = np.random.default_rng(0)
    a, b = (rng.standard_normal(2000).astype("f") for _ in "ab")
    c = -(a.astype(float) * b).astype("f")
    got = scalar("math.fma %0, %1, %2 : f32", "f32, f32, f32", "f32", a, b, c)
    exact = a.astype(float) * b + c
    assert got.tolist() == exact.astype("f").tolist()
    ties = scalar(
        "math.fma %0, %1, %2 : f32",
        "f32, f32, f32",
        "f32",
        np.array([1 + 2**-12], "f"),
        np.array([1 + 2**-12], "f"),
        np.array([2.0**-60], "f"),
    )
    assert ties[0] == np.float32(1 + 2**-11 + 2**-23)
