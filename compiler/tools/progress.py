"""What a person who waits is told, in lines or by a progress bar."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from ..errors import printable

PATIENCE = 1.0
"""Seconds after which something is shown."""
WIDTH = 24
"""Characters of the bar."""


@contextmanager
def progress_bar(steps: int) -> Generator[Callable[[str], None]]:
    """
    A function to be told the name of each step as it begins.

    Shows nothing unless standard error is a terminal and a second has passed; the bar
    is gone when the block ends.
    """
    started = time.monotonic()
    done = 0
    shown = False

    def begin(name: str) -> None:
        nonlocal done, shown
        if time.monotonic() - started > PATIENCE:
            filled = WIDTH * min(done, steps) // steps
            bar = "#" * filled + "." * (WIDTH - filled)
            sys.stderr.write(f"\r\x1b[K[{bar}] {name}")
            sys.stderr.flush()
            shown = True
        done += 1

    try:
        yield begin if sys.stderr.isatty() else (lambda name: None)
    finally:
        if shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


@contextmanager
def told(options: argparse.Namespace, steps: int) -> Generator[Callable[[str], None]]:
    """What is to be told the name of each of that many steps, as `-v` and `-q` ask."""
    if options.verbose:
        yield say
    elif options.quiet:
        yield unsaid
    else:
        with progress_bar(steps) as begin:
            yield begin


def unsaid(text: str) -> None:
    """Keeps `text` to itself."""


def say(text: str) -> None:
    """One line for a person, on standard error."""
    print(printable(text), file=sys.stderr, flush=True)
