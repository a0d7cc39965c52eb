"""
Gives quantisation and dequantisation their scalar meaning, inside those who use them.

Before:
    %r = nn.dequantize(%q) {scale = dense<0.5> : tensor<f32>} : … -> tensor<4xf32>
    %y = nn.elementwise(%r, %s) do { … arith.addf … } : …
After:
    %y = nn.elementwise(%q, %s) do { … arith.sitofp … arith.mulf … arith.addf … } : …

A dequantisation is repeated in every body that reads it: what lies in memory between
two operations is then the integers. A constant is dequantised here. Parameters that
change along an axis become operands. Runs after `nn-generalize-elementwise`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from typing_extensions import override
from xdsl.builder import Builder
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)
from xdsl.rewriter import InsertPoint

from ...dialects import nn
from ...dialects.nn.quantization_meanings import (
    dequantize,
    difference_type,
    quantize,
)
from ...dialects.nn.scalars import Scalars, scalar_region
from ...properties import Property
from ...rewriting import replace
from .arrays import Array, constant, constant_array
from .bodies import (
    ScalarBodyOp,
    body_of,
    element_types,
    finish,
    inline,
    leading_types,
    scalar_operands,
    with_body,
)
from .parameters import Parameters, parameters_of


@dataclass(frozen=True, eq=False)
class Operands:
    """Scale and zero point for a scalar region: constants, or operands of their own."""

    parameters: Parameters
    rank: int
    zero_point_type: Attribute

    @property
    def present(self) -> list[tuple[Array, Attribute]]:
        """The parameters there are, with their types; no zero point when it is zero."""
        both = [
            (self.parameters.scale, self.parameters.reals),
            (self.parameters.zero_point, self.zero_point_type),
        ]
        return both if np.any(self.parameters.zero_point) else both[:1]

    def tensors(self) -> list[nn.ConstantOp]:
        """New operands, one a parameter; none for one scale for the whole tensor."""
        if (axis := self.parameters.axis) is None:
            return []
        shape = [-1] + [1] * (self.rank - axis - 1)
        return [constant(array.reshape(shape), type_) for array, type_ in self.present]

    def scalars(
        self, scalars: Scalars, arguments: Sequence[SSAValue]
    ) -> tuple[SSAValue, SSAValue | None]:
        """Scale and zero point in the region, given its arguments for `tensors`."""
        values = list(arguments)
        if self.parameters.axis is None:
            values = [
                scalars.constant(array.item(), type_) for array, type_ in self.present
            ]
        return values[0], values[1] if len(values) > 1 else None


class GeneralizeQuantize(RewritePattern):
    """`nn.quantize` => `nn.elementwise` with its meaning."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.QuantizeOp, rewriter: PatternRewriter) -> None:
        """Acts on every quantisation."""
        parameters = parameters_of(op)
        rank = len(nn.shape_of(op.input))
        extra = Operands(parameters, rank, parameters.reals)
        tensors = extra.tensors()

        def body(scalars: Scalars, arguments: Sequence[SSAValue]) -> SSAValue:
            scale, zero_point = extra.scalars(scalars, arguments[1:])
            integers = parameters.integers
            return quantize(scalars, arguments[0], integers, scale, zero_point)

        operands = [op.input, *(tensor.result for tensor in tensors)]
        types = [nn.tensor_type(value).element_type for value in operands]
        region = scalar_region(types, body)
        result = nn.ElementwiseOp(operands, nn.tensor_type(op.result), region)
        replace(rewriter, op, [*tensors, result])


def dequantized_operand(op: ScalarBodyOp) -> nn.DequantizeOp | None:
    """The first dequantisation among the scalar operands."""
    owners = (value.owner for value in scalar_operands(op))
    found = (
        owner
        for owner in owners
        if isinstance(owner, nn.DequantizeOp) and constant_array(owner.input) is None
    )
    return next(found, None)


class InlineDequantize(RewritePattern):
    """A body that reads a dequantised operand => one that dequantises it."""

    @override
    @op_type_rewrite_pattern
    def match_and_rewrite(
        self, op: nn.ElementwiseOp | nn.ProducerOp, rewriter: PatternRewriter
    ) -> None:
        """Acts on one operand at a time."""
        source, old = dequantized_operand(op), body_of(op)
        if source is None or old is None:
            return
        extra = dequantization(source)
        tensors = extra.tensors()
        kept = [v for v in scalar_operands(op) if v is not source.result]
        added = [source.input, *(tensor.result for tensor in tensors)]
        first = leading_types(op)
        block = Block(arg_types=[*first, *element_types([*kept, *added])])
        arguments = block.args[len(first) + len(kept) :]
        scalars = Scalars(Builder(InsertPoint.at_end(block)))
        real = dequantized(scalars, extra, arguments)
        places = dict(zip(kept, block.args[len(first) :], strict=False))
        values = [places.get(value, real) for value in scalar_operands(op)]
        result = inline(old, [*block.args[: len(first)], *values], block)
        new = with_body(op, [*kept, *added], finish(block, result))
        replace(rewriter, op, [*tensors, new], merged=[source], first=op)


def dequantization(op: nn.DequantizeOp) -> Operands:
    """The parameters that the meaning of `op` needs."""
    parameters = parameters_of(op)
    rank = len(nn.shape_of(op.input))
    return Operands(parameters, rank, difference_type(parameters.integers))


def dequantized(
    scalars: Scalars, extra: Operands, arguments: Sequence[SSAValue]
) -> SSAValue:
    """The real of `arguments[0]`; the others are those of the parameters' tensors."""
    scale, zero_point = extra.scalars(scalars, arguments[1:])
    return dequantize(
        scalars, arguments[0], extra.parameters.integers, scale, zero_point
    )


class GeneralizeDequantize(RewritePattern):
    """What is left of `nn.dequantize` => a constant, `nn.elementwise`, or nothing."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.DequantizeOp, rewriter: PatternRewriter) -> None:
        """Acts on every dequantisation no body has taken in."""
        if not op.result.uses:
            rewriter.erase(op)
        elif (array := constant_array(op.input)) is not None:
            replace(rewriter, op, folded(array, parameters_of(op)))
        else:
            replace(rewriter, op, standalone(op))


def folded(array: Array, parameters: Parameters) -> nn.ConstantOp:
    """Constant integers as constant reals."""
    shape = [1] * array.ndim
    if parameters.axis is not None:
        shape[parameters.axis] = -1
    difference = array.astype(np.int64) - parameters.zero_point.reshape(shape)
    reals = difference.astype(parameters.scale.dtype) * parameters.scale.reshape(shape)
    return constant(reals, parameters.reals)


def standalone(op: nn.DequantizeOp) -> list[Operation]:
    """`op` as an elementwise operation, after the constants it needs."""
    extra = dequantization(op)
    tensors = extra.tensors()
    operands = [op.input, *(tensor.result for tensor in tensors)]
    types = [nn.tensor_type(value).element_type for value in operands]
    region = scalar_region(types, lambda s, args: dequantized(s, extra, args))
    return [*tensors, nn.ElementwiseOp(operands, nn.tensor_type(op.result), region)]


class NnGeneralizeQuantizationPass(ModulePass):
    """Gives quantisation and dequantisation their scalar meaning."""

    name = "nn-generalize-quantization"
    needs = (Property.NETWORK, Property.GENERIC_ELEMENTWISE)
    establishes = (Property.GENERIC_QUANTIZATION,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        into_users: list[RewritePattern] = [GeneralizeQuantize(), InlineDequantize()]
        patterns = GreedyRewritePatternApplier(into_users)
        PatternRewriteWalker(patterns).rewrite_module(op)
        PatternRewriteWalker(GeneralizeDequantize()).rewrite_module(op)
