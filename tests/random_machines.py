"""Random machines with two to four memory levels, as a person could describe them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

HEAD = """\
description = "drawn at random"
isa = "{isa}"
abi = "{abi}"
vlen = 0
cflags = ["-mcmodel=medany", "-ffreestanding"]
runners = ["spike", "qemu"]
default_runner = "spike"
"""

START = 0x80000000
SPACING = 0x00800000
"""Levels stand that far apart, so that any can be enlarged."""


@dataclass(frozen=True)
class LevelText:
    """One level of a machine file."""

    name: str
    size: int
    align: int
    is_open: bool
    neighbour: str | None
    is_asynchronous: bool
    skew: int
    """Bytes behind a round address."""

    def lines(self, base: int) -> list[str]:
        kernels = str(self.is_open).lower()
        lines = [
            f"[levels.{self.name}]",
            f"base = {base + self.skew:#x}",
            f"size = {self.size}",
            f"align = {self.align}",
            'access = "rw"',
            f"kernels = {kernels}",
        ]
        if self.neighbour is not None:
            lines.append(
                f'dma = {{ neighbour = "{self.neighbour}", setup_cycles = 20, '
                f"bytes_per_cycle = 4, asynchronous = "
                f"{str(self.is_asynchronous).lower()} }}"
            )
        return lines


def draw_levels(random: np.random.Generator, near_bytes: int) -> list[LevelText]:
    """Levels from the core outwards; kernels may touch the first one only."""
    count = int(random.integers(2, 5))
    sizes = [near_bytes, *(int(random.integers(40_000, 400_000)) for _ in range(3))]
    sizes = [*sizes[: count - 1], 6_000_000]
    names = [f"L{n}" for n in range(1, count + 1)]
    found: list[LevelText] = []
    for index, name in enumerate(names):
        align = int(2 ** random.integers(2, 7))
        found.append(
            LevelText(
                name,
                max(sizes[index] // align, 1) * align,
                align,
                is_open=index == 0,
                neighbour=names[index + 1] if index + 1 < count else None,
                is_asynchronous=bool(random.integers(0, 2)),
                skew=int(random.integers(0, 5)) * align,
            )
        )
    return found


def random_machine(
    random: np.random.Generator, folder: Path, near_bytes: int
) -> tuple[Path, list[LevelText]]:
    """A machine file, whose near level has about that many bytes, and its levels."""
    levels = draw_levels(random, near_bytes)
    far = levels[-1].name
    isa, abi = [("rv64gc", "lp64d"), ("rv32imc", "ilp32"), ("rv32imfc", "ilp32f")][
        int(random.integers(0, 3))
    ]
    flags = HEAD if isa == "rv64gc" else HEAD.replace('"-mcmodel=medany", ', "")
    stack = levels[int(random.integers(1, len(levels)))].name
    io = levels[int(random.integers(1, len(levels)))].name
    lines = [flags.format(isa=isa, abi=abi)]
    body = "\n".join([*lines, *sorted_levels(levels)])
    roles = f'\n[roles]\nio = "{io}"\nweights = "{far}"\ncode = "{far}"\n'
    path = folder / f"{isa}.toml"
    path.write_text(f'{body}\n[stack]\nlevel = "{stack}"\nsize = 16384\n{roles}')
    return path, levels


def sorted_levels(levels: list[LevelText]) -> list[str]:
    """The levels as they are written: the near one first, at the highest address."""
    places = {level.name: index for index, level in enumerate(reversed(levels))}
    return [
        line
        for level in levels
        for line in level.lines(START + places[level.name] * SPACING)
    ]
