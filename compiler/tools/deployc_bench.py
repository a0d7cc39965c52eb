"""`deployc bench`: what models cost on machines, next to what they might cost."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageError, printable
from ..writing import check_writable, whole_file
from .command import add_settings, parse_dims, parse_settings
from .deployc_options import add_dim, add_tuned
from .progress import progress_bar

if TYPE_CHECKING:
    from ..bench.figures import Figures
    from ..machine import Machine

FORMAT = 1
"""The number of this layout of the JSON file."""


def add_bench(parser: argparse.ArgumentParser) -> None:
    """The options of `bench`."""
    parser.add_argument("models", metavar="MODEL", nargs="+", help="an ONNX file")
    parser.add_argument(
        "--machine",
        metavar="M",
        action="append",
        default=[],
        help="measure on this machine; may be given again (default: host)",
    )
    add_settings(parser)
    add_dim(parser)
    add_tuned(parser)
    parser.add_argument("--json", metavar="F", help="save the figures here")


def bench(options: argparse.Namespace) -> None:
    """Measures every model on every machine; prints and saves the figures."""
    from ..bench.measuring import runner_of
    from ..bench.table import lines, summary
    from ..machine import DEFAULT_MACHINE, load_machine

    if options.json is not None:
        check_writable(options.json)
    settings = parse_settings(options.set)
    names = list(dict.fromkeys(options.machine)) or [DEFAULT_MACHINE]
    machines = [load_machine(name, settings) for name in names]
    for machine in machines:
        runner_of(machine)
    for model in options.models:
        if not Path(model).is_file():
            raise UsageError("no such file", node=model)
    found: list[Figures] = []
    with told(options, len(options.models) * len(machines)) as begin:
        for model in options.models:
            for machine in machines:
                begin(printable(f"{model} for {machine.name}"))
                found.append(figures_of(model, machine, options))
                if not options.quiet:
                    print("\n".join(lines(found[-1])), end="\n\n", flush=True)
    if not options.quiet:
        print("\n\n".join(summary(found)))
    if options.json is not None:
        save(options.json, found)


def figures_of(model: str, machine: Machine, options: argparse.Namespace) -> Figures:
    """What one model costs on one machine."""
    from ..api import compile
    from ..bench.measuring import measured

    chosen = {} if options.tuned is None else {"tuned": options.tuned}
    artifact = compile(model, machine, parse_dims(options.dim), chosen)
    return measured(model, artifact)


def save(path: str, found: list[Figures]) -> None:
    """Writes the figures as JSON."""
    from ..artifact.manifest import json_text

    saved = {"format": FORMAT, "programs": [figures.json() for figures in found]}
    with whole_file(path) as stream:
        stream.write(json_text(saved))


@contextmanager
def told(
    options: argparse.Namespace, programs: int
) -> Generator[Callable[[str], None]]:
    """What is to be told the name of each program, for a person who waits."""
    if options.verbose:
        yield say
    elif options.quiet:
        yield lambda text: None
    else:
        with progress_bar(programs) as begin:
            yield begin


def say(text: str) -> None:
    """One line for a person, on standard error."""
    print(printable(text), file=sys.stderr, flush=True)
