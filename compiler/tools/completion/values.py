"""What may stand at a place of the command line: words, files, or text of any kind."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Values:
    """What completes one place; nothing at all where it takes any text."""

    words: tuple[str, ...] = ()
    listed: bool = False
    """Whether several of the words may stand there, with commas between them."""
    suffixes: tuple[str, ...] = ()
    """Of files: `.onnx`; the empty suffix is that of any file."""
    folders: bool = False
    """Whether a folder is an answer; on the way to a file it always is."""


ANY_TEXT = Values()
ANY_FILE = Values(suffixes=("",))

FILE_NAME = re.compile(r"\w+(\.\w+)")
"""The placeholder of a file that has a suffix, such as `I.npz`."""


def machines() -> Values:
    """Built-in machines, and descriptions of one's own."""
    from ...machine import machine_names

    return Values(tuple(machine_names()), suffixes=(".toml",))


def levels() -> Values:
    """The memory levels of the built-in machines."""
    from ...machine import load_machine, machine_names

    machines = map(load_machine, machine_names())
    names = dict.fromkeys(level.name for one in machines for level in one.levels)
    return Values(tuple(names))


def runners() -> Values:
    """The built-in runners; a machine of one's own may have others."""
    from ...execution.runners import RUNNERS

    return Values(tuple(RUNNERS))


def transfer_modes() -> Values:
    """How a watched program does its transfers."""
    from ...execution.checks import HALS

    return Values(tuple(HALS))


def passes() -> Values:
    """The phases, then every pass that is installed."""
    from ...requests import NAMED
    from ...universe import multiverse, with_plugins

    return Values((*NAMED, *with_plugins(multiverse().all_passes, ())), listed=True)


def targets() -> Values:
    """What `deployopt` prints."""
    from ...universe import multiverse
    from ..deployopt import TARGET_ALIASES

    return Values((*TARGET_ALIASES, *multiverse().all_targets))


BY_PLACEHOLDER: dict[str, Callable[[], Values]] = {
    "M": machines,
    "R": runners,
    "H": transfer_modes,
    "LEVEL": levels,
    "MODEL": lambda: Values(suffixes=(".onnx",)),
    "MODEL|DIR": lambda: Values(suffixes=(".onnx",), folders=True),
    "DIR": lambda: Values(folders=True),
    "FILE": lambda: ANY_FILE,
    "F": lambda: ANY_FILE,
    "PASSES": passes,
    "TARGET": targets,
    "INPUT_FILE": lambda: Values(suffixes=(".mlir", ".onnx")),
    "OUTPUT_FILE": lambda: ANY_FILE,
}
"""What an argument's placeholder in the help text stands for; any text if unknown."""


def values_of(action: argparse.Action) -> Values:
    """What may stand where `action` reads its argument."""
    if action.choices is not None:
        return Values(tuple(map(str, action.choices)))
    placeholder = placeholder_of(action)
    if placeholder in BY_PLACEHOLDER:
        return BY_PLACEHOLDER[placeholder]()
    suffix = FILE_NAME.fullmatch(placeholder)
    return Values(suffixes=(suffix[1],)) if suffix else ANY_TEXT


def placeholder_of(action: argparse.Action) -> str:
    """What the help text calls the argument."""
    named = action.metavar or action.dest.upper()
    return named if isinstance(named, str) else named[0]


def joined(values: Sequence[Values]) -> Values:
    """What any of `values` would be completed by."""
    return Values(
        tuple(word for one in values for word in one.words),
        any(one.listed for one in values),
        tuple(dict.fromkeys(suffix for one in values for suffix in one.suffixes)),
        any(one.folders for one in values),
    )
