"""
Where both programs begin: here nothing has been imported yet.

Importing them takes a part of a second, in which they can be interrupted as well.
"""

from __future__ import annotations

import sys

INTERRUPTED = 130
"""The exit status of a program that was interrupted, as in a shell."""


def deployc() -> None:
    """The program `deployc`."""
    start("deployc")


def deployopt() -> None:
    """The program `deployopt`."""
    start("deployopt")


def start(name: str) -> None:
    """Imports the module of a program and runs it."""
    try:
        from importlib import import_module

        import_module(f".{name}", __package__).main()
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)
