"""What vectors are: how many lanes whole ones have, and of what all lanes are one."""

from __future__ import annotations

from xdsl.dialects import vector
from xdsl.ir import SSAValue

PAIR = 2
"""Elements for each lane, of which two vectors as wide hold all: one is picked."""


def whole_lanes(lanes: int) -> int:
    """The lanes of the least power of two that so many are a part of."""
    return 1 << (lanes - 1).bit_length()


def scalar_of(value: SSAValue) -> SSAValue:
    """What all lanes of a vector are, if it was made so; else the value itself."""
    while isinstance(value.owner, vector.BroadcastOp):
        value = value.owner.source
    return value
