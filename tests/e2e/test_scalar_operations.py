"""Every scalar operation in C gives what numpy gives, without undefined behaviour."""

from __future__ import annotations

import numpy as np
import pytest
from lowered import COMPILERS, DTYPES, Array, integers, sanitized
from scalar_programs import (
    Claim,
    Elementwise,
    Meaning,
    assert_claims,
    claim_of,
    written,
)

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


@pytest.fixture(autouse=True, params=COMPILERS)
def compiler(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    sanitized(monkeypatch, request.param)
    return request.param


TWO = "arith.{name} %a, %b"


def test_integer_operations():
    assert_claims(
        *(
            claim_of(written(BINARY, TWO), integers(e, seed=1), integers(e, seed=2))
            for e in WIDTHS
        )
    )


def upper_half(element: str) -> Claim:
    a, b = integers(element, seed=10), integers(element, seed=11)
    body = f"%low, %r = arith.mulsi_extended %a, %b : {element}"
    whole = a.astype(np.int64) * b >> np.iinfo(a.dtype).bits
    return Claim(Elementwise(body, element, (a, b)), {"mulsi_extended": whole})


def test_upper_half_of_a_product():
    assert_claims(*map(upper_half, ("i8", "i16", "i32")))


def shifted(element: str) -> Claim:
    a, b = integers(element, seed=3), integers(element, seed=4)
    return claim_of(written(SHIFTS, TWO), a, shift_amount(b, np.iinfo(a.dtype).bits))


def test_shifts():
    assert_claims(*map(shifted, WIDTHS))


def divided(element: str) -> Claim:
    a, b = integers(element, seed=5), integers(element, seed=6)
    b[b == 0] = 7
    a[(a == np.iinfo(a.dtype).min) & (b == -1)] = 5
    return claim_of(written(DIVISIONS, TWO), a, b)


def test_divisions():
    assert_claims(divided("i8"), divided("i32"))


def compared(element: str) -> Claim:
    a, b = integers(element, seed=7), integers(element, seed=8)
    b[::3] = a[::3]
    return claim_of(written(COMPARISONS, "arith.cmpi {name}, %a, %b"), a, b, "i1")


def test_comparisons():
    assert_claims(*map(compared, WIDTHS))


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


def compared_floats(element: str) -> Claim:
    a, b = floats(DTYPES[element], 1), floats(DTYPES[element], 2)
    b[::3] = a[::3]
    return claim_of(written(FLOAT_COMPARISONS, "arith.cmpf {name}, %a, %b"), a, b, "i1")


def test_float_comparisons():
    assert_claims(compared_floats("f32"), compared_floats("f64"))


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


def computed_floats(element: str) -> Claim:
    a, b = floats(DTYPES[element], 3), floats(DTYPES[element], 4)
    b[b == 0] = 1
    return claim_of(FLOAT_OPERATIONS, a, b)


def test_float_operations(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("UBSAN_OPTIONS", "halt_on_error=1")
    assert_claims(computed_floats("f32"), computed_floats("f64"))


CONVERSIONS = (
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
)


def converted(operation: str, source: str, target: str) -> Claim:
    is_float = source.startswith("f")
    a = floats(DTYPES[source], 5) if is_float else integers(source, seed=9)
    body = f"%r = arith.{operation} %a : {source} to {target}"
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
    return Claim(Elementwise(body, target, (a,)), {operation: expected})


def test_conversions():
    assert_claims(*(converted(*conversion) for conversion in CONVERSIONS))


def saturated(target: str) -> Claim:
    a = floats("float32", 6)
    low, high = (-(2**31), 2**31 - 1) if target != "i64" else (-(2**63), 2**63 - 1)
    wide = [0 if x != x else max(low, min(high, x)) for x in a.astype(float).tolist()]
    expected = np.array([int(x) for x in wide], dtype=object)
    dtype = np.dtype(DTYPES[target])
    wrapped = [(int(x) + 2**63) % 2**64 - 2**63 for x in expected]
    kernel = Elementwise(f"%r = arith.fptosi %a : f32 to {target}", target, (a,))
    return Claim(kernel, {"fptosi": np.array(wrapped, np.int64).astype(dtype)})


def test_float_to_integer_saturates_where_c_has_no_answer():
    assert_claims(*map(saturated, ("i8", "i32", "i64")))


CONSTANTS = (
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
)


def constant(element: str, text: str) -> Claim:
    dtype = np.dtype(DTYPES[element])
    if text.startswith("0x"):
        bits = np.array([int(text, 16)], f"uint{8 * dtype.itemsize}")
        expected = bits.view(dtype)
    else:
        expected = np.array([text]).astype(dtype)
    zero = "0.0" if element.startswith("f") else "0"
    lines = [
        f"%known = arith.constant {text} : {element}",
        f"%zero = arith.constant {zero} : {element}",
        f"%r = arith.select %a, %known, %zero : {element}",
    ]
    kernel = Elementwise("\n      ".join(lines), element, (np.ones(4, bool),))
    return Claim(kernel, {text: np.repeat(expected, 4)})


def test_constants_are_exact():
    assert_claims(*(constant(element, text) for element, text in CONSTANTS))
