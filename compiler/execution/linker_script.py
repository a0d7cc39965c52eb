"""
The linker script of a bare-metal program: what its memory map lists, at its addresses.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..analysis.memory import Reserved, buffer_align, place_reserved
from ..analysis.planning import aligned
from ..machine import Machine

STACK_POINTER_ALIGN = 16

SPARE_BYTES = 4 << 20
"""Room behind the levels: for code that its level does not hold."""


@dataclass(frozen=True)
class Placement:
    """A section of the program that stands at a fixed place."""

    section: str
    level: str
    offset: int
    """Bytes from the start of the level."""
    size: int
    is_constant: bool = False
    """Whether its contents are loaded with the program."""


def linker_script(
    machine: Machine, template: str, placements: Sequence[Placement] = ()
) -> str:
    """`template` with the machine's levels, and what is placed, written into it."""
    code = machine.level(machine.code_level)
    assert code.base is not None, "a bare-metal machine places its levels"
    protected = 0 if code.writable else code.size
    figures = {
        "MEMORY": _memory_lines(machine),
        "PLACED": _placed_sections(machine, placements),
        "LEVELS": _level_sections(machine),
        "CODE": code.name,
        "DATA": machine.io_level,
        "READ_ONLY_START": hex(code.base),
        "READ_ONLY_END": hex(code.base + protected),
    }
    for key, text in figures.items():
        template = template.replace(f"@{key}@", text)
    return template


def with_spare_room(script: str, machine: Machine) -> str:
    """
    `script` with code, and counts of steps, in memory behind the machine's levels.

    Only simulators have memory there: how much code there is, nobody knows before it is
    compiled, and a level may hold all that is listed and not that too.
    """
    end = max((level.base or 0) + level.size for level in machine.levels)
    start = aligned(end, SPARE_BYTES) + SPARE_BYTES
    line = f"    deploy_spare (rwx) : ORIGIN = {start:#x}, LENGTH = {SPARE_BYTES:#x}\n"
    script = script.replace("MEMORY\n{\n", "MEMORY\n{\n" + line, 1)
    alias = r'REGION_ALIAS\("(DEPLOY_CODE|DEPLOY_COUNTS)", \w+\)'
    return re.sub(alias, r'REGION_ALIAS("\1", deploy_spare)', script)


def _memory_lines(machine: Machine) -> str:
    """One line of the MEMORY command per level."""
    return "\n".join(
        f"    {level.name} ({'rwx' if level.writable else 'rx'}) : "
        f"ORIGIN = {level.base or 0:#x}, LENGTH = {level.size:#x}"
        for level in machine.levels
    )


def _placed_sections(machine: Machine, placements: Sequence[Placement]) -> str:
    """What is reserved and what is placed, by address."""
    found: list[tuple[int, str]] = []
    for part, offset in place_reserved(machine):
        address = (machine.level(part.level).base or 0) + offset
        found.append((address, _reserved_section(part, address)))
    for part in placements:
        address = (machine.level(part.level).base or 0) + part.offset
        # Nothing in the program need refer to constants that stand at an address.
        inside = (
            f"KEEP(*({part.section}))" if part.is_constant else f"*({part.section})"
        )
        loading = "" if part.is_constant else " (NOLOAD)"
        section = f"{part.section} {address:#x}{loading} : {{ {inside} }}"
        found.append((address, f"{section} > {part.level}"))
    return "\n".join(f"    {text}" for _, text in sorted(found))


def _reserved_section(part: Reserved, address: int) -> str:
    """What every program has."""
    if part.name == "(start)":
        section = f".init {address:#x} : {{ KEEP(*(.init)) }}"
    elif part.name == "(stack)":
        used = part.size // STACK_POINTER_ALIGN * STACK_POINTER_ALIGN
        unused = f". += {part.size - used}; " if part.size > used else ""
        section = (
            f".stack {address:#x} (NOLOAD) : {{ __deploy_stack_bottom = .; "
            f". += {used}; __deploy_stack_top = .; {unused}}}"
        )
    else:
        section = (
            f".runtime {address:#x} (NOLOAD) : {{ __deploy_runtime_start = .; "
            f"*(.bss.deploy_runtime) . += {part.size} - (. - __deploy_runtime_start); "
            f"__deploy_runtime_end = .; }}"
        )
    return f"{section} > {part.level}"


def _level_sections(machine: Machine) -> str:
    """
    Sections for what stands in levels besides what the manifest lists.

    That is what a user puts there, and what other programs of the same binary have
    there. What `.rodata` and `.bss` take, at their places, needs none.
    """
    lines: list[str] = []
    for level in machine.levels:
        name, align = level.name, buffer_align(level)
        if name == machine.weights_level != machine.code_level:
            weights = f": ALIGN({align}) {{ *(.rodata.*_weights) }} > {name}"
            lines.append(f"    .weights.{name} {weights}")
        if name != machine.io_level and level.writable:
            own = f"*(.bss.level.{name} .bss.*_arena_{name})"
            lines.append(
                f"    .level.{name} (NOLOAD) : ALIGN({align}) {{ {own} }} > {name}"
            )
    return "".join(f"{line}\n" for line in lines)
