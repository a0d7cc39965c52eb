"""Operations on vectors in C give what the interpreter gives, on every machine."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pytest
from deployopt.interpreters import run_module
from deployopt.machine import load_machine
from deployopt.universe import new_context
from lowered import (
    COMPILERS,
    DTYPES,
    argument,
    artifact_of,
    integers,
    outputs_of,
    sanitized,
)
from numpy.typing import NDArray
from xdsl.parser import Parser

Array: TypeAlias = NDArray[Any]

COUNT = 64
"""Elements of each input."""


class Case(NamedTuple):
    """One operation: lines that make `%r` of the vectors `%a`, `%b` and `%c`."""

    body: str
    target: str
    """The element type of `%r`, which is a vector."""


def vector(element: str, lanes: int) -> str:
    return f"vector<{lanes}x{element}>"


def loops(cases: Sequence[Case], source: str, lanes: int) -> str:
    """Statements that do each of `cases` to all of the inputs, one after the other."""
    v, memory = vector(source, lanes), f'memref<{COUNT}x{source}, "ram">'
    lines: list[str] = []
    for number, case in enumerate(cases):
        target = f'memref<{COUNT}x{case.target}, "ram">'
        body = case.body.replace("VEC", v).replace("LANES", str(lanes))
        body = body.replace("WIDE", vector(case.target, lanes))
        lines += [
            "scf.for %i = %c0 to %count step %lanes {",
            *(f"  %{x} = vector.load %m{x}[%i] : {memory}, {v}" for x in used([case])),
            *(f"  {line.strip()}" for line in body.split(";")),
            f"  vector.store %r, %out{number}[%i] : {target}, "
            + vector(case.target, lanes),
            "}",
        ]
    return "\n    ".join(lines)


def program(cases: Sequence[Case], source: str, lanes: int) -> str:
    """A module of one kernel with an output for each of `cases`."""
    shape = str(COUNT)
    names, targets = used(cases), [case.target for case in cases]
    inputs = [argument(f"m{x}", "input", shape, source) for x in names]
    outputs = [
        argument(f"out{n}", "output", shape, case.target)
        for n, case in enumerate(cases)
    ]
    types = [f'memref<{COUNT}x{t}, "ram">' for t in (*[source] * len(names), *targets)]
    names = [f"%m{x}" for x in names] + [f"%out{n}" for n in range(len(cases))]
    kernel = ", ".join(f"{n}: {t}" for n, t in zip(names, types, strict=True))
    return f"""
builtin.module @vectors {{
  func.func @run({", ".join([*inputs, *outputs])}) {{
    func.call @kernel_0({", ".join(names)}) : ({", ".join(types)}) -> () loc("node")
    func.return
  }}
  func.func private @kernel_0({kernel}) attributes {{deploy.kernel}} {{
    %c0 = arith.constant 0 : index
    %count = arith.constant {COUNT} : index
    %lanes = arith.constant {lanes} : index
    %one = arith.constant 1 : index
    {loops(cases, source, lanes)}
    func.return
  }}
}}
"""


def used(cases: Sequence[Case]) -> list[str]:
    """The inputs that occur."""
    return [x for x in "abc" if any(re.search(rf"%{x}\b", c.body) for c in cases)]


def floats(element: str, seed: int) -> Array:
    """Numbers that comparisons, rounding and conversions get wrong, and random ones."""
    known = [0.0, 0.3, 0.5, 0.7, 1.0, 1.5, 2.5, 126.5, 127.5, 1e9, 3e9, 1e-40, np.inf]
    halves = [2**22 + 0.5, 2**23 - 0.5, 2**31 - 129.0, 2**31 - 1.0, 2**31, 2**52 - 0.5]
    generator = np.random.default_rng(seed)
    numbers = np.array([*known, *halves, np.nan, 2.0**63, 2.0**24 + 2])
    rest = generator.normal(0, 10, COUNT - 2 * len(numbers))
    return generator.permutation([*numbers, *-numbers, *rest]).astype(DTYPES[element])


def inputs_of(source: str) -> dict[str, Array]:
    def made(seed: int) -> Array:
        is_float = source.startswith("f")
        return floats(source, seed) if is_float else integers(source, COUNT, seed)

    a, b, c = map(made, (1, 2, 3))
    b[::3] = a[::3]
    return {"a": a, "b": b, "c": c}


def agree(found: Array, expected: Array, case: Case, number: int) -> None:
    """Fails unless all bits agree; NaN is NaN, and maxima of zeros are any zero."""
    name = f"{number}: {case.body}"
    np.testing.assert_array_equal(found, expected, err_msg=name)
    chooses = any(word in case.body for word in ("max", "min"))
    if found.dtype.kind == "f" and not chooses:
        known = ~np.isnan(expected)
        signs = np.signbit(found[known]), np.signbit(expected[known])
        np.testing.assert_array_equal(*signs, err_msg=name)


def check(
    cases: Sequence[Case], source: str, machine: str, lanes: int | None = None
) -> None:
    """Compares what `cases` give on `machine` and in the interpreter."""
    width = lanes or (4 if source.endswith("64") else 8)
    text = program(cases, source, width)
    module = Parser(new_context(), text).parse_module()
    module.verify()
    arrays = inputs_of(source)
    inputs = [arrays[name] for name in used(cases)]
    expected = run_module(module, inputs)
    found = outputs_of(artifact_of(text, machine), inputs)
    for number, case in enumerate(cases):
        agree(found[number], expected[number], case, number)


MACHINES = [
    COMPILERS[0],
    pytest.param("rv64gcv", marks=pytest.mark.spike),
    *(
        pytest.param(*known.values, marks=[*known.marks, pytest.mark.slow])
        for known in (
            *COMPILERS[1:],
            pytest.param("rv64gcv-vlen256", marks=pytest.mark.spike),
            pytest.param("rv64gc", marks=pytest.mark.spike),
        )
    ),
]
"""Where the tests run: this computer with each compiler, and simulated ones."""


@pytest.fixture(params=MACHINES)
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param not in ("gcc", "clang"):
        return load_machine(request.param).name
    sanitized(monkeypatch, request.param)
    return "host"


def integer_cases(element: str) -> list[Case]:
    bits = element[1:]
    mask = f"%n = arith.constant dense<{int(bits) - 1}> : VEC; %s = arith.andi %b, %n"
    known = [f"arith.{name} %a, %b : VEC" for name in INTEGER]
    known.append("arith.addi %a, %b overflow<nuw> : VEC")
    shifts = [f"{mask} : VEC; %r = arith.{n} %a, %s : VEC" for n in SHIFTS]
    divisions = [f"{DIVISOR}; %r = arith.{name} %a, %d : VEC" for name in DIVISIONS]
    others = ["math.absi %a : VEC", "arith.constant dense<-3> : VEC"]
    bodies = [f"%r = {body}" for body in (*known, *others)]
    return [Case(body, element) for body in (*bodies, *shifts, *divisions)]


INTEGER = (
    *("addi", "subi", "muli", "andi", "ori", "xori"),
    *("minsi", "maxsi", "minui", "maxui"),
)
SHIFTS = ("shli", "shrsi", "shrui")
DIVISIONS = ("divsi", "divui", "remsi", "remui")
DIVISOR = (
    "%seven = arith.constant dense<7> : VEC; %ones = arith.constant dense<1> : VEC;"
    "%small = arith.remui %b, %seven : VEC; %d = arith.addi %small, %ones : VEC"
)


@pytest.mark.parametrize("element", ["i8", "i16", "i32", "i64"])
def test_integer_operations(element: str, machine: str):
    check(integer_cases(element), element, machine)


UNARY = ("arith.negf", "math.absf", "math.sqrt", "math.floor", "math.ceil")
ROUNDING = ("math.trunc", "math.roundeven")
BINARY = ("addf", "subf", "mulf", "divf", "maximumf", "minimumf", "maxnumf", "minnumf")


@pytest.mark.parametrize("element", ["f32", "f64"])
def test_float_operations(element: str, machine: str):
    bodies = [
        *(f"{name} %a : VEC" for name in (*UNARY, *ROUNDING)),
        *(f"arith.{name} %a, %b : VEC" for name in BINARY),
        "math.copysign %a, %b : VEC",
        "arith.constant dense<-0.0> : VEC",
    ]
    check([Case(f"%r = {body}", element) for body in bodies], element, machine)


@pytest.mark.spike
@pytest.mark.parametrize("element", ["f32", "f64"])
@pytest.mark.parametrize("machine", ["rv64gcv", "rv64gc"])
def test_fused_multiply_add(element: str, machine: str):
    bodies = ["math.fma %a, %b, %c : VEC", "vector.fma %a, %b, %c : VEC"]
    check([Case(f"%r = {body}", element) for body in bodies], element, machine)


CHOICE = "%r = deploy.vselect %m, %a, %b : vector<LANESxi1>, VEC"
FLOAT_PREDICATES = "false oeq ogt oge olt ole one ord ueq ugt uge ult ule une uno true"
INTEGER_PREDICATES = "eq ne slt sle sgt sge ult ule ugt uge"


@pytest.mark.parametrize("element", ["i8", "i16", "i32", "i64", "f32", "f64"])
def test_comparisons_and_choices(element: str, machine: str):
    names = FLOAT_PREDICATES if element.startswith("f") else INTEGER_PREDICATES
    cases = [
        Case(f"%m = deploy.vcmp {name} %a, %c : VEC; {CHOICE}", element)
        for name in names.split()
    ]
    check(cases, element, machine)


def mask_of(name: str) -> str:
    return (
        f"%z = arith.constant dense<ZERO> : VEC; %m = deploy.vcmp {name} %a, %z : VEC"
    )


MASKS = "vector<LANESxi1>"
SECOND = f"{{}}; %n = deploy.vcmp {{}} %b, %a : VEC; %p = arith.{{}} %m, %n : {MASKS}"


@pytest.mark.parametrize("element", ["i8", "i32", "f32", "f64"])
def test_masks(element: str, machine: str):
    """Masks combined, compared, chosen among, and as numbers of every width."""
    less, zero = ("olt", "0.0") if element.startswith("f") else ("slt", "0")
    first = mask_of(less).replace("ZERO", zero)
    chosen = CHOICE.replace("%m", "%p")
    cases = [
        Case(f"{SECOND.format(first, less, name)}; {chosen}", element)
        for name in ("andi", "ori", "xori")
    ]
    for target in ("i8", "i16", "i32", "i64"):
        cases += [
            Case(f"{first}; %r = deploy.vcast {kind} %m : {MASKS} to WIDE", target)
            for kind in ("extsi", "extui")
        ]
    for target in ("f32", "f64"):
        cases += [
            Case(f"{first}; %r = deploy.vcast {kind} %m : {MASKS} to WIDE", target)
            for kind in ("sitofp", "uitofp")
        ]
    check(cases, element, machine)


CASTS = {
    "i8": ("extsi i16", "extsi i32", "extui i32", "extui i64", "sitofp f32"),
    "i16": ("extsi i32", "extui i64", "trunci i8", "uitofp f32", "sitofp f64"),
    "i32": ("extsi i64", "extui i64", "trunci i8", "trunci i16", "sitofp f32"),
    "i64": ("trunci i8", "trunci i32", "sitofp f64", "uitofp f64", "sitofp f32"),
}


@pytest.mark.parametrize("element", list(CASTS))
def test_integer_conversions(element: str, machine: str):
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
    check(cases, element, machine)


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


@pytest.mark.parametrize("element", ["f32", "f64"])
def test_float_conversions(element: str, machine: str):
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
    check(cases, element, machine)


KINDS = {
    "i": ("add", "mul", "minsi", "maxsi", "minui", "maxui", "and", "or", "xor"),
    "f": ("add", "mul", "minnumf", "maxnumf", "minimumf", "maximumf"),
}


def spread(line: str, element: str) -> str:
    """`line`, which makes the scalar `%s`, and a vector full of it."""
    return f"{line}; %r = vector.broadcast %s : {element} to VEC"


@pytest.mark.parametrize("element", ["i8", "i32", "i64", "f32", "f64"])
def test_reductions(element: str, machine: str):
    start = f"%e = vector.extract %b[1] : {element} from VEC"
    reduce = f"%s = vector.reduction <{{}}>, %a{{}} : VEC into {element}"
    lines = [
        spread(f"{before}{reduce.format(kind, acc)}", element)
        for kind in KINDS[element[0]]
        for before, acc in (("", ""), (f"{start}; ", ", %e"))
    ]
    cases = [Case(line, element) for line in lines]
    check(cases, element, machine)
    check(cases, element, machine, lanes=2)


LANES = (
    spread("%s = vector.extract %a[3] : ELEMENT from VEC", "ELEMENT"),
    "%s = vector.extract %a[2] : ELEMENT from VEC;"
    "%r = vector.insert %s, %b[0] : ELEMENT into VEC",
    "%s = vector.extract %a[0] : ELEMENT from VEC;"
    "%t = vector.extract %a[1] : ELEMENT from VEC;"
    "%u = vector.insert %s, %b[3] : ELEMENT into VEC;"
    "%v = vector.insert %t, %u[2] : ELEMENT into VEC;"
    "%w = vector.insert %t, %u[0] : ELEMENT into VEC;"
    "%r = arith.andi %v, %w : VEC",
    "%r = vector.shuffle %a, %b [3, 2, 1, 0] : VEC, VEC",
    "%x = vector.shuffle %a, %b [0, 7] : VEC, VEC;"
    "%y = vector.shuffle %x, %x [0, 1, 0, 1] : vector<2xELEMENT>, vector<2xELEMENT>;"
    "%r = arith.addi %y, %a : VEC",
    "%t = arith.constant true; %r = arith.select %t, %a, %b : VEC",
    "%r = arith.constant dense<[1, -2, 3, -4]> : VEC",
    "%t = arith.constant true; %m = vector.broadcast %t : i1 to vector<LANESxi1>;"
    + CHOICE,
    f"%m = arith.constant dense<[true, false, false, true]> : vector<4xi1>; {CHOICE}",
)


@pytest.mark.parametrize("element", ["i8", "i32"])
def test_lanes(element: str, machine: str):
    cases = [Case(body.replace("ELEMENT", element), element) for body in LANES]
    check(cases, element, machine, lanes=4)


CARRIED = """%last = scf.for %j = %c0 to %lanes step %one iter_args(%s = %a) -> (VEC) {
    %t = arith.addf %s, %b : VEC
    %q = arith.cmpi eq, %j, %one : index
    %u = scf.if %q -> (VEC) {
      %x = arith.mulf %t, %s : VEC
      scf.yield %x : VEC
    } else {
      scf.yield %t : VEC
    }
    scf.yield %u : VEC
  }; %r = arith.subf %last, %b : VEC"""


@pytest.mark.parametrize("lanes", [1, 2, 4, 16, 32])
def test_loops_carry_vectors(lanes: int, machine: str):
    check([Case(CARRIED, "f32")], "f32", machine, lanes)
