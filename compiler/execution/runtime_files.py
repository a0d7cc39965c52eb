"""
The runtime's files that a deployable folder takes with it for its machine.

A folder is self-contained: what is copied here is all that a build of it uses.
"""

from __future__ import annotations

from pathlib import Path

from ..machine import Machine

RUNTIME_STATE_BYTES = 2048
"""Room the bare-metal linker script holds for the runtime's own mutable state."""

HARNESS_FILES = {
    "deploy.h": "include/deploy.h",
    "deploy_float.h": "include/deploy_float.h",
    "platform/deploy_io.h": "include/deploy_io.h",
    "example/deploy_harness.h": "include/deploy_harness.h",
    "example/harness.c": "harness/harness.c",
}
HOST_FILES = {"platform/io.c": "host/io.c"}
BAREMETAL_FILES = {
    "platform/io.c": "baremetal/io.c",
    "platform/memory.c": "baremetal/memory.c",
    "platform/platform.h": "baremetal/platform.h",
    "platform/start.S": "baremetal/start.S",
}
DMA_FILES = {"deploy_dma.c": "dma/deploy_dma.c"}
"""What a program takes with it when it moves data between levels."""
LINKER_SCRIPT = "platform/link.ld"
LINKER_TEMPLATE = "baremetal/link.ld.in"

PACKAGE_DIR = Path(__file__).resolve().parent.parent


def runtime_dir() -> Path:
    """The `runtime` folder: inside an installed package, else beside it."""
    installed = PACKAGE_DIR / "_runtime"
    folder = installed if installed.is_dir() else PACKAGE_DIR.parent / "runtime"
    assert (folder / "include/deploy.h").is_file(), f"no runtime in {folder}"
    return folder


def platform_files(machine: Machine, has_transfers: bool = False) -> dict[str, str]:
    """
    Relative path in the deployable folder -> text, for everything but the model.

    `deploy.h` and what a program with transfers calls stand at the top, what the
    machine needs to start in `platform/`, and the harness that an `example/main.c`
    calls in `example/`.
    """
    own = HOST_FILES if machine.is_native else BAREMETAL_FILES
    own = own | (DMA_FILES if has_transfers else {})
    folder = runtime_dir()
    files = {
        target: (folder / source).read_text(encoding="utf-8")
        for target, source in (HARNESS_FILES | own).items()
    }
    if not machine.is_native:
        template = (folder / LINKER_TEMPLATE).read_text(encoding="utf-8")
        files[LINKER_SCRIPT] = linker_script(machine, template)
    return files


def runtime_state_bytes(machine: Machine) -> int:
    """Mutable bytes of the runtime itself, in the level of inputs and outputs."""
    return 0 if machine.is_native else RUNTIME_STATE_BYTES


def linker_script(machine: Machine, template: str) -> str:
    """`template` with the machine's levels written into it."""
    code = machine.level(machine.code_level)
    assert code.base is not None, "a bare-metal machine places its levels"
    protected = not code.writable
    figures = {
        "MEMORY": _memory_lines(machine),
        "LEVELS": _level_sections(machine),
        "CODE": code.name,
        "WEIGHTS": machine.weights_level,
        "STACK": machine.stack.level,
        "DATA": machine.io_level,
        "STACK_BYTES": str(machine.stack.size),
        "RUNTIME_BYTES": str(RUNTIME_STATE_BYTES),
        "READ_ONLY_START": hex(code.base if protected else 0),
        "READ_ONLY_END": hex(code.base + code.size if protected else 0),
    }
    for key, text in figures.items():
        template = template.replace(f"@{key}@", text)
    return template


def _memory_lines(machine: Machine) -> str:
    """One line of the MEMORY command per level."""
    return "\n".join(
        f"    {level.name} ({'rwx' if level.writable else 'rx'}) : "
        f"ORIGIN = {level.base or 0:#x}, LENGTH = {level.size:#x}"
        for level in machine.levels
    )


def _level_sections(machine: Machine) -> str:
    """A section for each level that nothing else is put into."""
    used = {machine.code_level, machine.weights_level, machine.io_level}
    return "".join(
        f"    .level.{level.name} (NOLOAD) : ALIGN({level.align}) "
        f"{{ *(.bss.level.{level.name}) }} > {level.name}\n"
        for level in machine.levels
        if level.name not in used | {machine.stack.level}
    )
