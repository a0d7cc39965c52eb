"""`deployc completion`: what a shell needs to complete command lines of both tools."""

from __future__ import annotations

import argparse

SHELLS = ("bash", "fish", "zsh")


def add_completion(parser: argparse.ArgumentParser) -> None:
    """The options of `completion`."""
    parser.add_argument(
        "shell", metavar="SHELL", choices=SHELLS, help=f"one of {', '.join(SHELLS)}"
    )


def completion(options: argparse.Namespace) -> None:
    """Prints the script for one shell."""
    from .completion import bash, fish, zsh
    from .completion.commands import command_of
    from .deployc import command_line
    from .deployopt import DeployOptMain

    writers = {"bash": bash.script, "fish": fish.script, "zsh": zsh.script}
    parsers = {"deployc": command_line(), "deployopt": DeployOptMain([]).parser}
    tools = [command_of(parser, name) for name, parser in parsers.items()]
    print(writers[options.shell](tools), end="")
