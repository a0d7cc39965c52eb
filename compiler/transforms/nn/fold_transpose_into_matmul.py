"""
Orders the rows of a constant weight like the elements that a transpose puts before it.

Before: `%t = nn.transpose(%x) …`, `%f = nn.reshape(%t) …`, `%y = nn.matmul(%f, %w) …`
After:  `%f = nn.reshape(%x) …`, `%y = nn.matmul(%f, %v) …` where `%v` has the rows of
        `%w` in the order in which `%f` has the columns

This is how a flattened activation loses the transpose that channels last left there.
"""

from __future__ import annotations

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)

from ...dialects import nn
from ...properties import Property
from ...rewriting import replace
from .arrays import Array, constant, constant_array
from .bodies import location_of
from .permutations import flattened_from
from .transposes import permutation_of


def reordered(weight: Array, op: nn.TransposeOp, first: int) -> Array:
    """The rows of `weight` in the order of the operand of the transpose."""
    shape = nn.shape_of(op.result)[first:]
    permutation = permutation_of(op)[first:]
    places = {axis: place for place, axis in enumerate(permutation)}
    order = [places[axis] for axis in sorted(places)]
    rows = weight.reshape(*shape, weight.shape[-1])
    return rows.transpose(*order, len(shape)).reshape(weight.shape)


class FoldTranspose(RewritePattern):
    """A product of a flattened transpose and a constant => without the transpose."""

    @override
    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.MatMulOp, rewriter: PatternRewriter) -> None:
        reshape, weight = op.lhs.owner, constant_array(op.rhs)
        if not isinstance(reshape, nn.ReshapeOp) or not op.rhs.has_one_use():
            return
        transpose = reshape.input.owner
        if not isinstance(transpose, nn.TransposeOp) or weight is None:
            return
        target = nn.shape_of(reshape.result)
        source = nn.shape_of(transpose.input)
        first = flattened_from(source, permutation_of(transpose), target)
        if first is None or weight.ndim != 2:
            return
        element_type = nn.tensor_type(op.rhs).element_type
        rows = constant(reordered(weight, transpose, first), element_type)
        rows.location = location_of(op.rhs)
        flat = nn.ReshapeOp(transpose.input, target)
        flat.location = reshape.location
        new = type(op).create(
            operands=[flat.result, rows.result, *op.epilogue_operands],
            result_types=op.result_types,
            properties=dict(op.properties),
            attributes=dict(op.attributes),
            regions=[region.clone() for region in op.regions],
        )
        replace(rewriter, op, [flat, rows, new])


class NnFoldTransposeIntoMatmulPass(ModulePass):
    """Orders the rows of a constant weight like what a transpose puts before it."""

    name = "nn-fold-transpose-into-matmul"
    needs = (Property.NETWORK,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        patterns = GreedyRewritePatternApplier([FoldTranspose()])
        PatternRewriteWalker(patterns).rewrite_module(op)
