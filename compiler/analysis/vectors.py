"""What vectors are: lanes of whole ones, what all of them are, what loops carry."""

from __future__ import annotations

from xdsl.dialects import scf, vector
from xdsl.dialects.builtin import VectorType
from xdsl.ir import SSAValue

from .areas import operations_of

PAIR = 2
"""Elements for each lane, of which two vectors as wide hold all: one is picked."""

MANY = 8
"""
Vectors of a loop that is not to be written out, unless it is short.

Clang, measured on RISC-V, would then load so early that registers spill.
"""

SHORT = 80
"""Operations of all rounds of a loop that is short."""


def is_kept(loop: scf.ForOp) -> bool:
    """Whether compilers are told not to write a loop out, for its many vectors."""
    carried = (value for value in loop.iter_args if isinstance(value.type, VectorType))
    return sum(1 for _ in carried) >= MANY and operations_of(loop) > SHORT


def whole_lanes(lanes: int) -> int:
    """The lanes of the least power of two that so many are a part of."""
    return 1 << (lanes - 1).bit_length()


def scalar_of(value: SSAValue) -> SSAValue:
    """What all lanes of a vector are, if it was made so; else the value itself."""
    while isinstance(value.owner, vector.BroadcastOp):
        value = value.owner.source
    return value
