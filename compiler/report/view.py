"""All that the page shows, as figures and texts; the template only puts it in place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .chart import Axes, Row
from .costs import Costs, Profile, read_profile
from .labels import Labels
from .lanes import Lanes, taken_text
from .levels import LevelFigures, level_figures
from .maps import Maps, live_text
from .nodes import NodeRow, hop_totals, idle_nodes, node_rows
from .origins import ROLES, Moved, Role, roles
from .program import Buffer, Program, Table, read_program
from .timeline import Timeline, simulate
from .wording import bytes_text, count_text, percent, ratio, round_step

TICKS = 12
"""About how many steps or times are written along an axis."""

LANE_LEGEND = {
    "kernel": "kernel",
    "in": "transfer inwards",
    "out": "transfer outwards",
    "waits": "core waits",
}
"""Look of a lane's item -> what it is."""


@dataclass(frozen=True)
class Card:
    """One figure for a glance."""

    figure: str
    text: str
    note: str


@dataclass(frozen=True)
class Report:
    """All that the template shows."""

    program: Program
    costs: Costs
    timeline: Timeline
    levels: Sequence[LevelFigures]
    nodes: Sequence[NodeRow]
    rows: Sequence[Row]
    labels: Labels

    @property
    def profile(self) -> Profile | None:
        """What was measured, if anything was."""
        return self.costs.profile

    # The figures on top.

    @property
    def cards(self) -> list[Card]:
        """What is to be seen first."""
        macs = Card(count_text(self.program.macs), "multiply-adds", "in one run")
        found = [macs, self._time()]
        if self.program.hops:
            found += [self._waiting(), self._moved()]
        return found

    def _time(self) -> Card:
        if self.profile is not None:
            note = f"measured on {self.profile.runner}"
            return Card(count_text(self.profile.total), self.profile.unit, note)
        return Card(count_text(self.timeline.total), "cycles", "estimated")

    def _waiting(self) -> Card:
        line = self.timeline
        hidden = percent(line.hidden, line.moving)
        note = f"{hidden} of the transfer time is hidden"
        return Card(percent(line.waiting, line.total), "waiting for transfers", note)

    def _moved(self) -> Card:
        """Over the boundary of the level next to the core, both ways."""
        near = innermost(self.program)
        totals = hop_totals(self.program, self.nodes)
        across = sum((m for hop, m in totals.items() if near in hop), Moved())
        least = bytes_text(across.least)
        note = f"{ratio(across.bytes, across.least)} the least, {least}"
        return Card(bytes_text(across.bytes), f"moved across {near}", note)

    # The chart.

    @property
    def legend(self) -> list[tuple[str, str]]:
        """Looks that occur, and what they are."""
        words = {
            word for row in self.rows for i in row.items for word in i.look.split()
        }
        names = {**LANE_LEGEND, **ROLES}
        return [(look, text) for look, text in names.items() if look in words]

    @property
    def time_text(self) -> str:
        """What the axis of time is called."""
        measured = self.profile is not None and not self.program.hops
        return f"{'measured' if measured else 'estimated'} {self.costs.unit}"

    @property
    def step_ticks(self) -> list[tuple[float, str]]:
        """Where steps begin, in percent, and their numbers."""
        horizon = self.program.horizon
        every = max(1, int(round_step(horizon / TICKS)))
        return [(round(100 * n / horizon, 3), str(n)) for n in range(0, horizon, every)]

    @property
    def time_ticks(self) -> list[tuple[float, str]]:
        """Times along the axis of time, in percent."""
        total = self.timeline.total or 1
        every = round_step(total / TICKS * 1.5)
        numbers = range(int(total / every) + 1)
        found = [(round(100 * n * every / total, 3), n * every) for n in numbers]
        return [(at, count_text(time)) for at, time in found if at < 96]

    # The tables.

    @property
    def taken_text(self) -> str:
        """What the costs of kernels are."""
        return taken_text(self.costs)

    @property
    def most_taken(self) -> float:
        """Of any node."""
        return max((row.taken for row in self.nodes), default=0)

    @property
    def most_moved(self) -> int:
        """By any node over any hop."""
        return max(
            (m.bytes for row in self.nodes for m in row.hops.values()), default=0
        )

    @property
    def all_macs(self) -> int:
        """Of all nodes."""
        return sum(row.macs for row in self.nodes)

    @property
    def all_taken(self) -> float:
        """By all nodes."""
        return sum(row.taken for row in self.nodes)

    @property
    def all_limit(self) -> int:
        """The fewest instructions for all multiply-adds."""
        return self.costs.limit(self.all_macs)

    @property
    def totals(self) -> list[Moved]:
        """What moves over each hop."""
        return list(hop_totals(self.program, self.nodes).values())

    @property
    def idle(self) -> list[str]:
        """Nodes that no step does, with their operators."""
        names = idle_nodes(self.program)
        label, operators = self.labels.of, self.program.operators
        return [f"{label(name)} ({operators[name]})" for name in names]

    @cached_property
    def _roles(self) -> dict[str, Role]:
        return roles(self.program)

    def operators(self, nodes: Iterable[str]) -> str:
        """The operators of some nodes."""
        return ", ".join(self.program.operators.get(node, node) for node in nodes)

    def text_of(self, buffer: Buffer) -> str:
        """What a buffer is for."""
        return ROLES[self._roles[buffer.name]]

    def live_text(self, buffer: Buffer) -> str:
        """When a buffer is live."""
        return live_text(buffer)


def innermost(program: Program) -> str:
    """The level of all hops that is nearest to the core."""
    order = program.level_order
    return min((level for hop in program.hops for level in hop), key=order.__getitem__)


def make_report(manifest: Table, plan: Table, profile: Any = None) -> Report:
    """
    The report on a folder with these files; `profile` is what a run has saved, if any.

    Raises `DeployError` when they do not belong together or are no such files.
    """
    program = read_program(manifest, plan)
    measured = None if profile is None else read_profile(profile, program)
    costs = Costs(program, measured)
    timeline = simulate(program, costs)
    axes = Axes(timeline, program.horizon)
    nodes = node_rows(program, costs)
    levels = level_figures(program)
    labels = Labels(program)
    lanes = Lanes(program, costs, axes, nodes, labels)
    maps = Maps(program, axes, labels)
    rows = [*lanes.rows(), *(maps.row(level) for level in levels)]
    return Report(program, costs, timeline, levels, nodes, rows, labels)
