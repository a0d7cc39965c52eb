"""
Where bytes come from and go to: what each buffer is for, and what had to move.

*Had to*: constants and the caller's inputs go inwards once over each hop on their way,
the caller's outputs outwards once. Everything else could have stayed near the core.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from .program import Buffer, Program, Step

Role = Literal["data", "weights", "weights-copy", "input", "output", "stack", "runtime"]
ROLES: Mapping[Role, str] = {
    "data": "activations",
    "weights": "weights",
    "weights-copy": "weights, copied",
    "input": "caller's input",
    "output": "caller's output",
    "stack": "stack",
    "runtime": "runtime",
}
"""What a reader is told of each role, in the order of the legend."""

Hop = tuple[str, str]


@dataclass(frozen=True)
class Moved:
    """Bytes over one hop."""

    bytes: int = 0
    least: int = 0
    """What of them had to move."""

    def __add__(self, other: Moved) -> Moved:
        return Moved(self.bytes + other.bytes, self.least + other.least)


def role(program: Program, buffer: Buffer, copies: frozenset[str]) -> Role:
    """What a buffer is for; `copies` are those that only hold copied constants."""
    if buffer.name in program.inputs:
        return "input"
    if buffer.name in program.outputs:
        return "output"
    if buffer.pinned:
        return "weights"
    if buffer.reserved:
        return "stack" if buffer.name == "(stack)" else "runtime"
    return "weights-copy" if buffer.name in copies else "data"


def roles(program: Program) -> dict[str, Role]:
    """Buffer -> what it is for."""
    copies = constant_copies(program)
    return {b.name: role(program, b, copies) for b in program.buffers}


def constant_copies(program: Program) -> frozenset[str]:
    """The buffers that transfers alone fill, from constants alone."""
    written: dict[str, set[str]] = {}
    for step in program.steps:
        if step.kind == "wait":
            continue
        sources = step.reads if step.kind == "start" else ("",)
        for name in step.writes:
            written.setdefault(name, set()).update(sources)
    found = {buffer.name for buffer in program.buffers if buffer.pinned}
    constants = frozenset(found)
    for _ in program.machine.levels:
        found |= {name for name, sources in written.items() if sources <= found}
    return frozenset(found - constants)


def ends(program: Program, steps: Iterable[Step]) -> dict[str, set[str]]:
    """
    Buffer -> the constants and inputs that transfers bring into it in that order of
    steps; with steps and their direction reversed: the outputs that it goes to.
    """
    found: dict[str, set[str]] = {}
    for step in steps:
        if step.kind == "start":
            for name in step.writes:
                for source in step.reads:
                    found.setdefault(name, set()).update(found.get(source, {source}))
    return found


def reversed_steps(program: Program) -> list[Step]:
    """The steps as if data flowed backwards."""
    steps = reversed(program.steps)
    return [replace(step, reads=step.writes, writes=step.reads) for step in steps]


def traffic(program: Program) -> dict[str, dict[Hop, Moved]]:
    """ONNX node -> hop -> what its transfers move, and what of it had to move."""
    constants = {b.name for b in program.buffers if b.pinned}
    brought = ends(program, program.steps)
    taken = ends(program, reversed_steps(program))
    ledger = Ledger(program)
    found: dict[str, dict[Hop, Moved]] = {}
    for step in program.steps:
        if step.kind != "start":
            continue
        inward = program.is_inward(step.hop)
        names, way = (step.reads, brought) if inward else (step.writes, taken)
        wanted = constants | set(program.inputs) if inward else set(program.outputs)
        owed = {end for name in names for end in way.get(name, {name})} & wanted
        moved = Moved(step.moved, ledger.settle(step, sorted(owed)))
        node = found.setdefault(step.name, {})
        node[step.hop] = node.get(step.hop, Moved()) + moved
    return found


class Ledger:
    """How much of each buffer has not yet crossed each hop."""

    def __init__(self, program: Program) -> None:
        self._sizes = {b.name: b.size for b in program.buffers}
        self._left: dict[tuple[Hop, str], int] = {}

    def settle(self, step: Step, owed: Iterable[str]) -> int:
        """How much of what `step` moves was owed, which it is no longer."""
        free = step.moved
        for name in owed:
            key = (step.hop, name)
            left = self._left.get(key, self._sizes[name])
            paid = min(left, free)
            self._left[key] = left - paid
            free -= paid
        return step.moved - free
