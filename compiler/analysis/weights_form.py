"""
How a program holds its constants, as `deploy.weights` on the module says.

`form` is `c` (arrays) or `binary` (a file that an assembler includes); where nothing is
said, large ones are binary. `section` is the linker section that they stand in. With an
`address` they are no part of the program, which expects them there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from xdsl.dialects.builtin import ModuleOp

from ..errors import DeployError, UsageError
from ..machine import Machine
from .plain import attribute_of, plain

WEIGHTS_ATTRIBUTE = "deploy.weights"

FORMS = ("c", "binary")

LARGE = 1 << 22
"""Bytes of constants from which on C arrays take compilers long to read."""

LARGEST_ADDRESS = 1 << 62

SECTION = re.compile(r"[A-Za-z_.][A-Za-z0-9_.$-]*")

OTHERS_SECTIONS = frozenset(
    f".{name}"
    for name in ("bss", "counts", "data", "init", "rodata", "runtime", "stack", "text")
)
"""What compilers and linker scripts call sections of their own."""


@dataclass(frozen=True)
class WeightsForm:
    """What is asked for; nothing by default."""

    form: str | None = None
    section: str | None = None
    address: int | None = None

    @staticmethod
    def of(module: ModuleOp) -> WeightsForm:
        """What stands on a module; raises `DeployError` for what cannot be meant."""
        attribute = module.attributes.get(WEIGHTS_ATTRIBUTE)
        return BY_SIZE if attribute is None else form_of(plain(attribute))

    def attach(self, module: ModuleOp) -> None:
        """Writes it on a module."""
        if self != BY_SIZE:
            module.attributes[WEIGHTS_ATTRIBUTE] = attribute_of(self.table())

    def table(self) -> dict[str, Any]:
        """What is asked for, as JSON has it."""
        return {key: value for key, value in vars(self).items() if value is not None}

    def is_binary(self, size: int) -> bool:
        """Whether constants of that many bytes are a file of their own."""
        if self.form is None:
            return self.address is not None or size >= LARGE
        return self.form == "binary"

    def check_machine(self, machine: Machine) -> None:
        """Raises `DeployError` for an address where a machine has no constants."""
        if self.address is None:
            return
        level = machine.level(machine.weights_level)
        if level.base is None:
            reason = f"the linker places memory level {level.name!r} of {machine.name}"
            raise DeployError(f"{reason}, got {self.address:#x}", node=SUBJECT)
        end = level.base + level.size
        if not level.base <= self.address < end:
            reason = f"expected one in memory level {level.name!r}"
            reason += f", {level.base:#x} to {end - 1:#x}, got {self.address:#x}"
            raise DeployError(reason, node=SUBJECT)


BY_SIZE = WeightsForm()
"""Nothing is asked for."""

SUBJECT = "address of the weights"
"""What refusals are about."""


def form_of(table: object) -> WeightsForm:
    """The form in a table of JSON; raises `UsageError` for what cannot be meant."""
    if not isinstance(table, Mapping):
        raise UsageError(f"expected a table, got {table!r}", node="weights")
    found = cast("Mapping[str, object]", table)
    unknown = found.keys() - vars(BY_SIZE).keys()
    if unknown:
        raise UsageError(f"unknown key {min(unknown)!r}", node="weights")
    form, section = found.get("form"), found.get("section")
    address = found.get("address")
    if form is not None and form not in FORMS:
        reason = f"expected one of {', '.join(FORMS)}, got {form!r}"
        raise UsageError(reason, node="form of the weights")
    if address is not None and (section is not None or form == "c"):
        got = f"form {form!r}" if section is None else f"section {section!r}"
        reason = f"weights at an address are in no section and no C, got {got}"
        raise UsageError(reason, node="weights")
    return WeightsForm(
        None if form is None else str(form),
        None if section is None else checked_section(section),
        None if address is None else checked_address(address),
    )


def checked_address(address: object) -> int:
    """`address`, which must be one; raises `UsageError`."""
    if type(address) is not int or not 0 <= address < LARGEST_ADDRESS:
        raise UsageError(f"expected an address, got {address!r}", node=SUBJECT)
    return address


def checked_section(section: object) -> str:
    """`section`, which a section may be called; raises `UsageError`."""
    node = "section of the weights"
    if not (isinstance(section, str) and SECTION.fullmatch(section)):
        reason = f"expected letters, digits, '.', '_', '$' and '-', got {section!r}"
        raise UsageError(reason, node=node)
    if section in OTHERS_SECTIONS:
        reason = f"expected a section of its own, such as '{section}.weights'"
        raise UsageError(f"{reason}, got {section!r}", node=node)
    return section
