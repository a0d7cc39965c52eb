"""Operations on vectors in C give what the interpreter gives, on every machine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest
from vector_programs import CHOICE, ISAS, MASKS, Case, Group, assert_meaning

pytestmark = pytest.mark.parametrize("vector_machine", ISAS, indirect=True)


def group(element: str, bodies: Iterable[str], lanes: int | None = None) -> Group:
    """Operations whose results are like what they are made of."""
    return Group(element, tuple(Case(body, element) for body in bodies), lanes)


def of_integers(element: str) -> Group:
    bits = element[1:]
    mask = f"%n = arith.constant dense<{int(bits) - 1}> : VEC; %s = arith.andi %b, %n"
    known = [f"arith.{name} %a, %b : VEC" for name in INTEGER]
    known.append("arith.addi %a, %b overflow<nuw> : VEC")
    shifts = [f"{mask} : VEC; %r = arith.{n} %a, %s : VEC" for n in SHIFTS]
    divisions = [f"{DIVISOR}; %r = arith.{name} %a, %d : VEC" for name in DIVISIONS]
    others = ["math.absi %a : VEC", "arith.constant dense<-3> : VEC"]
    bodies = [f"%r = {body}" for body in (*known, *others)]
    return group(element, (*bodies, *shifts, *divisions))


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


def test_integer_operations(vector_machine: str):
    assert_meaning(vector_machine, *map(of_integers, ("i8", "i16", "i32", "i64")))


def test_upper_half_of_a_product(vector_machine: str):
    body = "%low, %r = arith.mulsi_extended %a, %b : VEC"
    groups = [group(element, [body]) for element in ("i8", "i16", "i32")]
    assert_meaning(vector_machine, *groups)


UNARY = ("arith.negf", "math.absf", "math.sqrt", "math.floor", "math.ceil")
ROUNDING = ("math.trunc", "math.roundeven")
BINARY = ("addf", "subf", "mulf", "divf", "maximumf", "minimumf", "maxnumf", "minnumf")


def test_float_operations(vector_machine: str):
    bodies = [
        *(f"{name} %a : VEC" for name in (*UNARY, *ROUNDING)),
        *(f"arith.{name} %a, %b : VEC" for name in BINARY),
        "math.copysign %a, %b : VEC",
        "arith.constant dense<-0.0> : VEC",
    ]
    assert_meaning(vector_machine, *of_both_floats(bodies))


def of_both_floats(bodies: Sequence[str]) -> list[Group]:
    return [group(e, (f"%r = {body}" for body in bodies)) for e in ("f32", "f64")]


def test_fused_multiply_add(vector_machine: str):
    bodies = ["math.fma %a, %b, %c : VEC", "vector.fma %a, %b, %c : VEC"]
    assert_meaning(vector_machine, *of_both_floats(bodies))


FLOAT_PREDICATES = "false oeq ogt oge olt ole one ord ueq ugt uge ult ule une uno true"
INTEGER_PREDICATES = "eq ne slt sle sgt sge ult ule ugt uge"


def compared(element: str) -> Group:
    names = FLOAT_PREDICATES if element.startswith("f") else INTEGER_PREDICATES
    form = f"%m = deploy.vcmp {{}} %a, %c : VEC; {CHOICE}"
    return group(element, map(form.format, names.split()))


def test_comparisons_and_choices(vector_machine: str):
    elements = ("i8", "i16", "i32", "i64", "f32", "f64")
    assert_meaning(vector_machine, *map(compared, elements))


def mask_of(name: str) -> str:
    return (
        f"%z = arith.constant dense<ZERO> : VEC; %m = deploy.vcmp {name} %a, %z : VEC"
    )


SECOND = f"{{}}; %n = deploy.vcmp {{}} %b, %a : VEC; %p = arith.{{}} %m, %n : {MASKS}"


def masked(element: str) -> Group:
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
    return Group(element, tuple(cases))


def test_masks(vector_machine: str):
    assert_meaning(vector_machine, *map(masked, ("i8", "i32", "f32", "f64")))


def odd(element: str, lanes: int) -> Group:
    """As many elements are moved as there are lanes, and all is done to each."""
    less = "olt" if element.startswith("f") else "slt"
    if element.startswith("f"):
        bodies = [f"%r = {body} : VEC" for body in PARTS_OF_FLOATS]
    else:
        bodies = [f"%r = arith.{name} %a, %b : VEC" for name in INTEGER]
        bodies.append(f"{DIVISOR}; %r = arith.divsi %a, %d : VEC")
    bodies.append(f"%m = deploy.vcmp {less} %a, %c : VEC; {CHOICE}")
    cases = [Case(body, element) for body in bodies]
    convert = "fptosi" if element.startswith("f") else "sitofp"
    same = {"f32": "i32", "f64": "i64"}
    target = same.get(element, "f32")
    cases.append(Case(f"%r = deploy.vcast {convert} %a : VEC to WIDE", target))
    return Group(element, tuple(cases), lanes)


def test_lanes_that_are_no_power_of_two(vector_machine: str):
    groups = [odd("i8", 6), odd("i32", 3), odd("f32", 6), odd("f64", 3)]
    assert_meaning(vector_machine, *groups)


PARTS_OF_FLOATS = (
    *("math.sqrt %a", "math.roundeven %a", "math.trunc %a", "math.fma %a, %b, %c"),
    *("arith.addf %a, %b", "arith.divf %a, %b", "arith.maximumf %a, %b"),
    *("math.copysign %a, %b", "arith.constant dense<2.5>"),
)

KINDS = {
    "i": ("add", "mul", "minsi", "maxsi", "minui", "maxui", "and", "or", "xor"),
    "f": ("add", "mul", "minnumf", "maxnumf", "minimumf", "maximumf"),
}


def spread(line: str, element: str) -> str:
    """`line`, which makes the scalar `%s`, and a vector full of it."""
    return f"{line}; %r = vector.broadcast %s : {element} to VEC"


def reduced(element: str, lanes: int) -> Group:
    start = f"%e = vector.extract %b[1] : {element} from VEC"
    reduce = f"%s = vector.reduction <{{}}>, %a{{}} : VEC into {element}"
    lines = [
        spread(f"{before}{reduce.format(kind, acc)}", element)
        for kind in KINDS[element[0]]
        for before, acc in (("", ""), (f"{start}; ", ", %e"))
    ]
    return group(element, lines, lanes)


@pytest.mark.parametrize("lanes", [2, 8])
def test_reductions(lanes: int, vector_machine: str):
    elements = ("i8", "i32", "i64", "f32", "f64")
    assert_meaning(vector_machine, *(reduced(element, lanes) for element in elements))


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


def test_lanes(vector_machine: str):
    groups = [
        group(element, (body.replace("ELEMENT", element) for body in LANES), lanes=4)
        for element in ("i8", "i32")
    ]
    assert_meaning(vector_machine, *groups)


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


def test_loops_carry_vectors(vector_machine: str):
    groups = [group("f32", [CARRIED], lanes) for lanes in (1, 2, 4, 16, 32)]
    assert_meaning(vector_machine, *groups)
