"""The folder as a module of the Zephyr operating system."""

from __future__ import annotations

from collections.abc import Iterable

from ..machine import Machine
from .cmake import library_sources, options

CHOSEN_BY_ZEPHYR = (
    "-march=",
    "-mabi=",
    "-mcmodel=",
    "-mcpu=",
    "-mtune=",
    "-ffreestanding",
)
"""Flags, by how they begin, that all code of an image has alike."""

MODULE = """\
# Keys: docs.zephyrproject.org, "Modules (External projects)". Made by deployopt.
name: "{name}"
build:
  cmake: zephyr
  kconfig: zephyr/Kconfig
"""

KCONFIG = """\
# The model {name}. Made by deployopt.
config {symbol}
\tbool "Model {name}, compiled by deployopt"
\thelp
\t  The functions that {name}.h declares.
\t  They are planned for machine {machine}.
"""

BUILD = """\
# The model as a library of the image. Made by deployopt.
# What the processor has is what the board says: its flags are not given here.
if(CONFIG_{symbol})
  zephyr_include_directories(${{CMAKE_CURRENT_LIST_DIR}}/..)
  zephyr_library_named(deployopt_{name})
  zephyr_library_sources(
{sources})
  zephyr_library_compile_options({flags})
endif()
"""


def zephyr_files(name: str, files: Iterable[str], machine: Machine) -> dict[str, str]:
    """The three files in `zephyr/`; `files` are the relative paths of the folder."""
    lines = [f"    ${{CMAKE_CURRENT_LIST_DIR}}/../{f}" for f in library_sources(files)]
    flags = [f for f in machine.compiler_flags if not f.startswith(CHOSEN_BY_ZEPHYR)]
    words = {
        "name": name,
        "symbol": kconfig_symbol(name),
        "machine": machine.name,
        "sources": "\n".join(lines),
        "flags": options(flags),
    }
    return {
        "zephyr/module.yml": MODULE.format(**words),
        "zephyr/Kconfig": KCONFIG.format(**words),
        "zephyr/CMakeLists.txt": BUILD.format(**words),
    }


def kconfig_symbol(name: str) -> str:
    """The symbol, without CONFIG_, that takes the model into an image."""
    return f"DEPLOYOPT_{name.upper()}"
