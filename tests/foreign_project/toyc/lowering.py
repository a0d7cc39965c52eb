"""From `toy` to `linalg`."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override
from xdsl.builder import Builder
from xdsl.context import Context
from xdsl.dialects import arith, linalg, tensor
from xdsl.dialects.builtin import AffineMapAttr, ModuleOp
from xdsl.dialects.linalg.attrs import IteratorTypeAttr
from xdsl.ir import BlockArgument
from xdsl.ir.affine import AffineMap
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)

from .dialect import ScaledSumOp


class LowerScaledSum(RewritePattern):
    """`toy.scaled_sum` => `linalg.generic`."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: ScaledSumOp, rewriter: PatternRewriter) -> None:
        type_ = op.result.type
        rank = len(type_.get_shape())
        factor = arith.ConstantOp(op.factor)
        empty = tensor.EmptyOp((), type_)

        @Builder.implicit_region([type_.element_type] * 3)
        def body(args: tuple[BlockArgument, ...]) -> None:
            product = arith.MulfOp(factor.result, args[0])
            linalg.ops.YieldOp(arith.AddfOp(product.result, args[1]).result)

        generic = linalg.ops.GenericOp(
            [op.a, op.b],
            [empty.tensor],
            body,
            [AffineMapAttr(AffineMap.identity(rank))] * 3,
            [IteratorTypeAttr.parallel()] * rank,
            [type_],
        )
        rewriter.replace(op, [factor, empty, generic])


@dataclass(frozen=True)
class ToyToLinalgPass(ModulePass):
    """Lowers all of `toy`."""

    name = "toy-to-linalg"

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        PatternRewriteWalker(LowerScaledSum()).rewrite_module(op)
