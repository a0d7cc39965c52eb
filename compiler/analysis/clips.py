"""
Parts of tensors: what of them is padding, what surrounds two, which lies in another.

The start of a part is a sum over the variables of loops. What is said of a part holds
in every round of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from xdsl.dialects import tensor
from xdsl.ir import SSAValue

from .footprint import Offset, Span, all_of
from .structured import shape_of

Axes: TypeAlias = tuple[Span, ...]
Bounds: TypeAlias = Mapping[SSAValue, tuple[int, int]]
"""The first and the last value of each loop's variable."""


@dataclass(frozen=True)
class Clip:
    """A part of a padded tensor: so much padding around a part of its source."""

    low: tuple[int, ...]
    high: tuple[int, ...]
    source: Axes | None
    """None when there is nothing but padding."""

    @property
    def is_inside(self) -> bool:
        """Whether there is no padding in it."""
        return not any((*self.low, *self.high))


def least(offset: Offset, bounds: Bounds) -> int:
    """The smallest value of an offset in its loops."""
    return offset.constant + sum(
        factor * bounds[value][factor < 0] for value, factor in offset.terms
    )


def greatest(offset: Offset, bounds: Bounds) -> int:
    """The greatest value of an offset in its loops."""
    return -least(offset * -1, bounds)


def clip_axis(
    span: Span, low: int, size: int, bounds: Bounds
) -> tuple[int, int, Span | None] | None:
    """
    One axis of a padded tensor, whose source has `size` elements from `low` on.

    Returns the padding before and behind and what is left of the source's axis; None
    when that is not the same in all rounds of the loops around.
    """
    start = span.offset + Offset(-low)
    if not start.terms:
        before = min(max(-start.constant, 0), span.size)
        behind = min(max(start.constant + span.size - size, 0), span.size)
        left = span.size - before - behind
        if left <= 0:
            return before, span.size - before, None
        first = start.constant + before
        whole = left == size
        return before, behind, Span(Offset(first), left, whole, span.depth)
    if least(start, bounds) < 0 or greatest(start, bounds) + span.size > size:
        return None
    return 0, 0, Span(start, span.size, whole=False, depth=span.depth)


def clip_of(pad: tensor.PadOp, axes: Axes, bounds: Bounds) -> Clip | None:
    """What `axes` of a padded tensor are; None when it differs from round to round."""
    lows = pad.static_low.get_values()
    sizes = shape_of(pad.source)
    found = [
        clip_axis(span, low, size, bounds)
        for span, low, size in zip(axes, lows, sizes, strict=True)
    ]
    known = [axis for axis in found if axis is not None]
    if len(known) != len(found):
        return None
    sources = [axis[2] for axis in known]
    source = tuple(span for span in sources if span is not None)
    return Clip(
        tuple(axis[0] for axis in known),
        tuple(axis[1] for axis in known),
        source if len(source) == len(sources) else None,
    )


def hull(one: Axes, other: Axes, shape: Sequence[int]) -> Axes | None:
    """The smallest box around two; None when they move apart."""
    found: list[Span] = []
    for a, b, size in zip(one, other, shape, strict=True):
        if a.whole or b.whole:
            found.append(all_of(size))
            continue
        if a.offset.terms != b.offset.terms:
            return None
        first = min(a.offset.constant, b.offset.constant)
        last = max(a.offset.constant + a.size, b.offset.constant + b.size)
        whole = not a.offset.terms and last - first == size
        start, depth = Offset(first, a.offset.terms), max(a.depth, b.depth)
        found.append(Span(start, last - first, whole, depth))
    return tuple(found)


def is_inside(axes: Axes, whole: Axes, bounds: Bounds) -> bool:
    """Whether a part lies in another one of the same tensor in all rounds."""
    shifts = [
        span.offset + around.offset * -1
        for span, around in zip(axes, whole, strict=True)
    ]
    return all(
        least(shift, bounds) >= 0 and greatest(shift, bounds) + span.size <= around.size
        for shift, span, around in zip(shifts, axes, whole, strict=True)
    )
