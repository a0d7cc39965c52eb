"""Runners that a machine's description brings along: simulators of the user's own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .checked_table import CheckedTable, Table, Value

RUNNERS = ("native", "spike", "qemu")
"""Those that need no description."""

PLACEHOLDER = re.compile(r"\{(\w*)\}")
PLACEHOLDERS = ("elf", "isa", "xlen", "vlen")
"""What stands in a command for the image, and for figures of the machine."""

INTERFACES = ("detect", "htif", "semihosting")
"""How an image exchanges files with a simulator."""
COUNTERS = ("instructions", "cycles")
"""What an image counts: `minstret`, `mcycle`."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Simulator:
    """A command that runs an image of a machine."""

    name: str
    command: tuple[str, ...]
    """Words with placeholders, `{elf}` among them."""
    interface: str
    """One of `INTERFACES`."""
    counter: str
    """One of `COUNTERS`."""

    def words(self, figures: Mapping[str, str]) -> list[str]:
        """The command with the placeholders' values in it."""
        return [
            PLACEHOLDER.sub(lambda match: figures[match[1]], word)
            for word in self.command
        ]


def read_runners(top: CheckedTable) -> tuple[tuple[str, ...], tuple[Simulator, ...]]:
    """
    The names of a machine's runners, and those that are simulators of its own.

    `runners` is a list of built-in names, or a table in which these are empty tables.
    """
    if not isinstance(top.values.get("runners"), Mapping):
        return top.strings("runners", RUNNERS), ()
    table = top.table("runners")
    own = tuple(_simulators(table))
    return tuple(table.values), own


def _simulators(table: CheckedTable) -> Iterator[Simulator]:
    """Those runners in a table that are not built in."""
    for name in table.values:
        if not NAME.fullmatch(name):
            expected = "expected a name of letters, digits, '.', '_' and '-'"
            table.refuse(name, expected)
        entry = table.table(name)
        if name not in RUNNERS:
            yield _simulator(name, entry)
        elif entry.values:
            table.refuse(name, "expected an empty table, since this runner is built in")


def _simulator(name: str, table: CheckedTable) -> Simulator:
    """One runner of the machine's own."""
    if "command" not in table.values:
        expected = f"expected a list of words, or one of {', '.join(RUNNERS)} as name"
        table.refuse("command", f"{expected}, but the key is missing")
    simulator = Simulator(
        name,
        table.strings("command"),
        table.choice("interface", INTERFACES, INTERFACES[0]),
        table.choice("counter", COUNTERS, COUNTERS[0]),
    )
    table.finish()
    found = [name for word in simulator.command for name in PLACEHOLDER.findall(word)]
    for name in found:
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
            table.refuse("command", f"expected any of {known}, got {{{name}}}")
    program = "".join(simulator.command[:1])
    if not program or PLACEHOLDER.search(program) or "elf" not in found:
        got = list(simulator.command)
        table.refuse("command", f"expected a program and {{elf}} behind it, got {got}")
    return simulator


def runners_value(names: tuple[str, ...], own: tuple[Simulator, ...]) -> Value:
    """What `read_runners` reads."""
    if not own:
        return names
    known = {simulator.name: simulator for simulator in own}
    return {name: _table(known[name]) if name in known else {} for name in names}


def _table(simulator: Simulator) -> Table:
    """One runner of the machine's own, the way it is written."""
    return {
        "command": simulator.command,
        "interface": simulator.interface,
        "counter": simulator.counter,
    }


def at_home(table: Table, folder: Path) -> Table:
    """
    A description with programs found that are named from where its file stands.

    Runs happen elsewhere, so `./sim` becomes the path of that program.
    """
    runners = table.get("runners")
    found: dict[str, Value] = dict(table)
    if isinstance(runners, Mapping):
        found["runners"] = {
            name: _with_program(entry, "command", folder)
            if isinstance(entry, Mapping)
            else entry
            for name, entry in runners.items()
        }
    return _with_program(found, "compiler", folder)


def _with_program(entry: Table, key: str, folder: Path) -> Table:
    """A table in which the first word of the list at `key` is a whole path."""
    words = entry.get(key)
    if not isinstance(words, list) or not words:
        return entry
    # Not checked yet: a file may hold anything.
    if not str(words[0]).startswith(("./", "../")):
        return entry
    return {**entry, key: [str((folder / words[0]).resolve()), *words[1:]]}
