"""Every command with its help text, as it prints it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from typing import cast

from deployopt.tools.completion.commands import actions_of
from deployopt.tools.deployc import command_line
from deployopt.tools.deployopt import DeployOptMain

INTRODUCTION = """# Commands

What `--help` prints. [Contracts](../contracts.md) says what scripts may rely on.
"""


def page() -> str:
    """The text of the page."""
    os.environ["COLUMNS"] = "80"  # argparse would take the terminal's
    parsers = dict(parsers_of("deployc", command_line()))
    parsers["deployopt"] = DeployOptMain([]).parser
    parts = [
        f"## {name}\n\n```text\n{parser.format_help()}```\n"
        for name, parser in parsers.items()
    ]
    return "\n".join([INTRODUCTION, *parts])


def parsers_of(
    name: str, parser: argparse.ArgumentParser
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """A tool and its commands."""
    yield name, parser
    for action in actions_of(parser):
        inside: object = action.choices
        if isinstance(inside, dict):
            inner = cast("dict[str, argparse.ArgumentParser]", inside)
            for command, one in inner.items():
                yield from parsers_of(f"{name} {command}", one)
