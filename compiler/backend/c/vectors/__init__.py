"""
What each operation on vectors is in C, one short function per operation.

Integer vectors are signed and wrap: they are added and multiplied as unsigned ones
unless the operation promises that nothing wraps. What has no form of its own here is
done lane by lane, by the scalar form.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto
from functools import cache

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
from .dispatch import is_mask, lane_count, on_vectors, type_of, vector
from .lanewise import scalar_form
from .reductions import combination

__all__ = [
    "Form",
    "arithmetic",
    "combination",
    "comparisons",
    "conversions",
    "evaluate",
    "form_of",
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


class Form(Enum):
    """As what an operation is printed."""

    SCALAR = auto()
    """An expression of scalars."""
    VECTOR = auto()
    """An expression on vectors."""
    LANES = auto()
    """A loop over the lanes of vectors."""
    STATEMENT = auto()
    """Anything else."""

    @property
    def is_expression(self) -> bool:
        """Whether it is one, which touches no memory."""
        return self in (Form.SCALAR, Form.VECTOR)


def form_of(op: Operation) -> Form:
    """As what `op` is printed."""
    if not on_vectors(op):
        return Form.SCALAR if scalars.is_scalar(op) else Form.STATEMENT
    if has_vector_form(type(op)) and has_form(op):
        return Form.VECTOR
    is_lanewise = isinstance(op, deploy.VcastOp) or scalars.is_scalar(op)
    return Form.LANES if is_lanewise else Form.STATEMENT


@cache
def has_vector_form(kind: type[Operation]) -> bool:
    """Whether operations of that kind can be expressions on vectors."""
    return vector.dispatch(kind) is not vector.dispatch(Operation)


def evaluate(op: Operation, args: Sequence[Expression]) -> Expression:
    """The expression of `op`, whose form is `VECTOR`."""
    makes_mask = any(map(is_mask, op.results))
    if makes_mask and not isinstance(op, MASKS):
        return refuse(op, "the C backend has no such operation on masks")
    value = vector(op, *args)
    assert value is not None, "only vector operations are evaluated"
    return value


def lane(op: Operation, args: Sequence[Expression], index: Expression) -> Expression:
    """What `op`, whose form is `LANES`, makes of one lane of `args`."""

    def at(value: SSAValue, a: Expression) -> Expression:
        return subscript(a, index) if isinstance(value.type, VectorType) else a

    lanes = [at(value, a) for value, a in zip(op.operands, args, strict=True)]
    return scalars.evaluate(scalar_form(op), lanes)
