"""
Executed instructions of one inference, and how many of them are vector instructions.

A vector instruction counts as one, however many registers it works on. So beside the
plain count there is a weighted one: every vector instruction of arithmetic, load or
store counts as often as its group has registers.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ...machine import Machine
from ..elf import Function, code_at, functions
from .decoding import Kind, is_strided, kind
from .vector_types import Code, disassembled, most_registers, vector_types


@dataclass(frozen=True)
class Counts:
    """What a piece of code executes."""

    instructions: int = 0
    arithmetic: int = 0
    """Vector instructions that are neither a load, a store, nor set the type."""
    loads: int = 0
    """Vector loads."""
    stores: int = 0
    """Vector stores."""
    registers: int = 0
    """The registers that those three work on, each time they are executed."""
    strided: int = 0
    """Vector loads and stores that are strided or indexed."""
    uncertain: int = 0
    """Vector instructions whose registers depend on the path; the most are counted."""

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.instructions + other.instructions,
            self.arithmetic + other.arithmetic,
            self.loads + other.loads,
            self.stores + other.stores,
            self.registers + other.registers,
            self.strided + other.strided,
            self.uncertain + other.uncertain,
        )

    @property
    def extra(self) -> int:
        """What weighting adds to the number of instructions."""
        return self.registers - self.arithmetic - self.loads - self.stores

    @property
    def weighted(self) -> int:
        """Instructions, with those on vectors as often as they have registers."""
        return self.instructions + self.extra


def counts_by_function(
    image: Path, machine: Machine, histogram: Mapping[int, int]
) -> dict[str, Counts]:
    """What each function of the image executes, of those that execute anything."""
    data = image.read_bytes()
    known = functions(data)
    found: dict[str, Counts] = {}
    for function, part in _by_function(known, histogram):
        code = disassembled(code_at(data, function), function.address, machine.xlen)
        counts = counted(code, part)
        found[function.name] = found.get(function.name, Counts()) + counts
    return found


def _by_function(
    known: list[Function], histogram: Mapping[int, int]
) -> Iterator[tuple[Function, dict[int, int]]]:
    """Functions, and the part of the histogram that lies in each."""
    starts = [function.address for function in known]
    parts: dict[int, dict[int, int]] = {}
    for at, count in histogram.items():
        place = bisect_right(starts, at) - 1
        if place >= 0 and at < known[place].end:
            parts.setdefault(place, {})[at] = count
    for place, part in sorted(parts.items()):
        yield known[place], part


def counted(code: Code, histogram: Mapping[int, int]) -> Counts:
    """What one function executes."""
    types = vector_types(code)
    total = Counts()
    for at, count in histogram.items():
        total += _one(code.words.get(at, 0), types.get(at, 0), count)
    return total


def _one(word: int, types: int, count: int) -> Counts:
    """What one instruction adds that is executed `count` times."""
    what = kind(word)
    if what not in (Kind.ARITHMETIC, Kind.LOAD, Kind.STORE):
        return Counts(count)
    registers, certain = most_registers(word, types)
    moves = what is not Kind.ARITHMETIC
    return Counts(
        count,
        arithmetic=count * (not moves),
        loads=count * (what is Kind.LOAD),
        stores=count * (what is Kind.STORE),
        registers=count * registers,
        strided=count * (moves and is_strided(word)),
        uncertain=count * (not certain),
    )
