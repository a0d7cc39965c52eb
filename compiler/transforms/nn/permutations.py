"""Permutations of dimensions, on plain tuples of ints, as `nn.transpose` has them."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple, TypeAlias

Permutation: TypeAlias = tuple[int, ...]
"""Entry `i` is the dimension of the input that becomes dimension `i`."""


def channels_first(rank: int) -> Permutation:
    """`[N, spatial…, C]` to `[N, C, spatial…]`."""
    return (0, rank - 1, *range(1, rank - 1))


def inverse(permutation: Sequence[int]) -> Permutation:
    """The permutation that undoes another."""
    places = {axis: place for place, axis in enumerate(permutation)}
    return tuple(places[axis] for axis in range(len(permutation)))


def compose(first: Sequence[int], then: Sequence[int]) -> Permutation:
    """One permutation that does the work of two."""
    return tuple(first[axis] for axis in then)


def is_identity(permutation: Sequence[int]) -> bool:
    """Whether nothing moves."""
    return tuple(permutation) == tuple(range(len(permutation)))


def permuted(values: Sequence[int], permutation: Sequence[int]) -> tuple[int, ...]:
    """One number per dimension, after the dimensions were permuted."""
    return tuple(values[axis] for axis in permutation)


def keeps_order(shape: Sequence[int], permutation: Sequence[int]) -> bool:
    """Whether only dimensions of one element move, so that no element does."""
    moved = [axis for axis in permutation if shape[axis] != 1]
    return moved == sorted(moved)


def flattened_from(
    shape: Sequence[int], permutation: Sequence[int], target: Sequence[int]
) -> int | None:
    """
    The first dimension that a reshape to `target` puts into the last one.

    `shape` is the operand's of the transpose. None when the reshape flattens other
    dimensions, or the transpose moves them past those before.
    """
    moved = permuted(shape, permutation)
    for first in range(len(shape)):
        inside = set(permutation[first:]) == set(range(first, len(shape)))
        if inside and prod(moved[first:]) == target[-1]:
            return first
    return None


class Group(NamedTuple):
    """Adjacent dimensions of one shape that hold the same elements in another shape."""

    before: tuple[int, ...]
    """Dimensions of the first shape."""
    after: tuple[int, ...]
    """Dimensions of the second shape."""


def groups(before: Sequence[int], after: Sequence[int]) -> list[Group]:
    """
    The smallest groups of dimensions by which a reshape splits and merges.

    Dimensions of one element are groups of their own without a counterpart.
    """
    found: list[Group] = []
    left, right = 0, 0
    while left < len(before) or right < len(after):
        if left < len(before) and before[left] == 1:
            found.append(Group((left,), ()))
            left += 1
        elif right < len(after) and after[right] == 1:
            found.append(Group((), (right,)))
            right += 1
        else:
            group = _group(before, after, left, right)
            found.append(group)
            left, right = group.before[-1] + 1, group.after[-1] + 1
    return found


def _group(before: Sequence[int], after: Sequence[int], left: int, right: int) -> Group:
    ends = [left + 1, right + 1]
    while (sizes := _sizes(before[left : ends[0]], after[right : ends[1]]))[0] != (
        sizes[1]
    ):
        ends[0 if sizes[0] < sizes[1] else 1] += 1
    return Group(tuple(range(left, ends[0])), tuple(range(right, ends[1])))


def _sizes(before: Sequence[int], after: Sequence[int]) -> tuple[int, int]:
    return prod(before), prod(after)


class Exchange(NamedTuple):
    """A reshape and then a transpose that do what a transpose and then a reshape do."""

    shape: tuple[int, ...]
    permutation: Permutation


def exchange(
    source: Sequence[int], permutation: Sequence[int], target: Sequence[int]
) -> Exchange | None:
    """
    How `source`, permuted, then reshaped to `target`, is first reshaped, then permuted.

    None when the reshape merges dimensions that the permutation had put side by side.
    """
    parts = groups(permuted(source, permutation), target)
    for part in parts:
        axes = [permutation[axis] for axis in part.before]
        if axes != list(range(axes[0], axes[0] + len(axes))) if axes else False:
            return None
    with_result = [part for part in parts if part.after]
    order = sorted(
        with_result,
        key=lambda part: permutation[part.before[0]] if part.before else -1,
    )
    moved = [axis for part in order for axis in part.after]
    return Exchange(permuted(target, moved), inverse(moved))
