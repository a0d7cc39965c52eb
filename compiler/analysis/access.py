"""
Who reads and who writes the arguments of a kernel.

Works on every form a kernel has: structured operations on tensors, on memrefs, and
loops with loads and stores. Once loops have replaced the operations, whether a kernel
that loads what it has stored itself also needs the old contents is no longer visible;
`deploy.access` on the argument, written when it was, says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xdsl.dialects import func, linalg, memref, vector
from xdsl.dialects.builtin import MemRefType, StringAttr, TensorType
from xdsl.ir import Block, BlockArgument, Operation, SSAValue, Use

from ..dialects.deploy import AnewOp, KernelOp, WordsOp
from .structured import (
    body_reads,
    indexing_maps,
    is_bijection,
    is_identity,
    is_parallel,
    output_map,
    reads_output,
    shape_of,
)

ACCESS_ATTRIBUTE = "deploy.access"
"""Argument attribute of a kernel: `read`, `write` or `readwrite`."""

VIEWS = (
    memref.SubviewOp,
    memref.CollapseShapeOp,
    memref.ExpandShapeOp,
    memref.ReinterpretCastOp,
    memref.CastOp,
    WordsOp,
    AnewOp,
)
"""Operations whose result is memory of their first operand."""

LOADS = (memref.LoadOp, vector.LoadOp)
"""Operations that read an element, or a vector of them."""

STORES = (
    memref.StoreOp,
    vector.StoreOp,
    vector.MaskedStoreOp,
    vector.TransferWriteOp,
)
"""Operations that write to their memref operand."""

Structured = linalg.ops.GenericOp | linalg.ops.FillOp


def whole_buffer(value: SSAValue) -> SSAValue:
    """The buffer, global, argument or view of an arena that `value` is a part of."""
    while isinstance(value.owner, VIEWS):
        value = value.owner.operands[0]
    return value


def uses_of(value: SSAValue) -> list[Use]:
    """The uses of `value` and of views of it."""
    found: list[Use] = []
    waiting = [value]
    while waiting:
        for use in waiting.pop().uses:
            found.append(use)
            if isinstance(use.operation, VIEWS) and use.index == 0:
                waiting.extend(use.operation.results)
    return found


def in_order(uses: Sequence[Use], block: Block) -> Iterator[Use]:
    """Uses inside `block` in program order."""
    by_op: dict[Operation, list[Use]] = {}
    for use in uses:
        by_op.setdefault(use.operation, []).append(use)
    for op in block.walk():
        yield from sorted(by_op.get(op, ()), key=lambda use: use.index)


def _reads(use: Use) -> bool:
    """Whether a use needs the contents of its operand."""
    op = use.operation
    if not isinstance(op, Structured):
        return not isinstance(op, (*VIEWS, *STORES))
    if use.index < len(op.inputs):
        return body_reads(op, use.index)
    return reads_output(op, use.index - len(op.inputs))


def _writes(use: Use) -> bool:
    """Whether a use changes the contents of its operand."""
    op = use.operation
    if isinstance(op, Structured):
        return use.index >= len(op.inputs)
    return isinstance(op, STORES) and isinstance(
        op.operands[use.index].type, MemRefType
    )


def _overwrites(use: Use) -> bool:
    """Whether the contents before this use no longer matter after it."""
    op = use.operation
    return isinstance(op, Structured) and _writes(use) and not _reads(use)


def declared_access(arg: BlockArgument) -> str | None:
    """What `deploy.access` says of a function's argument."""
    function = arg.block.parent_op()
    if not isinstance(function, func.FuncOp) or function.arg_attrs is None:
        return None
    entry = function.arg_attrs.data[arg.index]
    access = entry.data.get(ACCESS_ATTRIBUTE)
    return access.data if isinstance(access, StringAttr) else None


def reads_argument(arg: BlockArgument) -> bool:
    """Whether the contents that `arg` has before the kernel runs matter."""
    if declared_access(arg) == "write":
        return False
    uses = uses_of(arg)
    if not any(map(_reads, uses)):
        return False
    if not any(map(_overwrites, uses)):
        return True
    telling = (u for u in in_order(uses, arg.block) if _reads(u) or _overwrites(u))
    return _reads(next(telling))


def writes_argument(arg: BlockArgument) -> bool:
    """Whether the kernel changes the contents of `arg`."""
    if isinstance(arg.type, TensorType):
        kernel = arg.block.parent_op()
        return isinstance(kernel, KernelOp) and arg.index >= len(kernel.inputs)
    return any(map(_writes, uses_of(arg)))


def accessed(function: func.FuncOp) -> tuple[set[int], set[int]]:
    """
    The numbers of the arguments that `function` loads from, and stores to.

    Of one that is no loops yet, those that it will.
    """
    args = function.body.block.args
    if any(isinstance(op, Structured) for op in function.body.block.ops):
        read = {arg.index for arg in args if reads_argument(arg)}
        return read, {arg.index for arg in args if writes_argument(arg)}
    users = [(a.index, type(use.operation)) for a in args for use in uses_of(a)]
    read = {number for number, user in users if user in LOADS}
    return read, {number for number, user in users if user in STORES}


def may_share(kernel: KernelOp, source: int, output: int) -> bool:
    """
    Whether output number `output` may overwrite input number `source`.

    It may when both have one type and each element is written by the iteration that
    alone reads the element it replaces.
    """
    arg = kernel.block.args[source]
    written = kernel.block.args[len(kernel.inputs) + output]
    writers = tuple(written.uses)
    if arg.type != written.type or len(writers) != 1:
        return False
    root = writers[0].operation
    if not isinstance(root, linalg.ops.GenericOp) or not is_parallel(root):
        return False
    index = writers[0].index - len(root.inputs)
    if index < 0 or reads_output(root, index):
        return False
    written_by = output_map(root, index)
    if not is_bijection(written_by, shape_of(written)):
        return False
    return all(_reads_in_step(use, root, written_by) for use in arg.uses)


def _reads_in_step(use: Use, root: Operation, written_by: object) -> bool:
    """Whether the element read by a use is the one that `root` writes just then."""
    op = use.operation
    if not isinstance(op, linalg.ops.GenericOp) or use.index >= len(op.inputs):
        return False
    read_by = indexing_maps(op)[use.index]
    if op is root:
        return read_by == written_by
    return is_parallel(op) and is_identity(read_by) and read_by == written_by
