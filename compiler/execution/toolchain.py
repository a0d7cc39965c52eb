"""
Finds a C compiler that can really build for a machine.

In this order: the command in DEPLOYOPT_CC; the machine's own; for this computer clang,
gcc or cc, for bare metal clang with lld, each from PATH and tried on a small program;
zig's clang, which `pip install ziglang` brings.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import DeployError, UsageError
from ..machine import Machine
from ..machines.description import EXPERIMENTAL
from .cache import cache_dir

COMPILER_VARIABLE = "DEPLOYOPT_CC"
HOST_COMPILERS = ("clang", "gcc", "cc")
"""clang first: gcc takes integer vectors apart where lanes change their width."""
INSTALL_HINT = "pip install ziglang, or set DEPLOYOPT_CC to a C compiler command"

ALONE = ("-fsanitize=", "-static")
"""Flags of programs that share no process."""

BAREMETAL_FLAGS = ("-nostdlib", "-static", "-fno-pic")

TUNE = "-mtune="

ORDERING = ("-Xclang", "-target-feature", "-Xclang", "+use-postra-scheduler")
"""What makes clang order instructions once more when their registers are known."""

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


@dataclass(frozen=True)
class Toolchain:
    """A compiler driver with all that selects the target."""

    command: tuple[str, ...]
    """The program, its target, and the flags that the program's meaning depends on."""
    link_flags: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    """Variables to set besides those of this process."""

    @property
    def is_loadable(self) -> bool:
        """
        Whether a library that it makes can be loaded into this process.

        A sanitizer wants to be the first thing in a process.
        """
        return not any(word.startswith(ALONE) for word in self.command)

    def run(self, arguments: list[str]) -> subprocess.CompletedProcess[str]:
        """Runs the compiler and waits; its exit status and messages are returned."""
        return subprocess.run(
            [*self.command, *arguments],
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )


def find_toolchain(machine: Machine) -> Toolchain:
    """
    The toolchain for `machine`.

    Raises `DeployError` with what to install when there is none.
    """
    chosen = os.environ.get(COMPILER_VARIABLE, "")
    return _find(machine, chosen, os.environ.get("PATH", ""))


@functools.cache
def _find(machine: Machine, chosen: str, path: str) -> Toolchain:
    """As `find_toolchain`; the environment is an argument so that changes count."""
    if chosen:
        node = f"{COMPILER_VARIABLE}={chosen}"
        return _working(_words(chosen), machine, path, node)
    if machine.compiler:
        node = f"machine {machine.name}: compiler"
        return _working(list(machine.compiler), machine, path, node)
    for toolchain in _candidates(machine, path):
        if _works(toolchain, machine, path):
            return toolchain
    raise DeployError(
        f"found no C compiler for machine {machine.name}", hint=INSTALL_HINT
    )


def _words(chosen: str) -> list[str]:
    """The words of a command in the environment, split as a shell does."""
    try:
        return shlex.split(chosen)
    except ValueError as error:
        reason = f"expected a command, got {str(error).lower()}"
        raise UsageError(reason, node=f"{COMPILER_VARIABLE}={chosen}") from None


def _working(command: list[str], machine: Machine, path: str, node: str) -> Toolchain:
    """The toolchain around a command that was asked for; refuses what `node` says."""
    toolchain = _driver(command, machine)
    if not _works(toolchain, machine, path):
        reason = f"the compiler cannot build for machine {machine.name}"
        raise DeployError(reason, node=node, hint=f"it is {' '.join(command)}")
    return toolchain


def _candidates(machine: Machine, path: str) -> Iterator[Toolchain]:
    """What may work, best first."""
    names = HOST_COMPILERS if machine.is_native else ("clang",)
    for name in names:
        if program := shutil.which(name, path=path):
            yield _driver([program], machine)
    if (zig := zig_program()) is not None:
        yield _zig([zig, "cc"], machine)


def _driver(command: list[str], machine: Machine) -> Toolchain:
    """A toolchain around a gcc, clang or zig command."""
    if any(Path(word).name.startswith("zig") for word in command):
        return _zig(command, machine)
    program, own = _parted(command)
    flags = [*machine.compiler_flags, *own]
    if machine.is_native:
        return Toolchain((*program, *flags))
    if _is_clang(command[0]):
        target = f"--target=riscv{machine.xlen}-unknown-elf"
        linking = (*BAREMETAL_FLAGS, "-fuse-ld=lld")
        return Toolchain((*program, target, *ordering(machine), *flags), linking)
    return Toolchain((*program, *flags), (*BAREMETAL_FLAGS, "-lgcc"))


def ordering(machine: Machine) -> tuple[str, ...]:
    """
    Flags of clang for a machine that names the core to order instructions for.

    gcc orders them behind the choice of registers anyway. Clang does so for few cores,
    and adds to an address, before it has chosen, where a core in order waits for it.
    """
    named = [flag for flag in machine.cflags if flag.startswith(TUNE)]
    return ORDERING if named and named[-1] != TUNE + "generic" else ()


def _parted(command: list[str]) -> tuple[list[str], list[str]]:
    """The program, and the options behind it: where two contradict, the last counts."""
    options = (n for n, word in enumerate(command) if word.startswith("-"))
    end = next(options, len(command))
    return command[:end], command[end:]


def _is_clang(program: str) -> bool:
    """Whether the driver is clang, which has every target in one program."""
    try:
        version = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return "clang" in version.stdout


def zig_program() -> str | None:
    """The compiler inside the `ziglang` package, without importing it."""
    spec = importlib.util.find_spec("ziglang")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    programs = (folder / name for name in ("zig", "zig.exe"))
    return next((str(program) for program in programs if program.is_file()), None)


def _zig(command: list[str], machine: Machine) -> Toolchain:
    """Zig's clang, which has its own processor names and runtime library."""
    cache = str(cache_dir() / "zig")
    environment = {"ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache}
    # Without this, zig makes undefined behaviour trap unless it optimises.
    flags = ["-fno-sanitize=undefined", "-fomit-frame-pointer"]
    flags += [
        word
        for flag in machine.compiler_flags
        if not flag.startswith(("-march", "-mabi", "-menable-experimental"))
        for word in zig_words(flag)
    ]
    program, own = _parted(command)
    flags += own
    if machine.is_native:
        native = [f"-mcpu={f[7:]}" for f in machine.cflags if f.startswith("-march=")]
        return Toolchain((*program, *native, *flags), environment=environment)
    target = ("-target", f"riscv{machine.xlen}-freestanding-none")
    processor = f"-mcpu={zig_processor(machine.isa)}"
    return Toolchain(
        (*program, *target, processor, *ordering(machine), *flags),
        (*BAREMETAL_FLAGS, "-lcompiler_rt"),
        environment,
    )


def zig_words(flag: str) -> tuple[str, ...]:
    """A flag of clang as zig passes it on; it drops `-mtune=` and says nothing."""
    name, _, processor = flag.partition(TUNE)
    if name or not processor:
        return (flag,)
    return ("-Xclang", "-tune-cpu", "-Xclang", processor)


def zig_processor(isa: str) -> str:
    """`rv64gcv_zvl256b` as `generic_rv64+m+a+f+d+c+v+zvl256b`."""
    match = re.fullmatch(r"(rv(?:32|64))([a-z]+)((?:_[a-z0-9]+)*)", isa)
    assert match is not None, f"the machine was checked, got {isa}"
    letters = [x for x in match[2].replace("g", "imafd") if x != "i"]
    others = match[3].split("_")[1:]
    others = [f"experimental_{x}" if x in EXPERIMENTAL else x for x in others]
    return "+".join([f"generic_{match[1]}", *letters, *others])


def _works(toolchain: Toolchain, machine: Machine, path: str) -> bool:
    """Whether it builds a small program that needs what the machine's programs need."""
    entry = "int main(void)" if machine.is_native else "int _start(void)"
    options = [f"-DENTRY={entry}"]
    if machine.has_vectors and not machine.is_native:
        options.append("-DNEEDS_VECTORS")
    if machine.has_byte_dots:
        options.append("-DNEEDS_BYTE_DOTS")
    environment = tuple(sorted(toolchain.environment.items()))
    try:
        _probe((*toolchain.command, *options), toolchain.link_flags, environment, path)
    except OSError:
        return False
    return True


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
    toolchain = Toolchain(command, link_flags, dict(environment))
    with tempfile.TemporaryDirectory(prefix="deployopt-") as folder:
        source = Path(folder, "probe.c")
        source.write_text(PROBE, encoding="utf-8")
        output = ["-o", str(Path(folder, "probe.elf"))]
        result = toolchain.run([str(source), *link_flags, *output])
    if result.returncode != 0:
        raise OSError(result.stderr)
