"""`deployc fit`: does a model fit, what does it need, what sizes would do."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DeployError, UsageError, printable
from ..writing import check_writable, whole_file
from .command import existing_file, parse_dims, parse_settings
from .deployc_model import stated
from .deployc_options import add_several
from .progress import told

if TYPE_CHECKING:
    from ..fit.verdicts import Verdict
    from ..machine import Machine

FORMAT = 1
"""The number of this layout of the JSON file."""


def add_fit(parser: argparse.ArgumentParser) -> None:
    """The options of `fit`."""
    parser.add_argument("model", metavar="MODEL", help="an ONNX file")
    add_several(parser, "ask for this machine", "the built-in ones")
    parser.add_argument("--json", metavar="F", help="save the answers here")


def fit(options: argparse.Namespace) -> None:
    """Prints and saves an answer per machine; fails where the model does not fit."""
    from ..fit.answers import answers
    from ..fit.table import lines, summary

    if options.json is not None:
        check_writable(options.json)
    machines = asked(options)
    existing_file(options.model)
    name, dims = Path(options.model).stem, parse_dims(options.dim)
    found: list[Verdict] = []
    with told(options, len(machines) + 1) as begin:
        begin(printable(options.model))
        for verdict in answers(options.model, machines, dims, stated(options)):
            begin(printable(f"{options.model} for {verdict.machine}"))
            found.append(verdict)
            if not options.quiet:
                gap = [""] if len(found) > 1 else []
                print("\n".join([*gap, *lines(name, verdict)]), flush=True)
    if not options.quiet and len(found) > 1:
        print("\n".join(["", *summary(found)]))
    if options.json is not None:
        save(options.json, name, found)
    judge(options, found)


def asked(options: argparse.Namespace) -> list[Machine]:
    """
    The machines of `--machine`, with the figures of `--set`.

    Without any, those built-in ones that have such figures; the host, whose memory
    stands for no small machine's, is not among them.
    """
    from ..machine import DEFAULT_MACHINE, load_machine, machine_names

    settings = parse_settings(options.set)
    if options.machine:
        names = dict.fromkeys(options.machine)
        return [load_machine(name, settings) for name in names]
    found: list[Machine] = []
    refused: UsageError | None = None
    for name in machine_names():
        try:
            found += [load_machine(name, settings)] if name != DEFAULT_MACHINE else []
        except UsageError as error:
            refused = refused or error
    if refused is not None and not found:
        raise refused
    return found


def judge(options: argparse.Namespace, found: list[Verdict]) -> None:
    """Fails unless all machines asked for, or one of the built-in ones, suffice."""
    short = [verdict.machine for verdict in found if not verdict.fits]
    if short and (options.machine or len(short) == len(found)):
        raise DeployError(f"does not fit {', '.join(short)}", node=options.model)


def save(path: str, model: str, found: list[Verdict]) -> None:
    """Writes the answers as JSON."""
    from ..artifact.manifest import json_text

    answers = [verdict.json() for verdict in found]
    with whole_file(path) as stream:
        stream.write(json_text({"format": FORMAT, "model": model, "machines": answers}))
