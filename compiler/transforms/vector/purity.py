"""Which operations only compute."""

from __future__ import annotations

from xdsl.dialects import arith
from xdsl.ir import Operation
from xdsl.traits import is_side_effect_free

UNMARKED = (arith.ExtSIOp, arith.RemUIOp)
"""Operations that only compute, which xDSL does not say of them."""


def is_pure(op: Operation) -> bool:
    """Whether `op` only computes its results, without regions and memory."""
    return not op.regions and (isinstance(op, UNMARKED) or is_side_effect_free(op))
