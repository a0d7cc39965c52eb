"""Parts of tensors: slices, pads, gathers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from math import prod
from typing import NamedTuple

import numpy as np
from xdsl.ir import SSAValue

from ....dialects import nn
from ..calls import Call
from ..tensors import Array, scalar
from .operator import ALL, Operator
from .shaping import reshaped

MAX_INDICES = 2**24
"""Entries a gather may have; more would be an attack or a mistake."""


class Range(NamedTuple):
    """Elements of one dimension: the first, the distance, the count."""

    start: int
    step: int
    size: int


def sliced(call: Call, value: SSAValue, ranges: Sequence[Range]) -> SSAValue:
    """The elements of `value` in `ranges`, itself when that is all of it."""
    sizes = nn.shape_of(value)
    if all(r == (0, 1, size) for r, size in zip(ranges, sizes, strict=True)):
        return value
    if any(r.size < 1 for r in ranges):
        call.refuse(f"result must not be empty, got sizes {[r.size for r in ranges]}")
    return call.add(nn.SliceOp(value, *zip(*ranges, strict=True)))


def part(call: Call, value: SSAValue, axis: int, range_: Range) -> SSAValue:
    """The elements of `value` in a range of one dimension, all of the others."""
    ranges = [Range(0, 1, size) for size in nn.shape_of(value)]
    ranges[axis] = range_
    return sliced(call, value, ranges)


def gathered(
    call: Call, value: SSAValue, axis: int, indices: Sequence[int]
) -> SSAValue:
    """The entries `indices` of dimension `axis`."""
    if len(indices) > MAX_INDICES:
        call.refuse(f"expected at most {MAX_INDICES} indices, got {len(indices)}")
    return call.add(nn.GatherOp(value, axis, indices))


def slice_range(size: int, start: int, end: int, step: int) -> Range:
    """What `[start:end:step]` selects of `size` elements, with ONNX's clamping."""
    first, last, stride = slice(
        start, None if step < 0 and end < -size else end, step
    ).indices(size)
    return Range(first, stride, len(range(first, last, stride)))


def slice_(call: Call) -> SSAValue:
    """Starts and ends, which are attributes before opset 10."""
    starts, ends = call.listed("starts", 1), call.listed("ends", 2)
    if starts is None or ends is None or len(starts) != len(ends):
        call.refuse("starts and ends must be given, one of each per axis")
    axes = call.listed("axes", 3) or list(range(len(starts)))
    steps = (call.listed("steps", 4) if call.has(4) else None) or [1] * len(starts)
    ranges = [Range(0, 1, size) for size in call.shape(0)]
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        place = call.axis(axis, len(ranges))
        ranges[place] = slice_range(call.shape(0)[place], start, end, step)
    return sliced(call, call.value(0), ranges)


def split(call: Call) -> list[SSAValue]:
    """Equal parts unless sizes are given; the last may be smaller."""
    shape = call.shape(0)
    axis = call.axis(call.integer("axis", 0), len(shape))
    sizes = call.listed("split", 1)
    if sizes is None:
        parts = call.integer("num_outputs", len(call.proto.output))
        whole = -(-shape[axis] // parts)
        sizes = [whole] * (parts - 1) + [shape[axis] - whole * (parts - 1)]
    if sum(sizes) != shape[axis] or len(sizes) < len(call.proto.output):
        call.refuse(f"parts must add up to {shape[axis]}, got {sizes}")
    starts = accumulate(sizes, initial=0)
    ranges = [Range(start, 1, size) for start, size in zip(starts, sizes, strict=False)]
    return [part(call, call.value(0), axis, range_) for range_ in ranges]


def padded(
    call: Call,
    value: SSAValue,
    low: Sequence[int],
    high: Sequence[int],
    fill: float = 0,
) -> SSAValue:
    """`fill` around `value`, which is itself when no pad is positive."""
    if not any(low) and not any(high):
        return value
    element = nn.signless(nn.tensor_type(value).element_type)
    return call.add(nn.PadOp(value, low, high, scalar(fill, element)))


def pad(call: Call) -> SSAValue:
    """A constant, or elements of the tensor, around it; negative pads cut."""
    mode = call.text("mode", "constant")
    low, high = _pads(call)
    if mode != "constant":
        return _continued(call, mode, low, high)
    shape = call.shape(0)
    kept = [
        Range(max(-before, 0), 1, size + min(before, 0) + min(after, 0))
        for size, before, after in zip(shape, low, high, strict=True)
    ]
    value = sliced(call, call.value(0), kept)
    low, high = [max(p, 0) for p in low], [max(p, 0) for p in high]
    return padded(call, value, low, high, _pad_value(call))


CONTINUED: dict[str, Callable[[Array, int], Array]] = {
    "edge": lambda places, size: np.clip(places, 0, size - 1),
    "reflect": lambda places, size: size - 1 - abs(size - 1 - abs(places)),
    "wrap": lambda places, size: places % size,
}
"""Mode of a pad -> which element of `size` stands at places that may be outside."""


def _continued(
    call: Call, mode: str, low: Sequence[int], high: Sequence[int]
) -> SSAValue:
    """Elements of the tensor around it, dimension by dimension."""
    if mode not in CONTINUED:
        expected = ", ".join(CONTINUED)
        call.refuse(f"mode must be constant, {expected}, got {mode}")
    value = call.value(0)
    for axis, (before, after) in enumerate(zip(low, high, strict=True)):
        size = nn.shape_of(value)[axis]
        if mode == "reflect" and max(before, after) >= size:
            call.refuse(f"reflection must be of less than {size}, got {before, after}")
        places = CONTINUED[mode](np.arange(-before, size + after), size)
        if before or after:
            value = gathered(call, value, axis, places.tolist())
    return value


def _pads(call: Call) -> tuple[list[int], list[int]]:
    rank = call.rank()
    pads = call.listed("pads", 1)
    axes = call.listed("axes", 3)
    places = list(range(rank)) if axes is None else [call.axis(a, rank) for a in axes]
    if pads is None or len(pads) != 2 * len(places):
        call.refuse(f"expected {2 * len(places)} pads, got {pads}")
    low, high = [0] * rank, [0] * rank
    for place, before, after in zip(
        places, pads[: len(places)], pads[len(places) :], strict=True
    ):
        low[place], high[place] = before, after
    return low, high


def _pad_value(call: Call) -> float:
    if call.has(2):
        return call.constant(2, "constant_value").item()
    return call.real("value", 0.0)


def expand(call: Call) -> SSAValue:
    """Numpy's broadcasting, as a gather of the one entry again and again."""
    wanted = [int(size) for size in call.constant(1, "shape").ravel()]
    shape = nn.broadcast_shapes(call.shape(0), wanted)
    if shape is None:
        call.refuse(f"shape must broadcast to {wanted}, got {list(call.shape(0))}")
    before = (1,) * (len(shape) - call.rank()) + call.shape(0)
    value = reshaped(call, call.value(0), before)
    for axis, size in enumerate(shape):
        if before[axis] != size:
            value = gathered(call, value, axis, _entries(call, 1, size))
    return value


def tile(call: Call) -> SSAValue:
    """The tensor again and again along each dimension."""
    repeats = [int(count) for count in call.constant(1, "repeats").ravel()]
    value = call.value(0)
    for axis, (size, count) in enumerate(zip(call.shape(0), repeats, strict=True)):
        if count != 1:
            value = gathered(call, value, axis, _entries(call, size, count))
    return value


def _entries(call: Call, size: int, count: int) -> list[int]:
    if prod((size, count)) > MAX_INDICES or count < 1:
        call.refuse(f"expected 1 to {MAX_INDICES} entries, got {count} times {size}")
    return np.tile(np.arange(size), count).tolist()


INDEXING: dict[str, Operator] = {
    "Expand": Operator(expand, ALL, "constant shape"),
    "Pad": Operator(pad, ALL, "constant pads"),
    "Slice": Operator(slice_, ALL, "constant starts, ends, axes, steps"),
    "Split": Operator(split, ALL, "constant sizes"),
    "Tile": Operator(tile, ALL, "constant repeats"),
}
