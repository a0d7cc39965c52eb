"""
What a watched program is told of its machine and its steps, as a C table.

Everything comes from the folder's manifest: who may be touched, which level is where,
and which bytes of a level mean nothing while a step runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from ..errors import DeployError
from ..machine import Level, Machine
from .steps import program_steps

Entry: TypeAlias = Mapping[str, Any]
Range: TypeAlias = tuple[int, int]
"""Offsets or addresses, from the first to before the second."""

READ, WRITE, EXECUTE = 0x01, 0x02, 0x04
"""Rights, as in a byte of `pmpcfg`."""
NO_LEVEL = 255
MAX_LEVELS = 16
MAX_REGIONS = 7
"""Of fourteen entries of memory protection, two for each."""

HEAD = """\
/* What the checks know of the machine and of each step. Made by deployopt. */
#include "monitor.h"
"""
LINKED = (
    "extern char __deploy_code_start[], __deploy_code_end[];\n"
    "extern char __deploy_stack_bottom[], __deploy_stack_top[];\n"
)


@dataclass(frozen=True)
class CheckTable:
    """The table of one program on one machine."""

    machine: Machine
    manifest: Entry

    @cached_property
    def buffers(self) -> Sequence[Entry]:
        """Every buffer of the manifest."""
        return self.manifest["memory"]["buffers"]

    @cached_property
    def ops(self) -> Sequence[Entry]:
        """The steps in order."""
        return program_steps(self.manifest)

    @cached_property
    def outside(self) -> set[str]:
        """The names of the caller's own buffers."""
        memory = self.manifest["memory"]
        return {*memory["inputs"], *memory["outputs"]}

    def arena(self, level: str) -> list[Entry]:
        """The buffers that the program itself places in a level."""
        return [
            buffer
            for buffer in self.buffers
            if buffer["level"] == level
            and not (buffer.get("pinned") or buffer.get("reserved"))
            and buffer["name"] not in self.outside
        ]

    def is_shared(self, level: Level) -> bool:
        """Whether anything but buffers of the program is in a level."""
        machine = self.machine
        roles = (machine.io_level, machine.weights_level, machine.code_level)
        return level.name in (*roles, machine.stack.level)

    # What kernels may touch.

    def open_region(self, level: Level) -> tuple[Range, int] | None:
        """Addresses and rights of an open level; none when nothing is in it."""
        assert level.base is not None, "the runners with protection want addresses"
        rights = READ | (WRITE if level.writable else 0)
        if self.is_shared(level):
            return (level.base, level.base + level.size), rights
        mine = self.arena(level.name)
        if not mine:
            return None
        start, end = extent(mine)
        return (level.base + start, level.base + end), rights

    def region_lines(self) -> Iterator[str]:
        """The regions; where two overlap, the earlier one decides."""
        code = "(uintptr_t)__deploy_code_start, (uintptr_t)__deploy_code_end"
        yield region(code, READ | EXECUTE)
        stack = "(uintptr_t)__deploy_stack_bottom, (uintptr_t)__deploy_stack_top"
        yield region(stack, READ | WRITE)
        rest = self.machine.level(self.machine.code_level)
        if not rest.writable and not rest.kernels:
            # The start code lets everybody read all of it.
            yield region(f"{rest.base:#x}u, {(rest.base or 0) + rest.size:#x}u", 0)
        for level in self.machine.levels:
            found = self.open_region(level) if level.kernels else None
            if found is not None:
                (start, end), rights = found
                yield region(f"{start:#x}u, {end:#x}u", rights)

    # What means nothing while a step runs.

    def dead(self, level: Level, step: int) -> list[Range]:
        """The offsets in a level that no buffer holds, of those that buffers use."""
        mine = self.arena(level.name)
        live = [b for b in mine if b["start"] <= step < b["end"]]
        return without(extent(mine), [span(buffer) for buffer in live])

    def new(self, level: Level, step: int) -> list[Range]:
        """The offsets of buffers that hold nothing before a step that fills them."""
        op = self.ops[step]
        mine = self.arena(level.name)
        new = [b for b in mine if b["start"] == step and b["name"] not in op["reads"]]
        # In a loop, a step may make one part at a time.
        if op.get("repeat") != 1 or not new:
            return []
        live = [b for b in mine if b not in new and b["start"] <= step < b["end"]]
        held = [span(buffer) for buffer in live]
        return [part for buffer in new for part in without(span(buffer), held)]

    def addresses(self, step: int, is_new: bool) -> list[Range]:
        """Addresses in all levels that kernels write: of new buffers, or dead ones."""
        if is_transfer(self.ops[step]):
            return []
        levels = [v for v in self.machine.levels if v.kernels and v.writable]
        return [
            ((level.base or 0) + start, (level.base or 0) + end)
            for level in levels
            if self.arena(level.name)
            for start, end in (self.new if is_new else self.dead)(level, step)
        ]

    # What is known of transfers.

    def level_number(self, name: str | None) -> int:
        """The number of a level, counted from the core outwards."""
        names = [level.name for level in self.machine.levels]
        return NO_LEVEL if name is None else names.index(name)

    def source_ends(self, step: int) -> bool:
        """Whether nobody reads what a wait's transfer has sent, before it is new."""
        own = {step, *self.ops[step].get("starts", ())}
        loop = self.loop_around(step)
        order = [*range(step + 1, len(self.ops)), *(n for n in loop if n < step)]
        readers = {
            name
            for number in order
            if number not in own
            for name in self.ops[number]["reads"]
        }
        return readers.isdisjoint(self.ops[step]["reads"])

    def side(self, op: Entry, key: str) -> Range:
        """Where the buffer is that a start `reads` or `writes`; nowhere if unknown."""
        if not is_start(op) or self.machine.is_native or len(op[key]) != 1:
            return 0, 0
        (buffer,) = (b for b in self.buffers if b["name"] == op[key][0])
        base = self.machine.level(buffer["level"]).base or 0
        start, end = span(buffer)
        return base + start, base + end

    def loop_around(self, step: int) -> range:
        """The steps around one that are done more than once, or none."""
        repeated = [op.get("repeat", 1) > 1 for op in self.ops]
        start = end = step
        while start > 0 and repeated[step] and repeated[start - 1]:
            start -= 1
        while end < len(repeated) and repeated[end]:
            end += 1
        return range(start, end)

    # The text.

    def text(self) -> str:
        """
        The C source.

        Raises `DeployError` when the machine has more open levels than can be told
        apart.
        """
        regions = [] if self.machine.is_native else list(self.region_lines())
        if len(regions) > MAX_REGIONS or len(self.machine.levels) > MAX_LEVELS:
            open_levels = sum(level.kernels for level in self.machine.levels)
            most = MAX_REGIONS - (len(regions) - open_levels)
            raise DeployError(
                f"expected at most {most} levels that kernels may touch, of at most "
                f"{MAX_LEVELS}, got {open_levels} of {len(self.machine.levels)}",
                node=f"machine {self.machine.name}",
            )
        ranges = [] if self.machine.is_native else list(self.level_lines())
        parts = [
            *([] if self.machine.is_native else [LINKED]),
            number("deploy_n_levels", len(self.machine.levels)),
            number("deploy_n_ranges", len(ranges)),
            number("deploy_n_regions", len(regions)),
            number("deploy_n_steps", len(self.ops)),
            array("deploy_range deploy_levels", ranges),
            array("deploy_region deploy_regions", regions),
            *self.step_arrays(),
        ]
        return "\n".join([HEAD, *parts])

    def level_lines(self) -> Iterator[str]:
        """The addresses of each level."""
        for level in self.machine.levels:
            base = level.base or 0
            yield range_of((base, base + level.size))

    def step_arrays(self) -> Iterator[str]:
        """The steps, and the ranges that they point to."""
        steps: list[str] = []
        ranges: list[str] = []
        for step, op in enumerate(self.ops):
            dead = self.addresses(step, is_new=False)
            new = self.addresses(step, is_new=True)
            ends = is_wait(op) and self.source_ends(step)
            places = [self.level_number(op.get(key)) for key in ("from", "to")]
            figures = [len(ranges), len(ranges) + len(dead), *places, int(ends)]
            sides = [self.side(op, key) for key in ("reads", "writes")]
            steps.append(
                f"{{{', '.join(map(str, (*figures, *map(range_of, sides))))}}}"
            )
            ranges += map(range_of, (*dead, *new))
        last = (
            f"{{{len(ranges)}, {len(ranges)}, {NO_LEVEL}, {NO_LEVEL}, 0, {{0}}, {{0}}}}"
        )
        yield array("deploy_step deploy_steps", [*steps, last])
        yield array("deploy_range deploy_dead", ranges)


def is_transfer(op: Entry) -> bool:
    """Whether a step starts a transfer or waits for one."""
    return op["symbol"].startswith("deploy_dma_")


def is_start(op: Entry) -> bool:
    """Whether a step starts a transfer."""
    return is_transfer(op) and not is_wait(op)


def is_wait(op: Entry) -> bool:
    """Whether a step waits for a transfer."""
    return op["symbol"] == "deploy_dma_wait"


def span(buffer: Entry) -> Range:
    """The offsets of a buffer."""
    return buffer["offset"], buffer["offset"] + buffer["size"]


def range_of(addresses: Range) -> str:
    """A range in C."""
    start, end = addresses
    return f"{{{start:#x}u, {end:#x}u}}"


def extent(buffers: Sequence[Entry]) -> Range:
    """The offsets from the first of `buffers` to the end of the last."""
    spans = [span(buffer) for buffer in buffers]
    return min(start for start, _ in spans), max(end for _, end in spans)


def without(whole: Range, parts: Sequence[Range]) -> list[Range]:
    """What is left of `whole` when `parts` are taken away."""
    left: list[Range] = []
    place, end = whole
    for start, stop in sorted(parts):
        if place < min(start, end):
            left.append((place, min(start, end)))
        place = max(place, stop)
    return [*left, (place, end)] if place < end else left


def region(addresses: str, rights: int) -> str:
    """One region."""
    return f"{{{{{addresses}}}, {rights:#x}}}"


def number(name: str, value: int) -> str:
    """A constant."""
    return f"const uint32_t {name} = {value};\n"


def array(declarator: str, elements: Sequence[str]) -> str:
    """An array of structures; C wants at least one element."""
    lines = "".join(f"    {element},\n" for element in elements) or "    {0},\n"
    return f"const struct {declarator}[] = {{\n{lines}}};\n"
