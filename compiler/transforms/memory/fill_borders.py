"""
Fills no more of a buffer than what is not written next.

Before:
```mlir
deploy.kernel() outs(%a : memref<6x8xf32>) { … linalg.fill … }
%t = deploy.dma_start %x, %inside : …  // %a[1, 2] [4, 4]
```
After:
```mlir
deploy.kernel() outs(%a : memref<6x8xf32>) {
^bb0(%o: memref<6x8xf32>):
  … linalg.fill of %o[0, 0] [1, 8], %o[5, 0] [1, 8], %o[1, 0] [4, 2], %o[1, 6] [4, 2]
}
%t = deploy.dma_start %x, %inside : …
```

A padding is a buffer that is filled, and the box inside of it that comes next: by a
transfer, or by a kernel. Narrow borders are many short runs of memory, so both ways are
counted, in stores of as many elements as a vector has. Axes that are one row of memory
are one (`memref.collapse_shape`), also where all of a buffer is filled.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, prod
from typing import NamedTuple, TypeAlias

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import func, linalg
from xdsl.dialects.builtin import MemRefType, ModuleOp, StridedLayoutAttr
from xdsl.ir import BlockArgument, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.hints import isa

from ...analysis.access import reads_argument, whole_buffer
from ...analysis.areas import area_of
from ...analysis.groups import functions_of
from ...analysis.memory import element_bytes
from ...analysis.overlap import Effects
from ...analysis.regions import Slice
from ...analysis.strided import dimensions_of, groups_of, merged
from ...analysis.structured import covers, output_map, shape_of, size_of
from ...dialects.deploy import DmaStartOp, KernelOp
from ...machine import has_machine, machine_of
from ...properties import Property
from ...rewriting import locate
from .storage import collapsed, part_op

RUN = 2
"""What it takes to go to the next run of memory, in stores."""


class Box(NamedTuple):
    """Elements of a buffer."""

    starts: tuple[int, ...]
    sizes: tuple[int, ...]


Fill: TypeAlias = linalg.ops.FillOp


def fill_of(kernel: KernelOp) -> Fill | None:
    """The only thing that `kernel` does: it fills all of what it is given."""
    found = [
        op for op in kernel.block.ops if isinstance(op, Fill | linalg.ops.GenericOp)
    ]
    fill = found[0] if len(found) == 1 else None
    if not isinstance(fill, Fill) or not isinstance(fill.outputs[0], BlockArgument):
        return None
    return fill


def written_box(op: Operation, buffer: SSAValue) -> Box | None:
    """The elements of `buffer` that `op` surely writes, and reads none of it."""
    parts = [value for value in op.operands if whole_buffer(value) is buffer]
    if len(parts) != 1:
        return None
    (part,) = parts
    if isinstance(op, DmaStartOp) and part is op.destination:
        return box_of(part)
    return box_of(part) if isinstance(op, KernelOp) and is_made(op, part) else None


def is_made(kernel: KernelOp, value: SSAValue) -> bool:
    """Whether a kernel writes all of `value`, whatever was there before."""
    arg = kernel.block.args[tuple(kernel.operands).index(value)]
    return not reads_argument(arg) and any(
        covers(output_map(op, use.index - len(op.inputs)), shape_of(arg))
        for use in arg.uses
        if isinstance(op := use.operation, Fill | linalg.ops.GenericOp)
        if use.index >= len(op.inputs)
    )


def box_of(part: SSAValue) -> Box | None:
    """The elements of its buffer that a memref has; None where they are no box."""
    axes = area_of(part).axes
    known = [axis for axis in axes if axis is not None and not axis.start.terms]
    box = Box(
        tuple(axis.start.constant for axis in known),
        tuple(axis.reach for axis in known),
    )
    is_box = len(known) == len(axes) and prod(box.sizes) == size_of(part)
    return box if is_box else None


def borders(shape: tuple[int, ...], inside: Box) -> Iterator[Box]:
    """All around a box, as boxes: those of the first axis have all of others."""
    for axis, (start, size) in enumerate(zip(*inside, strict=True)):
        end = start + size
        for first, last in ((0, start), (end, shape[axis])):
            starts = (*inside.starts[:axis], first, *(0 for _ in shape[axis + 1 :]))
            sizes = (*inside.sizes[:axis], last - first, *shape[axis + 1 :])
            if first < last:
                yield Box(starts, sizes)


def stores(shape: tuple[int, ...], sizes: tuple[int, ...], lanes: int) -> int:
    """What it takes to fill a box of a buffer, run by run."""
    run, axis = 1, len(shape)
    while axis and (run == 1 or sizes[axis] == shape[axis]):
        axis -= 1
        run *= sizes[axis]
    return prod(sizes[:axis]) * (ceil(run / lanes) + RUN)


def lanes_of(buffer: SSAValue, bits: int) -> int:
    """The elements of `buffer` that a vector of so many bits has; 1 without vectors."""
    type_ = buffer.type
    assert isa(type_, MemRefType), "buffers are memrefs"
    return max(1, bits // (8 * element_bytes(type_.element_type)))


def narrow(fill: Fill, boxes: list[Box]) -> None:
    """Fills `boxes` of what `fill` fills, each as runs of memory."""

    def put(op: Operation) -> Operation:
        Rewriter.insert_op(locate(op, fill.location), InsertPoint.before(fill))
        return op

    whole = fill.outputs[0]
    shape = shape_of(whole)
    for box in boxes:
        value = whole
        if box.sizes != shape:
            part = Slice(shape, *box, (1,) * len(shape))
            value = put(part_op(whole, part)).results[0]
        if (runs := runs_of(value)) is not None:
            value = put(runs).results[0]
        put(Fill([fill.inputs[0]], [value], res=()))
    fill.detach()
    fill.erase()


def runs_of(part: SSAValue) -> Operation | None:
    """A part, its axes that are one row of memory as one; None where none are."""
    type_ = part.type
    assert isa(type_, MemRefType), "buffers are memrefs"
    dimensions = dimensions_of(type_)
    groups = groups_of(dimensions)
    if len(groups) == len(dimensions):
        return None
    rows = [merged(dimensions, group) for group in groups]
    strides = [stride for row in rows for stride in row.strides]
    layout = StridedLayoutAttr(strides, type_.get_offset())
    sizes, space = [row.size for row in rows], type_.memory_space
    return collapsed(part, groups, MemRefType(type_.element_type, sizes, layout, space))


def fill_borders(driver: func.FuncOp, bits: int) -> None:
    """Fills borders alone, where what is inside is written next."""
    effects = Effects()
    for kernel in tuple(driver.walk()):
        if not isinstance(kernel, KernelOp) or (fill := fill_of(kernel)) is None:
            continue
        buffer = kernel.outputs[0]
        if whole_buffer(buffer) is not buffer:
            continue
        inside = written_box(effects.next_user(kernel), buffer)
        shape, lanes = shape_of(buffer), lanes_of(buffer, bits)
        whole = Box((0,) * len(shape), shape)
        boxes = [whole] if inside is None else list(borders(shape, inside))
        takes = sum(stores(shape, box.sizes, lanes) for box in boxes)
        narrow(fill, boxes if takes < stores(shape, shape, lanes) else [whole])


class MemoryFillBordersPass(ModulePass):
    """Fills no more of a buffer than what is not written next."""

    name = "memory-fill-borders"
    needs = (Property.BUFFERS,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        bits = machine_of(op).vlen if has_machine(op) else 0
        for driver in functions_of(op):
            fill_borders(driver, bits)
