"""Verdicts as plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..errors import printable
from ..text_table import NO_NUMBER, aligned, shortened
from .needs import Need
from .verdicts import Figures, Verdict

LEVELS = ("level", "decided by", "used", "size", "share", "smallest")
MACHINES = ("machine", "fits", "level", "share", "moved", "instructions")
MOST_PLACE = 40
"""Characters of a node and its operator."""
LEVEL_TEXTS = 2
"""How many columns are text, which begins at the left."""
MACHINE_TEXTS = 3


def lines(model: str, verdict: Verdict) -> Iterator[str]:
    """All that is known of one machine."""
    answer = "fits" if verdict.fits else "does not fit"
    yield printable(f"{model} for {verdict.machine}: {answer}")
    if verdict.reason is not None:
        yield f"  {printable(verdict.reason)}"
    figures = verdict.figures
    if figures is None:
        return
    yield f"  {work(figures)}"
    rows = [LEVELS, *(level_row(need, figures) for need in figures.needs)]
    yield from (f"  {line}" for line in aligned(rows, LEVEL_TEXTS))


def work(figures: Figures) -> str:
    """Multiply-adds, predicted instructions, bytes that move."""
    moved = ", ".join(f"{hop} {count:,}" for hop, count in figures.traffic.items())
    parts = [
        f"multiply-adds: {figures.macs:,}",
        f"weighted instructions: about {figures.instructions:,}",
        f"moved: {moved}" if moved else "",
    ]
    return "; ".join(filter(None, parts))


def level_row(need: Need, figures: Figures) -> tuple[str, ...]:
    """One line of the table of levels; the one that decides is marked."""
    mark = "*" if need is figures.deciding else ""
    place = NO_NUMBER if need.place is None else shortened(str(need.place), MOST_PLACE)
    smallest = f"{figures.smallest[need.level]:,}"
    used, size = f"{need.used:,}", f"{need.size:,}"
    return (f"{need.level}{mark}", place, used, size, f"{need.share:.1%}", smallest)


def summary(verdicts: Sequence[Verdict]) -> list[str]:
    """A table with a row for each machine."""
    return aligned([MACHINES, *map(machine_row, verdicts)], MACHINE_TEXTS)


def machine_row(verdict: Verdict) -> tuple[str, ...]:
    """One line of the table of machines: the level that is fullest, or short."""
    head = (verdict.machine, "yes" if verdict.fits else "no")
    figures = verdict.figures
    if figures is None:
        return (*head, *([NO_NUMBER] * (len(MACHINES) - len(head))))
    need = figures.deciding
    moved = f"{sum(figures.traffic.values()):,}"
    count = f"{figures.instructions:,}"
    return (*head, need.level, f"{need.share:.1%}", moved, count)
