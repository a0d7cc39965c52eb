"""
Computes on integers what is linear in dequantised operands.

Before:
    %x = nn.dequantize(%q) {scale = dense<0.5> : …, zero_point = dense<3> : …} : …
    %w = nn.dequantize(%k) {scale = dense<[0.25, 0.5]> : …, axis = 0 : i64} : …
    %y = nn.conv(%x, %w) {…} : (…xf32, …xf32) -> tensor<1x2x4x4xf32>
After:
    %a = nn.conv(%q, %k) {…, input_zero_point = 3 : i64} : … -> tensor<1x2x4x4xi32>
    %y = nn.dequantize(%a) {scale = dense<[0.125, 0.25]> : …, axis = 1 : i64} : …

`sum (a - za) sa * (b - zb) sb = sa sb * sum (a - za)(b - zb)` when no scale changes
along a summed dimension. Zero points of constants are subtracted here. An operation
whose accumulator might not fit 32 bits stays as it is.

A mean of equal scales often lies exactly between two integers. Which of them ONNX means
then depends on how its sum of dequantised floats was rounded, so on a machine with
floats, windows that lie side by side are summed in floats, in ONNX's order; without an
FPU the sum is exact and a tie goes to the even integer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import (
    IntegerAttr,
    IntegerType,
    ModuleOp,
    Signedness,
    TensorType,
    i32,
    i64,
)
from xdsl.ir import Attribute, Operation, Region, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)

from ... import rewriting
from ...dialects import nn
from ...dialects.nn.shapes import activation_layout, weight_layout
from ...machine import has_machine, machine_of
from ...properties import Property
from .accumulators import accumulator_bounds
from .arrays import Array, constant, constant_array
from .parameters import Parameters, parameters_of

ACCUMULATOR_BITS = 32

WEIGHT_TYPES = (
    IntegerType(8),
    IntegerType(8, Signedness.UNSIGNED),
    IntegerType(16),
)
"""What constant weights less their zero point are stored in; the first that fits."""

Producer: TypeAlias = nn.ConvOp | nn.MatMulOp | nn.PoolOp | nn.ReduceOp


class Operand(NamedTuple):
    """An operand as integers."""

    value: SSAValue
    zero_point: int
    parameters: Parameters
    constant: nn.ConstantOp | None = None
    """What makes `value` when that is new; not inserted yet."""


def shifted(array: Array) -> nn.ConstantOp | None:
    """A constant of the narrowest type; None when it does not fit any."""
    for type_ in WEIGHT_TYPES:
        limits = np.iinfo(f"{'u' if nn.is_unsigned(type_) else ''}int{type_.bitwidth}")
        if limits.min <= array.min() and array.max() <= limits.max:
            return constant(array, type_)
    return None


def zero_points(parameters: Parameters, rank: int) -> Array:
    """The zero points, shaped to broadcast over a tensor of `rank` dimensions."""
    shape = [1] * rank
    if parameters.axis is not None:
        shape[parameters.axis] = -1
    return parameters.zero_point.reshape(shape)


def integer_operand(value: SSAValue) -> Operand | None:
    """
    The integers that `value` is dequantised from; None when it is not, or cannot be.

    A constant comes without a zero point.
    """
    source = value.owner
    if not isinstance(source, nn.DequantizeOp):
        return None
    parameters = parameters_of(source)
    array = constant_array(source.input)
    if array is None:
        one = parameters.per_tensor or not np.any(parameters.zero_point)
        zero_point = int(parameters.zero_point.flat[0])
        return Operand(source.input, zero_point, parameters) if one else None
    if not np.any(parameters.zero_point):
        return Operand(source.input, 0, parameters)
    moved = shifted(array.astype(np.int64) - zero_points(parameters, array.ndim))
    if moved is None:
        return None
    rewriting.locate(moved, source.location)
    return Operand(moved.result, 0, parameters, moved)


def optional(name: str, zero_point: int) -> dict[str, Attribute]:
    """A zero point property, nothing for zero."""
    return {name: IntegerAttr(zero_point, i64)} if zero_point else {}


def rewrite(
    op: Producer,
    operands: Sequence[Operand],
    names: Sequence[str],
    scale: Array,
    axis: int | None,
    rewriter: PatternRewriter,
) -> None:
    """`op` => itself on integers and a dequantisation, if its accumulator fits."""
    properties = dict(op.properties)
    for name, operand in zip(names, operands, strict=True):
        properties |= optional(name, operand.zero_point)
    integer = type(op).create(
        operands=[operand.value for operand in operands],
        result_types=[TensorType(i32, nn.shape_of(op.result))],
        properties=properties,
        attributes=dict(op.attributes),
        regions=[Region()],
    )
    if not accumulator_bounds(integer).fits(ACCUMULATOR_BITS):
        integer.erase()
        return
    first = operands[0].parameters
    zeros = np.zeros(scale.shape, np.int64)
    result = replace(
        first, integers=i32, scale=scale, zero_point=zeros, axis=axis
    ).dequantize(integer.results[0])
    constants = [operand.constant for operand in operands if operand.constant]
    rewriting.replace(rewriter, op, [*constants, integer, result])


def is_plain(op: Producer) -> bool:
    """Whether `op` computes on floats and has nothing fused into it."""
    return op.epilogue is None and nn.is_float(op.element_type)


class QuantizeConv(RewritePattern):
    """A convolution of dequantised operands => one of integers."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.ConvOp, rewriter: PatternRewriter) -> None:
        """Acts when the input has one scale and the weight one an output channel."""
        if not is_plain(op):
            return
        x = integer_operand(op.input)
        w = integer_operand(op.weight)
        if x is None or w is None or not x.parameters.per_tensor:
            return
        rank = len(nn.shape_of(op.weight))
        output = weight_layout(rank, op.is_channels_last).output
        if w.parameters.axis not in (None, output):
            return
        channel = activation_layout(rank, op.is_channels_last).channel
        axis = None if w.parameters.per_tensor else channel
        scale = x.parameters.scale * w.parameters.scale
        names = ("input_zero_point", "weight_zero_point")
        rewrite(op, (x, w), names, scale, axis, rewriter)


class QuantizeMatMul(RewritePattern):
    """A matrix product of dequantised operands => one of integers."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.MatMulOp, rewriter: PatternRewriter) -> None:
        """Acts when scales change along rows or along columns, or not at all."""
        if not is_plain(op):
            return
        a = integer_operand(op.lhs)
        b = integer_operand(op.rhs)
        if a is None or b is None:
            return
        row, column = len(nn.shape_of(op.lhs)) - 2, len(nn.shape_of(op.rhs)) - 1
        rank = len(nn.shape_of(op.result))
        axes: dict[tuple[int | None, int | None], int | None] = {
            (None, None): None,
            (row, None): rank - 2,
            (None, column): rank - 1,
        }
        kind = (a.parameters.axis, b.parameters.axis)
        if kind not in axes:
            return
        scale = a.parameters.scale * b.parameters.scale
        names = ("lhs_zero_point", "rhs_zero_point")
        rewrite(op, (a, b), names, scale, axes[kind], rewriter)


def is_side_by_side(op: nn.PoolOp | nn.ReduceOp) -> bool:
    """Whether `op` sums windows that read each element of the input at most once."""
    if not isinstance(op, nn.PoolOp) or any(op.window.low + op.window.high):
        return False
    steps = zip(op.window.kernel, op.window.strides, strict=True)
    dense = all(dilation == 1 for dilation in op.window.dilations)
    return dense and all(kernel <= stride for kernel, stride in steps)


@dataclass(frozen=True)
class QuantizeSum(RewritePattern):
    """A sum of dequantised elements => one of integers."""

    keep_windows: bool
    """Whether windows side by side stay sums of floats."""

    @override
    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter) -> None:
        """Acts when all elements of one sum have one scale."""
        if not isinstance(op, nn.PoolOp | nn.ReduceOp) or op.kind.data != "sum":
            return
        if not is_plain(op) or (self.keep_windows and is_side_by_side(op)):
            return
        x = integer_operand(op.input)
        if x is None or x.parameters.axis in summed_axes(op):
            return
        scale, axis = x.parameters.scale, x.parameters.axis
        rewrite(op, (x,), ("input_zero_point",), scale, axis, rewriter)


def summed_axes(op: nn.PoolOp | nn.ReduceOp) -> Sequence[Any]:
    """The dimensions along which `op` sums."""
    if isinstance(op, nn.ReduceOp):
        return op.axes.get_values()
    rank = len(nn.shape_of(op.input))
    return activation_layout(rank, op.is_channels_last).spatial


@dataclass(frozen=True)
class NnQuantizeLinearPass(ModulePass):
    """Makes convolutions, products and sums of dequantised operands integer."""

    name = "nn-quantize-linear"
    needs = (Property.NETWORK, Property.NAMED)

    float_windows: bool | None = None
    """Whether sums of windows side by side stay float; by default, with an FPU."""

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        patterns: list[RewritePattern] = [
            QuantizeConv(),
            QuantizeMatMul(),
            QuantizeSum(self.keeps_windows(op)),
        ]
        PatternRewriteWalker(GreedyRewritePatternApplier(patterns)).rewrite_module(op)

    def keeps_windows(self, module: ModuleOp) -> bool:
        """What `float_windows` says, or else what the machine of `module` has."""
        if self.float_windows is not None:
            return self.float_windows
        return has_machine(module) and machine_of(module).has_fpu
