"""
Which kernels run as one chain, and which tensors stay near: an exact search.

The search goes through the kernels in program order. What is known between two of them
is where the tensors are that are still read; nothing else of the past matters. So of
all ways to the same places only the cheapest is followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from .costs import NOTHING, PARTS, Cost
from .floors import Places
from .moves import Moves, Way
from .segments import Segments

Ranked: TypeAlias = list[tuple[Cost, int, Way]]
"""Ways with what they cost to the end, cheapest first; the number breaks ties."""

MOST_KERNELS = 6
"""Kernels of one chain."""

FEWEST_POINTS = 1000
"""Candidates of one grid that are always looked at."""


class Decision(NamedTuple):
    """What is done at one place of a driver, and what would have come next."""

    way: Way
    total: Cost
    """Of this and all that follows."""
    runner_up: Way | None
    runner_up_total: Cost | None


@dataclass
class Search:
    """Looks for the cheapest choices for all kernels of a driver."""

    moves: Moves
    states: int
    """Most combinations of places that are followed at each kernel."""
    limit: int | None = None
    """What is charged for something found before: what costs more is not followed."""
    ways: list[dict[Places, list[Way]]] = field(
        default_factory=list[dict[Places, list[Way]]]
    )
    tried: int = 0
    """Number of ways that were looked at."""

    def run(self) -> list[Decision]:
        """The best choices in program order; empty when nothing fits."""
        count = len(self.moves.model.steps)
        best: list[dict[Places, Cost]] = [{} for _ in range(count + 1)]
        self.ways = [{} for _ in range(count)]
        best[0][()] = NOTHING
        for number in range(count):
            for places in self._followed(number, best[number]):
                ways = list(self.moves.ways(number, places))
                self.ways[number][places] = ways
                self.tried += len(ways)
                for way in ways:
                    total = best[number][places].plus(way.cost)
                    reached = best[way.choice.last + 1]
                    if way.places not in reached or total < reached[way.places]:
                        reached[way.places] = total
        return list(self._path(self._ranked())) if best[count] else []

    def _followed(self, number: int, found: Mapping[Places, Cost]) -> list[Places]:
        """The most promising places before a kernel."""

        def promise(places: Places) -> tuple[Cost, list[tuple[int, str]]]:
            rest = Cost.of(self.moves.floors.least(number, places))
            names = [(n, place.value) for n, place in places]
            return found[places].plus(rest), names

        ordered = sorted((promise(places), places) for places in found)
        if self.limit is not None:
            ordered = [entry for entry in ordered if entry[0][0].charged <= self.limit]
        return [places for _, places in ordered[: self.states]]

    def _ranked(self) -> list[dict[Places, Ranked]]:
        """All ways at all places by what they cost to the end."""
        count = len(self.ways)
        ranked: list[dict[Places, Ranked]] = [{} for _ in range(count)]

        def total(way: Way) -> Cost | None:
            if way.choice.last + 1 == count:
                return way.cost
            rest = ranked[way.choice.last + 1].get(way.places)
            return None if rest is None else way.cost.plus(rest[0][0])

        for number in reversed(range(count)):
            for places, ways in self.ways[number].items():
                costs = ((total(way), n, way) for n, way in enumerate(ways))
                known = sorted((c, n, way) for c, n, way in costs if c is not None)
                if known:
                    ranked[number][places] = known
        return ranked

    def _path(self, ranked: list[dict[Places, Ranked]]) -> Iterator[Decision]:
        """From the first kernel to the last along the cheapest ways."""
        number, places = 0, ()
        while number < len(ranked):
            known = ranked[number][places]
            total, _, way = known[0]
            cost, _, second = known[1] if len(known) > 1 else (None, 0, None)
            yield Decision(way, total, second, cost)
            number, places = way.choice.last + 1, way.places


@dataclass(frozen=True)
class Budget:
    """What the search may use."""

    near: int
    """Bytes of the near level."""
    align: int
    """Alignment of near buffers."""
    has_far: bool
    """Whether there is a level for what is not kept near."""
    vector_bytes: int = 0
    """Of a vector register; 0 without."""
    rate: int = 8
    """Bytes that are moved to or from the near level in the time of an instruction."""
    added: int = 12
    """Of a hundred instructions of uncut kernels: what cutting may add for nothing."""
    candidates: int = 200_000
    """Tilings that are looked at, shared by all kernels."""
    states: int = 64
    """Most combinations of places that are followed at each kernel."""

    def points(self, kernels: int) -> int:
        """Most candidates of one grid."""
        return max(self.candidates // max(kernels, 1), FEWEST_POINTS)


def decide(segments: Segments, budget: Budget) -> list[Decision]:
    """
    The cheapest choices for all kernels of a driver; empty when nothing fits.

    That is the fewest bytes, if kernels take few more instructions than uncut ones. If
    not, instructions are weighed more and more, up to the bytes that can be moved in
    their time; beyond that, moving would take longer.
    """
    found = list[Decision]()
    for weight in weights(budget.rate):
        found = weighed(segments, budget, weight)
        if not found or adds_little(segments, budget, found):
            break
    return found


def adds_little(segments: Segments, budget: Budget, found: Sequence[Decision]) -> bool:
    """Whether kernels take few more instructions than those that are not cut."""
    more = sum(decision.way.cost.instructions for decision in found)
    return 100 * more <= budget.added * segments.instructions


def weights(rate: int) -> Iterator[int]:
    """What an instruction counts as, in parts of a byte, when `rate` bytes are most."""
    weight = 1
    while weight < rate * PARTS:
        yield weight
        weight *= 4
    yield rate * PARTS


def weighed(segments: Segments, budget: Budget, weight: int) -> list[Decision]:
    """
    The cheapest choices when an instruction counts as `weight` parts of a byte.

    First everything is tried whole, then cut kernel by kernel, then in chains; as soon
    as every byte moves just once, for few more instructions, that is it. Empty when
    nothing fits.
    """
    model, found = segments.model, list[Decision]()
    for uncut, most_kernels in ((True, 1), (False, 1), (False, MOST_KERNELS)):
        moves = Moves(
            model, segments, budget.near, most_kernels, uncut, budget.has_far, weight
        )
        limit = found[0].total.charged if found else None
        better = Search(moves, budget.states, limit).run()
        if better and (not found or better[0].total < found[0].total):
            found = better
        least = moves.floors.least(0, ()) + moves.floors.repeated()
        moves_least = bool(found) and found[0].total.bytes <= least
        if moves_least and adds_little(segments, budget, found):
            break
    return found
