"""
What each operation on vectors is in C, one short function per operation.

Integer vectors are signed and wrap: they are added and multiplied as unsigned ones
unless the operation promises that nothing wraps. What has no form of its own here is
done lane by lane, by the scalar form.
"""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import VectorType
from xdsl.ir import Operation, SSAValue

from ....dialects import deploy
from .. import scalars
from ..expressions import Expression, subscript
from . import arithmetic, comparisons, lanes
from .dispatch import is_mask, lane_count, type_of, vector
from .lanewise import scalar_form

__all__ = [
    "arithmetic",
    "comparisons",
    "evaluate",
    "is_lanewise",
    "is_vector",
    "lane",
    "lane_count",
    "lanes",
    "type_of",
]


def on_vectors(op: Operation) -> bool:
    """Whether `op` makes a vector, or takes one."""
    types = (*op.operand_types, *op.result_types)
    return any(isinstance(type, VectorType) for type in types)


def is_vector(op: Operation) -> bool:
    """Whether `op` is on vectors, and printed as an expression."""
    has_form = vector.dispatch(type(op)) is not vector.dispatch(Operation)
    return on_vectors(op) and has_form and not saturates(op)


def saturates(op: Operation) -> bool:
    """Whether `op` makes integers of floats."""
    return isinstance(op, deploy.VcastOp) and op.kind.data in ("fptosi", "fptoui")


def is_lanewise(op: Operation) -> bool:
    """Whether `op` is on vectors, and printed as a loop over their lanes."""
    if not on_vectors(op) or is_vector(op) or any(map(is_mask, op.results)):
        return False
    return saturates(op) or scalars.is_scalar(op)


def evaluate(op: Operation, args: Sequence[Expression]) -> Expression:
    """The expression of `op`, which `is_vector`."""
    value = vector(op, *args)
    assert value is not None, "only vector operations are evaluated"
    return value


def lane(op: Operation, args: Sequence[Expression], index: Expression) -> Expression:
    """What `op`, which `is_lanewise`, makes of one lane of `args`."""

    def at(value: SSAValue, a: Expression) -> Expression:
        return subscript(a, index) if isinstance(value.type, VectorType) else a

    lanes = [at(value, a) for value, a in zip(op.operands, args, strict=True)]
    return scalars.evaluate(scalar_form(op), lanes)
