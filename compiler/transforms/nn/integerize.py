"""
Computes on integers only what scalar regions compute on reals between integers.

Before (in an epilogue):
    %r = arith.sitofp %acc : i32 to f32
    %s = arith.mulf %r, %scale : f32
    %n = math.roundeven %s : f32
    … arith.fptosi %n : f32 to i8
After:
    %low, %p = arith.mulsi_extended %acc, %multiplier : i32
    %h = arith.addi %p, %half overflow<nsw> : i32
    %n = arith.shrsi %h, %shift : i32
    … arith.trunci … to i8

Every real is followed as an affine function of integers with exact constants (factors,
offset, bounds) until a rounding makes it an integer; `fixed_point.py` has the
arithmetic of that and its error. What integers cannot follow, such as an exponential,
stays as it is.
"""

from __future__ import annotations

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import AnyFloat, ModuleOp
from xdsl.ir import Block, Operation, Region, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)

from ...dialects import nn
from ...properties import Property
from ...rewriting import replace
from .bodies import ScalarBodyOp, body_of, leading_types, scalar_operands, with_body
from .integer_regions import RegionRewriter


def float_operations(block: Block) -> int:
    """How many operations of a region compute on floats."""
    return sum(
        any(isinstance(value.type, AnyFloat) for value in (*op.operands, *op.results))
        for op in block.ops
        if not isinstance(op, nn.YieldOp)
    )


def drop_unread(block: Block) -> None:
    """Erases operations whose result nobody reads."""
    for op in reversed(list(block.ops)):
        if op.results and not any(result.uses for result in op.results):
            op.detach()
            op.erase()


def needed(
    op: ScalarBodyOp, operands: list[SSAValue], block: Block, first: int
) -> list[int]:
    """The places of operands that are read, or that give the result its shape."""
    read = [i for i in range(len(operands)) if block.args[first + i].uses]
    if isinstance(op, nn.ProducerOp):
        return read
    for extra in range(len(operands) + 1):
        kept = sorted({*read, *range(extra)})
        shapes = [nn.shape_of(operands[i]) for i in kept]
        if nn.broadcast_shapes(*shapes) == nn.shape_of(op.result):
            return kept
    raise AssertionError("all operands together give the result its shape")


def integerized(op: ScalarBodyOp) -> tuple[list[Operation], Operation] | None:
    """New constants and `op` on integers; None when that changes nothing."""
    old = body_of(op)
    if old is None or not float_operations(old):
        return None
    rewriter = RegionRewriter(op, old)
    block = rewriter.rewritten()
    drop_unread(block)
    if float_operations(block) >= float_operations(old):
        return None
    constants = rewriter.body.constants
    operands = [*scalar_operands(op), *(c.result for c in constants)]
    first = len(leading_types(op))
    kept = needed(op, operands, block, first)
    for place in reversed(range(len(operands))):
        if place not in kept:
            block.erase_arg(block.args[first + place])
    new = with_body(op, [operands[place] for place in kept], Region(block))
    used = {operands[place] for place in kept}
    return [c for c in constants if c.result in used], new


class Integerize(RewritePattern):
    """A scalar region with reals between integers => one without."""

    @override
    @op_type_rewrite_pattern
    def match_and_rewrite(
        self, op: nn.ElementwiseOp | nn.ProducerOp, rewriter: PatternRewriter
    ) -> None:
        if (result := integerized(op)) is not None:
            constants, new = result
            replace(rewriter, op, [*constants, new])


class NnIntegerizePass(ModulePass):
    """Makes requantisation, and what is between integers, integer arithmetic."""

    name = "nn-integerize"
    needs = (Property.NETWORK, Property.GENERIC_QUANTIZATION)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        PatternRewriteWalker(Integerize(), apply_recursively=False).rewrite_module(op)
