"""The upper rows of the chart: nodes, loops, the core, and a lane per hop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

from ..errors import printable
from .chart import Axes, Fact, Item, Row, runs
from .costs import Costs
from .labels import Labels
from .nodes import NodeRow
from .origins import Hop
from .program import Program, Step
from .timeline import Flight, Work
from .wording import TIMES, bytes_text, exact_bytes, numbers_text, percent

LANE_HEIGHT, UPRIGHT_HEIGHT = 26, 92
"""Pixels of a lane, and of one whose names stand upright."""
TRACK_HEIGHT, MOST_TRACKS = 17, 4
"""Pixels of one of several tracks for transfers under way at once; how many."""
MOST_LEVEL_NAMES = 14
"""More names than that have no room side by side."""


def hop_text(hop: Hop) -> str:
    """How a hop is written."""
    return f"{hop[0]} → {hop[1]}"


def taken_text(costs: Costs) -> str:
    """What the costs of kernels are."""
    profile = costs.profile
    return "estimated cycles" if profile is None else f"measured {profile.unit}"


def step_key(step: int) -> str:
    """The key of what is drawn for a kernel or the start of a transfer."""
    return f"s{step}"


def buffer_key(number: int) -> str:
    """The key of a buffer."""
    return f"b{number}"


@dataclass(frozen=True)
class Lanes:
    """Makes the rows above the maps."""

    program: Program
    costs: Costs
    axes: Axes
    nodes: list[NodeRow]
    labels: Labels

    def rows(self) -> list[Row]:
        """The rows, from the top."""
        found = [self._node_row()]
        if loops := tuple(self._loops()):
            found.append(Row("loops", "", "lane loops", LANE_HEIGHT, loops))
        core = tuple(self._core())
        found.append(Row("core", "", "lane", LANE_HEIGHT, core))
        return found + [self._hop(hop) for hop in self.program.hops]

    # Nodes and loops.

    def _node_row(self) -> Row:
        items = tuple(self._nodes())
        if len(items) <= MOST_LEVEL_NAMES:
            return Row("nodes", "", "lane nodes", LANE_HEIGHT, items)
        return Row("nodes", "", "lane nodes tall", UPRIGHT_HEIGHT, items)

    def _nodes(self) -> Iterator[Item]:
        steps = self.program.steps
        names = [step.name for step in steps]
        about = {row.name: row for row in self.nodes}
        for number, (start, end) in enumerate(runs(names)):
            row = about[names[start]]
            keys = tuple(step_key(n) for n in row.steps if steps[n].kind != "wait")
            look = f"node tone{number % 2}"
            place = self.axes.of_steps(start, end)
            facts = tuple(self._node_facts(row))
            label = self.labels.of(row.name)
            yield Item(f"n{number}", look, label, row.name, place, facts, keys)

    def _node_facts(self, row: NodeRow) -> Iterator[Fact]:
        yield Fact("operator", row.operator or "unknown")
        if row.fused:
            yield Fact("together with", ", ".join(map(self._with_operator, row.fused)))
        yield Fact("steps", numbers_text(row.steps))
        yield Fact("multiply-adds", f"{row.macs:,}")
        yield Fact(taken_text(self.costs), f"{row.taken:,.0f}")
        for hop, moved in row.hops.items():
            least = f"{exact_bytes(moved.bytes)}, at least {exact_bytes(moved.least)}"
            yield Fact(hop_text(hop), least)

    def _with_operator(self, node: str) -> str:
        return f"{self.program.operators.get(node, 'unknown')} ({node})"

    def _loops(self) -> Iterator[Item]:
        counts = [step.repeat for step in self.program.steps]
        for start, end in runs(counts):
            if counts[start] == 1:
                continue
            text = f"{counts[start]} {TIMES}"
            facts = (Fact("steps", f"{start}–{end - 1}"), Fact("rounds", text))
            place = self.axes.of_steps(start, end)
            yield Item(f"l{start}", "loop", text, text, place, facts)

    # The core.

    def _core(self) -> Iterator[Item]:
        steps = self.program.steps
        for work in self.axes.timeline.works:
            if work.waits:
                yield self._waiting(steps[work.step], work)
            else:
                yield self._kernel(steps[work.step], work)

    def _kernel(self, step: Step, work: Work) -> Item:
        facts = [
            Fact("step", str(step.number)),
            Fact("does", self.labels.of_all(step.nodes or [step.name])),
            Fact("kernel", step.symbol),
            Fact("multiply-adds", f"{step.macs:,}"),
            Fact(taken_text(self.costs), f"{work.end - work.begin:,.0f}"),
            *self._rounds(step),
            *self._buffers(step),
            *decisions(step),
        ]
        place = self.axes.of_times(step.number, step.number + 1, work.begin, work.end)
        return Item(
            key=step_key(step.number),
            look="kernel",
            label=self.labels.of(step.name),
            title=step.name,
            place=place,
            facts=tuple(facts),
            related=self._touched(step),
        )

    def _waiting(self, step: Step, work: Work) -> Item:
        facts = (
            Fact("step", str(step.number)),
            Fact("for", hop_text(step.hop)),
            Fact("estimated cycles", f"{work.end - work.begin:,.0f}"),
        )
        place = self.axes.of_times(step.number, step.number + 1, work.begin, work.end)
        return Item(
            key=f"w{step.number}",
            look="waits",
            label=f"waits, {self.labels.of(step.name)}",
            title=f"The core waits: {step.name}",
            place=place,
            facts=facts,
            related=self._touched(step),
        )

    def _rounds(self, step: Step) -> Iterator[Fact]:
        if step.repeat > 1:
            yield Fact("rounds", f"{step.repeat} {TIMES}")

    def _buffers(self, step: Step) -> Iterator[Fact]:
        for label, names in (("reads", step.reads), ("writes", step.writes)):
            if names:
                yield Fact(label, self.labels.of_all(names))

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {b.name: number for number, b in enumerate(self.program.buffers)}

    def _touched(self, step: Step) -> tuple[str, ...]:
        names = dict.fromkeys([*step.reads, *step.writes])
        return tuple(buffer_key(self._numbers[name]) for name in names)

    # Transfers.

    def _hop(self, hop: Hop) -> Row:
        steps = self.program.steps
        flights = self.axes.timeline.flights
        mine = [flight for flight in flights if steps[flight.start].hop == hop]
        places = tracks([(flight.start, flight.wait + 1) for flight in mine])
        count = max(places, default=0) + 1
        items = tuple(
            replace(
                self._flight(steps[flight.start], flight),
                bottom=round(100 * (count - 1 - place) / count, 3),
                height=round(100 / count, 3),
            )
            for flight, place in zip(mine, places, strict=True)
        )
        moved = sum(steps[flight.start].moved for flight in mine)
        note = bytes_text(moved)
        height = LANE_HEIGHT if count == 1 else TRACK_HEIGHT * count
        look = "lane" if count == 1 else "lane tracks"
        return Row(hop_text(hop), note, look, height, items)

    def _flight(self, step: Step, flight: Flight) -> Item:
        taken = flight.end - flight.begin
        look = "in" if self.program.is_inward(step.hop) else "out"
        facts = [
            Fact("begun, awaited", f"step {flight.start}, step {flight.wait}"),
            Fact("bytes", exact_bytes(step.bytes)),
            *self._rounds(step),
            Fact("estimated cycles", f"{taken:,.0f}"),
            Fact("while the core works", percent(flight.hidden, taken)),
            *self._buffers(step),
        ]
        place = self.axes.of_times(
            flight.start, flight.wait + 1, flight.begin, flight.end
        )
        overlapped = flight.hidden > 0
        words = f"{look} overlapped" if overlapped else look
        return Item(
            key=step_key(step.number),
            look=words,
            label=self.labels.of(step.name),
            title=f"{hop_text(step.hop)}: {step.name}",
            place=place,
            facts=tuple(facts),
            related=self._touched(step),
        )


def tracks(spans: Sequence[tuple[int, int]]) -> list[int]:
    """The first free one of `MOST_TRACKS` tracks for each span; the last if none is."""
    ends = [0] * MOST_TRACKS
    found: list[int] = []
    for start, end in spans:
        free = (n for n, busy_until in enumerate(ends) if busy_until <= start)
        track = next(free, MOST_TRACKS - 1)
        ends[track] = max(end, ends[track])
        found.append(track)
    return found


def decisions(step: Step) -> Iterator[Fact]:
    """What the plan says of a kernel."""
    for key, value in (step.decisions or {}).items():
        yield Fact(printable(key), decision_text(value))


def decision_text(value: Any) -> str:
    """A value of the plan in one line."""
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, Any]", value).items()
        return ", ".join(f"{printable(k)} {decision_text(v)}" for k, v in pairs)
    if isinstance(value, list):
        return ", ".join(map(decision_text, cast("list[Any]", value)))
    return printable(str(value))
