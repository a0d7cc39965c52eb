"""
What a kernel reads and writes, as sums over its loops.

The loops of a kernel are those of its root, then the reduction loops of the member that
accumulates. Every operand is a list of axes, each a sum of loops times factors; so
strides, dilations and halos need no names.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import prod

from ...dialects.deploy import KernelOp
from ..tiles import Structured, group_of


@dataclass(frozen=True)
class Axis:
    """The indices of one axis: `constant` plus each loop times its factor."""

    size: int
    """Indices that there are."""
    factors: tuple[tuple[int, int], ...] = ()
    """Loop and factor; loops of one iteration are left out."""
    constant: int = 0
    whole: bool = False
    """Whether always all of the axis is touched."""


@dataclass(frozen=True)
class Access:
    """One operand as one operation of the kernel reads or writes it."""

    operand: int
    """Number of the operand, inputs before outputs."""
    axes: tuple[Axis, ...]
    element: int
    """Bytes of one element."""

    @property
    def bytes(self) -> int:
        """The bytes of the whole operand."""
        return prod(axis.size for axis in self.axes) * self.element

    @property
    def loops(self) -> frozenset[int]:
        """The loops that say which part is touched."""
        return frozenset(loop for axis in self.axes for loop, _ in axis.factors)


@dataclass(frozen=True)
class Given:
    """What somebody has decided about a kernel; None where nobody has."""

    chain: int | None = None
    level: str | None = None
    sizes: tuple[tuple[int, int], ...] | None = None
    """Cut loop -> size; the other loops are whole."""
    order: tuple[int, ...] | None = None
    """The parallel loops that are cut, outermost first."""


@dataclass(frozen=True)
class KernelModel:
    """A kernel as loops and accesses."""

    op: KernelOp
    extents: tuple[int, ...]
    """Iterations of each loop; empty when the kernel cannot be cut at all."""
    reductions: frozenset[int]
    reads: tuple[Access, ...]
    writes: tuple[Access, ...]
    locked: frozenset[int] = frozenset()
    """Loops that must stay whole."""
    accumulator: int = 0
    """Bytes per element of the sums when a cut reduction keeps them apart."""
    replaces_sums: bool = False
    """Whether the result can stand where those sums are."""
    root: Structured | None = None
    reducer: Structured | None = None
    reducer_loops: tuple[int, ...] = ()
    """The loops of `reducer`, as loops of the kernel."""
    given: Given = Given()

    @property
    def cuttable(self) -> tuple[int, ...]:
        """The loops that can be cut: parallel ones of the root, and reductions."""
        loops = range(len(self.extents))
        return tuple(n for n in loops if self.extents[n] > 1 and n not in self.locked)

    def moved(self, kernel: KernelOp) -> KernelModel:
        """The same of another kernel that is alike."""
        group = group_of(kernel)
        if group is None:
            return replace(self, op=kernel)
        return replace(self, op=kernel, root=group.root, reducer=group.accumulating)

    @cached_property
    def shape(self) -> tuple[object, ...]:
        """All that costs depend on: kernels of one shape cost the same."""
        return (
            self.extents,
            self.reductions,
            self.reads,
            self.writes,
            self.locked,
            self.accumulator,
            self.replaces_sums,
            self.given.sizes,
            self.given.order,
            self.given.chain is not None,
        )

    @cached_property
    def work(self) -> int:
        """How often the innermost body runs."""
        return prod(self.extents)
