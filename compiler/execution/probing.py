"""
Whether a C compiler can really build for a machine.

It builds a small program that needs what the machine's programs need, once: what has
worked is remembered on disk for as long as the compiler's file stays as it is. What has
failed is tried again, since something may have been installed since.
"""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from ..machine import Machine
from .cache import cache_dir
from .driver import Toolchain

PROBE = """
#include <stdint.h>
#if defined(NEEDS_VECTORS) && !defined(__riscv_vector)
#error no vectors
#endif
#if defined(NEEDS_VECTORS) && defined(__clang__) && __clang_major__ < 17
#error vectors in name only
#endif
#if defined(NEEDS_BYTE_DOTS) && !defined(__riscv_zvqdotq)
#error no dot products of bytes
#endif
#if defined(NEEDS_BYTE_DOTS) && !defined(__riscv_v_fixed_vlen)
#error no vectors of a known size
#endif
volatile float x = 3.0f;
volatile double y = 3.0;
volatile uint64_t n = 3;
ENTRY { x = x * x; y = y / x; n = n / 7 + (uint64_t)x; return (int)n; }
"""


def failure(toolchain: Toolchain, machine: Machine, path: str) -> str | None:
    """Why it cannot build the small program, in its own words; None when it can."""
    entry = "int main(void)" if machine.is_native else "int _start(void)"
    options = [f"-DENTRY={entry}"]
    if machine.has_riscv_vectors:
        options.append("-DNEEDS_VECTORS")
    if machine.has_byte_dots:
        options.append("-DNEEDS_BYTE_DOTS")
    environment = tuple(sorted(toolchain.environment.items()))
    try:
        _probe((*toolchain.command, *options), toolchain.link_flags, environment, path)
    except OSError as error:
        return first_complaint(str(error))
    return None


def first_complaint(messages: str) -> str:
    """The first line of what a compiler says that tells of an error, or the first."""
    lines = [line.strip() for line in messages.splitlines() if line.strip()]
    return next((line for line in lines if "error" in line), next(iter(lines), ""))


@functools.cache
def _probe(
    command: tuple[str, ...],
    link_flags: tuple[str, ...],
    environment: tuple[tuple[str, str], ...],
    path: str,
) -> None:
    """
    Builds the small program, once for all machines that differ in sizes alone.

    Raises `OSError` where that fails, and is tried again the next time. Which program
    a command is depends on `path`.
    """
    known = remembered((*command, *link_flags), path)
    if known is not None and known.exists():
        return
    toolchain = Toolchain(command, link_flags, dict(environment))
    with tempfile.TemporaryDirectory(prefix="deployopt-") as folder:
        source = Path(folder, "probe.c")
        source.write_text(PROBE, encoding="utf-8")
        output = ["-o", str(Path(folder, "probe.elf"))]
        result = toolchain.run([str(source), *link_flags, *output])
    if result.returncode != 0:
        raise OSError(result.stderr)
    if known is not None:
        known.parent.mkdir(exist_ok=True)
        known.touch()


def remembered(command: tuple[str, ...], path: str) -> Path | None:
    """
    The file that stands for a command that has worked.

    None for a program whose own file does not say which compiler it runs: a script, or
    a Python module.
    """
    program = shutil.which(command[0], path=path)
    if program is None or command[1:2] == ("-m",):
        return None
    with open(program, "rb") as file:
        if file.read(2) == b"#!":
            return None
        state = os.stat(file.fileno())
    identity = (PROBE, command, path, os.path.realpath(program), state.st_mtime_ns)
    digest = hashlib.sha256(repr((identity, state.st_size)).encode()).hexdigest()
    return cache_dir() / "compilers" / digest
