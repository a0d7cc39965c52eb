"""Chains of kernels that follow each other, and what they touch when they are cut."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.tensor import PadOp

from ...dialects.deploy import KernelOp
from .driver_model import DriverModel, Source
from .ranges import (
    Box,
    Range,
    box,
)

Spans = tuple[Range, ...]


@dataclass(frozen=True)
class Window:
    """What one kernel of a chain reads from outside."""

    step: int
    """Which kernel of the chain."""
    source: Source
    element: int
    read: Box
    """Elements of the source."""
    held: Box
    """Elements of the near copy, padding included."""
    padded: frozenset[int] = frozenset()
    """The cut loops that reach an axis with padding."""
    copy: Box | None = None
    """What is brought for all readers of the tensor in this chain, if not just one."""
    copy_last: int = 0
    """The last kernel of the chain that reads the copy."""
    own: bool = True
    """Whether there is a near buffer for this window alone."""


@dataclass(frozen=True)
class Intermediate:
    """What one kernel of a chain makes for others."""

    born: int
    last: int
    element: int
    boxes: tuple[Box, ...]
    """Its near buffers: one, or one more per padding that needs its own."""


@dataclass(frozen=True)
class Chain:
    """What is touched, made and done in a chain."""

    windows: tuple[Window, ...]
    intermediates: tuple[Intermediate, ...]
    outputs: tuple[tuple[int, Box], ...]
    """Bytes per element and elements of each result of the root."""
    loops: tuple[Spans, ...]
    """What is run of each loop of each kernel, the last kernel first."""

    @property
    def work(self) -> tuple[Box, ...]:
        """Iterations of each kernel."""
        return tuple(map(box, self.loops))


def may_chain(model: DriverModel, first: int, last: int) -> bool:
    """Whether only the last of these kernels makes what others than they read."""
    inside = {step.kernel.op for step in model.steps[first : last + 1]}
    return all(
        _stays(step.kernel.op, inside) and step.kernel.root is not None
        for step in model.steps[first:last]
    )


def _stays(kernel: KernelOp, inside: set[KernelOp]) -> bool:
    """Whether all readers of a kernel's one result are among `inside`."""
    if len(kernel.results) != 1 or not kernel.results[0].uses:
        return False
    readers = [use.operation for use in kernel.results[0].uses]
    pads = [op for op in readers if isinstance(op, PadOp)]
    direct = [op for op in readers if not isinstance(op, PadOp)]
    direct += [use.operation for pad in pads for use in pad.result.uses]
    return all(isinstance(op, KernelOp) and op in inside for op in direct)
