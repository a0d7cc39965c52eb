"""
What a report is about: the steps, buffers and levels of a compiled model.

They are read from `manifest.json` and `plan.json` of a deployable folder, and from
nothing else, so that every folder can be looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any, Literal, TypeAlias, cast

from ..errors import DeployError, printable
from ..machine import Machine, machine_from_table

Table: TypeAlias = Mapping[str, Any]
Kind = Literal["kernel", "start", "wait"]

TRANSFER = "deploy_dma_"
"""What the functions that move data between levels begin with."""

UNNOTED = {"nodes", "kernel", "loops"}
"""What of a group in the plan is no decision."""

EMPTY: Table = {}

MANIFEST, PLAN = "manifest.json", "plan.json"


@dataclass(frozen=True)
class Buffer:
    """Bytes of one level that hold something in the steps `[start, end)`."""

    name: str
    size: int
    level: str
    offset: int
    """Bytes from the start of the level."""
    start: int
    end: int
    pinned: bool
    """Constants."""
    reserved: bool
    """Set aside and touched by no step."""

    @property
    def top(self) -> int:
        """The first byte behind it."""
        return self.offset + self.size

    @property
    def is_static(self) -> bool:
        """Whether it is there from beginning to end whatever the program does."""
        return self.pinned or self.reserved


@dataclass(frozen=True)
class Step:
    """One call of a kernel, or one transfer begun or awaited."""

    number: int
    kind: Kind
    name: str
    """The ONNX node that computes."""
    nodes: tuple[str, ...]
    symbol: str
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    macs: int
    """Multiply-adds, all repetitions together."""
    repeat: int
    """How often the loops around it run it."""
    bytes: int = 0
    """Bytes of one transfer."""
    source: str = ""
    """The level that a transfer reads."""
    target: str = ""
    """The level that a transfer writes."""
    starts: tuple[int, ...] = ()
    """Of a wait: the steps whose transfers it may end, as far as that is known."""
    tile: tuple[int, ...] = ()
    """Shape of what one call makes, when the plan says so."""
    decisions: Mapping[str, Any] | None = None

    @property
    def hop(self) -> tuple[str, str]:
        """The two levels of a transfer."""
        return self.source, self.target

    @property
    def moved(self) -> int:
        """Bytes that a start moves in all its repetitions."""
        return self.bytes * self.repeat if self.kind == "start" else 0

    @property
    def elements(self) -> int:
        """Elements that a kernel makes in all its repetitions; 0 if unknown."""
        return prod(self.tile) * self.repeat if self.tile else 0


@dataclass(frozen=True)
class Claim:
    """What a level needs, and what it cannot do without."""

    peak: int
    lower_bound: int


@dataclass(frozen=True)
class Program:
    """A compiled model, ready to be looked at. All names are printable."""

    name: str
    machine: Machine
    inputs: tuple[str, ...]
    """The buffers that hold the caller's inputs."""
    outputs: tuple[str, ...]
    """The buffers that take the caller's outputs."""
    steps: tuple[Step, ...]
    buffers: tuple[Buffer, ...]
    claims: Mapping[str, Claim]
    """Level -> what is claimed of it; only levels that hold something."""
    operators: Mapping[str, str]
    """ONNX node -> ONNX operator, all nodes of the model."""
    macs: int
    about: Mapping[str, str]
    """Versions and the like, for the foot of the page."""

    @cached_property
    def by_name(self) -> Mapping[str, Buffer]:
        """The buffers."""
        return {buffer.name: buffer for buffer in self.buffers}

    @property
    def horizon(self) -> int:
        """The number of steps; at least 1, so that there is something to draw."""
        return max(1, len(self.steps))

    @cached_property
    def level_order(self) -> Mapping[str, int]:
        """Level -> its place, from the core outwards."""
        return {level.name: n for n, level in enumerate(self.machine.levels)}

    @cached_property
    def hops(self) -> tuple[tuple[str, str], ...]:
        """The pairs of levels between which something moves: the way in, then out."""
        found = {step.hop for step in self.steps if step.kind == "start"}

        def place(hop: tuple[str, str]) -> tuple[bool, int, int]:
            source, target = (self.level_order[level] for level in hop)
            inward = source > target
            return not inward, -source if inward else source, target

        return tuple(sorted(found, key=place))

    def is_inward(self, hop: tuple[str, str]) -> bool:
        """Whether a hop leads towards the core."""
        return self.level_order[hop[0]] > self.level_order[hop[1]]


# Reading.


def read_program(manifest: Table, plan: Table) -> Program:
    """The program of a folder; raises `DeployError` when the two files say nonsense."""
    try:
        program = _program(manifest, plan)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        kind = type(error).__name__
        raise DeployError(
            f"expected what deployopt writes, got something else ({kind}: {error})",
            node=MANIFEST,
        ) from error
    _check(program)
    return program


def _program(manifest: Table, plan: Table) -> Program:
    memory = cast(Table, manifest["memory"])
    return Program(
        name=printable(manifest["name"]),
        machine=_machine(manifest["machine"]),
        inputs=tuple(printable(name) for name in memory["inputs"]),
        outputs=tuple(printable(name) for name in memory["outputs"]),
        steps=tuple(_steps(memory["ops"], plan)),
        buffers=tuple(_buffer(entry) for entry in memory["buffers"]),
        claims={
            printable(level): Claim(int(claim["peak"]), int(claim["lower_bound"]))
            for level, claim in memory["claimed"].items()
        },
        operators={
            printable(name): printable(op) for name, op in manifest["nodes"].items()
        },
        macs=int(manifest["macs"]),
        about=_about(manifest),
    )


def _machine(table: Table) -> Machine:
    entries = dict(table)
    return machine_from_table(entries.pop("name"), entries)


def _about(manifest: Table) -> dict[str, str]:
    versions = {name: str(v) for name, v in manifest["versions"].items()}
    sums = {"model sha256": manifest["sha256"]} if manifest["sha256"] else {}
    flags = {"C flags": " ".join(manifest["cflags"])}
    found = {**versions, **sums, **flags}
    return {printable(key): printable(value) for key, value in found.items()}


def _buffer(entry: Table) -> Buffer:
    return Buffer(
        name=printable(entry["name"]),
        size=int(entry["size"]),
        level=printable(entry["level"]),
        offset=int(entry["offset"]),
        start=int(entry["start"]),
        end=int(entry["end"]),
        pinned=bool(entry.get("pinned")),
        reserved=bool(entry.get("reserved")),
    )


def _steps(ops: Sequence[Table], plan: Table) -> Iterator[Step]:
    """The steps; the plan has a group for each kernel's step, in their order."""
    groups = iter(cast("Sequence[Table]", plan.get("groups", ())))
    for op in ops:
        if op.get("loop"):
            continue  # what a loop needs beyond its steps; lifetimes say it already
        moves = op["symbol"].startswith(TRANSFER)
        group = EMPTY if moves else next(groups, EMPTY)
        yield _step(op, group if group.get("kernel") == op["symbol"] else {})


def _step(op: Table, group: Table) -> Step:
    symbol = printable(op["symbol"])
    return Step(
        number=int(op["step"]),
        kind=_kind(symbol),
        name=printable(op["name"]),
        nodes=tuple(printable(name) for name in op.get("nodes", [])),
        symbol=symbol,
        reads=tuple(printable(name) for name in op["reads"]),
        writes=tuple(printable(name) for name in op["writes"]),
        macs=int(op.get("macs", 0)),
        repeat=int(op.get("repeat", repetitions(group.get("loops", ())))),
        bytes=int(op.get("bytes", 0)),
        source=printable(op.get("from", "")),
        target=printable(op.get("to", "")),
        starts=tuple(int(number) for number in op.get("starts", ())),
        tile=tuple(int(size) for size in group.get("tile", ())),
        decisions={k: v for k, v in group.items() if k not in UNNOTED},
    )


def _kind(symbol: str) -> Kind:
    if not symbol.startswith(TRANSFER):
        return "kernel"
    return "wait" if symbol == f"{TRANSFER}wait" else "start"


def repetitions(loops: Sequence[Sequence[int]]) -> int:
    """How often the body of nested loops (first, end, step) runs."""
    return prod(len(range(*bounds)) for bounds in loops)


def _check(program: Program) -> None:
    """Refuses what could not be drawn."""
    levels = program.level_order
    for buffer in program.buffers:
        if buffer.level not in levels or buffer.level not in program.claims:
            reason = f"buffer {buffer.name}: unknown level {buffer.level!r}"
            raise DeployError(reason, node=MANIFEST)
    for number, step in enumerate(program.steps):
        if step.number != number:
            reason = f"expected step {number}, got {step.number}"
            raise DeployError(reason, node=MANIFEST)
        unknown = [n for n in (*step.reads, *step.writes) if n not in program.by_name]
        if unknown:
            reason = f"step {number}: unknown buffer {unknown[0]!r}"
            raise DeployError(reason, node=MANIFEST)
        if step.kind != "kernel" and not set(step.hop) <= levels.keys():
            reason = f"step {number}: unknown levels {step.hop}"
            raise DeployError(reason, node=MANIFEST)
