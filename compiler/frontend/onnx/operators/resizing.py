"""
Resizing: which elements of the input, with which weights, make each of the result.

Each dimension is resized by itself. The nearest element is a gather. Interpolation is a
sum of slices where the weights repeat themselves after a few elements, as they do for
most factors, and a product with the matrix of weights where they do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, gcd, prod
from typing import NamedTuple

import numpy as np
from xdsl.ir import SSAValue

from ....dialects import nn
from ..calls import Call
from ..tensors import Array, tensor_type
from .indexing import MAX_INDICES, Range, gathered, part
from .operator import ALL, Operator
from .sampling import Axis, Taps, interpolation, nearest
from .shaping import reshaped

MAX_PHASES = 8
"""Different rows of weights that are worth a sum of their own."""


def resize(call: Call) -> SSAValue:
    """By factors or to sizes, along all dimensions or some."""
    axes = _resized_axes(call)
    mode = call.text("mode", "nearest")
    if mode not in ("nearest", "linear", "cubic"):
        call.refuse(f"mode must be nearest, linear or cubic, got {mode}")
    if mode != "nearest" and not nn.is_float(call.type(0).element_type):
        call.refuse(f"mode must be nearest for integers, got {mode}")
    if max(axis.after for axis in axes.values()) > MAX_INDICES:
        call.refuse(f"sizes must be at most {MAX_INDICES}")
    value = call.value(0)
    for place, axis in sorted(axes.items(), key=lambda item: item[1].scale):
        if axis.before == axis.after and axis.scale == 1:
            continue
        if mode == "nearest":
            value = gathered(call, value, place, nearest(call, axis))
        else:
            value = _sampled(call, value, place, interpolation(call, axis, mode))
    return value


def _resized_axes(call: Call) -> dict[int, Axis]:
    """Old and new size, and the factor between them, of each dimension resized."""
    rank = call.rank()
    chosen = call.integers("axes")
    places = [call.axis(axis, rank) for axis in chosen] if chosen else range(rank)
    sizes = [call.shape(0)[place] for place in places]
    wanted = call.constant(3, "sizes") if call.has(3) else np.zeros(0)
    factors = _factors(call)
    if factors.size not in (0, len(sizes)) or wanted.size not in (0, len(sizes)):
        call.refuse(f"scales or sizes must have {len(sizes)} entries")
    if not factors.size and not wanted.size:
        call.refuse("scales or sizes must be given, got neither")
    if factors.size and not (np.isfinite(factors) & (factors > 0)).all():
        call.refuse(f"scales must be positive, got {factors.tolist()}")
    if wanted.size and not factors.size:
        axes = _to_sizes(call, sizes, [int(size) for size in wanted])
    else:
        axes = [
            Axis(size, floor(np.float32(size) * factor), float(factor))
            for size, factor in zip(sizes, factors, strict=True)
        ]
    if min((axis.after for axis in axes), default=1) < 1:
        call.refuse(f"result must not be empty, got {[axis.after for axis in axes]}")
    return dict(zip(places, axes, strict=True))


def _factors(call: Call) -> Array:
    """The scales: input 1 of Upsample and of Resize before opset 11, else input 2."""
    given = call.attribute("scales")
    index = 1 if call.version < 11 else 2
    if given is None and call.has(index):
        given = call.constant(index, "scales")
    return np.asarray([] if given is None else given, np.float32)


def _to_sizes(call: Call, sizes: Sequence[int], wanted: Sequence[int]) -> list[Axis]:
    policy = call.text("keep_aspect_ratio_policy", "stretch")
    factors = [after / before for before, after in zip(sizes, wanted, strict=True)]
    if policy == "stretch":
        return [Axis(*axis) for axis in zip(sizes, wanted, factors, strict=True)]
    if policy not in ("not_larger", "not_smaller"):
        call.refuse(f"keep_aspect_ratio_policy must be one of ONNX's, got {policy}")
    factor = min(factors) if policy == "not_larger" else max(factors)
    return [Axis(size, floor(factor * size + 0.5), factor) for size in sizes]


def _sampled(call: Call, value: SSAValue, place: int, taps: Taps) -> SSAValue:
    """Sums of weighted elements along dimension `place`."""
    count = gcd(len(taps.places), taps.size)
    step = taps.size // count
    phases = _phases(taps, step)
    if phases is None:
        return _multiplied(call, value, place, taps.matrix())
    low, high = taps.reach()
    around = np.clip(np.arange(-low, taps.size + high), 0, taps.size - 1)
    if low or high:
        value = gathered(call, value, place, around.tolist())
    parts: list[SSAValue] = []
    for phase in phases:
        ranges = [Range(start + low, step, count) for start in phase.places]
        parts.append(_sum(call, value, place, ranges, phase.weights))
    if len(parts) == 1:
        return parts[0]
    joined = call.add(nn.ConcatOp(parts, place))
    order = np.arange(len(parts) * count).reshape(len(parts), -1)
    return gathered(call, joined, place, order.T.ravel().tolist())


def _sum(
    call: Call,
    value: SSAValue,
    place: int,
    ranges: Sequence[Range],
    weights: Sequence[float],
) -> SSAValue:
    """Parts of dimension `place`, weighted; those without weight are left out."""
    total: SSAValue | None = None
    for range_, weight in zip(ranges, weights, strict=True):
        if not weight:
            continue
        term = part(call, value, place, range_)
        if weight != 1:
            factor = call.literal(weight, nn.tensor_type(value).element_type)
            term = call.add(nn.MulOp(term, factor))
        total = term if total is None else call.add(nn.AddOp(total, term))
    assert total is not None, "weights add up to one"
    return total


class Phase(NamedTuple):
    """The elements that one of every few elements of the result is the sum of."""

    places: tuple[int, ...]
    """Of the first one, may be outside; the next one's are a step further."""
    weights: tuple[float, ...]


def _phases(taps: Taps, step: int) -> list[Phase] | None:
    """The rows of weights that repeat themselves; None when too many differ."""
    period = len(taps.places) * step // taps.size
    if period > MAX_PHASES:
        return None
    later = slice(period, None)
    if not np.array_equal(taps.places[:-period] + step, taps.places[later]):
        return None
    if not np.allclose(taps.weights[:-period], taps.weights[later], 0, 1e-7):
        return None
    rows = zip(taps.places[:period], taps.weights[:period], strict=True)
    return [Phase(tuple(p.tolist()), tuple(w.tolist())) for p, w in rows]


def _multiplied(call: Call, value: SSAValue, place: int, matrix: Array) -> SSAValue:
    """The product with a matrix `[result, input]` along dimension `place`."""
    shape, element = nn.shape_of(value), nn.tensor_type(value).element_type
    outer, inner = prod(shape[:place]), prod(shape[place + 1 :])
    after = (*shape[:place], len(matrix), *shape[place + 1 :])
    if inner == 1:
        rows = reshaped(call, value, (outer, shape[place]))
        weights = call.literal(matrix.T, element)
        result = tensor_type(element, (outer, len(matrix)))
        return reshaped(call, call.add(nn.MatMulOp(rows, weights, result)), after)
    planes = reshaped(call, value, (outer, shape[place], inner))
    result = tensor_type(element, (outer, len(matrix), inner))
    product = nn.MatMulOp(call.literal(matrix, element), planes, result)
    return reshaped(call, call.add(product), after)


RESIZING: dict[str, Operator] = {
    "Resize": Operator(resize, ALL, "constant scales or sizes, no crop"),
    "Upsample": Operator(resize, ALL, "constant scales"),
}
