"""
Orders of a loop's operations in which rounds overlap: the words of `stages.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from xdsl.ir import Block, Operation, SSAValue

from ..dialects.deploy import DmaStartOp, DmaWaitOp

HALVES = 2
"""Rounds that are this far from each other use the same half."""


class Transfer(NamedTuple):
    """A start and its wait in one block."""

    start: DmaStartOp
    wait: DmaWaitOp


class Staged(NamedTuple):
    """An operation of a round, and its stage."""

    op: Operation
    stage: int


@dataclass(frozen=True)
class Schedule:
    """The new order of a loop's operations."""

    order: tuple[Staged, ...]
    """What runs in one slot."""
    kernels: int
    """The stage in which the kernels run."""
    parted: tuple[Transfer, ...]
    """The transfers whose wait is one stage behind their start."""
    doubled: tuple[SSAValue, ...]
    """The buffers that need two halves."""

    @property
    def stages(self) -> int:
        """How many stages there are."""
        return max(stage for _, stage in self.order) + 1

    def slots(self, rounds: int) -> Iterator[tuple[int, bool]]:
        """
        The slots that so many rounds take.

        Those in which every stage has a round are a loop, if there are several: then
        only the first one is given, and that it is.
        """
        full = range(self.stages - 1, rounds)
        for slot in range(rounds + self.stages - 1):
            if len(full) < 2 or slot not in full:
                yield slot, False
            elif slot == full[0]:
                yield slot, True


def transfers_of(block: Block) -> list[Transfer]:
    """The transfers that are started and awaited in `block`, in program order."""
    found: list[Transfer] = []
    for op in block.ops:
        if isinstance(op, DmaStartOp):
            user = next(use.operation for use in op.token.uses)
            if isinstance(user, DmaWaitOp):
                found.append(Transfer(op, user))
    return found
