"""Normalisations: by constants known after training, or by the data itself."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

import numpy as np
from xdsl.ir import SSAValue

from ....dialects import nn
from ..calls import Call
from ..tensors import tensor_type
from .operator import Operator
from .reductions import reduced
from .shaping import reshaped


def batch_normalization(call: Call) -> SSAValue:
    """A factor and a summand per channel, computed in float64."""
    if call.integer("training_mode", 0) or call.wanted(1):
        call.refuse("expected inference, got training mode")
    if not call.integer("spatial", 1):
        call.refuse("spatial must be 1, got 0")
    names = ("scale", "B", "mean", "var")
    scale, bias, mean, variance = (
        call.constant(index, name).astype(np.float64)
        for index, name in enumerate(names, start=1)
    )
    shape = call.shape(0)
    if len(shape) < 2 or scale.shape != (shape[1],):
        call.refuse(f"scale must have one entry per channel of {list(shape)}")
    factor = scale / np.sqrt(variance + call.real("epsilon", 1e-5))
    summand = bias - mean * factor
    element = call.type(0).element_type
    ones = (-1,) + (1,) * (len(shape) - 2)
    value = call.add(
        nn.MulOp(call.value(0), call.literal(factor.reshape(ones), element))
    )
    return call.add(nn.AddOp(value, call.literal(summand.reshape(ones), element)))


class Normalized(NamedTuple):
    """A tensor with mean 0 and variance 1, and what was taken out of it."""

    value: SSAValue
    mean: SSAValue
    deviation: SSAValue


def normalized(
    call: Call, value: SSAValue, axes: Sequence[int], epsilon: float
) -> Normalized:
    """
    `value` with mean 0 and variance 1 over `axes`.

    The variance is taken of the differences from the mean: ONNX's definition, the mean
    of the squares less the square of the mean, loses all digits when the mean is large.
    """
    element = nn.tensor_type(value).element_type
    mean = reduced(call, value, "mean", axes)
    centred = call.add(nn.SubOp(value, mean))
    square = call.add(nn.MulOp(centred, centred))
    variance = reduced(call, square, "mean", axes)
    shifted = call.add(nn.AddOp(variance, call.literal(epsilon, element)))
    deviation = call.add(nn.SqrtOp(shifted))
    return Normalized(call.add(nn.DivOp(centred, deviation)), mean, deviation)


def layer_normalization(call: Call) -> list[SSAValue]:
    """Over all axes from `axis` on, then scaled and shifted."""
    axis = call.axis(call.integer("axis", -1), call.rank())
    epsilon = call.real("epsilon", 1e-5)
    found = normalized(call, call.value(0), range(axis, call.rank()), epsilon)
    value = call.add(nn.MulOp(found.value, call.value(1)))
    if call.has(2):
        value = call.add(nn.AddOp(value, call.value(2)))
    one = call.literal(1, call.type(0).element_type)
    return [value, found.mean, call.add(nn.DivOp(one, found.deviation))]


def instance_normalization(call: Call) -> SSAValue:
    """Over the space of each channel, then scaled and shifted by channel."""
    rank, channels = call.rank(), call.shape(0)[1]
    shape = (channels, *(1,) * (rank - 2))
    epsilon = call.real("epsilon", 1e-5)
    value = normalized(call, call.value(0), range(2, rank), epsilon).value
    value = call.add(nn.MulOp(value, reshaped(call, call.value(1), shape)))
    return call.add(nn.AddOp(value, reshaped(call, call.value(2), shape)))


def local_response(call: Call) -> SSAValue:
    """Divided by a power of the squares in a window over the channels."""
    size = call.integer("size", 1)
    batch, channels, *space = call.shape(0)
    element = call.type(0).element_type
    value = call.value(0)
    image = (batch, 1, channels, prod(space))
    square = reshaped(call, call.add(nn.MulOp(value, value)), image)
    low, high = (size - 1) // 2, size // 2
    pool = nn.PoolOp(
        square,
        tensor_type(element, image),
        kind="sum",
        kernel=(size, 1),
        strides=(1, 1),
        pads=(low, 0, high, 0),
        dilations=(1, 1),
    )
    total = reshaped(call, call.add(pool), (batch, channels, *space))
    factor = call.literal(call.real("alpha", 1e-4) / size, element)
    scaled = call.add(nn.MulOp(total, factor))
    base = call.add(nn.AddOp(scaled, call.literal(call.real("bias", 1.0), element)))
    power = call.literal(call.real("beta", 0.75), element)
    return call.add(nn.DivOp(value, call.add(nn.PowOp(base, power))))


NORMALIZATION: dict[str, Operator] = {
    "BatchNormalization": Operator(
        batch_normalization, limits="inference, constant parameters"
    ),
    "InstanceNormalization": Operator(instance_normalization),
    "LRN": Operator(local_response),
    "LayerNormalization": Operator(layer_normalization),
}
