"""How convolution and pooling are lowered: sliding windows as index expressions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from xdsl.builder import Builder
from xdsl.ir import SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineExpr

from ...dialects import nn
from ...dialects.nn.shapes import Layout
from .contraction import accumulate, element, finished, multiply_accumulate, neutral
from .structured import dims, empty, filled, generic, padded, reshaped

ZERO = AffineConstantExpr(0)


def joint(outer: AffineExpr | None, size: int, inner: AffineExpr | None) -> AffineExpr:
    """`outer * size + inner`, where a loop that does not exist counts as 0."""
    if outer is None:
        return inner or ZERO
    return outer if inner is None else outer * size + inner


def positions(
    window: nn.Window, outputs: Sequence[AffineExpr], taps: Sequence[AffineExpr]
) -> list[AffineExpr]:
    """Where in the padded input each tap of the window at each output reads."""
    terms = zip(outputs, window.strides, taps, window.dilations, strict=True)
    return [out * stride + tap * dilation for out, stride, tap, dilation in terms]


def arranged(
    places: Layout,
    batch: AffineExpr,
    channel: AffineExpr,
    spatial: Sequence[AffineExpr],
) -> list[AffineExpr]:
    """The index of an activation from its parts."""
    index = [batch] * (2 + len(spatial))
    index[places.channel] = channel
    for place, expression in zip(places.spatial, spatial, strict=True):
        index[place] = expression
    return index


def padded_input(
    builder: Builder, source: SSAValue, places: Layout, window: nn.Window, value: float
) -> SSAValue:
    """The activation with the window's padding around its spatial dimensions."""
    low = places.arrange(0, 0, window.low)
    high = places.arrange(0, 0, window.high)
    return padded(builder, source, low, high, value)


def _pad_value(op: nn.ConvOp) -> int:
    value = op.pad_value or op.input_zero_point
    return 0 if value is None else value.value.data


class _Channels(NamedTuple):
    """How a convolution's channels are looped over."""

    groups: int
    inputs: int
    """Input channels of a group."""
    filters: int
    """Filters of a group."""

    @staticmethod
    def of(op: nn.ConvOp) -> _Channels:
        shape = nn.shape_of(op.weight)
        places = nn.weight_layout(len(shape), op.is_channels_last)
        groups = op.groups.value.data
        return _Channels(groups, shape[places.input], shape[places.output] // groups)

    @property
    def result(self) -> list[int]:
        """The result's channels: groups, filters, or both as two dimensions."""
        if self.groups == 1:
            return [self.filters]
        return [self.groups] if self.filters == 1 else [self.groups, self.filters]

    @property
    def loops_over_channels(self) -> bool:
        """Whether there is a reduction loop over input channels."""
        return self.groups == 1 or self.inputs > 1

    def places(
        self, result: Sequence[AffineExpr]
    ) -> tuple[AffineExpr | None, AffineExpr | None]:
        """The loops over groups and over filters, given those of the result."""
        if self.groups == 1:
            return None, result[0]
        return result[0], (result[1] if self.filters > 1 else None)


def conv(op: nn.ConvOp, builder: Builder, args: Sequence[SSAValue]) -> SSAValue:
    """
    Loops: the result's dimensions; taps, input channels of a group.

    Filters in groups are two dimensions while they are summed, and one afterwards; a
    loop over the only filter or channel of a group is left out.
    """
    source, weight, *extra = args
    window, rank = op.window, len(nn.shape_of(source))
    places = nn.activation_layout(rank, op.is_channels_last)
    wplaces = nn.weight_layout(rank, op.is_channels_last)
    sizes = _Channels.of(op)
    shape = list(nn.shape_of(op.result))
    shape[places.channel : places.channel + 1] = sizes.result
    extra = [_split(builder, value, rank - places.channel, sizes) for value in extra]

    result = dims(len(shape))
    taps = dims(rank - 2, len(result))
    loops = len(result) + len(taps) + sizes.loops_over_channels
    channel = dims(1, loops - 1)[0] if sizes.loops_over_channels else None
    group, filter = sizes.places(result[places.channel :])
    outputs = list(result)
    outputs[places.channel : places.channel + len(sizes.result)] = [ZERO]

    spatial = positions(window, [outputs[place] for place in places.spatial], taps)
    read = arranged(places, result[0], joint(group, sizes.inputs, channel), spatial)
    windex = [channel or ZERO] * rank
    windex[wplaces.output] = joint(group, sizes.filters, filter)
    for place, tap in zip(wplaces.spatial, taps, strict=True):
        windex[place] = tap

    start = filled(builder, shape, 0, op.element_type)
    source = padded_input(builder, source, places, window, _pad_value(op))
    body = multiply_accumulate(
        element(op.input, op.input_zero_point),
        element(op.weight, op.weight_zero_point),
    )
    inputs = [(source, read), (weight, windex)]
    value = generic(builder, loops, inputs, (start, result), body)
    value = finished(op, builder, value, extra)
    return reshaped(builder, value, nn.shape_of(op.result))


def _split(
    builder: Builder, value: SSAValue, from_end: int, sizes: _Channels
) -> SSAValue:
    """An epilogue operand with its channels, if it has them, as the result's."""
    shape = list(nn.shape_of(value))
    axis = len(shape) - from_end
    if axis < 0:
        return value
    size = shape[axis]
    parts = sizes.result
    shape[axis : axis + 1] = [1] * len(parts) if size == 1 else parts
    return reshaped(builder, value, shape)


def pool(op: nn.PoolOp, builder: Builder, args: Sequence[SSAValue]) -> SSAValue:
    """
    Loops: the result's dimensions; taps.

    The window is an operand of which only the shape counts.
    """
    source, *extra = args
    window, rank = op.window, len(nn.shape_of(source))
    places = nn.activation_layout(rank, op.is_channels_last)
    item = element(op.input, op.input_zero_point)
    kind, type = op.kind.data, nn.signless(op.element_type)
    least = neutral(kind, type, item.unsigned)

    result, taps = dims(rank), dims(rank - 2, rank)
    spatial = positions(window, [result[place] for place in places.spatial], taps)
    read = arranged(places, result[0], result[places.channel], spatial)
    pad = item.zero if kind == "sum" else least
    source = padded_input(builder, source, places, window, pad)
    shape_only = empty(builder, window.kernel, nn.tensor_type(source).element_type)
    start = filled(builder, nn.shape_of(op.result), least, type)
    inputs = [(source, read), (shape_only, taps)]
    body = accumulate(kind, item)
    value = generic(builder, rank + len(taps), inputs, (start, result), body)
    return finished(op, builder, value, extra)
