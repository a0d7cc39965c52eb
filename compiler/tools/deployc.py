"""
`deployc`: builds, runs and checks models; a thin user of `deployopt.api`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from .. import __version__
from ..errors import DeployError, UsageError, printable
from ..writing import check_writable, whole_file
from .command import (
    HelpFormatter,
    existing_file,
    leave,
    make_strict,
    parse_dims,
    run_command,
)
from .deployc_bench import add_bench, bench
from .deployc_check import check
from .deployc_completion import add_completion, completion
from .deployc_demo import add_demo, demo
from .deployc_fit import add_fit, fit
from .deployc_known import add_machines, add_operators, machines, operators
from .deployc_model import (
    COMPILER_STEPS,
    chosen_inputs,
    chosen_machine,
    compiled,
    explain,
    flag,
    stated,
)
from .deployc_options import add_build, add_check, add_report, add_run
from .deployc_plan import add_offsets, plan
from .deployc_reduce import add_reduce, reduce
from .deployc_tune import add_tune, tune
from .progress import say, told

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..artifact.artifact import Artifact
    from ..artifact.session import Session

    Array: TypeAlias = NDArray[Any]

Adder: TypeAlias = Callable[[argparse.ArgumentParser], None]
"""Adds the options of a command."""

Action: TypeAlias = Callable[[argparse.Namespace], "int | None"]
"""Does what a command is asked for; its result is the exit status."""

DESCRIPTION = "Compiles ONNX models to C for small machines, runs and checks them."


def main() -> None:
    """The program `deployc`."""
    leave(run_command(deployc))


def deployc(args: Sequence[str] | None = None) -> int:
    """Runs the tool on `args`, by default those of the process."""
    options = command_line().parse_args(args)
    action: Action = options.action
    return action(options) or 0


# The command line.


def command_line() -> argparse.ArgumentParser:
    """What the tool understands."""
    parser = argparse.ArgumentParser(
        prog="deployc", description=DESCRIPTION, formatter_class=HelpFormatter
    )
    make_strict(parser)
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, add_options, action, text in COMMANDS:
        sub = commands.add_parser(
            name, help=text, description=text, formatter_class=HelpFormatter
        )
        make_strict(sub)
        sub.set_defaults(action=action)
        loud = sub.add_mutually_exclusive_group()
        loud.add_argument("-v", "--verbose", action="store_true", help="say more")
        loud.add_argument("-q", "--quiet", action="store_true", help="say nothing")
        add_options(sub)
    return parser


# What several commands do.


def check_results(*names: str | None) -> None:
    """Refuses files that cannot be written, before there is anything to write."""
    for name in names:
        if name is not None:
            check_writable(name)


# The commands.


def build(options: argparse.Namespace) -> None:
    """Writes the deployable folder, or the table of `--frontier`."""
    if options.frontier is not None:
        return show_frontier(options)
    from ..artifact.folder import check_target

    check_target(Path(options.folder))
    artifact = compiled(options)
    artifact.save(options.folder)
    explain(options, artifact)
    if not options.quiet:
        say(f"{options.folder}: {summary(artifact)}")


def show_frontier(options: argparse.Namespace) -> None:
    """Prints what sizes of a level would move how many bytes."""
    from ..api import frontier
    from ..frontier import table
    from ..options import COMPUTED

    chosen = stated(options)
    others = [flag(key) for key in chosen if key not in COMPUTED]
    others += ["--explain"] if options.explain else []
    if others:
        reason = "--frontier goes through many plans and writes no program"
        raise UsageError(f"{reason}, got {others[0]}")
    model, level = existing_file(options.model), options.frontier
    machine, dims = chosen_machine(options), parse_dims(options.dim)
    with told(options, COMPILER_STEPS) as begin:
        points = frontier(model, level, machine, dims, chosen, begin)
    for line in table(points, level):
        print(line)


def summary(artifact: Artifact) -> str:
    """Name, machine and the bytes used of each level."""
    manifest = artifact.manifest
    levels = manifest["memory"]["claimed"].items()
    parts = [f"{name} {claim['peak']} bytes" for name, claim in levels]
    head = f"{artifact.name} for {artifact.machine.name}"
    return ", ".join([head, *parts, f"{manifest['macs']} multiply-adds"])


def run(options: argparse.Namespace) -> None:
    """Runs once; saves outputs and profile."""
    check_results(options.outputs, options.profile)
    artifact = loaded(options) if Path(options.model).is_dir() else compiled(options)
    with artifact.session(
        options.runner,
        profile=bool(options.profile),
        checked=options.checked,
        hal=options.hal,
    ) as session:
        for name, array in chosen_inputs(options, session.inputs).items():
            session.set_input(name, array)
        session.run()
        values = [session.get_output(n) for n in range(len(session.outputs))]
        if options.outputs:
            from ..artifact.arrays import write_npz

            write_npz(options.outputs, session.outputs, values)
        if options.profile:
            session.profile(options.profile)
        if not options.quiet:
            for tensor, value in zip(session.outputs, values, strict=True):
                print(printable(f"{tensor.name}: {shown(value)}"))
            say(run_summary(session, artifact))


def run_summary(session: Session, artifact: Artifact) -> str:
    """What the run took: time or instructions, code, memory."""
    assert session.result is not None, "the session has run"
    total = f"{session.result.totals[-1]} {session.result.unit}"
    parts = [summary(artifact), f"code {session.code_bytes()} bytes"]
    if checks := session.checks():
        stack, moved = checks["stack"], checks["traffic"]["measured"]
        if stack["size"]:
            parts.append(f"stack {stack['used']} of {stack['size']} bytes")
        parts += [f"{pair} {count} bytes" for pair, count in moved.items()]
    return f"{', '.join(parts)}; {total} on {session.runner}"


def loaded(options: argparse.Namespace) -> Artifact:
    """The artifact of the folder that the command line names."""
    from ..api import load

    given = [*(["--dim"] if options.dim else []), *map(flag, stated(options))]
    if given:
        raise UsageError(f"{given[0]} belongs to a model, got a folder")
    artifact = load(options.model)
    if options.machine is None and not options.set:
        return artifact
    if chosen_machine(options) != artifact.machine:
        wanted = options.machine or "other figures"
        reason = f"the folder is for machine {artifact.machine.name}, got {wanted}"
        raise DeployError(reason, node=options.model, hint="build the model for it")
    return artifact


def shown(value: Array) -> str:
    """Type, shape and the first numbers of an array."""
    first = " ".join(f"{number:.6g}" for number in value.ravel()[:10])
    more = " …" if value.size > 10 else ""
    return f"{value.dtype.name}{list(value.shape)} {first}{more}"


def report(options: argparse.Namespace) -> None:
    """Writes what there is to see of a program as one page."""
    from ..report.page import page

    check_results(options.page)
    profile = read_json(options.profile) if options.profile else None
    artifact = loaded(options) if Path(options.model).is_dir() else compiled(options)
    text = page(artifact.files, profile)
    with whole_file(options.page) as stream:
        stream.write(text)
    if not options.quiet:
        say(f"{options.page}: {summary(artifact)}")


def read_json(name: str) -> Any:
    """What a JSON file holds."""
    try:
        return json.loads(Path(existing_file(name)).read_text(encoding="utf-8"))
    except ValueError as error:
        raise DeployError(f"not valid JSON: {error}", node=name) from error


COMMANDS: tuple[tuple[str, Adder, Action, str], ...] = (
    ("build", add_build, build, "write the deployable folder of a model"),
    ("run", add_run, run, "run a model, or a folder made by build"),
    ("fit", add_fit, fit, "say whether a model fits machines, and what decides"),
    ("bench", add_bench, bench, "measure models against the machine's limit"),
    ("tune", add_tune, tune, "measure how kernels are best cut, and keep that"),
    ("report", add_report, report, "write memory, time and cost as one HTML file"),
    ("check", add_check, check, "compare a model's outputs with the reference"),
    ("reduce", add_reduce, reduce, "find the smallest part of a model that fails"),
    ("plan", add_offsets, plan, "find offsets for a table of buffers"),
    ("demo", add_demo, demo, "classify a digit on a simulated RISC-V machine"),
    ("machines", add_machines, machines, "list what can be compiled for"),
    ("ops", add_operators, operators, "list the ONNX operators that are supported"),
    (
        "completion",
        add_completion,
        completion,
        "print what a shell completes words by",
    ),
)
"""Name, options and action of each command, and what it does in a few words."""


if __name__ == "__main__":
    main()
