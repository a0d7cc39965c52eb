"""Every scalar operation in C gives what numpy gives, without undefined behaviour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pytest
from lowered import (
    COMPILERS,
    DTYPES,
    artifact_of,
    elementwise_module,
    integers,
    outputs_of,
    sanitized,
)
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]
Meaning: TypeAlias = Callable[[Any, Any], Any]

COUNT = 64
WIDTHS = ("i8", "i16", "i32", "i64")
UNSIGNED = {"i8": "uint8", "i16": "uint16", "i32": "uint32", "i64": "uint64"}


def unsigned(meaning: Meaning) -> Meaning:
    """`meaning` on the unsigned values of integers, its result as a signed one."""

    def on_unsigned(a: Array, b: Array) -> Array:
        kind = np.dtype(f"u{a.dtype.name}")
        result = meaning(a.view(kind), b.view(kind))
        return result if result.dtype == bool else result.view(a.dtype)

    return on_unsigned


def shift_amount(b: Array, bits: int) -> Array:
    """Amounts that a shift is defined for."""
    return (b.astype(np.int64) % bits).astype(b.dtype)


BINARY: dict[str, Meaning] = {
    "addi": np.add,
    "subi": np.subtract,
    "muli": np.multiply,
    "andi": np.bitwise_and,
    "ori": np.bitwise_or,
    "xori": np.bitwise_xor,
    "minsi": np.minimum,
    "maxsi": np.maximum,
    "minui": unsigned(np.minimum),
    "maxui": unsigned(np.maximum),
}

SHIFTS: dict[str, Meaning] = {
    "shli": np.left_shift,
    "shrsi": np.right_shift,
    "shrui": unsigned(np.right_shift),
}

DIVISIONS: dict[str, Meaning] = {
    "divsi": lambda a, b: np.trunc(a.astype(object) / b.astype(object)),
    "floordivsi": np.floor_divide,
    "ceildivsi": lambda a, b: -((-a.astype(np.int64)) // b.astype(np.int64)),
    "remsi": np.fmod,
    "divui": unsigned(np.floor_divide),
    "remui": unsigned(np.remainder),
}

COMPARISONS: dict[str, Meaning] = {
    "eq": np.equal,
    "ne": np.not_equal,
    "slt": np.less,
    "sle": np.less_equal,
    "sgt": np.greater,
    "sge": np.greater_equal,
    "ult": unsigned(np.less),
    "ule": unsigned(np.less_equal),
    "ugt": unsigned(np.greater),
    "uge": unsigned(np.greater_equal),
}


def computed(body: str, target: str, **arrays: Array) -> Array:
    """What the compiled `body` gives on arrays called `a`, `b`, `c`."""
    by_dtype = {dtype: element for element, dtype in DTYPES.items()}
    sources = [by_dtype[array.dtype.name] for array in arrays.values()]
    count = len(arrays["a"])
    artifact = artifact_of(elementwise_module(body, sources, target, count))
    (result,) = outputs_of(artifact, list(arrays.values()))
    return result


@pytest.fixture(autouse=True, params=COMPILERS)
def compiler(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    sanitized(monkeypatch, request.param)
    return request.param


def all_of(ops: dict[str, Meaning], form: str, element: str) -> str:
    """One body that runs all of `ops` and mixes their results by a selector `%c`."""
    lines = [f"%start = arith.constant 0 : {element}"]
    last = "%start"
    for number, name in enumerate(ops):
        lines += [
            f"%v{number} = {form.format(name=name)}",
            f"%n{number} = arith.constant {number} : i32",
            f"%is{number} = arith.cmpi eq, %c, %n{number} : i32",
            f"%s{number} = arith.select %is{number}, %v{number}, {last} : {element}",
        ]
        last = f"%s{number}"
    zero = "%zero = arith.constant 0 : " + element
    return "\n      ".join([*lines, zero, f"%r = arith.ori {last}, %zero : {element}"])


def check_all(ops: dict[str, Meaning], form: str, element: str, a: Array, b: Array):
    selector = np.repeat(np.arange(len(ops), dtype=np.int32), len(a))
    wide_a, wide_b = np.tile(a, len(ops)), np.tile(b, len(ops))
    result = computed(
        all_of(ops, form, element), element, a=wide_a, b=wide_b, c=selector
    )
    with np.errstate(all="ignore"):
        for number, (name, meaning) in enumerate(ops.items()):
            expected = np.asarray(meaning(a, b)).astype(result.dtype)
            found = result[number * len(a) : (number + 1) * len(a)]
            np.testing.assert_array_equal(found, expected, err_msg=name)


@pytest.mark.parametrize("element", WIDTHS)
def test_integer_operations(element: str):
    a, b = integers(element, seed=1), integers(element, seed=2)
    check_all(BINARY, f"arith.{{name}} %a, %b : {element}", element, a, b)


@pytest.mark.parametrize("element", ["i8", "i16", "i32"])
def test_upper_half_of_a_product(element: str):
    a, b = integers(element, seed=10), integers(element, seed=11)
    body = f"%low, %r = arith.mulsi_extended %a, %b : {element}"
    whole = a.astype(np.int64) * b >> np.iinfo(a.dtype).bits
    np.testing.assert_array_equal(computed(body, element, a=a, b=b), whole)


@pytest.mark.parametrize("element", WIDTHS)
def test_shifts(element: str):
    a, b = integers(element, seed=3), integers(element, seed=4)
    amount = shift_amount(b, np.iinfo(a.dtype).bits)
    check_all(SHIFTS, f"arith.{{name}} %a, %b : {element}", element, a, amount)


@pytest.mark.parametrize("element", ["i8", "i32"])
def test_divisions(element: str):
    a, b = integers(element, seed=5), integers(element, seed=6)
    b[b == 0] = 7
    a[(a == np.iinfo(a.dtype).min) & (b == -1)] = 5
    check_all(DIVISIONS, f"arith.{{name}} %a, %b : {element}", element, a, b)


@pytest.mark.parametrize("element", WIDTHS)
def test_comparisons(element: str):
    a, b = integers(element, seed=7), integers(element, seed=8)
    b[::3] = a[::3]
    check_all(COMPARISONS, f"arith.cmpi {{name}}, %a, %b : {element}", "i1", a, b)


def floats(dtype: str, seed: int) -> Array:
    """Numbers that comparisons and rounding get wrong, then random ones."""
    known = [0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 1e9, -1e9, np.inf, -np.inf, np.nan]
    rest = np.random.default_rng(seed).normal(0, 10, COUNT - len(known))
    return np.random.default_rng(seed).permutation([*known, *rest]).astype(dtype)


FLOAT_COMPARISONS: dict[str, Meaning] = {
    "oeq": np.equal,
    "ogt": np.greater,
    "oge": np.greater_equal,
    "olt": np.less,
    "ole": np.less_equal,
    "one": lambda a, b: (a < b) | (a > b),
    "ord": lambda a, b: ~(np.isnan(a) | np.isnan(b)),
    "ueq": lambda a, b: ~((a < b) | (a > b)),
    "ugt": lambda a, b: ~(a <= b),
    "uge": lambda a, b: ~(a < b),
    "ult": lambda a, b: ~(a >= b),
    "ule": lambda a, b: ~(a > b),
    "une": np.not_equal,
    "uno": lambda a, b: np.isnan(a) | np.isnan(b),
    "true": lambda a, b: np.ones_like(a, bool),
    "false": lambda a, b: np.zeros_like(a, bool),
}


@pytest.mark.parametrize("element", ["f32", "f64"])
def test_float_comparisons(element: str):
    a, b = floats(DTYPES[element], 1), floats(DTYPES[element], 2)
    b[::3] = a[::3]
    form = f"arith.cmpf {{name}}, %a, %b : {element}"
    check_all(FLOAT_COMPARISONS, form, "i1", a, b)


FLOAT_OPERATIONS: dict[str, Meaning] = {
    "arith.addf %a, %b": np.add,
    "arith.subf %a, %b": np.subtract,
    "arith.mulf %a, %b": np.multiply,
    "arith.divf %a, %b": np.divide,
    "arith.maximumf %a, %b": np.maximum,
    "arith.minimumf %a, %b": np.minimum,
    "arith.maxnumf %a, %b": np.fmax,
    "arith.minnumf %a, %b": np.fmin,
    "arith.negf %a": lambda a, b: -a,
    "math.absf %a": lambda a, b: np.abs(a),
    "math.sqrt %a": lambda a, b: np.sqrt(a),
    "math.floor %a": lambda a, b: np.floor(a),
    "math.ceil %a": lambda a, b: np.ceil(a),
    "math.trunc %a": lambda a, b: np.trunc(a),
    "math.roundeven %a": lambda a, b: np.rint(a),
    "math.copysign %a, %b": np.copysign,
}


@pytest.mark.parametrize("element", ["f32", "f64"])
def test_float_operations(element: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("UBSAN_OPTIONS", "halt_on_error=1")
    a, b = floats(DTYPES[element], 3), floats(DTYPES[element], 4)
    b[b == 0] = 1
    lines: list[str] = ["%start = arith.constant 0.0 : " + element]
    last = "%start"
    for number, form in enumerate(FLOAT_OPERATIONS):
        lines += [
            f"%v{number} = {form} : {element}",
            f"%n{number} = arith.constant {number} : i32",
            f"%is{number} = arith.cmpi eq, %c, %n{number} : i32",
            f"%s{number} = arith.select %is{number}, %v{number}, {last} : {element}",
        ]
        last = f"%s{number}"
    true = "%true = arith.constant true"
    lines += [true, f"%r = arith.select %true, {last}, %start : {element}"]
    times = len(FLOAT_OPERATIONS)
    selector = np.repeat(np.arange(times, dtype=np.int32), COUNT)
    body = "\n      ".join(lines)
    result = computed(
        body, element, a=np.tile(a, times), b=np.tile(b, times), c=selector
    )
    with np.errstate(all="ignore"):
        for number, (name, meaning) in enumerate(FLOAT_OPERATIONS.items()):
            found = result[number * COUNT : (number + 1) * COUNT]
            np.testing.assert_array_equal(found, meaning(a, b), err_msg=name)


@pytest.mark.parametrize(
    ("operation", "source", "target"),
    [
        ("extsi", "i8", "i32"),
        ("extsi", "i1", "i32"),
        ("extsi", "i32", "i64"),
        ("extui", "i8", "i32"),
        ("extui", "i16", "i64"),
        ("extui", "i1", "i8"),
        ("trunci", "i32", "i8"),
        ("trunci", "i64", "i32"),
        ("trunci", "i32", "i1"),
        ("sitofp", "i32", "f32"),
        ("sitofp", "i64", "f64"),
        ("sitofp", "i1", "f32"),
        ("uitofp", "i8", "f32"),
        ("uitofp", "i32", "f64"),
        ("uitofp", "i1", "f32"),
        ("extf", "f32", "f64"),
        ("truncf", "f64", "f32"),
        ("bitcast", "f32", "i32"),
        ("bitcast", "i64", "f64"),
    ],
)
def test_conversions(operation: str, source: str, target: str):
    is_float = source.startswith("f")
    a = floats(DTYPES[source], 5) if is_float else integers(source, seed=9)
    body = f"%r = arith.{operation} %a : {source} to {target}"
    result = computed(body, target, a=a)
    dtype = np.dtype(DTYPES[target])
    if operation == "bitcast":
        expected = a.view(dtype)
    elif operation in ("extui", "uitofp") and source != "i1":
        expected = a.view(UNSIGNED[source]).astype(dtype)
    elif operation in ("extsi", "sitofp") and source == "i1":
        expected = (-a.astype(np.int32)).astype(dtype)
    elif operation == "trunci" and target == "i1":
        expected = (a & 1).astype(bool)
    else:
        with np.errstate(all="ignore"):
            expected = a.astype(dtype)
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("target", ["i8", "i32", "i64"])
def test_float_to_integer_saturates_where_c_has_no_answer(target: str):
    a = floats("float32", 6)
    low, high = (-(2**31), 2**31 - 1) if target != "i64" else (-(2**63), 2**63 - 1)
    wide = [0 if x != x else max(low, min(high, x)) for x in a.astype(float).tolist()]
    expected = np.array([int(x) for x in wide], dtype=object)
    result = computed(f"%r = arith.fptosi %a : f32 to {target}", target, a=a)
    dtype = np.dtype(DTYPES[target])
    wrapped = [(int(x) + 2**63) % 2**64 - 2**63 for x in expected]
    np.testing.assert_array_equal(result, np.array(wrapped, np.int64).astype(dtype))


@pytest.mark.parametrize(
    ("element", "text"),
    [
        ("i8", "-128"),
        ("i32", "-2147483648"),
        ("i64", "-9223372036854775808"),
        ("i64", "9223372036854775807"),
        ("f32", "0x7F800000"),
        ("f32", "0xFF800000"),
        ("f32", "0x7FC00000"),
        ("f32", "0x00000001"),
        ("f32", "1.17549435e-38"),
        ("f32", "16777217.0"),
        ("f32", "0.1"),
        ("f64", "0.1"),
        ("f64", "0x7FF0000000000000"),
    ],
)
def test_constants_are_exact(element: str, text: str):
    dtype = np.dtype(DTYPES[element])
    if text.startswith("0x"):
        bits = np.array([int(text, 16)], f"uint{8 * dtype.itemsize}")
        expected = bits.view(dtype)
    else:
        expected = np.array([text]).astype(dtype)
    a = np.zeros(4, dtype)
    result = computed(f"%r = arith.constant {text} : {element}", element, a=a)
    np.testing.assert_array_equal(result, np.repeat(expected, 4))
