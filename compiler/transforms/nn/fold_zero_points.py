"""
Takes zero points of activations out of sums with constant weights.

Before: `%y = nn.conv(%x, %w) {…, input_zero_point = 3 : i64} : … -> tensor<…xi32>`
After:  `%a = nn.conv(%x, %w) {…, pad_value = 3 : i64} : …` and `nn.add(%a, %c)`, where
        `%c` is the constant `-3 * (sum of the weights of each output channel)`

`sum (x - z) w = sum x w - z sum w`: the inner loop multiplies plain integers, and the
constant goes into the bias. Padding becomes `z`, which stood for zero. A sum that might
not fit 32 bits without its zero point keeps it.
"""

from __future__ import annotations

from math import prod

import numpy as np
from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import IntegerAttr, ModuleOp, i32, i64
from xdsl.ir import Attribute, Operation, Region
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)

from ...dialects import nn
from ...dialects.nn.shapes import activation_layout, weight_layout
from ...properties import Property
from ...rewriting import replace
from .accumulators import accumulator_bounds
from .arrays import Array, constant, constant_array

ACCUMULATOR_BITS = 32


def split(
    op: nn.ProducerOp,
    correction: Array,
    removed: str,
    rewriter: PatternRewriter,
    added: dict[str, Attribute] | None = None,
) -> None:
    """`op` => itself without the property `removed`, and a sum with a constant."""
    properties = {k: v for k, v in op.properties.items() if k != removed}
    plain = type(op).create(
        operands=op.operands,
        result_types=[op.result.type],
        properties=properties | (added or {}),
        attributes=dict(op.attributes),
        regions=[Region()],
    )
    limits = np.iinfo(np.int32)
    small = limits.min <= correction.min() and correction.max() <= limits.max
    if not small or not accumulator_bounds(plain).fits(ACCUMULATOR_BITS):
        plain.erase()
        return
    offset = constant(correction, i32)
    sum_ = nn.AddOp(plain.results[0], offset.result)
    new: list[Operation] = [plain, offset, sum_]
    replace(rewriter, op, new)


class FoldConv(RewritePattern):
    """A convolution with constant weights => padding by the zero point, and a sum."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.ConvOp, rewriter: PatternRewriter) -> None:
        """Acts on weights without a zero point of their own."""
        weight = constant_array(op.weight)
        if op.input_zero_point is None or op.epilogue is not None:
            return
        if weight is None or op.weight_zero_point is not None:
            return
        zero_point = op.input_zero_point.value.data
        output = weight_layout(weight.ndim, op.is_channels_last).output
        axes = tuple(axis for axis in range(weight.ndim) if axis != output)
        sums = weight.astype(np.int64).sum(axis=axes)
        channel = activation_layout(weight.ndim, op.is_channels_last).channel
        shape = [-1] + [1] * (weight.ndim - channel - 1)
        padding: dict[str, Attribute] = {}
        if any(op.pads.get_values()) and op.pad_value is None:
            padding = {"pad_value": IntegerAttr(zero_point, i64)}
        correction = (-zero_point * sums).reshape(shape)
        split(op, correction, "input_zero_point", rewriter, padding)


class FoldMatMul(RewritePattern):
    """A matrix product with one constant side => one of integers, and a sum."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.MatMulOp, rewriter: PatternRewriter) -> None:
        """Acts on the zero point of the other side."""
        if op.epilogue is not None:
            return
        lhs, rhs = constant_array(op.lhs), constant_array(op.rhs)
        left, right = op.lhs_zero_point, op.rhs_zero_point
        if rhs is not None and left is not None and right is None:
            sums = rhs.astype(np.int64).sum(axis=-2, keepdims=rhs.ndim > 2)
            split(op, -left.value.data * sums, "lhs_zero_point", rewriter)
        elif lhs is not None and right is not None and left is None:
            sums = lhs.astype(np.int64).sum(axis=-1, keepdims=True)
            split(op, -right.value.data * sums, "rhs_zero_point", rewriter)


class FoldReduce(RewritePattern):
    """A sum of elements less their zero point => the sum, less all zero points."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.ReduceOp, rewriter: PatternRewriter) -> None:
        """Acts on every sum of integers."""
        if op.input_zero_point is None or op.epilogue is not None:
            return
        sizes = [nn.shape_of(op.input)[axis] for axis in op.axes.get_values()]
        correction = -op.input_zero_point.value.data * prod(sizes)
        split(op, np.array(correction), "input_zero_point", rewriter)


class FoldPool(RewritePattern):
    """A pooled sum, which has the same number of elements everywhere => likewise."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.PoolOp, rewriter: PatternRewriter) -> None:
        """Acts where nothing is padded."""
        if op.input_zero_point is None or op.epilogue is not None:
            return
        if any(op.pads.get_values()):
            return
        count = prod(op.kernel.get_values())
        correction = -op.input_zero_point.value.data * count
        split(op, np.array(correction), "input_zero_point", rewriter)


class NnFoldZeroPointsPass(ModulePass):
    """Takes zero points of activations out of sums with constant weights."""

    name = "nn-fold-zero-points"
    needs = (Property.NETWORK, Property.NAMED)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        patterns: list[RewritePattern] = [
            FoldConv(),
            FoldMatMul(),
            FoldReduce(),
            FoldPool(),
        ]
        PatternRewriteWalker(GreedyRewritePatternApplier(patterns)).rewrite_module(op)
