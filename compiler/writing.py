"""Files that are there whole or not at all."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def whole_file(name: str | None) -> Generator[IO[str], None, None]:
    """
    A stream whose text becomes file `name` when the block ends well.

    It is written beside and renamed; when the block fails nothing changes. None is
    standard output. What is no regular file (a pipe, `/dev/null`) is written through.
    """
    if name is None:
        yield sys.stdout
        return
    check_writable(name)
    path = Path(os.path.realpath(name))
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8") as stream:
            yield stream
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("x", encoding="utf-8", newline="\n") as stream:
            yield stream
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def whole_bytes(name: str) -> Generator[IO[bytes], None, None]:
    """A stream whose bytes become the regular file `name` when the block ends well."""
    check_writable(name)
    target = Path(os.path.realpath(name))
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with beside.open("xb") as stream:
            yield stream
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def check_writable(name: str) -> None:
    """
    Raises `OSError` when there can be no file `name`.

    Who works for a while before there is something to write asks first.
    """
    path = Path(os.path.realpath(name))
    if path.is_dir():
        raise failure(errno.EISDIR, name)
    if not path.exists() or path.is_file():
        check_folder(path.parent, name)


def check_folder(folder: Path, name: str) -> None:
    """Raises `OSError`, which names `name`, when nothing new can be in `folder`."""
    if not folder.is_dir():
        raise failure(errno.ENOTDIR if folder.exists() else errno.ENOENT, name)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise failure(errno.EACCES, name)


def failure(number: int, name: str) -> OSError:
    """What the operating system would say of `name`."""
    return OSError(number, os.strerror(number), name)
