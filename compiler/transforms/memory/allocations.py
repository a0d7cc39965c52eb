"""
Memory that a driver allocates itself, as buffers that get their places at compile time.

Modules of this compiler have none; those that another pipeline has bufferised do. So it
is with constants that do not name their memory level.

Before:
```mlir
%t = memref.alloc() : memref<8xf32>
linalg.add … outs(%t : memref<8xf32>)
memref.dealloc %t : memref<8xf32>
```
After:
```mlir
%t = deploy.buffer "t" : memref<8xf32, "ram">
linalg.add … outs(%t : memref<8xf32, "ram">)
```
"""

from __future__ import annotations

from xdsl.dialects import func, memref
from xdsl.dialects.builtin import (
    MemRefType,
    ModuleOp,
    NoneAttr,
    StringAttr,
    UnitAttr,
)
from xdsl.ir import Attribute, SSAValue
from xdsl.rewriter import Rewriter
from xdsl.utils.exceptions import PassFailedException
from xdsl.utils.hints import isa

from ...analysis.access import VIEWS, uses_of
from ...dialects.deploy import BufferOp, KernelOp
from ...rewriting import locate, node_names
from .storage import free_label

Allocation = memref.AllocOp | memref.AllocaOp


def adopt_allocations(function: func.FuncOp, level: str, labels: set[str]) -> None:
    """Makes buffers in `level`, if no other is named, of what `function` allocates."""
    found = [op for op in function.walk() if isinstance(op, Allocation)]
    for op in found:
        check(op)
    for op in found:
        adopt(op, level, labels)


def check(op: Allocation) -> None:
    """Refuses what has no size yet, or is touched outside of kernels."""
    type_ = op.memref.type
    if not type_.has_static_shape() or not isinstance(type_.layout, NoneAttr):
        message = f"memory must have a static shape and no layout, got {type_}"
        op.emit_error(message, PassFailedException(message))
    known = (*VIEWS, KernelOp, memref.DeallocOp)
    for user in (use.operation for use in uses_of(op.memref)):
        if not isinstance(user, known):
            message = "memory that a function allocates must be used by kernels"
            user.emit_error(message, PassFailedException(message))


def adopt(op: Allocation, level: str, labels: set[str]) -> None:
    """Replaces one allocation by a buffer, and forgets where it was freed."""
    type_ = op.memref.type
    space = type_.memory_space
    space = space if isinstance(space, StringAttr) else StringAttr(level)
    for use in tuple(op.memref.uses):
        if isinstance(use.operation, memref.DeallocOp):
            Rewriter.erase_op(use.operation)
    wanted = next(iter(node_names(op.location)), op.memref.name_hint or "buffer")
    buffer = BufferOp(free_label(wanted, labels), placed_in(type_, space))
    buffer.result.name_hint = op.memref.name_hint
    Rewriter.replace_op(op, locate(buffer, op.location))
    move_to(buffer.result, space)


def adopt_constants(module: ModuleOp, level: str) -> None:
    """Puts constants that name no memory level into `level`."""
    homeless = dict[str, memref.GlobalOp]()
    for op in module.body.block.ops:
        if isinstance(op, memref.GlobalOp) and not has_level(op.type):
            check_constant(op)
            op.properties["type"] = placed_in(op.type, StringAttr(level))
            homeless[op.sym_name.data] = op
    for op in module.walk() if homeless else ():
        if isinstance(op, memref.GetGlobalOp) and is_homeless(op.memref):
            move_part(op.memref, StringAttr(level))


def check_constant(op: memref.GlobalOp) -> None:
    """Refuses a global that is more than a constant: programs keep nothing."""
    if op.constant is None or isinstance(op.initial_value, UnitAttr):
        message = "global must be constant and have a value"
        op.emit_error(message, PassFailedException(message))


def has_level(type_: Attribute) -> bool:
    """Whether a memref names its memory level."""
    return isa(type_, MemRefType) and isinstance(type_.memory_space, StringAttr)


def is_homeless(value: SSAValue) -> bool:
    """Whether `value` is memory that names no level."""
    return isa(value.type, MemRefType) and not has_level(value.type)


def placed_in(type_: Attribute, space: StringAttr) -> MemRefType[Attribute]:
    """The type of the same memref in `space`."""
    assert isa(type_, MemRefType), "memory is a memref"
    return MemRefType(type_.element_type, type_.shape, type_.layout, space)


def move_to(value: SSAValue, space: StringAttr) -> None:
    """Says of all that is memory of `value` that it is in `space`."""
    for use in tuple(value.uses):
        user = use.operation
        if isinstance(user, KernelOp):
            parts: list[SSAValue] = [user.block.args[use.index]]
        elif isinstance(user, VIEWS) and use.index == 0:
            parts = list(user.results)
        else:
            continue
        for part in parts:
            move_part(part, space)


def move_part(part: SSAValue, space: StringAttr) -> None:
    """Gives a part of moved memory its type, and what is memory of it."""
    new = placed_in(part.type, space)
    move_to(Rewriter.replace_value_with_new_type(part, new), space)
