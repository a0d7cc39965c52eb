"""What the commands that compile one model share."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import printable
from .command import existing_file, parse_dims, parse_settings
from .progress import progress_bar

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..artifact.artifact import Artifact
    from ..artifact.session import Session
    from ..machine import Machine

    Array: TypeAlias = NDArray[Any]

COMPILER_STEPS = 8
"""How many steps the compiler tells about: import, six phases, emission."""


def compiled(options: argparse.Namespace) -> Artifact:
    """The artifact of the model that the command line names."""
    from ..api import compile

    given = {
        "name": options.name,
        "plan": options.plan,
        "tuned": options.tuned,
        "plugins": options.plugin or None,
    }
    chosen = {key: value for key, value in given.items() if value is not None}
    model = existing_file(options.model)
    machine = chosen_machine(options)
    dims = parse_dims(options.dim)
    with told(options) as begin:
        return compile(model, machine, dims, chosen, begin)


@contextmanager
def told(options: argparse.Namespace) -> Generator[Callable[[str], None]]:
    """What is to be told the name of each step, for a person who waits."""
    if options.verbose:
        yield say
    elif options.quiet:
        yield unsaid
    else:
        with progress_bar(COMPILER_STEPS) as begin:
            yield begin


def chosen_machine(options: argparse.Namespace) -> Machine:
    """The machine of `--machine` and `--set`."""
    from ..machine import DEFAULT_MACHINE, load_machine

    return load_machine(options.machine or DEFAULT_MACHINE, parse_settings(options.set))


def unsaid(text: str) -> None:
    """Keeps `text` to itself."""


def say(text: str) -> None:
    """One line for a person, on standard error."""
    print(printable(text), file=sys.stderr, flush=True)


def chosen_inputs(options: argparse.Namespace, session: Session) -> dict[str, Array]:
    """The inputs of the command line, or random ones."""
    from ..artifact.arrays import matched, random_arrays, read_npz
    from ..execution.tensors import checked

    if options.inputs is None:
        arrays = random_arrays(session.inputs, options.seed)
    else:
        arrays = matched(session.inputs, read_npz(options.inputs))
    return {
        tensor.name: checked(tensor, array)
        for tensor, array in zip(session.inputs, arrays, strict=True)
    }


def explain(options: argparse.Namespace, artifact: Artifact) -> None:
    """Prints the decisions, if `--explain` asks for them."""
    from ..artifact.explanation import explanation

    if options.explain:
        for line in explanation(artifact.plan, artifact.manifest):
            print(printable(line))
