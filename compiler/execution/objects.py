"""
Objects of the runtime's own sources, which every program of a machine shares.

Start code, harness and what stands beside them are the same in every folder, and are
more text than most models. Each is compiled once for a compiler and its arguments; a
source that is not as the runtime has it is left to whoever builds the program.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias

from .runtime_files import runtime_dir

CODE = (".c", ".h", ".S")

Compiled: TypeAlias = Callable[[Path, Sequence[Path]], Path]
"""The object of a source, which depends on that and on headers."""


@functools.cache
def runtime_texts() -> dict[str, frozenset[bytes]]:
    """Name of a file of the runtime -> what it may hold: one text for each place."""
    found: dict[str, set[bytes]] = {}
    for path in runtime_dir().rglob("*"):
        if path.suffix in CODE:
            found.setdefault(path.name, set()).add(path.read_bytes())
    return {name: frozenset(texts) for name, texts in found.items()}


def with_objects(folder: Path, sources: Iterable[str], compiled: Compiled) -> list[str]:
    """
    `sources` of a folder, the runtime's own ones replaced by their objects.

    None is replaced when a header of the runtime has been changed in this folder.
    """
    texts, paths = runtime_texts(), [Path(source) for source in sources]
    headers = [path for path in sorted(folder.rglob("*.h")) if path.name in texts]
    if not all(path.read_bytes() in texts[path.name] for path in headers):
        return [str(path) for path in paths]
    own = [p for p in paths if p.name in texts and p.read_bytes() in texts[p.name]]
    with ThreadPoolExecutor() as pool:
        running = {path: pool.submit(compiled, path, headers) for path in own}
    return [str(running[p].result() if p in running else p) for p in paths]
