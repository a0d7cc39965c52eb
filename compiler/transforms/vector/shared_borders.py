"""
Padded buffers whose rows share a border: what is behind one is before the next.

Both have the padding, so a row of 17 with one element on each side takes 18 in place of
19. Windows go over such rows as before, since the last one reads on into the next row.
"""

from __future__ import annotations

from typing import NamedTuple

from xdsl.dialects import arith, memref
from xdsl.dialects.builtin import MemRefType
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from ...dialects.deploy import BufferOp, KernelOp, YieldOp
from ...rewriting import locate
from .flat_rows import flat_type, rows_type
from .joining import under_shape
from .operands import subview


class Border(NamedTuple):
    """What is known of a padded buffer."""

    buffer: BufferOp
    fills: tuple[KernelOp, ...]
    """All that write to more than the inside: they fill it with one constant, first."""
    first: int
    """The first column of the inside."""
    end: int
    """The column behind its last one."""

    def pitch(self, columns: int) -> int:
        """Elements from row to row, at least, where so many columns are read."""
        return max(self.end, columns - self.first)


def border_of(value: SSAValue) -> Border | None:
    """What is known of a buffer that is padded before anything is put inside."""
    buffer = value.owner
    if not isinstance(buffer, BufferOp) or (block := buffer.parent) is None:
        return None
    users = {use.operation for use in value.uses}
    if any(user.parent is not block for user in users):
        return None
    ordered = [op for op in block.ops if op in users]
    kernels = [op for op in ordered if isinstance(op, KernelOp)]
    fills = [op for op in kernels if is_fill(op, value)]
    parts = [op for op in ordered if isinstance(op, memref.SubviewOp)]
    others = [op for op in ordered if op not in fills and op not in parts]
    is_filled_first = bool(fills) and ordered[: len(fills)] == fills
    constants = {constant_of(fill) for fill in fills}
    if not is_filled_first or len(constants) != 1 or not all(map(is_inside, parts)):
        return None
    if not parts or not all(reads_rows(op, value) for op in others):
        return None
    starts = [part.static_offsets.get_values()[-1] for part in parts]
    sizes = [part.static_sizes.get_values()[-1] for part in parts]
    ends = [start + size for start, size in zip(starts, sizes, strict=True)]
    return Border(buffer, tuple(fills), min(starts), max(ends))


def is_fill(kernel: KernelOp, value: SSAValue) -> bool:
    """Whether a kernel does nothing but to fill parts of `value` with a constant."""
    if list(kernel.operands) != [value] or constant_of(kernel) is None:
        return False
    return not any(isinstance(op, linalg.GenericOp) for op in kernel.block.ops)


def constant_of(kernel: KernelOp) -> Attribute | None:
    """The one constant that a kernel fills memory with."""
    owners = {
        op.inputs[0].owner for op in kernel.block.ops if isinstance(op, linalg.FillOp)
    }
    values = {one.value for one in owners if isinstance(one, arith.ConstantOp)}
    return values.pop() if len(owners) == len(values) == 1 else None


def is_inside(part: memref.SubviewOp) -> bool:
    """Whether a part of known place is what kernels work on."""
    is_known = not part.offsets and not part.sizes and not part.strides
    are_next = all(step == 1 for step in part.static_strides.get_values())
    users = {use.operation for use in part.result.uses}
    return is_known and are_next and all(reads_rows(op, part.result) for op in users)


def reads_rows(op: Operation, value: SSAValue) -> bool:
    """Whether a kernel knows of a buffer by its axes alone."""
    if not isinstance(op, KernelOp):
        return False
    args = (op.block.args[n] for n, one in enumerate(op.operands) if one is value)
    uses = (use.operation for arg in args for use in arg.uses)
    return all(isinstance(one, linalg.GenericOp | linalg.FillOp) for one in uses)


def shared_type(border: Border, pitch: int) -> MemRefType[Attribute]:
    """The type of the buffer when its rows are so far apart."""
    type_ = border.buffer.result.type
    flat = flat_type(type_, pitch, is_own=True)
    return rows_type(flat, type_.get_shape(), pitch)


def share(border: Border, pitch: int) -> None:
    """Puts rows of a buffer so near to each other."""
    old = border.buffer
    new = BufferOp(old.label.data, flat_type(old.result.type, pitch, is_own=True))
    view = under_shape(new.result, shared_type(border, pitch))
    Rewriter.insert_op(locate(new, old.location), InsertPoint.before(old))
    Rewriter.insert_op(locate(view, old.location), InsertPoint.before(old))
    first, *others = border.fills
    Rewriter.replace_op(first, locate(filled(first, new.result), first.location))
    for fill in others:
        Rewriter.erase_op(fill)
    for use in list(old.result.uses):
        if use.operation.parent is not None:  # trials are in no block
            put(use.operation, use.index, view.results[0])
    old.result.replace_all_uses_with(view.results[0])
    Rewriter.erase_op(old)


def put(op: Operation, number: int, value: SSAValue) -> None:
    """Gives an operation another buffer, with the same axes elsewhere in memory."""
    if isinstance(op, KernelOp):
        op.operands[number] = value
        op.retype()
        return
    assert isinstance(op, memref.SubviewOp), "all who touch it are known"
    starts, sizes = op.static_offsets.get_values(), op.static_sizes.get_values()
    part = subview(value, starts, sizes)
    Rewriter.replace_op(op, locate(part, op.location))
    for use in part.result.uses:
        assert isinstance(use.operation, KernelOp), "kernels work on it alone"
        use.operation.retype()


def filled(kernel: KernelOp, value: SSAValue) -> KernelOp:
    """A kernel that fills a whole buffer as another one fills parts."""
    fill = next(op for op in kernel.block.ops if isinstance(op, linalg.FillOp))
    constant = fill.inputs[0].owner
    assert isinstance(constant, arith.ConstantOp), "it fills with a constant"
    block = Block(arg_types=[value.type])
    own = constant.clone()
    whole = linalg.FillOp([own.result], [block.args[0]], res=())
    block.add_ops([own, whole, YieldOp()])
    return KernelOp([], [value], Region(block))
