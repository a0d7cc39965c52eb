"""
Puts constants into the order in which the blocks of a kernel read them.

Before, in a kernel that computes 20 columns at once:
```mlir
memref.global "private" constant @w : memref<128x640xf32> = dense<…>
linalg.generic {indexing_maps = […, (m, n, k) -> (k, n), …]}
    ins(%x, %w : …, memref<128x640xf32>) …
```
After:
```mlir
memref.global "private" constant @w : memref<81920xf32> = dense<…>
linalg.generic {indexing_maps = […, (m, n, k) -> (
        (n floordiv 20) * 2560 + k * 20 + n mod 20), …]}
    ins(%x, %w : …, memref<81920xf32>) …
```
A load reaches only so far from its address register, so the rows of a wide matrix take
one register each, and one instruction each in every round. Packed, what a block reads
stands in one piece. That is done where it takes fewer address registers: to constants
that nobody else reads and that are read once in the kernel, by scalars, if the blocks
divide what they cut and other operands say how long the loops are, which a row does
not. Bytes and offsets stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import prod
from operator import mul

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import func
from xdsl.dialects.builtin import (
    MemRefType,
    ModuleOp,
    NoneAttr,
)
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import BlockArgument, Operation, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineExpr, AffineMap
from xdsl.passes import ModulePass
from xdsl.utils.hints import isa

from ...analysis.footprint import Linear
from ...analysis.groups import kernels_of
from ...analysis.memory import element_bytes
from ...machine import has_machine, machine_of
from ...properties import Property
from .blocks import Blocks
from .constants import Constants, retype
from .dataflow import Dataflow
from .operands import are_known_without, operand_map, set_operand_map
from .reads import Read, Reads
from .steps import windows
from .tally import REACH


@dataclass(frozen=True)
class Axis:
    """An axis of a constant, and how it is read."""

    extent: int
    stride: int
    """Elements from one index to the next."""
    size: int
    """Indices that a block reads."""
    is_cut: bool
    """Whether a loop over blocks walks along it."""


@dataclass(frozen=True)
class Packing:
    """A new order of the elements of one operand."""

    read: Read
    axes: tuple[Axis, ...]

    @property
    def order(self) -> list[tuple[int, int, int]]:
        """Axis, step and extent of each axis of the new order, outermost first."""
        numbered = list(enumerate(self.axes))
        cut = [(n, axis) for n, axis in numbered if axis.is_cut]
        return [
            *((n, axis.size, axis.extent // axis.size) for n, axis in cut),
            *((n, 1, axis.extent) for n, axis in numbered if not axis.is_cut),
            *((n, 1, axis.size) for n, axis in cut),
        ]

    @property
    def strides(self) -> list[int]:
        """Elements from one index to the next, for each axis of the new order."""
        extents = [extent for _, _, extent in self.order]
        return list(accumulate(extents[:0:-1], mul, initial=1))[::-1]

    def map(self, old: AffineMap) -> AffineMap:
        """The indexing map of the packed operand."""
        place: AffineExpr = AffineConstantExpr(0)
        for (axis, step, _), stride in zip(self.order, self.strides, strict=True):
            index = old.results[axis]
            if self.axes[axis].is_cut:
                size = self.axes[axis].size
                index = index // size if step > 1 else index % size
            place += index * stride
        return AffineMap(old.num_dims, 0, (place,))

    def registers(self, reach: int) -> tuple[int, int]:
        """Address registers that a block takes before and after."""
        before = tuple((axis.stride, axis.size) for axis in self.axes)
        inner = [
            (stride, min(extent, self.axes[axis].size))
            for (axis, step, extent), stride in zip(
                self.order, self.strides, strict=True
            )
            if step == 1
        ]
        return windows(before, reach), windows(tuple(inner), reach)


def packing_of(read: Read, reads: Reads, sizes: Sequence[int]) -> Packing | None:
    """How the constant behind a read is packed; None where that gains nothing."""
    type = read.buffer.type
    if not is_argument(read.buffer) or not isa(type, MemRefType):
        return None
    if not are_known_without(read.op, read.operand):
        return None
    strides = type.get_strides()
    reach = REACH // element_bytes(type.element_type)
    loops = [None if index is None else loop_of(index) for index in read.indices]
    if not isinstance(type.layout, NoneAttr) or strides is None:
        return None
    axes: list[Axis] = []
    for loop, extent, stride in zip(loops, type.get_shape(), strides, strict=True):
        if loop is None or stride is None:
            return None
        size = min(sizes[loop], extent)
        is_cut = reads.is_outer(loop) and 1 < size < extent
        if is_cut and extent % size:
            return None
        axes.append(Axis(extent, stride, size, is_cut))
    if not any(axis.is_cut for axis in axes):
        return None
    packing = Packing(read, tuple(axes))
    before, after = packing.registers(reach)
    return packing if after < before else None


def is_argument(buffer: SSAValue) -> bool:
    """Whether a buffer is an argument that one operation reads, by one operand."""
    return isinstance(buffer, BlockArgument) and buffer.uses.get_length() == 1


def loop_of(index: Linear) -> int | None:
    """The loop that an index is; None where it is something else."""
    used = [loop for loop, factor in enumerate(index.factors) if factor]
    is_plain = len(used) == 1 and index.factors[used[0]] == 1 and not index.constant
    return used[0] if is_plain else None


def packings(kernel: func.FuncOp) -> Iterator[Packing]:
    """What there is to pack in a kernel."""
    flow = Dataflow.of(kernel.body.block)
    for root in flow.roots:
        reads = Reads.of(root, flow)
        blocks = {op: blocks_of(op) for op, _ in reads.loops}
        if any(block.lane_loop is not None for block in blocks.values()):
            continue
        sizes = [blocks[op].sizes[dim] for op, dim in reads.loops]
        for read in reads.found:
            is_read_once = sum(r.buffer is read.buffer for r in reads.found) == 1
            packing = packing_of(read, reads, sizes) if is_read_once else None
            if packing is not None:
                yield packing


def blocks_of(op: Operation) -> Blocks:
    """How the loops of a structured operation are cut."""
    assert isinstance(op, linalg.FillOp | linalg.GenericOp), "loops are of these"
    return Blocks.of(op)


def pack(
    kernel: func.FuncOp,
    packing: Packing,
    sources: Sequence[SSAValue],
    constants: Constants,
) -> None:
    """Packs the constants that an operand stands for, and says how it is read then."""
    split: list[list[int]] = [[] for _ in packing.axes]
    places: list[tuple[int, int]] = []
    for axis, _, extent in packing.order:
        places.append((axis, len(split[axis])))
        split[axis].append(extent)
    row = [prod(extent for _, _, extent in packing.order)]
    for source in sources:
        constants.rearrange(source, split, places, row)
    op, number = packing.read.op, packing.read.operand
    set_operand_map(op, number, packing.map(operand_map(op, number)))
    retype(packing.read.buffer, row)
    kernel.update_function_type()


class VectorPackWeightsPass(ModulePass):
    """Puts constants into the order in which the blocks of a kernel read them."""

    name = "vector-pack-weights"
    needs = (Property.OUTLINED, Property.BLOCKS)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if not has_machine(op) or machine_of(op).is_native:
            return
        constants = Constants(op)
        for kernel in kernels_of(op):
            calls = constants.calls.get(kernel.sym_name.data, [])
            for packing in list(packings(kernel)):
                argument = packing.read.buffer
                assert isinstance(argument, BlockArgument), "only these are packed"
                sources = [call.arguments[argument.index] for call in calls]
                if sources and all(map(constants.is_alone, sources)):
                    pack(kernel, packing, sources, constants)
