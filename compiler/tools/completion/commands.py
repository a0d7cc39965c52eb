"""
The tools and their commands as plain data, read from their parsers.

argparse has no public way to ask a parser what was added to it.
"""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from .values import ANY_TEXT, Values, joined, values_of


@dataclass(frozen=True)
class Option:
    """One option under all its names."""

    names: tuple[str, ...]
    help: str
    values: Values | None
    """What its argument may be; None where it takes none."""


@dataclass(frozen=True)
class Command:
    """A tool, or one of its commands."""

    name: str
    help: str
    options: tuple[Option, ...]
    arguments: Values
    """What may stand where no option stands."""
    commands: tuple[Command, ...] = ()

    @property
    def flags(self) -> tuple[str, ...]:
        """Every name of every option."""
        return tuple(name for option in self.options for name in option.names)


def command_of(parser: argparse.ArgumentParser, name: str, text: str = "") -> Command:
    """What `parser` understands, under a name and a line of help."""
    options: list[Option] = []
    arguments: list[Values] = []
    commands: list[Command] = []
    for action in actions_of(parser):
        if isinstance(action, argparse._SubParsersAction):
            commands += subcommands(cast(Any, action))
        elif action.option_strings:
            options.append(option_of(action))
        else:
            arguments.append(values_of(action))
    places = joined(arguments) if arguments else ANY_TEXT
    return Command(name, text, tuple(options), places, tuple(commands))


def actions_of(parser: argparse.ArgumentParser) -> Sequence[argparse.Action]:
    """Everything that was added to `parser`, in this order."""
    return parser._actions


def subcommands(
    action: argparse._SubParsersAction[argparse.ArgumentParser],
) -> Iterator[Command]:
    """The commands that stand behind a tool's name."""
    texts = {one.dest: one.help or "" for one in action._choices_actions}
    for name, parser in action.choices.items():
        yield command_of(parser, name, texts.get(name, ""))


def option_of(action: argparse.Action) -> Option:
    """One option; long lists in its help are left out."""
    values = None if action.nargs == 0 else values_of(action)
    first, _, _ = (action.help or "").partition(". ")
    return Option(tuple(action.option_strings), " ".join(first.split()), values)
