"""
Bytes four at a time: memory of bytes as words of 32 bits, and sums of four products.

Byte `k` of a word is its bits `8k` to `8k + 7`, as in the memory of a little-endian
machine.
"""

from __future__ import annotations

from typing import ClassVar

from typing_extensions import override
from xdsl.dialects.builtin import (
    IntegerType,
    MemRefType,
    NoneAttr,
    StridedLayoutAttr,
    UnitAttr,
    VectorType,
    i8,
    i32,
)
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import (
    IRDLOperation,
    VarConstraint,
    base,
    eq,
    irdl_op_definition,
    operand_def,
    opt_prop_def,
    result_def,
    traits_def,
)
from xdsl.traits import NoMemoryEffect, Pure
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.hints import isa

WORD_BYTES = 4

WORDS = eq(i32) | VectorType.constr(i32)
"""The types of four bytes, or of four bytes in each lane."""


@irdl_op_definition
class Dot4Op(IRDLOperation):
    """
    `acc` plus the four products of the bytes of `lhs` and `rhs`, modulo 2**32.

    Bytes are signed unless `unsigned` stands behind the operand. On vectors each lane
    has four bytes of its own; an `rhs` that is no vector is the same for all lanes.

    ```mlir
    %s = deploy.dot4 %acc, %w, %x unsigned : vector<8xi32>, i32
    ```
    """

    name = "deploy.dot4"

    T: ClassVar = VarConstraint("T", WORDS)

    acc = operand_def(T)
    lhs = operand_def(T)
    rhs = operand_def(WORDS)
    lhs_unsigned = opt_prop_def(UnitAttr)
    rhs_unsigned = opt_prop_def(UnitAttr)
    result = result_def(T)

    traits = traits_def(Pure())

    assembly_format = (
        "$acc `,` $lhs (`unsigned` $lhs_unsigned^)? `,` "
        "$rhs (`unsigned` $rhs_unsigned^)? attr-dict `:` type($result) `,` type($rhs)"
    )

    def __init__(
        self,
        acc: SSAValue,
        lhs: SSAValue,
        rhs: SSAValue,
        unsigned: tuple[bool, bool] = (False, False),
    ) -> None:
        """`unsigned` says so of the bytes of `lhs` and of `rhs`."""
        flags = [UnitAttr() if flag else None for flag in unsigned]
        super().__init__(
            operands=[acc, lhs, rhs],
            result_types=[acc.type],
            properties={"lhs_unsigned": flags[0], "rhs_unsigned": flags[1]},
        )

    @property
    def unsigned(self) -> tuple[bool, bool]:
        """Whether the bytes of `lhs` and of `rhs` have no sign."""
        return self.lhs_unsigned is not None, self.rhs_unsigned is not None

    @override
    def verify_(self) -> None:
        got = self.rhs.type
        if got not in (i32, self.result.type):
            wanted = " or ".join(dict.fromkeys(("i32", str(self.result.type))))
            raise VerifyException(f"second factor must be {wanted}, got {got}")


def words_type(type: MemRefType[Attribute]) -> MemRefType[IntegerType] | None:
    """
    The type of the same bytes, four neighbours along the last axis as one element.

    None where they are no whole words, or do not begin at one as far as is known.
    """
    strides, offset = type.get_strides(), type.get_offset()
    if type.element_type != i8 or not type.has_static_shape() or not strides:
        return None
    *outer, last = type.get_shape()
    steps = [1 if step is None else step for step in strides[:-1]]
    whole = not any(number % WORD_BYTES for number in (last, *steps, offset or 0))
    if not whole or strides[-1] != 1:
        return None
    layout: NoneAttr | StridedLayoutAttr = NoneAttr()
    if isinstance(type.layout, StridedLayoutAttr):
        first = None if offset is None else offset // WORD_BYTES
        layout = StridedLayoutAttr([*(n // WORD_BYTES for n in steps), 1], first)
    return MemRefType(i32, [*outer, last // WORD_BYTES], layout, type.memory_space)


@irdl_op_definition
class WordsOp(IRDLOperation):
    """
    A buffer of bytes as one of words: four neighbours along its last axis are one.

    The bytes stay where they are, so the buffer must begin at a multiple of four.

    ```mlir
    %w = deploy.words %x : memref<8x64xi8, "ram"> to memref<8x16xi32, "ram">
    ```
    """

    name = "deploy.words"

    source = operand_def(base(MemRefType[Attribute]))
    result = result_def(base(MemRefType[Attribute]))

    traits = traits_def(NoMemoryEffect())

    assembly_format = "$source attr-dict `:` type($source) `to` type($result)"

    def __init__(self, source: SSAValue) -> None:
        """The bytes of `source`, which must be whole words."""
        assert isa(source.type, MemRefType[Attribute]), "bytes are in a buffer"
        type = words_type(source.type)
        assert type is not None, "the bytes are whole words"
        super().__init__(operands=[source], result_types=[type])

    @override
    def verify_(self) -> None:
        source = self.source.type
        assert isa(source, MemRefType[Attribute]), "operands are checked before"
        wanted = words_type(source)
        if wanted is None:
            raise VerifyException(f"bytes must be whole words, got {source}")
        if self.result.type != wanted:
            raise VerifyException(f"result must be {wanted}, got {self.result.type}")
