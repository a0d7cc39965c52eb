"""`deployc machines` and `deployc ops`: what there is to compile for, and from."""

from __future__ import annotations

import argparse

from ..errors import UsageError, printable
from .command import add_dim, existing_file, parse_dims


def add_machines(parser: argparse.ArgumentParser) -> None:
    """The options of `machines`."""
    parser.add_argument(
        "file",
        metavar="FILE",
        nargs="?",
        help="check this TOML file, and show what it describes",
    )


def machines(options: argparse.Namespace) -> None:
    """One line per machine, or what a description of one's own says."""
    from ..machine import load_machine, machine_names
    from ..machines.reading import check_stack
    from ..machines.summary import summary

    if options.file is not None:
        machine = load_machine(options.file)
        check_stack(machine)
        if not options.quiet:
            print("\n".join(summary(machine)))
        return
    for name in machine_names():
        machine = load_machine(name)
        runners = " ".join(machine.runners)
        print(f"{name:<16} {machine.description} ({runners})")
        if options.verbose:
            for level in machine.levels:
                print(f"    {level.name}: {level.size} bytes, {level.access}")


def add_operators(parser: argparse.ArgumentParser) -> None:
    """The options of `ops`."""
    parser.add_argument("model", metavar="MODEL", nargs="?", help="look at this model")
    add_dim(parser)


def operators(options: argparse.Namespace) -> int:
    """All operators, or what of a model is and is not supported."""
    from ..frontend.onnx import supported_nodes, supported_operators

    if options.model is None:
        if options.dim:
            raise UsageError("--dim belongs to a model, got none")
        for operator in supported_operators():
            limits = f"; {operator.limits}" if operator.limits else ""
            print(f"{operator.name:<24} {operator.types}{limits}")
        return 0
    model = existing_file(options.model)
    nodes = supported_nodes(model, dims=parse_dims(options.dim))
    for node in nodes:
        verdict = "supported" if node.reason is None else node.reason
        print(printable(f"{node.name} ({node.op_type}): {verdict}"))
    return 0
