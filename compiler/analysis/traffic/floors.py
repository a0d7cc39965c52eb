"""The bytes that surely cross the boundary of the near level, whatever is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from xdsl.ir import SSAValue

from .costs import Place
from .driver_model import DriverModel, Tensor
from .segments import Segments

Places: TypeAlias = tuple[tuple[int, Place], ...]
"""Where each tensor is that is still read, by rising numbers."""


@dataclass
class Floors:
    """What the kernels of a driver move at least."""

    model: DriverModel
    segments: Segments
    known: dict[int, int] = field(default_factory=dict[int, int])
    """Kernel -> the bytes of constants and results from it on."""

    def least(self, number: int, places: Places) -> int:
        """Bytes that surely still cross the boundary from kernel `number` on."""
        known = dict(places)
        total = self.floor(number)
        for tensor in self.model.tensors:
            if tensor.born < number <= tensor.last and self._comes(tensor, known):
                total += self.touched(tensor, number)
        return total

    def _comes(self, tensor: Tensor, known: Mapping[int, Place]) -> bool:
        """Whether a tensor that exists has still to be brought."""
        if tensor.number in known:
            return known[tensor.number] is Place.FAR
        closed = tensor.level is not None
        return closed and not self.model.levels.is_open(tensor.level or "")

    def touched(self, tensor: Tensor, number: int) -> int:
        """The bytes of a tensor that some kernel from `number` on reads."""
        reads = (
            (read, n)
            for n in range(number, min(tensor.last + 1, len(self.model.steps)))
            for read in self.model.steps[n].reads
        )
        return max(
            (
                self.segments.touched(n, access, source)
                for (access, source), n in reads
                if source.tensor is tensor
            ),
            default=0,
        )

    def floor(self, number: int) -> int:
        """The bytes of constants and results from kernel `number` on."""
        if number >= len(self.model.steps):
            return 0
        if number not in self.known:
            self.known[number] = self.own_floor(number) + self.floor(number + 1)
        return self.known[number]

    @cached_property
    def last_reader(self) -> dict[SSAValue, int]:
        """The last kernel that reads each operand: a chain brings it only once."""
        return {
            value: step.number
            for step in self.model.steps
            for value in step.kernel.op.operands
        }

    def repeated(self) -> int:
        """The bytes that are brought again because chains do not share constants."""
        steps = self.model.steps
        every = (sum(self._constants(step.number).values()) for step in steps)
        once = (sum(self._constants(s.number, last=True).values()) for s in steps)
        return sum(every) - sum(once)

    def _constants(self, number: int, *, last: bool = False) -> dict[SSAValue, int]:
        """Constant -> bytes that kernel `number` reads; `last`: and nobody later."""
        step, levels = self.model.steps[number], self.model.levels
        operands = step.kernel.op.operands
        return {
            operands[access.operand]: self.segments.touched(number, access, source)
            for access, source in step.reads
            if source.tensor is None
            and not levels.is_open(source.level or "")
            and (not last or self.last_reader[operands[access.operand]] == number)
        }

    def own_floor(self, number: int) -> int:
        """The bytes of constants that nobody reads later, and of results."""
        step, levels = self.model.steps[number], self.model.levels
        constants = self._constants(number, last=True)
        returned = sum(
            min(tensor.bytes, tensor.returned)
            for tensor in step.makes
            if tensor.born == number
        )
        outside = levels.caller != levels.near
        return sum(constants.values()) + (returned if outside else 0)
