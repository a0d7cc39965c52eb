"""What the commands that compile one model share."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
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
        "fuse": options.fuse or None,
        "weights": options.weights,
        "weights_section": options.weights_section,
        "weights_address": options.weights_at,
        **interface_options(options),
    }
    chosen = stated(given)
    model = existing_file(options.model)
    machine = chosen_machine(options)
    dims = parse_dims(options.dim)
    with told(options, COMPILER_STEPS) as begin:
        return compile(model, machine, dims, chosen, begin)


def stated(given: Mapping[str, Any]) -> dict[str, Any]:
    """Those of `given` that the command line says something of."""
    return {key: value for key, value in given.items() if value is not None}


def interface_options(options: argparse.Namespace) -> dict[str, Any]:
    """What the command line says of the caller's tensors, as the compiler has it."""
    return {"io_type": options.io_type, "io_layout": options.io_layout}


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
