"""
Builds a deployable folder into a program, a library, or objects to measure.

Only the folder is used. A program is kept under a hash of everything that went into
it, so that the same folder is compiled once; so are the objects of the runtime's own
sources, which programs share.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from ..errors import DeployError
from ..machine import Machine
from .cache import cache_dir, prune_builds
from .elf import code_bytes
from .linker_script import with_spare_room
from .objects import with_objects
from .runtime_files import LINKER_SCRIPT
from .steps import program_steps
from .toolchain import Toolchain, find_toolchain

SOURCE_SUFFIXES = (".c", ".S")
NOT_COMPILED = (".json", ".mlir", ".txt", ".cmake", ".yml", ".md", ".html")
"""Files of a folder that no compiler reads."""
OVERFULL = re.compile(r"will not fit in region|region .* overflowed")
"""What linkers say when a level does not hold the code besides all that is listed."""
PRODUCT = "program.elf"
"""What a program or a library is called in the cache."""
LIBRARY_FOLDER = "library"
"""Where a folder has what makes a library of it."""
MAX_MESSAGE = 300
MOST_STEPS = 4096


def build_program(
    folder: Path,
    machine: Machine,
    profile: bool = False,
    defines: Sequence[str] = (),
) -> Path:
    """
    The program made of the folder's sources, its platform and its example.

    With `profile`, steps are counted; `defines` are macros for all sources. The file
    stays in the cache; do not change it.
    Raises `DeployError` when there is no compiler or it refuses the sources.
    """
    toolchain = find_toolchain(machine)
    compiling = _compile_arguments(folder, profile, defines)
    sources = _sources(folder, ("", "platform", "example"))
    linking = _link_arguments(folder, machine, toolchain)
    return _kept(folder, machine, toolchain, (compiling, sources, linking))


def build_library(folder: Path, machine: Machine, profile: bool = False) -> Path:
    """
    The shared library of the folder's sources and what `library.py` put beside them.

    Else as `build_program`, for this computer.
    """
    toolchain = find_toolchain(machine)
    includes = ["-fPIC", f"-I{folder / LIBRARY_FOLDER}"]
    compiling = [*includes, *_compile_arguments(folder, profile)]
    sources = _sources(folder, ("", "platform", LIBRARY_FOLDER))
    linking = ["-shared", *toolchain.link_flags]
    return _kept(folder, machine, toolchain, (compiling, sources, linking))


def _kept(
    folder: Path,
    machine: Machine,
    toolchain: Toolchain,
    arguments: tuple[list[str], list[str], list[str]],
) -> Path:
    """What compiling, sources and linking come to, from the cache if it is there."""
    compiling, sources, linking = arguments
    builds = cache_dir() / "builds"
    key = _key(folder, _inputs(folder), toolchain, [*compiling, *sources, *linking])
    product = builds / key / PRODUCT
    if _is_kept(product):
        return product
    builds.mkdir(exist_ok=True)
    compiled = partial(_object, builds, folder, toolchain, compiling)
    command = [*compiling, *with_objects(folder, sources, compiled), *linking]
    _build_into(product, toolchain, command, machine)
    prune_builds(builds)
    return product


def _is_kept(built: Path) -> bool:
    """Whether this has been built; then it is the newest of all."""
    if not built.is_file():
        return False
    os.utime(built.parent)
    return True


def _object(
    builds: Path,
    folder: Path,
    toolchain: Toolchain,
    arguments: Sequence[str],
    source: Path,
    headers: Sequence[Path],
) -> Path:
    """The object of a source that depends on nothing but these headers."""
    compiling = [*arguments, "-c", str(source)]
    key = _key(folder, [*headers, source], toolchain, compiling)
    target = builds / key / "object.o"
    if not _is_kept(target):
        _build_into(target, toolchain, compiling)
    return target


def code_size(folder: Path, machine: Machine) -> int:
    """Bytes of machine code in the model's own sources."""
    toolchain = find_toolchain(machine)
    total = 0
    with tempfile.TemporaryDirectory(prefix="deployopt-") as scratch:
        for source in _sources(folder, ("",)):
            target = Path(scratch, "object.o")
            arguments = [*_compile_arguments(folder, False), "-c", source]
            _compile(toolchain, [*arguments, "-o", str(target)])
            total += code_bytes(target.read_bytes())
    return total


def _compile_arguments(
    folder: Path, profile: bool, defines: Sequence[str] = ()
) -> list[str]:
    """Where headers are found, and what is counted and watched."""
    folders = (folder, folder / "platform", folder / "example")
    includes = [f"-I{path}" for path in folders]
    macros = [*(["DEPLOY_PROFILE"] if profile else []), *defines]
    if not macros:
        return includes
    macros.append(f"DEPLOY_MAX_STEPS={_steps(folder)}")
    return [*includes, *(f"-D{macro}" for macro in macros)]


def _steps(folder: Path) -> int:
    """Steps that the manifest lists, or a number that is enough for any program."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return max(1, len(program_steps(manifest)))
    except (OSError, ValueError, KeyError, TypeError):
        return MOST_STEPS


def _sources(folder: Path, parts: Sequence[str]) -> list[str]:
    """The sources in those sub-folders, in a fixed order."""
    found = (
        path
        for part in parts
        for path in sorted((folder / part).glob("*"))
        if path.suffix in SOURCE_SUFFIXES
    )
    return [str(path) for path in found]


def _link_arguments(folder: Path, machine: Machine, toolchain: Toolchain) -> list[str]:
    """How the program is put together."""
    if machine.is_native:
        return list(toolchain.link_flags)
    return [*toolchain.link_flags, "-T", str(folder / LINKER_SCRIPT)]


def _inputs(folder: Path) -> list[Path]:
    """The files of a folder that a compiler may read."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in files if path.suffix not in NOT_COMPILED]


def _key(
    folder: Path,
    inputs: Iterable[Path],
    toolchain: Toolchain,
    arguments: Sequence[str],
) -> str:
    """A hash of files of a folder, the command and the compiler itself."""
    digest = hashlib.sha256()

    def add(data: bytes) -> None:
        digest.update(len(data).to_bytes(8, "little") + data)

    for path in inputs:
        add(str(path.relative_to(folder)).encode())
        add(path.read_bytes())
    for word in (*toolchain.command, *arguments):
        add(word.replace(str(folder), "").encode())
    compiler = Path(shutil.which(toolchain.command[0]) or toolchain.command[0])
    status = compiler.stat()
    add(f"{compiler.resolve()} {status.st_size} {status.st_mtime_ns}".encode())
    return digest.hexdigest()


def _build_into(
    target: Path,
    toolchain: Toolchain,
    arguments: Sequence[str],
    machine: Machine | None = None,
) -> None:
    """
    Makes the file `target`; its folder appears complete or not at all.

    It is a program for `machine` if that is given, which may need spare room.
    """
    scratch = Path(tempfile.mkdtemp(prefix="new-", dir=target.parent.parent))
    try:
        output = ["-o", str(scratch / target.name)]
        try:
            _compile(toolchain, [*arguments, *output])
        except DeployError as error:
            if machine is None or not OVERFULL.search(error.reason):
                raise
            roomy = _with_spare_room(arguments, machine, scratch / "link.ld")
            _compile(toolchain, [*roomy, *output])
        _move(scratch, target.parent, target.name)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _with_spare_room(
    arguments: Sequence[str], machine: Machine, target: Path
) -> list[str]:
    """`arguments` with a linker script, `target`, that has room behind the levels."""
    script = Path(next(word for word in arguments if word.endswith(LINKER_SCRIPT)))
    text = with_spare_room(script.read_text(encoding="utf-8"), machine)
    target.write_text(text, encoding="utf-8")
    return [str(target) if word == str(script) else word for word in arguments]


def _move(scratch: Path, target: Path, name: str) -> None:
    """Renames, unless another process has just made the same thing."""
    try:
        scratch.rename(target)
    except OSError:
        if not (target / name).is_file():
            raise


def _compile(toolchain: Toolchain, arguments: Sequence[str]) -> None:
    """Runs the compiler; its first error becomes a `DeployError`."""
    result = toolchain.run(list(arguments))
    if result.returncode == 0:
        return
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    message = (errors or lines or ["no message"])[0][:MAX_MESSAGE]
    raise DeployError(
        f"the C compiler failed: {message.strip()}",
        node=Path(toolchain.command[0]).name,
    )
