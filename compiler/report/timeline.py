"""
When each step happens: the core goes through its steps, transfers run beside it.

One transfer at a time per link between two levels. The steps of a loop are drawn once,
as long as all rounds together: what overlaps in each round overlaps as a whole.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from .costs import Costs
from .program import Program, Step


@dataclass(frozen=True)
class Work:
    """The core in one step: at work, or waiting for a transfer."""

    step: int
    begin: float
    end: float
    waits: bool


@dataclass(frozen=True)
class Flight:
    """One transfer, from its start to its end."""

    start: int
    """The step that begins it."""
    wait: int
    """The step that awaits it; the start itself when none does."""
    begin: float
    end: float
    hidden: float
    """How long the core is at work meanwhile."""


@dataclass(frozen=True)
class Timeline:
    """The whole program. Times are in the unit of its costs, from 0."""

    edges: tuple[float, ...]
    """When the core comes to each step, and last the end of everything."""
    works: tuple[Work, ...]
    flights: tuple[Flight, ...]

    @property
    def total(self) -> float:
        """From the first step to the end of the last transfer."""
        return self.edges[-1]

    @property
    def computing(self) -> float:
        """How long the core is at work."""
        return sum(work.end - work.begin for work in self.works if not work.waits)

    @property
    def waiting(self) -> float:
        """How long the core waits for transfers."""
        return sum(work.end - work.begin for work in self.works if work.waits)

    @property
    def moving(self) -> float:
        """How long transfers run, all of them together."""
        return sum(flight.end - flight.begin for flight in self.flights)

    @property
    def hidden(self) -> float:
        """How long transfers run while the core is at work."""
        return sum(flight.hidden for flight in self.flights)


@dataclass
class Clock:
    """The state of a simulation."""

    costs: Costs
    now: float = 0
    free: dict[frozenset[str], float] = field(
        default_factory=dict[frozenset[str], float]
    )
    """Link between two levels -> when its last transfer ends."""
    open: list[tuple[Step, int]] = field(default_factory=list[tuple[Step, int]])
    """Starts that nobody has awaited, with their place among the flights."""
    works: list[Work] = field(default_factory=list[Work])
    flights: list[tuple[int, int, float, float]] = field(
        default_factory=list[tuple[int, int, float, float]]
    )

    def work(self, step: Step, until: float, *, waits: bool) -> None:
        """The core is busy with `step`."""
        if until > self.now:
            self.works.append(Work(step.number, self.now, until, waits))
            self.now = until

    def start(self, step: Step) -> None:
        """A transfer sets off once its link is free."""
        way = frozenset(step.hop)
        begin = max(self.now, self.free.get(way, 0))
        end = begin + self.costs.of_transfer(step)
        self.free[way] = end
        self.open.append((step, len(self.flights)))
        self.flights.append((step.number, step.number, begin, end))
        if not self.costs.program.machine.link(*step.hop).asynchronous:
            self.work(step, end, waits=True)

    def wait(self, step: Step) -> None:
        """The core stands until the transfer that `step` awaits is done."""
        found = awaited(step, self.open)
        if found is None:
            return
        self.open.remove(found)
        place = found[1]
        start, _, begin, end = self.flights[place]
        self.flights[place] = (start, step.number, begin, end)
        self.work(step, end, waits=True)


def awaited(wait: Step, starts: Sequence[tuple[Step, int]]) -> tuple[Step, int] | None:
    """The oldest open start that the wait may end, as far as that is known."""
    if wait.starts:
        return next((s for s in starts if s[0].number in wait.starts), None)
    same = [s for s in starts if (s[0].reads, s[0].writes) == (wait.reads, wait.writes)]
    alike = [s for s in starts if s[0].hop == wait.hop]
    return next(iter([*same, *alike]), None)


def simulate(program: Program, costs: Costs) -> Timeline:
    """When the steps of `program` happen if each takes what `costs` says."""
    kernels = costs.of_kernels()
    clock = Clock(costs)
    edges: list[float] = []
    for step in program.steps:
        edges.append(clock.now)
        if step.kind == "kernel":
            clock.work(step, clock.now + kernels[step.number], waits=False)
        elif step.kind == "start":
            clock.start(step)
        else:
            clock.wait(step)
    edges += [clock.now] * (program.horizon - len(edges))
    edges.append(max([clock.now, *(flight[3] for flight in clock.flights)]))
    busy = Busy(clock.works)
    flights = tuple(
        Flight(*flight, busy.before(flight[3]) - busy.before(flight[2]))
        for flight in clock.flights
    )
    return Timeline(tuple(edges), tuple(clock.works), flights)


class Busy:
    """How long the core has been at work by any time."""

    def __init__(self, works: Sequence[Work]) -> None:
        self._works = [work for work in works if not work.waits]
        self._begins = [work.begin for work in self._works]
        self._sums = [0.0]
        for work in self._works:
            self._sums.append(self._sums[-1] + work.end - work.begin)

    def before(self, time: float) -> float:
        """How much work is done by `time`."""
        place = bisect_right(self._begins, time)
        if place == 0:
            return 0.0
        last = self._works[place - 1]
        return self._sums[place - 1] + min(time, last.end) - last.begin
