"""The vector form of a scalar operation: the same on every lane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, singledispatch
from typing import TypeAlias, cast

from xdsl.dialects import arith, math
from xdsl.dialects import vector as vector_dialect
from xdsl.dialects.builtin import DenseArrayBase, IndexType, VectorType, i64
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.utils.hints import isa

from ...dialects import deploy

LANEWISE: tuple[type[Operation], ...] = (
    arith.AddfOp,
    arith.SubfOp,
    arith.MulfOp,
    arith.DivfOp,
    arith.NegfOp,
    arith.MaximumfOp,
    arith.MinimumfOp,
    arith.MaxnumfOp,
    arith.MinnumfOp,
    arith.AddiOp,
    arith.SubiOp,
    arith.MuliOp,
    arith.MulSIExtendedOp,
    arith.DivSIOp,
    arith.DivUIOp,
    arith.RemSIOp,
    arith.RemUIOp,
    arith.MinSIOp,
    arith.MaxSIOp,
    arith.MinUIOp,
    arith.MaxUIOp,
    arith.AndIOp,
    arith.OrIOp,
    arith.XOrIOp,
    arith.ShLIOp,
    arith.ShRSIOp,
    arith.ShRUIOp,
    arith.ExtFOp,
    arith.TruncFOp,
    arith.BitcastOp,
    math.AbsFOp,
    math.AbsIOp,
    math.SqrtOp,
    math.FloorOp,
    math.CeilOp,
    math.TruncOp,
    math.RoundEvenOp,
    math.CopySignOp,
    math.FmaOp,
)
"""Operations that work on vectors as they are."""

CASTS: tuple[type[Operation], ...] = (
    arith.ExtSIOp,
    arith.ExtUIOp,
    arith.TruncIOp,
    arith.SIToFPOp,
    arith.UIToFPOp,
    arith.FPToSIOp,
    arith.FPToUIOp,
)


InLanes: TypeAlias = Callable[[SSAValue, int], SSAValue]
"""Makes a vector of so many lanes that are all one scalar."""


@cache
def vector_of(type: Attribute, width: int) -> VectorType[Attribute]:
    """The type of `width` lanes of `type`."""
    return VectorType(type, [width])


def is_vector(value: SSAValue) -> bool:
    """Whether `value` is a vector."""
    return type(value.type) is VectorType  # in a tenth of the time of `isinstance`


def lanes_of(vector: SSAValue) -> int:
    """The lanes of a vector."""
    return cast("VectorType[Attribute]", vector.type).get_shape()[0]


def chosen(
    one: SSAValue, two: SSAValue, numbers: Sequence[int]
) -> vector_dialect.ShuffleOp:
    """Lanes of two vectors, by their numbers."""
    type_ = one.type
    assert isa(type_, VectorType), "there are lanes to choose from"
    result = vector_of(type_.element_type, len(numbers))
    mask = DenseArrayBase.from_list(i64, list(numbers))
    return vector_dialect.ShuffleOp(one, two, mask, result_type=result)


def can_widen(op: Operation) -> bool:
    """Whether `op` has a vector form."""
    others = (arith.CmpiOp, arith.CmpfOp, arith.SelectOp, deploy.Dot4Op)
    is_known = type(op) in (*LANEWISE, *CASTS, *others)
    types = (*op.operand_types, *op.result_types)
    return is_known and not any(isinstance(type, IndexType) for type in types)


def widened(
    op: Operation, operands: Sequence[SSAValue], width: int, in_lanes: InLanes
) -> Operation:
    """
    What does on every lane of `operands` what `op`, which `can_widen`, does.

    Scalars among `operands` are put into all lanes where that is needed.
    """
    values = [
        value
        if is_vector(value) or may_be_scalar(op, number, operands)
        else in_lanes(value, width)
        for number, value in enumerate(operands)
    ]
    return vector_form(op, values, width)


def may_be_scalar(op: Operation, number: int, operands: Sequence[SSAValue]) -> bool:
    """Whether operand `number` may be one scalar for all lanes of the others."""
    if isinstance(op, deploy.Dot4Op) and number:
        return number == 2 or isinstance(operands[2].type, VectorType)
    return isinstance(op, arith.SelectOp) and not number


@singledispatch
def vector_form(op: Operation, values: Sequence[SSAValue], width: int) -> Operation:
    """What does `op` on vectors."""
    if type(op) in CASTS:
        target = vector_of(op.results[0].type, width)
        return deploy.VcastOp(op.name.removeprefix("arith."), values[0], target)
    assert isinstance(op, LANEWISE), f"{op.name} has no vector form"
    return type(op).create(
        operands=values,
        result_types=[vector_of(type, width) for type in op.result_types],
        properties=op.properties,
        attributes=op.attributes,
    )


@vector_form.register
def _(op: arith.CmpiOp, values: Sequence[SSAValue], width: int) -> Operation:
    predicate = arith.CMPI_COMPARISON_OPERATIONS[op.predicate.value.data]
    return deploy.VcmpOp(predicate, *values)


@vector_form.register
def _(op: arith.CmpfOp, values: Sequence[SSAValue], width: int) -> Operation:
    predicate = arith.CMPF_COMPARISON_OPERATIONS[op.predicate.value.data]
    return deploy.VcmpOp(predicate, *values)


@vector_form.register
def _(op: arith.SelectOp, values: Sequence[SSAValue], width: int) -> Operation:
    if isinstance(values[0].type, VectorType):
        return deploy.VselectOp(*values)
    return arith.SelectOp(*values)


@vector_form.register
def _(op: deploy.Dot4Op, values: Sequence[SSAValue], width: int) -> Operation:
    acc, lhs, rhs = values
    if isinstance(lhs.type, VectorType):
        return deploy.Dot4Op(acc, lhs, rhs, op.unsigned)
    unsigned = op.unsigned[1], op.unsigned[0]
    return deploy.Dot4Op(acc, rhs, lhs, unsigned)
