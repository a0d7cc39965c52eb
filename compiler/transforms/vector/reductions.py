"""Accumulators that are vectors: how they begin, and how lanes become one element."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, cast

from xdsl.dialects import arith, math, vector
from xdsl.dialects.builtin import (
    AnyFloat,
    FloatAttr,
    IntegerAttr,
    IntegerType,
    VectorType,
)
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.utils.hints import isa

from ...dialects import deploy
from .dataflow import refuse
from .scopes import Scope
from .widening import chosen, lanes_of

KINDS: dict[type[Operation], str] = {
    arith.AddfOp: "add",
    arith.AddiOp: "add",
    math.FmaOp: "add",
    arith.MulfOp: "mul",
    arith.MuliOp: "mul",
    arith.MaximumfOp: "maximumf",
    arith.MinimumfOp: "minimumf",
    arith.MaxnumfOp: "maxnumf",
    arith.MinnumfOp: "minnumf",
    arith.MaxSIOp: "maxsi",
    arith.MinSIOp: "minsi",
    arith.MaxUIOp: "maxui",
    arith.MinUIOp: "minui",
    deploy.Dot4Op: "add",
}
"""How lanes are put together, by what accumulates them."""

SUMMAND: dict[type[Operation], int] = {math.FmaOp: 2, deploy.Dot4Op: 0}
"""The operand that products are added to, by what multiplies and adds."""

NEUTRAL = {"add": 0, "mul": 1}
"""What changes nothing, where what it begins with must count once only."""

FLAGS = {flag.value: flag for flag in vector.CombiningKindFlag}


def combining(op: linalg.GenericOp) -> Operation | None:
    """What accumulates onto the only result of `op`, if its order does not matter."""
    last = op.body.block.last_op
    assert last is not None, "a body ends with linalg.yield"
    made = last.operands[0].owner if len(last.operands) == 1 else None
    if not isinstance(made, Operation) or type(made) not in KINDS:
        return None
    accumulator = op.body.block.args[-1]
    places = [n for n, value in enumerate(made.operands) if value is accumulator]
    summand = SUMMAND.get(type(made))
    is_added = summand is None or places == [summand]
    is_last = accumulator.uses.get_length() == len(places) == 1
    return made if is_last and is_added else None


def horizontal(
    scope: Scope,
    op: linalg.GenericOp,
    starts: list[SSAValue],
    lanes: int,
    build: Callable[[list[SSAValue]], list[SSAValue]],
) -> list[SSAValue]:
    """
    What is accumulated onto `starts` when the lanes of vectors take turns.

    `build` makes the loops, given the vectors they begin with. Sums are added up in
    another order than one by one.
    """
    made = combining(op)
    if made is None:
        refuse(op, "reduction must end with one sum, product, maximum or minimum")
    kind = KINDS[type(made)]
    neutral = NEUTRAL.get(kind)
    vectors = build([beginning(scope, start, lanes, neutral) for start in starts])
    results: list[SSAValue] = []
    for start, accumulated in zip(starts, vectors, strict=True):
        ends = None if neutral is None else start
        reduction = vector.ReductionOp.create(
            operands=[accumulated] if ends is None else [accumulated, ends],
            result_types=[start.type],
            properties={"kind": vector.CombiningKindAttr(FLAGS[kind])},
        )
        results.append(scope.append(reduction))
    return results


def halved(scope: Scope, op: linalg.GenericOp, value: SSAValue) -> SSAValue:
    """Half as many lanes: those of both halves of a vector, put together."""
    made, lanes = combining(op), lanes_of(value)
    assert made is not None, "it can be put together"
    low, high = (
        scope.append(chosen(value, value, range(start, start + lanes // 2)))
        for start in (0, lanes // 2)
    )
    numbers = value.type
    assert isa(numbers, VectorType), "lanes are put together"
    is_float = isinstance(numbers.element_type, AnyFloat)
    adding = arith.AddfOp if is_float else arith.AddiOp
    joining = adding if KINDS[type(made)] == "add" else type(made)
    return scope.append(joining.create(operands=[low, high], result_types=[low.type]))


Number: TypeAlias = "FloatAttr[AnyFloat] | IntegerAttr[IntegerType]"
"""A constant of a scalar type."""


def beginning(
    scope: Scope, start: SSAValue, lanes: int, neutral: int | None
) -> SSAValue:
    """A vector that changes nothing, to begin with: `start` itself may be repeated."""
    if neutral is not None:
        start = scope.append(arith.ConstantOp(number(neutral, start.type)))
    return scope.in_lanes(start, lanes)


def number(value: int, type_: Attribute) -> Number:
    """A number as a constant of a scalar type."""
    if isinstance(type_, AnyFloat):
        return FloatAttr(float(value), type_)
    assert isa(type_, IntegerType), "accumulators are numbers"
    return cast(Number, IntegerAttr(value, type_))
