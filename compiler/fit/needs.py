"""What a compiled model needs of each memory level, from its manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..report.levels import LevelFigures, level_figures
from ..report.program import Program, Step, read_program


@dataclass(frozen=True)
class Place:
    """The ONNX node that decides how much of a level is needed."""

    node: str
    op: str
    """Its operator; empty where the model does not say."""

    def __str__(self) -> str:
        return f"{self.node} ({self.op})" if self.op else self.node


@dataclass(frozen=True)
class Need:
    """What is needed of one level."""

    level: str
    size: int
    """Bytes there are."""
    used: int
    """Bytes up to the last one that is used."""
    place: Place | None
    """None where no step touches the level."""

    @property
    def share(self) -> float:
        """The part of the level that is used; above 1 where it is short."""
        return self.used / self.size

    def json(self) -> dict[str, Any]:
        """All of it but the level, as it is saved."""
        decides = None if self.place is None else dict(vars(self.place))
        return {"used": self.used, "size": self.size, "decides": decides}


def needs(manifest: Mapping[str, Any]) -> list[Need]:
    """The levels that hold something, from the core outwards."""
    program = read_program(manifest, {})
    return [
        Need(one.name, one.size, one.peak, deciding(program, one))
        for one in level_figures(program)
    ]


def deciding(program: Program, level: LevelFigures) -> Place | None:
    """
    The node at whose step most of a level is live.

    Of several such steps, as where constants fill a level all the time, the one that
    touches most bytes of it.
    """
    sizes = {buffer.name: buffer.size for buffer in level.buffers}

    def touched(step: Step) -> int:
        return sum(sizes.get(name, 0) for name in {*step.reads, *step.writes})

    most = max(level.live)
    widest = [step for step in program.steps if level.live[step.number] == most]
    step = max(widest, key=touched, default=None)
    if step is None or not touched(step):
        return None
    return Place(step.name, program.operators.get(step.name, ""))


def fullest(found: Sequence[Need]) -> Need:
    """The level of which the greatest part is used: the first that would be short."""
    return max(found, key=lambda need: need.share)
