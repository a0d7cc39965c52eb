"""In which order values are computed, and how long they are kept."""

from __future__ import annotations

from abc import ABC
from typing import ClassVar

from xdsl.dialects.builtin import IntegerType, MemRefType
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import (
    IRDLOperation,
    VarConstraint,
    base,
    irdl_op_definition,
    operand_def,
    result_def,
    traits_def,
)
from xdsl.traits import MemoryReadEffect, MemoryWriteEffect, NoMemoryEffect, Pure


@irdl_op_definition
class TogetherOp(IRDLOperation):
    """
    Two integers as they are, each for use once both have been computed.

    ```mlir
    %w1, %s1 = deploy.together %w, %s : i32, i32
    ```
    """

    name = "deploy.together"

    T: ClassVar = VarConstraint("T", base(IntegerType))
    U: ClassVar = VarConstraint("U", base(IntegerType))

    lhs = operand_def(T)
    rhs = operand_def(U)
    first = result_def(T)
    second = result_def(U)

    traits = traits_def(Pure())

    assembly_format = "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs)"

    def __init__(self, lhs: SSAValue, rhs: SSAValue) -> None:
        super().__init__(operands=[lhs, rhs], result_types=[lhs.type, rhs.type])


class SameOp(IRDLOperation, ABC):
    """An operation whose result is the integer that it gets."""

    T: ClassVar = VarConstraint("T", base(IntegerType))

    value = operand_def(T)
    result = result_def(T)

    assembly_format = "$value attr-dict `:` type($value)"

    def __init__(self, value: SSAValue) -> None:
        super().__init__(operands=[value], result_types=[value.type])


@irdl_op_definition
class LoadsAfterOp(SameOp):
    """
    A number as it is; what is loaded behind it is loaded once it has been computed.

    ```mlir
    %t = deploy.loads_after %s : i32
    ```
    """

    name = "deploy.loads_after"

    traits = traits_def(MemoryReadEffect(), MemoryWriteEffect())


@irdl_op_definition
class OpaqueOp(SameOp):
    """
    An integer as it is, of which compilers know nothing but its type.

    ```mlir
    %t = deploy.opaque %s : i8
    ```
    """

    name = "deploy.opaque"

    traits = traits_def(Pure())


@irdl_op_definition
class AnewOp(IRDLOperation):
    """
    The same buffer under another name; what it holds is not known from the first one.

    ```mlir
    %y = deploy.anew %x : memref<8x64xf32, "ram">
    ```
    """

    name = "deploy.anew"

    T: ClassVar = VarConstraint("T", base(MemRefType[Attribute]))

    source = operand_def(T)
    result = result_def(T)

    traits = traits_def(NoMemoryEffect())

    assembly_format = "$source attr-dict `:` type($source)"

    def __init__(self, source: SSAValue) -> None:
        super().__init__(operands=[source], result_types=[source.type])
