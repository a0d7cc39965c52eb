"""What stands in each memory level: parts, and how much is live when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .origins import Role, roles
from .program import Buffer, Program

Range = tuple[int, int]

PARTS: tuple[tuple[str, str, tuple[Role, ...]], ...] = (
    ("work", "working buffers", ("data", "weights-copy")),
    ("caller", "caller's buffers", ("input", "output")),
    ("weights", "weights", ("weights",)),
    ("stack", "stack", ("stack",)),
    ("runtime", "runtime", ("runtime",)),
)
"""What the bytes of a level go to: key, text, roles."""


@dataclass(frozen=True)
class Part:
    """Bytes of a level that go to one purpose."""

    key: str
    text: str
    bytes: int


@dataclass(frozen=True)
class LevelFigures:
    """One level that holds something."""

    name: str
    size: int
    peak: int
    lower_bound: int
    buffers: tuple[Buffer, ...]
    parts: tuple[Part, ...]
    """They add up to the peak."""
    live: tuple[int, ...]
    """Bytes that are live at each step."""

    @property
    def is_static(self) -> bool:
        """Whether nothing in it ever changes place."""
        return all(buffer.is_static for buffer in self.buffers)

    @property
    def fullest(self) -> int:
        """The first step at which most is live."""
        return self.live.index(max(self.live))


def level_figures(program: Program) -> list[LevelFigures]:
    """The levels that hold something, from the core outwards."""
    purpose = roles(program)
    found: list[LevelFigures] = []
    for level in program.machine.levels:
        mine = tuple(b for b in program.buffers if b.level == level.name)
        claim = program.claims.get(level.name)
        if not mine or claim is None:
            continue
        parts = tuple(_parts(mine, purpose, claim.peak))
        live = tuple(_live(mine, program.horizon))
        found.append(
            LevelFigures(
                level.name, level.size, claim.peak, claim.lower_bound, mine, parts, live
            )
        )
    return found


def _parts(
    buffers: Sequence[Buffer], purpose: dict[str, Role], peak: int
) -> Iterable[Part]:
    """What is left over goes to alignment."""
    seen: list[Buffer] = []
    counted = 0
    for key, text, wanted in PARTS:
        seen += [b for b in buffers if purpose[b.name] in wanted]
        size = sum(end - start for start, end in covered(seen)) - counted
        counted += size
        if size:
            yield Part(key, text, size)
    if peak > counted:
        yield Part("gap", "alignment", peak - counted)


def covered(buffers: Iterable[Buffer]) -> list[Range]:
    """The addresses that buffers take at any time, as ranges that do not touch."""
    found: list[Range] = []
    for start, end in sorted((b.offset, b.top) for b in buffers):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif end > start:
            found.append((start, end))
    return found


def _live(buffers: Sequence[Buffer], horizon: int) -> list[int]:
    change = [0] * (horizon + 1)
    for buffer in buffers:
        span = (0, horizon) if buffer.pinned else (buffer.start, buffer.end)
        change[min(span[0], horizon)] += buffer.size
        change[min(span[1], horizon)] -= buffer.size
    sums: list[int] = []
    for number in change[:horizon]:
        sums.append(number + (sums[-1] if sums else 0))
    return sums
