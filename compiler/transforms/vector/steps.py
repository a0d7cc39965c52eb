"""How many different values sums of loops have, and how far apart they are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import product
from math import prod

from .items import Sums


@lru_cache(maxsize=1 << 16)
def windows(places: tuple[tuple[int, int], ...], reach: int) -> int:
    """How many stretches of `reach` elements cover all sums of steps."""
    # Most are near each other.
    if sum(abs(stride) * (steps - 1) for stride, steps in places) < reach:
        return 1
    found = {0}
    for stride, steps in places:
        found = {at + stride * step for at in found for step in range(steps)}
    return len(stretches(found, reach))


def stretches(places: Iterable[int], reach: int) -> list[int]:
    """Where stretches of `reach` begin that cover some places, from the lowest on."""
    starts: list[int] = []
    for at in sorted(places):
        if not starts or at >= starts[-1] + reach:
            starts.append(at)
    return starts


@lru_cache(maxsize=1 << 16)
def distinct(sums: Sums, steps: tuple[int, ...]) -> int:
    """How many different values sums of loops of so many steps have together."""
    return prod(
        together(tuple(tuple(one[n] for n in part) for one in sums), steps, part)
        for part in independent(sums, len(steps))
    )


def together(sums: Sums, steps: Sequence[int], part: Sequence[int]) -> int:
    """The same for loops of which each is in a sum with another one."""
    if len(part) == 1:
        return steps[part[0]]
    values: set[tuple[int, ...]] = {(0,) * len(sums)}
    for place, loop in enumerate(part):
        moves = [one[place] for one in sums]
        values = {
            tuple(v + move * step for v, move in zip(value, moves, strict=True))
            for value in values
            for step in range(steps[loop])
        }
    return len(values)


@lru_cache(maxsize=1 << 16)
def once(sums: Sums, steps: tuple[int, ...]) -> int:
    """How many of these values the loops come to just once."""
    found = Counter(value for _, value in values(sums, steps))
    return sum(uses == 1 for uses in found.values())


@lru_cache(maxsize=1 << 16)
def returning(sums: Sums, steps: tuple[int, ...], slowest: int) -> int:
    """How many of these values the loops come to in several rounds of one of them."""
    found: dict[tuple[int, ...], set[int]] = defaultdict(set)
    for place, value in values(sums, steps):
        found[value].add(place[slowest])
    return sum(len(rounds) > 1 for rounds in found.values())


@lru_cache(maxsize=1 << 16)
def later(sums: Sums, steps: tuple[int, ...], slowest: int) -> int:
    """How many of these values, at most, wait at the end of a round of one loop."""
    found: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for place, value in values(sums, steps):
        found[value].append(place[slowest])
    spans = [(min(rounds), max(rounds)) for rounds in found.values()]
    rounds = range(steps[slowest])
    return max(sum(first <= n < last for first, last in spans) for n in rounds)


def values(
    sums: Sums, steps: Sequence[int]
) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Each place that loops come to, with what the sums are there."""
    for place in product(*map(range, steps)):
        pairs = (zip(one, place, strict=True) for one in sums)
        yield place, tuple(sum(f * s for f, s in pair) for pair in pairs)


def independent(sums: Sums, loops: int) -> list[tuple[int, ...]]:
    """The loops that are in sums, those that share one together."""
    parts: list[set[int]] = []
    for one in sums:
        used = {n for n in range(loops) if one[n]}
        if used:
            joined = [part for part in parts if part & used]
            parts = [part for part in parts if not part & used]
            parts.append(used.union(*joined))
    return [tuple(sorted(part)) for part in parts]
