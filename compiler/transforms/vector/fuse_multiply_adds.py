"""
Multiplies and adds in one instruction, where the machine has one.

Before:
```mlir
%p = arith.mulf %x, %w : f32
%s = arith.addf %acc, %p : f32
```
After:
```mlir
%s = math.fma %x, %w, %acc : f32
```

The product is not rounded then, which is closer to what was meant. It happens behind
everything that asks how values are accumulated, and to scalars and vectors alike.

A multiple of an integer stays a product: ONNX's dequantised values are rounded ones. A
mean of them is often exactly between two steps of the result, where the last bit tells.
"""

from __future__ import annotations

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import arith, math
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass

from ...analysis.groups import kernels_of
from ...dialects import deploy
from ...machine import has_machine, machine_of
from ...properties import Property
from ...rewriting import locate

PLAIN = arith.FastMathFlagsAttr("none")
"""Nothing may be reordered."""

FROM_INTEGERS = frozenset({"sitofp", "uitofp"})


def product_of(value: SSAValue) -> arith.MulfOp | None:
    """The product of floats that `value` is, if it is used here only."""
    made = value.owner
    if not isinstance(made, arith.MulfOp) or not value.has_one_use():
        return None
    return None if any(map(was_integer, made.operands)) else made


def was_integer(value: SSAValue) -> bool:
    """Whether `value` is a conversion of an integer, or of a vector of them."""
    made = value.owner
    if isinstance(made, deploy.VcastOp):
        return made.kind.data in FROM_INTEGERS
    return isinstance(made, arith.SIToFPOp | arith.UIToFPOp)


def fuse(op: arith.AddfOp | arith.SubfOp) -> None:
    """Makes one operation of a sum or difference and a product in it, if any."""
    for number, other in ((1, op.lhs), (0, op.rhs)):
        product = product_of(op.operands[number])
        if product is None or product.parent is not op.parent:
            continue
        first = product.lhs
        if isinstance(op, arith.SubfOp):
            negated = arith.NegfOp(first if number else other)
            insert(negated, op)
            first = negated.result if number else first
            other = other if number else negated.result
        fused = fma(first, product.rhs, other)
        fused.result.name_hint = op.result.name_hint
        insert(fused, op)
        op.result.replace_all_uses_with(fused.result)
        for done in (op, product):
            done.detach()
            done.erase()
        return


def fma(a: SSAValue, b: SSAValue, c: SSAValue) -> math.FmaOp:
    """`a * b + c`; there are many, and what sorts arguments would take long."""
    return math.FmaOp.create(
        operands=[a, b, c],
        result_types=[c.type],
        properties={"fastmath": PLAIN},
    )


def insert(new: Operation, before: Operation) -> None:
    """Puts an operation in front of another one, whose location it takes."""
    block = before.parent
    assert block is not None, "an operation of a function is in a block"
    block.insert_op_before(locate(new, before.location), before)


def sums(function: Operation) -> list[arith.AddfOp | arith.SubfOp]:
    """The additions and subtractions of floats in `function`."""
    return [op for op in function.walk() if isinstance(op, arith.AddfOp | arith.SubfOp)]


class VectorFuseMultiplyAddsPass(ModulePass):
    """Multiplies and adds in one instruction, where the machine has one."""

    name = "vector-fuse-multiply-adds"
    needs = (Property.LOOPS, Property.PACKED, Property.PRODUCTS)
    ends = (Property.PRODUCTS,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if not has_machine(op) or not machine_of(op).has_fma:
            return
        for kernel in kernels_of(op):
            for one in sums(kernel):
                fuse(one)
