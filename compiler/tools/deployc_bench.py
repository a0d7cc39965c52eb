"""`deployc bench`: what models cost on machines, next to what they might cost."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..errors import printable
from ..writing import check_writable, whole_file
from .command import existing_file, parse_dims, parse_settings
from .deployc_model import stated
from .deployc_options import add_several
from .progress import told

if TYPE_CHECKING:
    from ..bench.figures import Figures
    from ..machine import Machine

FORMAT = 1
"""The number of this layout of the JSON file."""


def add_bench(parser: argparse.ArgumentParser) -> None:
    """The options of `bench`."""
    parser.add_argument("models", metavar="MODEL", nargs="+", help="an ONNX file")
    add_several(parser, "measure on this machine", "host")
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
        existing_file(model)
    sizes = sizes_of(options.models, parse_dims(options.dim))
    found: list[Figures] = []
    with told(options, len(options.models) * len(machines)) as begin:
        for model in options.models:
            for machine in machines:
                begin(printable(f"{model} for {machine.name}"))
                found.append(figures_of(model, machine, sizes[model], options))
                if not options.quiet:
                    print("\n".join(lines(found[-1])), end="\n\n", flush=True)
    if not options.quiet:
        print("\n\n".join(summary(found)))
    if options.json is not None:
        save(options.json, found)


def sizes_of(
    models: Sequence[str], dims: Mapping[str, int]
) -> Mapping[str, Mapping[str, int]]:
    """
    The sizes of each model's own dimensions.

    What no model has is left to all of them, and import refuses it.
    """
    if not dims or len(models) == 1:
        return dict.fromkeys(models, dims)
    from ..frontend.onnx import symbolic_dimensions

    own = {model: set(symbolic_dimensions(model)) for model in models}
    known = set[str]().union(*own.values())
    return {
        model: {n: size for n, size in dims.items() if n in names or n not in known}
        for model, names in own.items()
    }


def figures_of(
    model: str,
    machine: Machine,
    dims: Mapping[str, int],
    options: argparse.Namespace,
) -> Figures:
    """What one model costs on one machine."""
    from ..api import compile
    from ..bench.measuring import measured

    artifact = compile(model, machine, dims, stated(options))
    return measured(model, artifact)


def save(path: str, found: list[Figures]) -> None:
    """Writes the figures as JSON."""
    from ..artifact.manifest import json_text

    saved = {"format": FORMAT, "programs": [figures.json() for figures in found]}
    with whole_file(path) as stream:
        stream.write(json_text(saved))
