"""
What this computer's vector instructions are: the values that `native` stands for.

A description says `vlen = "native"`; the number that this finds takes its place when
the file is read, and goes wherever the description goes.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .checked_table import Table, Value

NATIVE = "native"
PROCESSORS = Path("/proc/cpuinfo")
WIDTHS = (("avx512f", 512), ("avx2", 256))
ARM = ("aarch64", "arm64")


@dataclass(frozen=True)
class Vectors:
    """Vector registers, and what can be done with them."""

    vlen: int = 128
    """Bits of one."""
    registers: int = 16
    fma: bool = False
    """Whether a multiply-add of floats, rounded once, is one instruction."""


def vectors_of(processor: str, flags: frozenset[str]) -> Vectors:
    """Those of a processor that calls itself so and has the features of that name."""
    if processor.lower() in ARM:
        return Vectors(registers=32, fma=True)
    bits = next((bits for flag, bits in WIDTHS if flag in flags), 128)
    return Vectors(bits, 32 if bits == 512 else 16, "fma" in flags)


def processor_flags(text: str) -> frozenset[str]:
    """The features that every core lists in such a file."""
    lines = (line.partition(":") for line in text.splitlines())
    found = [set(value.split()) for key, _, value in lines if key.strip() == "flags"]
    return frozenset[str]().union(*found[:1]).intersection(*found)


def this_computer() -> Vectors:
    """Those of this computer, or what all of its kind have where it does not say."""
    try:
        text = PROCESSORS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    return vectors_of(platform.machine(), processor_flags(text))


def settled(table: Table) -> Table:
    """A native machine's table with numbers in place of `native`."""
    if table.get("isa") != NATIVE:
        return table
    here = this_computer()
    values: Mapping[str, Value] = {
        "vlen": here.vlen,
        "vector_registers": here.registers,
        "fma": here.fma,
    }
    return {
        key: values[key] if key in values and value == NATIVE else value
        for key, value in table.items()
    }
