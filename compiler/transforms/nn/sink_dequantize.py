"""
Moves dequantisation down and quantisation up through operations that only select.

Before:
    %r = nn.dequantize(%q) {scale = dense<0.5> : tensor<f32>} : … -> tensor<4xf32>
    %t = nn.reshape(%r) : (tensor<4xf32>) -> tensor<2x2xf32>
    %s = nn.quantize(%t) {scale = dense<0.5> : tensor<f32>} : … -> tensor<2x2xi8>
After:
    %s = nn.reshape(%q) : (tensor<4xi8>) -> tensor<2x2xi8>

What moves elements then moves integers, and a dequantisation meets the operation that
computes, or the quantisation that undoes it. A constant stays a constant of integers.
"""

from __future__ import annotations

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
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
from .parameters import Parameters, parameters_of
from .selection import lifts, moved, selecting, sources


def common_parameters(op: Operation) -> Parameters | None:
    """The map when all sources of `op` are dequantised by the same one."""
    owners = [value.owner for value in sources(op)]
    dequantized = [owner for owner in owners if isinstance(owner, nn.DequantizeOp)]
    if not dequantized or len(dequantized) != len(owners):
        return None
    first, *others = map(parameters_of, dequantized)
    return first if all(map(first.equals, others)) else None


class SinkDequantize(RewritePattern):
    """`op(dequantize(x))` => `dequantize(op(x))` where `op` selects."""

    @override
    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter) -> None:
        """Acts on an operation whose sources are all dequantised alike."""
        if (parameters := common_parameters(op)) is None:
            return
        if (after := moved(op, parameters)) is None:
            return
        owners = [value.owner for value in sources(op)]
        inner = [owner.input for owner in owners if isinstance(owner, nn.DequantizeOp)]
        integers = selecting(op, inner, parameters)
        reals = after.dequantize(integers.results[0])
        replace(rewriter, op, [integers, reals])


class LiftQuantize(RewritePattern):
    """`quantize(op(x))` => `op(quantize(x))` where `op` selects, with one reader."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.QuantizeOp, rewriter: PatternRewriter) -> None:
        """Acts on one scale for the whole tensor."""
        parameters = parameters_of(op)
        selector = op.input.owner
        if not isinstance(selector, Operation) or not op.input.has_one_use():
            return
        if not parameters.per_tensor or not lifts(selector, parameters):
            return
        quantized = [parameters.quantize(value) for value in sources(selector)]
        inner = [quantize.result for quantize in quantized]
        integers = selecting(selector, inner, parameters)
        replace(rewriter, op, [*quantized, integers], merged=[selector])
        rewriter.erase(selector)


class CancelRequantize(RewritePattern):
    """`quantize(dequantize(x))` by the same map => `x`."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.QuantizeOp, rewriter: PatternRewriter) -> None:
        """Acts where the integers are the same again."""
        source = op.input.owner
        if not isinstance(source, nn.DequantizeOp):
            return
        if parameters_of(source).equals(parameters_of(op)):
            replace(rewriter, op, [], [source.input])


class NnSinkDequantizePass(ModulePass):
    """Moves dequantisation down, quantisation up, and cancels what meets."""

    name = "nn-sink-dequantize"
    needs = (Property.NETWORK,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        patterns: list[RewritePattern] = [
            CancelRequantize(),
            SinkDequantize(),
            LiftQuantize(),
        ]
        PatternRewriteWalker(GreedyRewritePatternApplier(patterns)).rewrite_module(op)
