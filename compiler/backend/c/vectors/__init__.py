"""
What each operation on vectors is in C, one short function per operation.

Integer vectors are signed and wrap: they are added and multiplied as unsigned ones
unless the operation promises that nothing wraps. What has no form of its own here is
done lane by lane, by the scalar form.
"""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects import arith
from xdsl.dialects import vector as vector_dialect
from xdsl.dialects.builtin import VectorType
from xdsl.ir import Operation, SSAValue

from ....dialects import deploy
from .. import scalars
from ..expressions import Expression, subscript
from ..types import refuse
from . import arithmetic, comparisons, conversions, lanes
from .conversions import has_form
from .dispatch import is_mask, lane_count, type_of, vector
from .lanewise import scalar_form
from .reductions import combination

__all__ = [
    "arithmetic",
    "combination",
    "comparisons",
    "conversions",
    "evaluate",
    "is_lanewise",
    "is_vector",
    "lane",
    "lane_count",
    "lanes",
    "type_of",
]


MASKS = (
    arith.AndIOp,
    arith.OrIOp,
    arith.XOrIOp,
    arith.ConstantOp,
    arith.SelectOp,
    vector_dialect.BroadcastOp,
    deploy.VcastOp,
    deploy.VcmpOp,
    deploy.VselectOp,
)
"""What makes masks."""


def on_vectors(op: Operation) -> bool:
    """Whether `op` makes a vector, or takes one."""
    types = (*op.operand_types, *op.result_types)
    return any(isinstance(type, VectorType) for type in types)


def is_vector(op: Operation) -> bool:
    """Whether `op` is on vectors, and printed as an expression."""
    is_known = vector.dispatch(type(op)) is not vector.dispatch(Operation)
    return on_vectors(op) and is_known and has_form(op)


def is_lanewise(op: Operation) -> bool:
    """Whether `op` is on vectors, and printed as a loop over their lanes."""
    if not on_vectors(op) or is_vector(op):
        return False
    return isinstance(op, deploy.VcastOp) or scalars.is_scalar(op)


def evaluate(op: Operation, args: Sequence[Expression]) -> Expression:
    """The expression of `op`, which `is_vector`."""
    makes_mask = any(map(is_mask, op.results))
    if makes_mask and not isinstance(op, MASKS):
        return refuse(op, "the C backend has no such operation on masks")
    value = vector(op, *args)
    assert value is not None, "only vector operations are evaluated"
    return value


def lane(op: Operation, args: Sequence[Expression], index: Expression) -> Expression:
    """What `op`, which `is_lanewise`, makes of one lane of `args`."""

    def at(value: SSAValue, a: Expression) -> Expression:
        return subscript(a, index) if isinstance(value.type, VectorType) else a

    lanes = [at(value, a) for value, a in zip(op.operands, args, strict=True)]
    return scalars.evaluate(scalar_form(op), lanes)
