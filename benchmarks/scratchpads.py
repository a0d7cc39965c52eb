"""
What networks take on machines with memory levels beside one without.

    deployc bench MODEL... --machine rv64gcv --machine scratchpad
        --machine scratchpad-64k --json F
    python benchmarks/scratchpads.py F > benchmarks/scratchpads.md

The first machine is the one without levels, of the same ISA. Instructions are weighted,
and those of the functions that transfer are left out: these copy by instructions on a
simulator, where DMA does that on a machine.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HEAD = """# Networks on machines with memory levels

Weighted instructions outside of the functions that transfer, divided by those of the
same network on `{flat}`; the bytes that move in all, and the cycles that DMA takes for
them by the figures of the machine, in thousands. Made by

    {command}
    python benchmarks/scratchpads.py F > benchmarks/scratchpads.md

| network | machine | instructions | of `{flat}` | bytes moved | cycles of DMA |
| --- | --- | --- | --- | --- | --- |"""


def rows(programs: list[dict[str, Any]]) -> Iterator[str]:
    """A row for each network on each machine with levels."""
    flat = {
        program["model"]: program["weighted"]
        for program in programs
        if not program["traffic"]
    }
    for program in programs:
        if program["traffic"]:
            outside, name = program["outside_transfers"], program["model"]
            sums = sum(program["traffic"].values()), sum(program["dma_cycles"].values())
            moved, cycles = (f"{n / 1000:,.0f}" for n in sums)
            part = f"{outside / flat[name]:.2f}"
            figures = f"{outside:,} | {part} | {moved} | {cycles}"
            yield f"| {name} | {program['machine']} | {figures} |"


def main() -> None:
    """Prints the table of the figures in a file."""
    programs = json.loads(Path(sys.argv[1]).read_text())["programs"]
    machines = list(dict.fromkeys(program["machine"] for program in programs))
    options = " ".join(f"--machine {machine}" for machine in machines)
    command = f"deployc bench MODEL... {options} --json F"
    print(HEAD.format(flat=machines[0], command=command))
    print("\n".join(rows(programs)))


if __name__ == "__main__":
    main()
