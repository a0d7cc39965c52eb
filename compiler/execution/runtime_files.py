"""
The runtime's files that a deployable folder takes with it for its machine.

A folder is self-contained: what is copied here is all that a build of it uses.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ..machine import Machine
from .linker_script import Placement, linker_script

HARNESS_FILES = {
    "deploy.h": "include/deploy.h",
    "deploy_float.h": "include/deploy_float.h",
    "deploy_vector.h": "include/deploy_vector.h",
    "deploy_dots.h": "include/deploy_dots.h",
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
LIBRARY_FILES = {
    "deploy_library.h": "include/deploy_library.h",
    "library.c": "host/library.c",
}
"""What makes a library of a program of this computer."""
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


def get_include() -> str:
    """The folder with `deploy.h`, which all C of this project includes."""
    return str(runtime_dir() / "include")


def runtime_version() -> int:
    """The number by which programs tell whether they fit into one binary."""
    text = (runtime_dir() / "include/deploy.h").read_text(encoding="utf-8")
    found = re.search(r"^#define DEPLOY_RUNTIME_VERSION (\d+)$", text, re.MULTILINE)
    assert found is not None, "deploy.h says which version it is"
    return int(found[1])


def library_files() -> dict[str, str]:
    """File name -> text of what makes a library of any program of this computer."""
    folder = runtime_dir()
    return {
        target: (folder / source).read_text(encoding="utf-8")
        for target, source in LIBRARY_FILES.items()
    }


def platform_files(
    machine: Machine,
    placements: Sequence[Placement] = (),
    has_transfers: bool = False,
) -> dict[str, str]:
    """
    Relative path in the deployable folder -> text, for everything but the model.

    `placements` are the sections of the model whose addresses are decided.
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
        files[LINKER_SCRIPT] = linker_script(machine, template, placements)
    return files
