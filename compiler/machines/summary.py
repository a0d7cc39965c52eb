"""A machine in a few lines, for who has written its description."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import printable
from ..text_table import aligned
from .description import Level, Machine

LEVELS = ("level", "access", "bytes", "from", "align", "kernels", "transfers")
TEXTS = 2
"""How many columns are text, which begins at the left."""


def summary(machine: Machine) -> Iterator[str]:
    """What has been understood, line by line."""
    head = f"{machine.name}: {machine.description}" if machine.description else None
    yield printable(head or machine.name)
    yield f"  {instruction_set(machine)}"
    rows = [LEVELS, *map(level_row, machine.levels)]
    yield from (f"  {line}" for line in aligned(rows, TEXTS))
    yield f"  stack: {machine.stack.size:,} bytes of {machine.stack.level}"
    places = {
        "inputs and outputs": machine.io_level,
        "constants": machine.weights_level,
        "code": machine.code_level,
    }
    text = ", ".join(f"{what} in {level}" for what, level in places.items())
    yield f"  {text}"
    yield printable(f"  compiler: {' '.join(machine.compiler) or 'looked for'}")
    yield from map(printable, runners(machine))


def instruction_set(machine: Machine) -> str:
    """ISA, ABI and vectors."""
    vectors = f"vectors of {machine.vlen} bits" if machine.has_vectors else "no vectors"
    return ", ".join(filter(None, (machine.isa, machine.abi, vectors)))


def level_row(level: Level) -> tuple[str, ...]:
    """One line of the table of levels."""
    base = "linker" if level.base is None else f"{level.base:#010x}"
    kernels = "yes" if level.kernels else "no"
    return (
        *(level.name, level.access, f"{level.size:,}", base, f"{level.align}"),
        *(kernels, transfers(level)),
    )


def transfers(level: Level) -> str:
    """The hop to the neighbour."""
    dma = level.dma
    if dma is None:
        return "-"
    kind = "async" if dma.asynchronous else "sync"
    return f"{dma.neighbour}: {dma.setup_cycles} + n/{dma.bytes_per_cycle}, {kind}"


def runners(machine: Machine) -> Iterator[str]:
    """One line per runner, the default first."""
    own = {simulator.name: simulator for simulator in machine.simulators}
    rest = [name for name in machine.runners if name != machine.default_runner]
    for name in (machine.default_runner, *rest):
        simulator = own.get(name)
        if simulator is None:
            yield f"  runner {name}"
        else:
            words = " ".join(simulator.command)
            kind = f"{simulator.counter}, {simulator.interface}"
            yield f"  runner {name} ({kind}): {words}"
