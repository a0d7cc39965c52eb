"""Files that are there whole or not at all."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class KeptText(io.StringIO):
    """A stream whose text is there when it is closed, by whomever."""

    text: str = ""

    def close(self) -> None:
        """Keeps what has been written."""
        self.text = self.text if self.closed else self.getvalue()
        super().close()


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
    with whole_bytes(name) as stream:
        kept = KeptText()
        yield kept
        kept.close()
        stream.write(kept.text.encode())


@contextmanager
def whole_bytes(name: str) -> Generator[IO[bytes], None, None]:
    """The same for bytes; a stream that can be sought in, whatever `name` is."""
    check_writable(name)
    path = Path(os.path.realpath(name))
    if path.exists() and not path.is_file():
        with naming(name), path.open("wb") as through:
            kept = io.BytesIO()
            yield kept
            through.write(kept.getbuffer())
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with naming(name), beside.open("xb") as stream:
            yield stream
        beside.replace(path)
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


@contextmanager
def naming(name: str) -> Generator[None]:
    """A block in which a failure that names no file is one of `name`."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.filename is not None:
            raise
        raise failure(error.errno, name) from error


def failure(number: int, name: str) -> OSError:
    """What the operating system would say of `name`."""
    return OSError(number, os.strerror(number), name)
