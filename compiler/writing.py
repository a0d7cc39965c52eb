"""Files that are there whole or not at all."""

from __future__ import annotations

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
