"""
Buffers with a memory level, and values that live in registers element by element.
"""

from __future__ import annotations

from typing import cast

from typing_extensions import override
from xdsl.dialects.builtin import IndexType, IntegerAttr, MemRefType, StringAttr
from xdsl.ir import Attribute
from xdsl.irdl import (
    IRDLOperation,
    base,
    irdl_op_definition,
    opt_prop_def,
    prop_def,
    result_def,
)
from xdsl.utils.exceptions import VerifyException

REGISTER_SPACE = StringAttr("register")
"""The memory space of values that live in registers, element by element."""


@irdl_op_definition
class BufferOp(IRDLOperation):
    """
    A buffer in one memory level.

    `offset` is in bytes from the start of the level's arena. It is absent until
    `memory-assign-offsets` has run and present on every buffer afterwards. `label` is
    what the buffer is called in the manifest.

    ```mlir
    %acc = deploy.buffer "conv1" at 512 : memref<8x8xi32, "ram">
    ```
    """

    name = "deploy.buffer"

    label = prop_def(StringAttr)
    offset = opt_prop_def(IntegerAttr[IndexType])
    result = result_def(base(MemRefType[Attribute]))

    assembly_format = "$label (`at` $offset^)? attr-dict `:` type($result)"

    def __init__(
        self, label: str, type: MemRefType[Attribute], offset: int | None = None
    ) -> None:
        super().__init__(
            result_types=[type],
            properties={
                "label": StringAttr(label),
                "offset": None if offset is None else IntegerAttr(offset, IndexType()),
            },
        )

    @property
    def level(self) -> str:
        """The name of the memory level."""
        type = self.result.type
        return cast(StringAttr, type.memory_space).data

    @override
    def verify_(self) -> None:
        type = self.result.type
        if not isinstance(type.memory_space, StringAttr):
            raise VerifyException(f"buffer must name its memory level, got {type}")
        if type.memory_space == REGISTER_SPACE:
            raise VerifyException("registers are deploy.registers, not a buffer")
        if not type.has_static_shape():
            raise VerifyException(f"buffer must have a static shape, got {type}")
        if self.offset is not None and self.offset.value.data < 0:
            got = self.offset.value.data
            raise VerifyException(f"offset must not be negative, got {got}")


@irdl_op_definition
class RegistersOp(IRDLOperation):
    """
    A value that exists element by element in registers while a kernel runs.

    It occupies no memory. Whoever reads an element reads it in the iteration that has
    written it; the vectorize phase replaces it by SSA values.

    ```mlir
    %acc = deploy.registers : memref<1x8x8x16xi32, "register">
    ```
    """

    name = "deploy.registers"

    result = result_def(base(MemRefType[Attribute]))

    assembly_format = "attr-dict `:` type($result)"

    def __init__(self, type: MemRefType[Attribute]) -> None:
        super().__init__(result_types=[type])

    @override
    def verify_(self) -> None:
        type = self.result.type
        if type.memory_space != REGISTER_SPACE:
            raise VerifyException(f"memory space must be {REGISTER_SPACE}, got {type}")
