"""`deployc reduce`: the smallest part of a model or module that still fails."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DeployError, UsageError, printable
from ..writing import check_writable, whole_bytes, whole_file
from .command import add_model_options, existing_file, parse_dims
from .deployc_model import chosen_inputs, chosen_machine, flag, stated
from .deployc_options import add_computed, add_inputs, add_tuned, add_weights
from .progress import say, unsaid

if TYPE_CHECKING:
    from xdsl.context import Context

    from ..artifact.artifact import Artifact
    from ..artifact.module_reduction import Failure
    from ..execution.tensors import Array
    from ..requests import Passes

MODULE = ".mlir"
"""How the name of a module ends."""


def add_reduce(parser: argparse.ArgumentParser) -> None:
    """The options of `reduce`."""
    parser.add_argument("model", metavar="MODEL", help="an ONNX file, or a .mlir file")
    parser.add_argument(
        "-o",
        dest="small",
        metavar="SMALL",
        required=True,
        help="the file to write, .onnx or .mlir as MODEL is; the inputs of a model go "
        "beside it, as SMALL.npz",
    )
    failing = parser.add_mutually_exclusive_group()
    failing.add_argument(
        "-p",
        dest="passes",
        metavar="PASSES",
        help="of a .mlir file: passes that refuse it, fail, or change what it means",
    )
    failing.add_argument(
        "--test",
        metavar="COMMAND",
        help="of a .mlir file: a command that is given such a file and ends with "
        "another status than 0",
    )
    add_model_options(parser)
    add_computed(parser)
    add_tuned(parser)
    add_weights(parser)
    add_inputs(parser)


def reduce(options: argparse.Namespace) -> None:
    """Writes the smallest part that fails, and the inputs with which it does."""
    if Path(options.model).suffix == MODULE:
        reduce_module(options)
    elif options.passes is not None or options.test is not None:
        got = "-p" if options.test is None else "--test"
        raise UsageError(f"expected a .mlir file with {got}", node=options.model)
    else:
        reduce_model(options)


def reduce_model(options: argparse.Namespace) -> None:
    """The same for a model."""
    from ..api import compile
    from ..artifact.arrays import write_inputs
    from ..artifact.reduction import reduced

    small, beside = results(options.small)
    source, dims = existing_file(options.model), parse_dims(options.dim)
    machine, chosen = chosen_machine(options), stated(options)

    def compiled(model: bytes) -> Artifact:
        return compile(model, machine, options=chosen)

    inputs = whole_inputs(options, source, dims, compiled)
    progress = say if options.verbose else unsaid
    found = reduced(source, dims, inputs, compiled, options.runner, progress)
    with whole_bytes(str(small)) as stream:
        stream.write(found.model)
    write_inputs(beside, list(found.inputs.values()))
    if not options.quiet:
        counted = f"{found.nodes} of {found.of} nodes"
        print(printable(f"{small}: {counted}; {found.failure}"))


def reduce_module(options: argparse.Namespace) -> None:
    """The same for a module."""
    from xdsl.parser import Parser

    from ..artifact.module_reduction import reduced_module
    from ..printing import module_text
    from ..universe import all_passes, new_context

    passes = all_passes(options.plugin)
    ctx = new_context(passes)
    failure = failure_of(options, ctx, passes)
    small = named(options.small, MODULE)
    check_writable(str(small))
    text = Path(existing_file(options.model)).read_text(encoding="utf-8")
    module = Parser(ctx, text, options.model).parse_module()
    module.verify()
    progress = say if options.verbose else unsaid
    found = reduced_module(module, failure, progress)
    with whole_file(str(small)) as stream:
        stream.write(module_text(ctx, found.module))
    if not options.quiet:
        counted = f"{found.operations} of {found.of} operations"
        print(printable(f"{small}: {counted}; {found.failure}"))


def failure_of(options: argparse.Namespace, ctx: Context, passes: Passes) -> Failure:
    """What is asked of a module: that passes fail on it, or a command does."""
    from ..artifact.module_reduction import FailingCommand, FailingPasses

    refuse_others(options)
    if options.test is not None:
        return FailingCommand(ctx, words(options.test))
    if options.passes is None:
        reason = "expected -p PASSES or --test COMMAND with a module"
        raise UsageError(reason, node=options.model)
    machine, seed = chosen_machine(options), options.seed
    return FailingPasses(ctx, passes, options.passes, machine, seed)


def refuse_others(options: argparse.Namespace) -> None:
    """Refuses what a module, or a command, has no use for; raises `UsageError`."""
    models = {"--inputs": options.inputs, "--runner": options.runner}
    models |= {"--dim": options.dim}
    models |= {flag(key): key for key in stated(options) if key != "plugins"}
    for name in filter(models.get, models):
        raise UsageError(f"expected a model with {name}", node=options.model)
    passes = {"--machine": options.machine, "--set": options.set}
    passes |= {"--seed": options.seed}
    for name in filter(passes.get, passes):
        if options.test is not None:
            raise UsageError(f"expected -p with {name}, got --test", node=options.model)


def words(command: str) -> tuple[str, ...]:
    """The words of a command, split as a shell does; raises `UsageError`."""
    try:
        found = tuple(shlex.split(command))
    except ValueError as error:
        raise UsageError(str(error).lower(), node="--test") from None
    if not found:
        raise UsageError("expected a command, got none", node="--test")
    return found


def results(name: str) -> tuple[Path, Path]:
    """The files to write, which can be written: the model, and its inputs."""
    small = named(name, ".onnx")
    beside = small.with_suffix(".npz")
    for path in (small, beside):
        check_writable(str(path))
    return small, beside


def named(name: str, suffix: str) -> Path:
    """The file to write, whose name ends as it should."""
    small = Path(name)
    if small.suffix != suffix:
        raise UsageError(f"expected a name that ends in {suffix}", node=name)
    return small


def whole_inputs(
    options: argparse.Namespace,
    source: str,
    dims: Mapping[str, int],
    compiled: Callable[[bytes], Artifact],
) -> dict[str, Array]:
    """
    The inputs of the command line for the whole model, or random ones.

    Those of the command line are as the caller has them, the result as the model does.
    A model that is refused will run on none, so there they do not count.
    """
    from ..artifact.arrays import random_arrays
    from ..artifact.reference import serialized
    from ..execution.tensors import Tensor, tensors_of
    from ..frontend.onnx.parts import input_types, whole_model

    model, _ = whole_model(source, dims)
    written = [Tensor(*each) for each in input_types(model)]
    if not (options.io_type or options.io_layout):
        return chosen_inputs(options, written)
    try:
        artifact = compiled(serialized(model))
    except DeployError:
        arrays = random_arrays(written, options.seed)
        return {t.name: array for t, array in zip(written, arrays, strict=True)}
    arrays = chosen_inputs(options, tensors_of(artifact.manifest, "inputs"))
    return {b.name: b.to_model(arrays[b.name]) for b in artifact.borders[0]}
