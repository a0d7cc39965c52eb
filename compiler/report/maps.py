"""The lower rows of the chart: one map per level, address against steps or time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from .chart import Axes, Fact, Item, Line, Place, Row, runs
from .labels import Labels
from .lanes import buffer_key, step_key
from .levels import LevelFigures
from .origins import ROLES, Role, roles
from .program import Buffer, Program, Step
from .scale import Scale, scale_of, ticks
from .wording import bytes_text, exact_bytes, numbers_text, percent

STILL_HEIGHT, LOW_HEIGHT, FULL_HEIGHT = 120, 200, 360
"""Pixels of a map in which nothing changes, few things do, many things do."""
FEW = 6
LINE_PIXELS = 18
"""Room that the text of a line takes above it."""
LABEL_PIXELS = 13
"""Still buffers that would be lower are drawn as one with their neighbours."""


@dataclass(frozen=True)
class Maps:
    """Makes the maps."""

    program: Program
    axes: Axes
    labels: Labels

    @cached_property
    def _roles(self) -> dict[str, Role]:
        return roles(self.program)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {b.name: number for number, b in enumerate(self.program.buffers)}

    @cached_property
    def _users(self) -> dict[str, list[Step]]:
        """Buffer -> the kernels and starts that touch it."""
        found: dict[str, list[Step]] = {}
        for step in self.program.steps:
            if step.kind == "wait":
                continue
            for name in dict.fromkeys([*step.reads, *step.writes]):
                found.setdefault(name, []).append(step)
        return found

    def row(self, level: LevelFigures) -> Row:
        """The map of one level."""
        scale = scale_of(level)
        height = map_height(level)
        items = [self._item(group, scale) for group in self._groups(level, height)]
        live = () if level.is_static else tuple(self._live(level))
        found = ticks(scale, LABEL_PIXELS / height)
        return Row(
            title=level.name,
            note=f"{bytes_text(level.peak)} of {bytes_text(level.size)}",
            look="map",
            height=height,
            items=tuple(items),
            lines=tuple(level_lines(level, scale)),
            ticks=tuple((round(100 * h, 3), text) for h, text in found),
            shorts=tuple(
                (round(100 * s.bottom, 3), round(100 * (s.top - s.bottom), 3))
                for s in scale.stretches
                if s.is_short
            ),
            live=live,
        )

    def _groups(self, level: LevelFigures, height: int) -> Iterator[list[Buffer]]:
        """The buffers, with still neighbours together that are too low to see."""
        scale = scale_of(level)

        def is_low(buffer: Buffer) -> bool:
            rise = scale.at(buffer.top) - scale.at(buffer.offset)
            return buffer.is_static and rise * height < LABEL_PIXELS

        low: list[Buffer] = []
        for buffer in sorted(level.buffers, key=lambda b: (b.offset, b.start)):
            fits = not low or self._roles[low[-1].name] == self._roles[buffer.name]
            if low and not (fits and is_low(buffer)):
                yield low
                low = []
            if is_low(buffer):
                low.append(buffer)
            else:
                yield [buffer]
        if low:
            yield low

    def _item(self, group: Sequence[Buffer], scale: Scale) -> Item:
        first, last = group[0], group[-1]
        bottom, top = scale.at(first.offset), scale.at(last.top)
        whole = first.is_static
        place = self.axes.of_steps(
            0 if whole else first.start, self.program.horizon if whole else first.end
        )
        several = f"{len(group)} × {self._text(first)}"
        users = [step for buffer in group for step in self._users.get(buffer.name, [])]
        return Item(
            key=buffer_key(self._numbers[first.name]),
            look=self._roles[first.name],
            label=several if len(group) > 1 else self.labels.of(first.name),
            title=several if len(group) > 1 else first.name,
            place=place,
            facts=tuple(self._facts(group)),
            related=tuple(dict.fromkeys(step_key(step.number) for step in users)),
            bottom=round(100 * bottom, 3),
            height=round(100 * (top - bottom), 3),
        )

    def _text(self, buffer: Buffer) -> str:
        return ROLES[self._roles[buffer.name]]

    def _facts(self, group: Sequence[Buffer]) -> Iterator[Fact]:
        first, last = group[0], group[-1]
        yield Fact("holds", self._text(first))
        yield Fact("level", first.level)
        yield Fact("size", exact_bytes(sum(buffer.size for buffer in group)))
        yield Fact("addresses", f"{first.offset:,} … {last.top - 1:,}")
        yield Fact("live", live_text(first))
        if len(group) > 1:
            yield Fact("which are", self.labels.of_all(b.name for b in group))
            return
        yield from self._uses(first)

    def _uses(self, buffer: Buffer) -> Iterator[Fact]:
        users = self._users.get(buffer.name, [])
        for label, names in (
            ("written by", [s for s in users if buffer.name in s.writes]),
            ("read by", [s for s in users if buffer.name in s.reads]),
        ):
            if names:
                nodes = self.labels.of_all(dict.fromkeys(step.name for step in names))
                steps = numbers_text([step.number for step in names])
                yield Fact(label, f"{nodes} (step {steps})")

    def _live(self, level: LevelFigures) -> Iterator[tuple[Place, float, str]]:
        most = max(level.peak, 1)
        for start, end in runs(level.live):
            size = level.live[start]
            look = "most" if size == max(level.live) else ""
            yield self.axes.of_steps(start, end), round(100 * size / most, 2), look


def live_text(buffer: Buffer) -> str:
    """When a buffer is live."""
    if buffer.is_static:
        return "all the time"
    if buffer.end - buffer.start <= 1:
        return f"step {buffer.start}"
    return f"steps {buffer.start}–{buffer.end - 1}"


def map_height(level: LevelFigures) -> int:
    """Pixels."""
    if level.is_static:
        return STILL_HEIGHT
    moving = sum(not buffer.is_static for buffer in level.buffers)
    return LOW_HEIGHT if moving <= FEW else FULL_HEIGHT


def level_lines(level: LevelFigures, scale: Scale) -> Iterator[Line]:
    """Peak, lower bound, and the level's end where that is near."""

    def line(look: str, text: str, address: int) -> Line:
        return Line(look, text, round(100 * scale.at(address), 3))

    bound, peak = level.lower_bound, level.peak
    gap = scale.at(level.size) - scale.at(peak)
    is_close = level.size <= scale.end and gap * map_height(level) < LINE_PIXELS
    look = "peak under" if is_close else "peak"
    if peak == bound:
        yield line(look, f"peak = lower bound {exact_bytes(peak)}", peak)
    else:
        over = percent(peak - bound, bound)
        yield line(look, f"peak {exact_bytes(peak)}, {over} above", peak)
        yield line("bound", f"lower bound {exact_bytes(bound)}", bound)
    if level.size <= scale.end:
        yield line("size", f"end of {level.name} {exact_bytes(level.size)}", level.size)
