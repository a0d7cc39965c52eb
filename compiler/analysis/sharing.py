"""
Buffers that several tensors share, and where in them each tensor is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from xdsl.dialects import func
from xdsl.ir import Operation, SSAValue

from .levels import MemoryLevels
from .regions import Path, Shape, normalized
from .timeline import Timeline


@dataclass(frozen=True)
class Output:
    """The caller's buffer for result number `index`."""

    index: int
    shape: Shape


Holder: TypeAlias = SSAValue | Output


@dataclass(eq=False)
class Buffer:
    """The tensors that share one buffer, each with its path from the whole."""

    shape: Shape
    members: dict[Holder, Path]
    level: str
    """The memory level that it is in."""
    fixed: Holder | None = None
    """The argument, constant or caller's buffer that this is, if it is one."""

    @property
    def writable(self) -> bool:
        """Whether the program may write to it."""
        return self.fixed is None or isinstance(self.fixed, Output)


@dataclass
class Places:
    """Where each tensor of one function lives."""

    function: func.FuncOp
    timeline: Timeline
    levels: MemoryLevels
    buffer: dict[Holder, Buffer] = field(default_factory=dict[Holder, Buffer])
    delayed: dict[Operation, Operation] = field(
        default_factory=dict[Operation, Operation]
    )
    """Kernels that are to run just before another operation."""

    def path(self, value: Holder) -> Path:
        """Where in its buffer `value` is."""
        return self.buffer[value].members[value]

    def path_of_part(self, whole: Holder, steps: Path) -> Path:
        """Where in its buffer `steps` lead from `whole`."""
        return normalized(self.buffer[whole].shape, (*self.path(whole), *steps))

    def is_at(self, part: Holder, whole: Holder, steps: Path = ()) -> bool:
        """Whether `part` is where `steps` lead from `whole`."""
        same = self.buffer[part] is self.buffer[whole]
        return same and self.path(part) == self.path_of_part(whole, steps)

    def hold(self, buffer: Buffer) -> None:
        """Makes `buffer` the buffer of its members."""
        self.buffer.update((member, buffer) for member in buffer.members)
