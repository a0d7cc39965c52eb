"""
Keeps from compilers what vectors of small integers are multiplied by.

Before:
```mlir
%pad = arith.constant -128 : i8
%x = arith.extsi %pad : i8 to i32
%v = vector.broadcast %x : i32 to vector<8xi32>
%w = deploy.vcast extsi %weights : vector<8xi8> to vector<8xi32>
%p = arith.muli %v, %w : vector<8xi32>
```
After:
```mlir
%c = arith.constant -128 : i8
%pad = deploy.opaque %c : i8
…
```
Compilers make a shift of such a product. One instruction multiplies integers of half
the width and adds them, and they take it where all products of a vector are such.
Because of one shift they extend the vector to the whole width, and tell of that width
and of the half in turn. A padding whose value is the zero point of what is padded has
many such products.
"""

from __future__ import annotations

from collections.abc import Iterator

from typing_extensions import override
from xdsl.builder import Builder
from xdsl.context import Context
from xdsl.dialects import arith, func
from xdsl.dialects.builtin import IntegerAttr, ModuleOp
from xdsl.ir import Attribute, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint
from xdsl.utils.hints import isa

from ...analysis.groups import kernels_of
from ...analysis.vectors import scalar_of
from ...dialects import deploy
from ...machine import has_machine, machine_of
from ...properties import Property
from ...rewriting import locate
from .products import EXTENSIONS, bits

Extension = arith.ExtSIOp | arith.ExtUIOp

TRIVIAL = (-1, 0, 1)
"""Factors with which a product is no more than a sum."""


def hidden_factors(kernel: func.FuncOp) -> Iterator[tuple[Extension, IntegerAttr]]:
    """The extended constants that extended vectors are multiplied by."""
    for op in kernel.walk():
        if isinstance(op, arith.MuliOp):
            pairs = zip(op.operands, reversed(op.operands), strict=True)
            for value, other in pairs:
                found = extended_constant(value)
                if found is not None and is_extended(other):
                    yield found


def extended_constant(value: SSAValue) -> tuple[Extension, IntegerAttr] | None:
    """What extends the constant that is in all lanes of a vector, and the constant."""
    source = scalar_of(value).owner
    if not isinstance(source, EXTENSIONS) or not halves(source.input, source.result):
        return None
    known = source.input.owner
    number = known.value if isinstance(known, arith.ConstantOp) else None
    if not isa(number, IntegerAttr) or number.value.data in TRIVIAL:
        return None
    return source, number


def is_extended(value: SSAValue) -> bool:
    """Whether a vector is one of integers of half the width at most, extended."""
    made = value.owner
    if not isinstance(made, deploy.VcastOp):
        return False
    return made.kind.data in ("extsi", "extui") and halves(made.input, made.result)


def halves(narrow: SSAValue, wide: SSAValue) -> bool:
    """Whether elements have twice as many bits, or more."""
    return 2 * element_bits(narrow) <= element_bits(wide)


def element_bits(value: SSAValue) -> int:
    """Bits of an integer, or of one lane."""
    return bits(getattr(value.type, "element_type", value.type))


def hide(kernel: func.FuncOp) -> None:
    """Keeps such constants from compilers, each made once."""
    made: dict[Attribute, SSAValue] = {}
    for extension, number in list(hidden_factors(kernel)):
        if number not in made:
            builder = Builder(InsertPoint.at_start(kernel.body.block))
            constant = builder.insert(arith.ConstantOp(number))
            opaque = deploy.OpaqueOp(constant.result)
            builder.insert(locate(opaque, extension.location))
            made[number] = opaque.result
        extension.operands = [made[number]]


class VectorHideFactorsPass(ModulePass):
    """Keeps from compilers what vectors of small integers are multiplied by."""

    name = "vector-hide-factors"
    needs = (Property.LOOPS, Property.PACKED, Property.PRODUCTS)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if has_machine(op) and machine_of(op).has_riscv_vectors:
            for kernel in kernels_of(op):
                hide(kernel)
