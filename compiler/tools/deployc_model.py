"""What the commands that compile one model share."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import printable
from .command import existing_file, parse_dims, parse_settings
from .progress import told

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..artifact.artifact import Artifact
    from ..execution.tensors import Tensor
    from ..machine import Machine

    Array: TypeAlias = NDArray[Any]

OPTIONS = {
    **{key: key for key in ("fuse", "io_layout", "io_type", "name", "plan", "tuned")},
    **{"plugins": "plugin", "weights": "weights"},
    **{"weights_address": "weights_at", "weights_section": "weights_section"},
}
"""The library's options: where argparse puts those of them that a command has."""

COMPILER_STEPS = 8
"""How many steps the compiler tells about: import, six phases, emission."""


def compiled(options: argparse.Namespace) -> Artifact:
    """The artifact of the model that the command line names."""
    from ..api import compile

    model = existing_file(options.model)
    machine = chosen_machine(options)
    dims = parse_dims(options.dim)
    with told(options, COMPILER_STEPS) as begin:
        return compile(model, machine, dims, stated(options), begin)


def stated(options: argparse.Namespace) -> dict[str, Any]:
    """What the command line says of the library's options."""
    found = {key: getattr(options, name, None) for key, name in OPTIONS.items()}
    return {key: value for key, value in found.items() if value not in (None, [])}


def flag(option: str) -> str:
    """What the command line calls one of the library's options."""
    return f"--{OPTIONS[option].replace('_', '-')}"


def chosen_machine(options: argparse.Namespace) -> Machine:
    """The machine of `--machine` and `--set`."""
    from ..machine import DEFAULT_MACHINE, load_machine

    return load_machine(options.machine or DEFAULT_MACHINE, parse_settings(options.set))


def chosen_inputs(
    options: argparse.Namespace, tensors: Sequence[Tensor]
) -> dict[str, Array]:
    """An array for each of `tensors`: those of the command line, or random ones."""
    from ..artifact.arrays import matched, random_arrays, read_npz
    from ..execution.tensors import checked

    if options.inputs is None:
        arrays = random_arrays(tensors, options.seed)
    else:
        arrays = matched(tensors, read_npz(options.inputs))
    return {t.name: checked(t, a) for t, a in zip(tensors, arrays, strict=True)}


def explain(options: argparse.Namespace, artifact: Artifact) -> None:
    """Prints the decisions, if `--explain` asks for them."""
    from ..artifact.explanation import explanation

    if options.explain:
        for line in explanation(artifact.plan, artifact.manifest):
            print(printable(line))
