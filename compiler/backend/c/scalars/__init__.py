"""
What each scalar operation is in C, one short function per operation.

Integer operations wrap: in a type narrower than `int` they are done in `int` and cut
off, in a wider one they go through the unsigned type. `overflow<nsw>` and `index`
promise that nothing wraps. Everything that C leaves undefined otherwise is a function
of `deploy.h`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from xdsl.ir import Operation

from ..expressions import Expression
from . import conversions, floats, integers
from .dispatch import scalar

__all__ = ["conversions", "evaluate", "floats", "integers", "is_scalar"]


def is_scalar(op: Operation) -> bool:
    """Whether `op` is an expression where it is on scalars."""
    return has_form(type(op))


@cache
def has_form(kind: type[Operation]) -> bool:
    """Whether operations of that kind can be expressions of scalars."""
    return scalar.dispatch(kind) is not scalar.dispatch(Operation)


def evaluate(op: Operation, args: Sequence[Expression]) -> Expression:
    """The expression of `op`, which `is_scalar`."""
    value = scalar(op, *args)
    assert value is not None, "only scalar operations are evaluated"
    return value
