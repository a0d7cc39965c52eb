"""
Transposed convolutions, said by convolutions.

With stride s, every s-th element of the result is made by the same part of the kernel.
So it is a convolution with stride 1 that has the s parts as channels, whose results are
then put side by side: as many products as ONNX's definition has, and no zeros between
the elements of the input.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from xdsl.ir import SSAValue

from ....dialects import nn
from ..calls import Call
from ..tensors import tensor_type
from .indexing import Range, gathered, padded, part, sliced
from .operator import FLOATS, Operator
from .products import biased
from .shaping import reshaped, transposed
from .windows import entries


@dataclass(frozen=True)
class Spread:
    """One spatial dimension of a transposed convolution."""

    size: int
    """Elements of the input."""
    kernel: int
    stride: int
    dilation: int
    skipped: int
    """Elements before the result's first one."""
    outputs: int

    @property
    def extent(self) -> int:
        """Elements of the result that one of the input reaches."""
        return (self.kernel - 1) * self.dilation + 1

    @property
    def taps(self) -> int:
        """Elements of the kernel in each of its `stride` parts, zeros at the end."""
        missing = self.skipped + self.outputs - (self.size - 1) * self.stride
        return -(-max(self.extent, missing) // self.stride)

    @property
    def first(self) -> int:
        """The first group of `stride` elements that the result has a part of."""
        return self.skipped // self.stride

    @property
    def groups(self) -> int:
        """How many groups of `stride` elements the result has a part of."""
        return -(-(self.skipped + self.outputs) // self.stride) - self.first

    @property
    def pads(self) -> tuple[int, int]:
        """Around the input, so that a convolution makes `groups`; negative ones cut."""
        low = self.taps - 1 - self.first
        return low, self.groups - self.size - low + self.taps - 1


def conv_transpose(call: Call) -> SSAValue:
    """A convolution, the bias, and the parts of the result side by side."""
    shape, kernel = call.shape(0), call.shape(1)
    groups = call.integer("group", 1)
    if len(shape) < 3 or len(kernel) != len(shape):
        call.refuse(
            f"input and weight must have one rank, 3 or more, got {list(shape)} "
            f"and {list(kernel)}"
        )
    if groups < 1 or kernel[0] % groups or kernel[0] != shape[1]:
        call.refuse(
            f"weight must have the input's {shape[1]} channels in {groups} groups, "
            f"got {kernel[0]}"
        )
    spreads = _spreads(call, shape[2:], kernel[2:])
    value = _cut(call, call.value(0), spreads)
    weight = _in_parts(call, call.value(1), groups, spreads)
    value = _convolved(call, value, weight, groups, spreads)
    if call.has(2):
        value = biased(call, value, _repeated(call, call.value(2), spreads))
    return _side_by_side(call, value, spreads)


def _spreads(call: Call, sizes: Sequence[int], kernel: Sequence[int]) -> list[Spread]:
    dims = len(sizes)
    strides = entries(call, "strides", [1] * dims)
    dilations = entries(call, "dilations", [1] * dims)
    extra = entries(call, "output_padding", [0] * dims)
    extents = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    whole = [
        (size - 1) * stride + extent + more
        for size, stride, extent, more in zip(
            sizes, strides, extents, extra, strict=True
        )
    ]
    low, outputs = _placed(call, sizes, strides, whole)
    if min(*strides, *dilations, *outputs) < 1 or min(*low, *extra) < 0:
        call.refuse(
            "strides, dilations and result must be positive and pads not negative, "
            f"got {strides}, {dilations}, {outputs} and {low}"
        )
    columns = (sizes, kernel, strides, dilations, low, outputs)
    return [Spread(*numbers) for numbers in zip(*columns, strict=True)]


def _placed(
    call: Call, sizes: Sequence[int], strides: Sequence[int], whole: Sequence[int]
) -> tuple[list[int], list[int]]:
    """What is cut off before the result, and the sizes of the result."""
    dims = len(sizes)
    mode = call.text("auto_pad", "NOTSET")
    given = call.integers("output_shape")
    if given is None and mode in ("NOTSET", "", "VALID"):
        pads = entries(call, "pads", [0] * (2 * dims)) if mode != "VALID" else None
        low, high = (pads[:dims], pads[dims:]) if pads else ([0] * dims, [0] * dims)
        cuts = zip(whole, low, high, strict=True)
        return low, [size - before - after for size, before, after in cuts]
    if given is None:
        given = [size * stride for size, stride in zip(sizes, strides, strict=True)]
    outputs = given[-dims:]
    totals = [max(a - b, 0) for a, b in zip(whole, outputs, strict=True)]
    upper = mode == "SAME_UPPER"
    return [total // 2 if upper else total - total // 2 for total in totals], outputs


def _cut(call: Call, value: SSAValue, spreads: Sequence[Spread]) -> SSAValue:
    """`value` without the elements that no element of the result is made of."""
    ranges = [Range(0, 1, size) for size in nn.shape_of(value)[:2]]
    for spread in spreads:
        low, high = (max(-pad, 0) for pad in spread.pads)
        ranges.append(Range(low, 1, spread.size - low - high))
    return sliced(call, value, ranges)


def _in_parts(
    call: Call, weight: SSAValue, groups: int, spreads: Sequence[Spread]
) -> SSAValue:
    """`[C, M/groups, k…]` as `[M * parts, C/groups, taps…]`, each part backwards."""
    inputs, outputs = nn.shape_of(weight)[:2]
    for axis, spread in enumerate(spreads, start=2):
        weight = _dilated(call, weight, axis, spread)
    split = [number for spread in spreads for number in (spread.taps, spread.stride)]
    weight = reshaped(call, weight, (groups, inputs // groups, outputs, *split))
    taps = range(3, 3 + len(split), 2)
    weight = transposed(call, weight, [0, 2, *(t + 1 for t in taps), 1, *taps])
    parts = prod(spread.stride for spread in spreads)
    sizes = [spread.taps for spread in spreads]
    shape = (groups * outputs * parts, inputs // groups, *sizes)
    weight = reshaped(call, weight, shape)
    backwards = [Range(taps - 1, -1 if taps > 1 else 1, taps) for taps in sizes]
    return sliced(call, weight, [*(Range(0, 1, s) for s in shape[:2]), *backwards])


def _dilated(call: Call, weight: SSAValue, axis: int, spread: Spread) -> SSAValue:
    """Zeros between the elements along `axis`, and behind them until parts are full."""
    shape = list(nn.shape_of(weight))
    low = [0] * (len(shape) + 1)
    if spread.dilation > 1:
        apart = [*shape[: axis + 1], 1, *shape[axis + 1 :]]
        high = [*low[: axis + 1], spread.dilation - 1, *low[axis + 2 :]]
        weight = padded(call, reshaped(call, weight, apart), low, high)
        shape[axis] *= spread.dilation
        weight = reshaped(call, weight, shape)
    whole = spread.taps * spread.stride
    kept = part(call, weight, axis, Range(0, 1, min(shape[axis], whole)))
    high = [0] * len(shape)
    high[axis] = max(whole - shape[axis], 0)
    return padded(call, kept, low[:-1], high)


def _convolved(
    call: Call,
    value: SSAValue,
    weight: SSAValue,
    groups: int,
    spreads: Sequence[Spread],
) -> SSAValue:
    ones = [1] * len(spreads)
    pads = [max(spread.pads[end], 0) for end in (0, 1) for spread in spreads]
    sizes = [spread.groups for spread in spreads]
    shape = (nn.shape_of(value)[0], nn.shape_of(weight)[0], *sizes)
    result = tensor_type(nn.tensor_type(value).element_type, shape)
    op = nn.ConvOp(
        value, weight, result, strides=ones, pads=pads, dilations=ones, groups=groups
    )
    return call.add(op)


def _repeated(call: Call, bias: SSAValue, spreads: Sequence[Spread]) -> SSAValue:
    """One entry of the bias per channel and part."""
    (outputs,) = nn.shape_of(bias)
    parts = prod(spread.stride for spread in spreads)
    column = reshaped(call, bias, (outputs, 1))
    return reshaped(call, gathered(call, column, 1, [0] * parts), (outputs * parts,))


def _side_by_side(call: Call, value: SSAValue, spreads: Sequence[Spread]) -> SSAValue:
    """`[N, M * parts, groups…]` as `[N, M, outputs…]`."""
    batch, channels, *groups = nn.shape_of(value)
    strides = [spread.stride for spread in spreads]
    outputs = channels // prod(strides)
    dims = len(spreads)
    value = reshaped(call, value, (batch, outputs, *strides, *groups))
    order = [place for part in range(2, 2 + dims) for place in (part + dims, part)]
    value = transposed(call, value, [0, 1, *order])
    sizes = [spread.groups * spread.stride for spread in spreads]
    value = reshaped(call, value, (batch, outputs, *sizes))
    kept = [
        Range(spread.skipped - spread.first * spread.stride, 1, spread.outputs)
        for spread in spreads
    ]
    return sliced(call, value, [Range(0, 1, batch), Range(0, 1, outputs), *kept])


TRANSPOSED_CONVOLUTION: dict[str, Operator] = {
    "ConvTranspose": Operator(conv_transpose, FLOATS, "1-D to 3-D"),
}
