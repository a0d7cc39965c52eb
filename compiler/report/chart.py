"""
The chart as data: rows of items on two horizontal axes, one of steps and one of time.

Both places of an item stand in the page; which one is shown is the reader's choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .timeline import Timeline

LABEL_WIDTH = 0.5
"""Percent of the width below which no screen has room for a label."""


class Fact(NamedTuple):
    """One line of what is said about an item."""

    label: str
    text: str


class Place(NamedTuple):
    """Where something begins and ends, in percent: by steps, and by time."""

    step_begin: float
    step_end: float
    time_begin: float
    time_end: float


@dataclass(frozen=True)
class Item:
    """Something that can be pointed at."""

    key: str
    """Unique in the page."""
    look: str
    """Words for the style sheet."""
    label: str
    """Short; for the block itself."""
    title: str
    """The whole name."""
    place: Place
    facts: tuple[Fact, ...]
    related: tuple[str, ...] = ()
    """Keys of what it touches or is touched by."""
    bottom: float = 0
    """Percent of the row's height."""
    height: float = 100

    @property
    def is_wide(self) -> bool:
        """Whether its label may have room on a large screen."""
        by_steps = self.place.step_end - self.place.step_begin
        by_time = self.place.time_end - self.place.time_begin
        return max(by_steps, by_time) >= LABEL_WIDTH

    @property
    def spoken(self) -> str:
        """For those who hear the page."""
        return "; ".join([self.title, *(f"{f.label} {f.text}" for f in self.facts)])


@dataclass(frozen=True)
class Line:
    """A horizontal line across a map."""

    look: str
    text: str
    bottom: float


@dataclass(frozen=True)
class Row:
    """One row of the chart."""

    title: str
    note: str
    look: str
    """`lane` or `map`."""
    height: int
    """Pixels."""
    items: tuple[Item, ...]
    lines: tuple[Line, ...] = ()
    ticks: tuple[tuple[float, str], ...] = ()
    """Percent of the height, and what stands there."""
    shorts: tuple[tuple[float, float], ...] = ()
    """Bottom and height, in percent, of what is not to scale."""
    live: tuple[tuple[Place, float, str], ...] = ()
    """Live bytes over time: place, percent of the most, look."""


@dataclass(frozen=True)
class Axes:
    """The two horizontal axes."""

    timeline: Timeline
    horizon: int
    ends: Mapping[int, float] = field(default_factory=dict[int, float])

    def of_steps(self, start: int, end: int) -> Place:
        """The place of the steps `[start, end)`."""
        edges = self.timeline.edges
        first, last = min(start, self.horizon), min(end, self.horizon)
        return Place(
            self._by_step(first),
            self._by_step(last),
            self._by_time(edges[first]),
            self._by_time(edges[last]),
        )

    def of_times(self, start: int, end: int, begin: float, until: float) -> Place:
        """The place of what takes the steps `[start, end)`, with times of its own."""
        steps = (self._by_step(start), self._by_step(end))
        return Place(*steps, self._by_time(begin), self._by_time(until))

    def _by_step(self, step: int) -> float:
        return round(100 * step / self.horizon, 4)

    def _by_time(self, time: float) -> float:
        return round(100 * time / (self.timeline.total or 1), 4)


def runs(values: Sequence[object]) -> list[tuple[int, int]]:
    """The stretches `[start, end)` of equal neighbours."""
    found: list[tuple[int, int]] = []
    for number, value in enumerate(values):
        if found and values[found[-1][0]] == value:
            found[-1] = (found[-1][0], number + 1)
        else:
            found.append((number, number + 1))
    return found
