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
from collections.abc import Iterator
from pathlib import Path

from ..errors import DeployError, UsageError
from ..machine import Machine
from ..machines.description import EXPERIMENTAL, TUNE
from .cache import cache_dir
from .driver import Toolchain
from .probing import failure

COMPILER_VARIABLE = "DEPLOYOPT_CC"
HOST_COMPILERS = ("clang", "gcc", "cc")
"""clang first: gcc takes integer vectors apart where lanes change their width."""
INSTALL_HINT = "pip install ziglang, or set DEPLOYOPT_CC to a C compiler command"

BAREMETAL_FLAGS = ("-nostdlib", "-static", "-fno-pic")


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
        if failure(toolchain, machine, path) is None:
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
    message = failure(toolchain, machine, path)
    if message is not None:
        reason = f"the compiler cannot build for machine {machine.name}"
        says = f", which says: {message}" if message else ""
        raise DeployError(reason, node=node, hint=f"it is {' '.join(command)}{says}")
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
        return Toolchain((*program, target, *machine.clang_flags, *flags), linking)
    return Toolchain((*program, *flags), (*BAREMETAL_FLAGS, "-lgcc"))


def _parted(command: list[str]) -> tuple[list[str], list[str]]:
    """
    The program, and the options behind it: where two contradict, the last counts.

    In `python -m ziglang cc` all words are the program.
    """
    start = 3 if command[1:2] == ["-m"] else 1
    options = (n for n in range(start, len(command)) if command[n].startswith("-"))
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
        (*program, *target, processor, *machine.clang_flags, *flags),
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
