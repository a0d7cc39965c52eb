"""`deployc reduce`: the smallest part of a model that still fails."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageError, printable
from ..writing import check_writable, whole_bytes
from .command import add_model_options, add_plugin, existing_file, parse_dims
from .deployc_model import chosen_inputs, chosen_machine
from .deployc_options import add_inputs
from .progress import say, unsaid

if TYPE_CHECKING:
    from ..artifact.artifact import Artifact
    from ..execution.tensors import Array


def add_reduce(parser: argparse.ArgumentParser) -> None:
    """The options of `reduce`."""
    parser.add_argument("model", metavar="MODEL", help="an ONNX file")
    parser.add_argument(
        "-o",
        dest="small",
        metavar="SMALL.onnx",
        required=True,
        help="the file to write; its inputs go beside it, as SMALL.npz",
    )
    add_model_options(parser)
    add_plugin(parser)
    add_inputs(parser)


def reduce(options: argparse.Namespace) -> None:
    """Writes the smallest part that fails, and the inputs with which it does."""
    from ..api import compile
    from ..artifact.arrays import write_inputs
    from ..artifact.reduction import reduced

    small, beside = results(options.small)
    source, dims = existing_file(options.model), parse_dims(options.dim)
    machine, chosen = chosen_machine(options), {"plugins": options.plugin}

    def compiled(model: bytes) -> Artifact:
        return compile(model, machine, options=chosen)

    inputs = whole_inputs(options, source, dims)
    progress = say if options.verbose else unsaid
    found = reduced(source, dims, inputs, compiled, options.runner, progress)
    with whole_bytes(str(small)) as stream:
        stream.write(found.model)
    write_inputs(beside, list(found.inputs.values()))
    if not options.quiet:
        counted = f"{found.nodes} of {found.of} nodes"
        print(printable(f"{small}: {counted}; {found.failure}"))


def results(name: str) -> tuple[Path, Path]:
    """The files to write, which can be written: the model, and its inputs."""
    small = Path(name)
    if small.suffix != ".onnx":
        raise UsageError("expected a name that ends in .onnx", node=name)
    beside = small.with_suffix(".npz")
    for path in (small, beside):
        check_writable(str(path))
    return small, beside


def whole_inputs(
    options: argparse.Namespace, source: str, dims: Mapping[str, int]
) -> dict[str, Array]:
    """The inputs of the command line for the whole model, or random ones."""
    from ..execution.tensors import Tensor
    from ..frontend.onnx.parts import input_types, whole_model

    model, _ = whole_model(source, dims)
    return chosen_inputs(options, [Tensor(*each) for each in input_types(model)])
