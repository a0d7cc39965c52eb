"""
Chains: neighbouring kernels that are tiled together, and what one tile of them takes.

The last kernel of a chain is its root. A tile of the root's loops says which part of
every other tensor is needed, by interval arithmetic from the last kernel to the first;
what a `tensor.pad` adds is cut off on the way, so that only elements that exist are
asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from xdsl.dialects import tensor
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Block, BlockArgument, Operation, SSAValue

from ..dialects.deploy import KernelOp
from .clips import Axes, Bounds, Clip, clip_of, hull
from .footprint import Span, all_of, footprint
from .levels import FLAT, MemoryLevels, levels_around
from .structured import captured, indexing_maps, shape_of
from .tiles import Group, group_of, loops_for_result, spans_of

CHAIN_ATTRIBUTE = "deploy.chain"
"""Attribute of a kernel: the number of its chain in its block."""

ORDER_ATTRIBUTE = "deploy.order"
"""Attribute of a root: the parallel loops that are cut, outermost first."""

LEVEL_ATTRIBUTE = "deploy.level"
"""Attribute of a kernel or `tensor.empty`: the memory level of its result."""

RESIDENT_ATTRIBUTE = "deploy.resident"
"""Attribute of a driver's argument: it is brought near once, whole."""


@dataclass(frozen=True)
class Part:
    """One kernel of a chain."""

    kernel: KernelOp
    group: Group


@dataclass(frozen=True)
class Chain:
    """Kernels in program order; the last one is the root."""

    parts: tuple[Part, ...]
    levels: MemoryLevels = FLAT

    @property
    def root(self) -> Part:
        """The part whose results leave the chain."""
        return self.parts[-1]

    @property
    def inner(self) -> dict[SSAValue, Part]:
        """The tensors that never exist whole, and who makes them."""
        return {part.kernel.results[0]: part for part in self.parts[:-1]}


@dataclass
class Demand:
    """What one tile of a chain's root takes."""

    spans: dict[Part, dict[Operation, tuple[Span, ...]]] = field(
        default_factory=dict[Part, dict[Operation, tuple[Span, ...]]]
    )
    """The loops of each member of each part."""
    windows: dict[SSAValue, Axes] = field(default_factory=dict[SSAValue, Axes])
    """The part of each inner tensor that is made; none where all is padding."""
    reads: dict[SSAValue, list[Axes]] = field(
        default_factory=dict[SSAValue, list[tuple[Span, ...]]]
    )
    """The parts of each outer tensor that are read, each once."""
    pads: dict[tuple[tensor.PadOp, Axes], Clip] = field(
        default_factory=dict[tuple[tensor.PadOp, tuple[Span, ...]], Clip]
    )
    """The parts of padded tensors that are read."""


def chain_number(kernel: KernelOp) -> object:
    """What kernels of one chain have in common: their attribute, or themselves."""
    return kernel.attributes.get(CHAIN_ATTRIBUTE, kernel)


def chains_of(block: Block) -> Iterator[list[KernelOp]]:
    """The chains of a driver's block, each in program order."""
    chain: list[KernelOp] = []
    for op in block.ops:
        if not isinstance(op, KernelOp) or not op.results:
            continue
        if chain and chain_number(chain[0]) != chain_number(op):
            yield chain
            chain = []
        chain.append(op)
    if chain:
        yield chain


def chain_of(kernels: Sequence[KernelOp]) -> Chain | None:
    """The chain of these kernels; None when one of them cannot be cut."""
    groups = [group_of(kernel) for kernel in kernels]
    parts = [
        Part(kernel, group)
        for kernel, group in zip(kernels, groups, strict=True)
        if group is not None
    ]
    if len(parts) != len(kernels):
        return None
    return Chain(tuple(parts), levels_around(kernels[0]))


def is_padded(pad: tensor.PadOp, axis: int) -> bool:
    """Whether `pad` adds something along an axis."""
    return bool(pad.static_low.get_values()[axis] or pad.static_high.get_values()[axis])


def absorbed(value: SSAValue, axes: Axes, chain: Chain) -> tensor.PadOp | None:
    """
    The pad that makes `value`, when a tile makes its own part of it.

    Of a source that kernels may not touch, no more than that part is brought near.
    """
    pad = value.owner
    if not isinstance(pad, tensor.PadOp):
        return None
    if is_inner(pad.source, chain.inner):
        return pad
    far = not chain.levels.is_open(chain.levels.of(pad.source))
    cut = (axis for axis, span in enumerate(axes) if not span.whole)
    return pad if any(far or is_padded(pad, axis) for axis in cut) else None


def is_inner(value: SSAValue, inner: Mapping[SSAValue, Part]) -> bool:
    """Whether `value` is an inner tensor of a chain, padded or not."""
    while isinstance(value.owner, tensor.PadOp):
        value = value.owner.source
    return value in inner


class NotUniformError(Exception):
    """A tile takes something that differs from round to round."""


@dataclass
class Demanding:
    """Collects what one tile takes."""

    chain: Chain
    bounds: Bounds
    demand: Demand = field(default_factory=Demand)

    def want(self, value: SSAValue, axes: Axes) -> None:
        """Asks for a part of a tensor of the driver."""
        inner = self.chain.inner
        if value in inner:
            known = self.demand.windows.get(value, axes)
            joined = hull(known, axes, shape_of(value))
            if joined is None:
                raise NotUniformError
            self.demand.windows[value] = joined
            return
        pad = absorbed(value, axes, self.chain)
        if pad is None:
            reads = self.demand.reads.setdefault(value, [])
            if axes not in reads:
                reads.append(axes)
            return
        clip = clip_of(pad, axes, self.bounds)
        if clip is None:
            raise NotUniformError
        self.demand.pads[pad, axes] = clip
        if clip.source is not None:
            self.want(pad.source, clip.source)

    def part(self, part: Part, loops: Sequence[Span]) -> None:
        """Asks for all that one kernel reads."""
        spans = spans_of(part.group.root, loops, part.group.members)
        self.demand.spans[part] = spans
        for member in part.group.members:
            maps = zip(indexing_maps(member), member.operands, strict=True)
            for map_, value in maps:
                if (outside := self._outside(part, value)) is not None:
                    found = footprint(map_, shape_of(value), spans[member])
                    if found is None:
                        raise NotUniformError
                    self.want(outside, found[0])
            for value in captured(member):
                if (outside := self._outside(part, value)) is not None:
                    self.want(outside, tuple(map(all_of, shape_of(value))))

    def _outside(self, part: Part, value: SSAValue) -> SSAValue | None:
        """The tensor of the driver that an argument of a kernel stands for."""
        if not isinstance(value, BlockArgument) or value.block is not part.kernel.block:
            return None
        is_input = value.index < len(part.kernel.inputs)
        tensors = isinstance(value.type, TensorType)
        return part.kernel.operands[value.index] if is_input and tensors else None


def demand_of(chain: Chain, loops: Sequence[Span], bounds: Bounds) -> Demand | None:
    """
    What a tile of the root's loops takes of every tensor.

    None when that differs between rounds of the loops around it by more than where it
    is, or when a loop that is cut is divided.
    """
    collecting = Demanding(chain, bounds)
    try:
        collecting.part(chain.root, loops)
        for part in reversed(chain.parts[:-1]):
            axes = collecting.demand.windows.get(part.kernel.results[0])
            if axes is not None:
                collecting.part(part, loops_for_result(part.group.root, axes))
    except NotUniformError:
        return None
    return collecting.demand
