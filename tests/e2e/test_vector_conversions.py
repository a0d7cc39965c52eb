"""Conversions of vectors in C give what the interpreter gives, on every machine."""

from __future__ import annotations

from vector_programs import CHOICE, Case, Group, assert_meaning

CASTS = {
    "i8": ("extsi i16", "extsi i32", "extui i32", "extui i64", "sitofp f32"),
    "i16": ("extsi i32", "extui i64", "trunci i8", "uitofp f32", "sitofp f64"),
    "i32": ("extsi i64", "extui i64", "trunci i8", "trunci i16", "sitofp f32"),
    "i64": ("trunci i8", "trunci i32", "sitofp f64", "uitofp f64", "sitofp f32"),
}


def of_integers(element: str) -> Group:
    cases: list[Case] = []
    for cast in (*CASTS[element], "uitofp f32", "uitofp f64"):
        kind, target = cast.split()
        body = f"%r = deploy.vcast {kind} %a : VEC to WIDE"
        cases.append(Case(body, target))
    same = {"i32": "f32", "i64": "f64"}.get(element)
    if same:
        cases.append(Case("%r = arith.bitcast %a : VEC to WIDE", same))
    bit = "%t = deploy.vcast trunci %a : VEC to vector<LANESxi1>"
    cases.append(Case(f"{bit}; {CHOICE.replace('%m', '%t')}", element))
    return Group(element, tuple(cases))


def test_integer_conversions(vector_machine: str):
    assert_meaning(vector_machine, *map(of_integers, CASTS))


def clamped(low: str, high: str, rounding: str = "") -> str:
    """Lines that make `%x` of `%a`, between two constants."""
    lines = [
        f"%l = arith.constant dense<{low}> : VEC",
        f"%h = arith.constant dense<{high}> : VEC",
        "%n = arith.maxnumf %a, %l : VEC",
        f"%{'y' if rounding else 'x'} = arith.minnumf %n, %h : VEC",
    ]
    return "; ".join(
        [*lines, *([f"%x = math.{rounding} %y : VEC"] if rounding else [])]
    )


FROM_FLOAT = (
    ("i8", clamped("-128.0", "127.0")),
    ("i8", clamped("-128.0", "127.0", "roundeven")),
    ("i8", clamped("-100.25", "100.75", "floor")),
    ("i16", clamped("-32768.0", "32767.0", "ceil")),
    ("i32", clamped("-32768.0", "32767.0")),
    ("i32", clamped("-1.0e6", "1.0e6", "trunc")),
    ("i64", clamped("-1.0e6", "1.0e6")),
)


def of_floats(element: str) -> Group:
    cast = "%r = deploy.vcast {} %x : VEC to WIDE"
    positive = [
        (target, clamped("0.0", high, rounding))
        for target, high in (("i8", "255.0"), ("i16", "65535.0"), ("i32", "65535.0"))
        for rounding in ("", "roundeven")
    ]
    cases = [
        *(Case(f"{lines}; {cast.format('fptosi')}", t) for t, lines in FROM_FLOAT),
        *(Case(f"{lines}; {cast.format('fptoui')}", t) for t, lines in positive),
    ]
    other, change = ("f64", "extf") if element == "f32" else ("f32", "truncf")
    cases.append(Case(f"%r = arith.{change} %a : VEC to WIDE", other))
    for target in ("i32", "i64"):
        for kind in ("fptosi", "fptoui"):
            cases.append(Case(f"%r = deploy.vcast {kind} %a : VEC to WIDE", target))
    same = f"i{element[1:]}"
    cases.append(Case("%r = arith.bitcast %a : VEC to WIDE", same))
    return Group(element, tuple(cases))


def test_float_conversions(vector_machine: str):
    assert_meaning(vector_machine, of_floats("f32"), of_floats("f64"))
