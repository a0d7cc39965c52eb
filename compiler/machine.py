"""
What a target has: instruction set, memory levels, compiler flags, runners.

A machine is data. It comes from a TOML file (`load_machine`), is checked once with
errors that name the key, and travels as DLTI on the module (`attach`, `machine_of`),
so that a pass is a function of the module alone. `docs/machines.md` has the schema.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from xdsl.dialects.builtin import (
    ArrayAttr,
    BoolAttr,
    IntegerAttr,
    ModuleOp,
    StringAttr,
    i1,
    i64,
)
from xdsl.dialects.dlti import (
    DataLayoutEntryAttr,
    DLTIEntryMap,
    MapAttr,
    TargetDeviceSpecAttr,
    TargetSystemSpecAttr,
)
from xdsl.ir import Attribute

from .errors import DeployError, UsageError
from .machines.checked_table import Table, Value
from .machines.description import Dma, Level, Machine, Stack
from .machines.reading import machine_from_table, machine_table
from .machines.simulators import RUNNERS, Simulator, at_home
from .machines.this_computer import settled

__all__ = [
    "DEFAULT_MACHINE",
    "RUNNERS",
    "Dma",
    "Level",
    "Machine",
    "Simulator",
    "Stack",
    "attach",
    "has_machine",
    "load_machine",
    "machine_from_table",
    "machine_names",
    "machine_of",
    "machine_table",
]

MACHINES_DIR = Path(__file__).parent / "machines"
DEFAULT_MACHINE = "host"
TARGET_ATTRIBUTE = "dlti.target_system_spec"


def machine_names() -> tuple[str, ...]:
    """Names of the built-in machines, sorted."""
    return tuple(sorted(path.stem for path in MACHINES_DIR.glob("*.toml")))


def load_machine(
    name_or_path: str | Path, overrides: Mapping[str, str] | None = None
) -> Machine:
    """
    The machine of that name, or the one described by that TOML file.

    `overrides` replaces single figures, as `--set` does: `{"ram.size": "65536"}`. A key
    begins with a level's name or stands for itself (`stack.size`, `vlen`).
    Raises `UsageError` for an unknown machine or missing file, `DeployError` when the
    description is refused.
    """
    path = _machine_file(name_or_path)
    table = at_home(settled(_read_toml(path)), path.parent)
    for key, text in (overrides or {}).items():
        table = _override(table, key.split("."), text, f"--set {key}={text}")
    return machine_from_table(path.stem, table)


def _machine_file(name_or_path: str | Path) -> Path:
    """Where the description stands; a name with a slash or suffix is a path."""
    text = str(name_or_path)
    if "/" not in text and not text.endswith(".toml"):
        if text not in machine_names():
            known = ", ".join(machine_names())
            raise UsageError(f"unknown machine {text!r}, expected one of {known}")
        return MACHINES_DIR / f"{text}.toml"
    path = Path(name_or_path)
    if not path.is_file():
        raise UsageError("no such machine file", node=text)
    return path


def _read_toml(path: Path) -> Table:
    """The file as nested tables, not yet checked."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DeployError(f"not valid TOML: {error}", node=str(path)) from error


def _override(table: Table, path: Sequence[str], text: str, subject: str) -> Table:
    """`table` with the figure at `path` replaced by `text`, of the same type."""
    key, *rest = path
    levels = table.get("levels")
    if isinstance(levels, Mapping) and key in levels:
        return {**table, "levels": _override(levels, path, text, subject)}
    if key not in table:
        known = ", ".join(table)
        raise UsageError(f"unknown key {key!r}, expected one of {known}", node=subject)
    old = table[key]
    if isinstance(old, Mapping) and rest:
        return {**table, key: _override(old, rest, text, subject)}
    if rest or not isinstance(old, bool | int | str):
        raise UsageError("expected the path of a single figure", node=subject)
    return {**table, key: _parse_value(text, old, subject)}


def _parse_value(text: str | int, old: Value, subject: str) -> Value:
    """`text`, or the number itself, as a value of the type that `old` has."""
    text = str(text).lower() if isinstance(text, bool) else str(text)
    if isinstance(old, bool):
        if text not in ("true", "false"):
            raise UsageError(f"expected true or false, got {text!r}", node=subject)
        return text == "true"
    if isinstance(old, int):
        try:
            return int(text, 0)
        except ValueError:
            raise UsageError(
                f"expected an integer, got {text!r}", node=subject
            ) from None
    return text


def attach(module: ModuleOp, machine: Machine) -> None:
    """Writes the whole machine onto the module, replacing the one it had."""
    table = dict(machine_table(machine))
    name = table.pop("name")
    assert isinstance(name, str), "a machine's name is a string"
    entry = DataLayoutEntryAttr(StringAttr(name), TargetDeviceSpecAttr(_entries(table)))
    module.attributes[TARGET_ATTRIBUTE] = TargetSystemSpecAttr(ArrayAttr([entry]))


def has_machine(module: ModuleOp) -> bool:
    """Whether a machine has been attached to the module."""
    return TARGET_ATTRIBUTE in module.attributes


def machine_of(module: ModuleOp) -> Machine:
    """
    The machine attached to the module.

    Raises `DeployError` when there is none or its description is refused.
    """
    system = module.attributes.get(TARGET_ATTRIBUTE)
    if not isinstance(system, TargetSystemSpecAttr) or len(system.entries) != 1:
        raise DeployError(f"expected a module with one machine in {TARGET_ATTRIBUTE}")
    (entry,) = system.entries
    if not (
        isinstance(entry.key, StringAttr)
        and isinstance(entry.value, TargetDeviceSpecAttr)
    ):
        raise DeployError(f"expected a named device in {TARGET_ATTRIBUTE}")
    return machine_from_table(entry.key.data, _table(entry.value))


def _entries(table: Table) -> ArrayAttr[DataLayoutEntryAttr]:
    """The entries of a DLTI map, in the table's order."""
    return ArrayAttr(
        DataLayoutEntryAttr(StringAttr(key), _attribute(value))
        for key, value in table.items()
    )


def _attribute(value: Value) -> Attribute:
    """One value of a table as an attribute."""
    if isinstance(value, Mapping):
        return MapAttr(_entries(value))
    if isinstance(value, str):
        return StringAttr(value)
    if isinstance(value, bool):
        return BoolAttr.from_bool(value)
    if isinstance(value, int):
        return IntegerAttr(value, i64)
    return ArrayAttr(StringAttr(text) for text in value)


def _table(entries: DLTIEntryMap) -> Table:
    """The inverse of `_entries`."""
    return {
        entry.key.data: _value(entry.value)
        for entry in entries.entries
        if isinstance(entry.key, StringAttr)
    }


def _value(attribute: Attribute) -> Value:
    """The inverse of `_attribute`; anything else becomes text, to be refused."""
    if isinstance(attribute, DLTIEntryMap):
        return _table(attribute)
    if isinstance(attribute, StringAttr):
        return attribute.data
    if isinstance(attribute, IntegerAttr):
        number = cast(IntegerAttr, attribute)
        return bool(number.value.data) if number.type == i1 else number.value.data
    if isinstance(attribute, ArrayAttr):
        items = cast(ArrayAttr[Attribute], attribute)
        return [item.data for item in items if isinstance(item, StringAttr)]
    return str(attribute)
