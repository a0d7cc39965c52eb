"""Where builds are kept between calls."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

CACHE_VARIABLE = "DEPLOYOPT_CACHE_DIR"
MAX_BYTES = 1 << 28
"""Of all builds that are kept; a program takes a fifth of a megabyte, about."""


def cache_dir() -> Path:
    """
    This user's folder for what can be made again; it exists and can be written.

    DEPLOYOPT_CACHE_DIR if set, else `deployopt` in the user's cache folder, else a
    folder of this user's among the temporary files.
    """
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return _made(Path(chosen))
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    try:
        return _made(Path(home) / "deployopt")
    except OSError:
        user = os.getuid() if hasattr(os, "getuid") else 0
        return _made(Path(tempfile.gettempdir()) / f"deployopt-{user}")


def _made(folder: Path) -> Path:
    """`folder`, made if needed; OSError when nothing can be written there."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    tempfile.TemporaryFile(dir=folder).close()
    return folder


def prune_builds(folder: Path) -> None:
    """Removes what was used longest ago, so that the cache does not grow for ever."""
    total = 0
    for build in sorted(folder.iterdir(), key=_last_use, reverse=True):
        size = _bytes_in(build)
        total += size
        if total > max(MAX_BYTES, size):
            shutil.rmtree(build, ignore_errors=True)


def _bytes_in(folder: Path) -> int:
    """Bytes of the files in a build; 0 when it has just been removed."""
    try:
        with os.scandir(folder) as files:
            return sum(file.stat().st_size for file in files)
    except OSError:
        return 0


def _last_use(path: Path) -> float:
    """When a build was made or found last; 0 when it has just been removed."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
