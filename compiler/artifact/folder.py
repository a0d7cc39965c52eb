"""
The deployable folder: made in memory, written whole or not at all.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, cast

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from ..backend.c.files import (
    header,
    image_source,
    program_source,
    weights_header,
    weights_source,
)
from ..backend.c.source import Source
from ..backend.c.weights_image import image
from ..errors import DeployError, UsageError
from ..execution.runtime_files import platform_files, runtime_version
from ..machine import Machine
from ..printing import module_text
from ..writing import check_folder, failure
from .cmake import cmake_files
from .example import example_main
from .manifest import MADE_BY, json_text, manifest
from .memory import MemoryMap
from .plan import plan_table, plan_text
from .zephyr import zephyr_files

MANIFEST = "manifest.json"
PLAN = "plan.json"


class Contents(NamedTuple):
    """What a folder holds, by relative path."""

    files: dict[str, str]
    """Texts."""
    binaries: dict[str, bytes]


def folder_contents(
    ctx: Context, module: ModuleOp, machine: Machine, name: str | None = None
) -> Contents:
    """Every file of the folder for the last module; raises `DeployError`."""
    source = Source.of(module, name)
    own, version = source.name, runtime_version()
    memory = MemoryMap.of(source, machine)
    files = {
        f"{own}.h": header(source, version),
        f"{own}.c": program_source(source),
        f"{own}_weights.h": weights_header(source),
        f"{own}_weights.c": weights_source(source),
        f"{own}.mlir": module_text(ctx, module),
        MANIFEST: json_text(manifest(memory)),
        PLAN: plan_text(plan_table(source, machine)),
        "example/main.c": example_main(source),
    }
    has_transfers = source.program.has_transfers
    files |= platform_files(machine, memory.placements, has_transfers)
    files |= cmake_files(own, files, machine, version)
    files |= zephyr_files(own, files, machine)
    if not source.has_image:
        return Contents(files, {})
    if source.form.address is not None:
        files[f"example/{own}_weights_image.c"] = image_source(source)
    return Contents(files, {f"{own}_weights.bin": image(source.members)})


def read_manifest_if_ours(folder: Path) -> dict[str, Any] | None:
    """The manifest of a folder that deployopt made; none for any other folder."""
    try:
        data = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(data, dict):
        return None
    found = cast("dict[str, Any]", data)
    versions = found.get("versions")
    return found if isinstance(versions, dict) and MADE_BY in versions else None


def is_deployable(folder: Path) -> bool:
    """Whether deployopt made a folder as a program."""
    return read_manifest_if_ours(folder) is not None


def write_folder(
    files: Mapping[str, str], binaries: Mapping[str, bytes], target: Path
) -> None:
    """
    Writes these files as folder `target`, beside it first, then in its place.

    A folder that deployopt made is replaced; raises `DeployError` for any other.
    """
    with whole_folder(target) as beside:
        write_files(files, binaries, beside)


@contextmanager
def whole_folder(
    target: Path, is_ours: Callable[[Path], bool] = is_deployable
) -> Generator[Path]:
    """
    A folder that becomes `target` when the block ends well.

    One that is there is replaced if it `is_ours`; raises `DeployError` for any other.
    """
    check_target(target, is_ours)
    target = Path(os.path.realpath(target))
    beside = folder_beside(target)
    try:
        beside.chmod(0o755)
        yield beside
        put_in_place(beside, target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def folder_beside(target: Path) -> Path:
    """A new folder next to `target`; raises `OSError` about that where none can be."""
    prefix = f".{target.name}."
    try:
        made = tempfile.mkdtemp(prefix=prefix, suffix=".part", dir=target.parent)
    except OSError as error:
        raise failure(error.errno or errno.EIO, str(target)) from error
    return Path(made)


def write_files(
    files: Mapping[str, str], binaries: Mapping[str, bytes], folder: Path
) -> None:
    """Writes every file."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    for name, data in binaries.items():
        (folder / name).write_bytes(data)


def put_in_place(beside: Path, target: Path) -> None:
    """Renames `beside` to `target`; what was there before goes away last."""
    if not target.exists():
        beside.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        target.rename(old / "old")
        try:
            beside.rename(target)
        except OSError:
            (old / "old").rename(target)
            raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def check_target(target: Path, is_ours: Callable[[Path], bool] = is_deployable) -> None:
    """
    Refuses a place where no folder can be written.

    Who compiles first asks before.
    """
    target = Path(os.path.realpath(target))
    check_replaceable(target, is_ours)
    if not target.parent.is_dir():
        raise UsageError("no such folder", node=str(target.parent))
    check_folder(target.parent, str(target))


def check_replaceable(target: Path, is_ours: Callable[[Path], bool]) -> None:
    """Refuses to write over anything that deployopt has not made."""
    if not target.exists():
        return
    if not target.is_dir():
        raise DeployError("expected a folder, got a file", node=str(target))
    if any(target.iterdir()) and not is_ours(target):
        reason = "expected an empty folder or one that deployopt made"
        raise DeployError(f"{reason}, got other files", node=str(target))
