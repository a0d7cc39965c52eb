"""`deployc check`: what a model computes against the reference."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import DeployError, printable
from .deployc_model import chosen_inputs, compiled, explain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..artifact.artifact import Artifact
    from ..artifact.reference import Expected

    Array: TypeAlias = NDArray[Any]


def check(options: argparse.Namespace) -> None:
    """Prints the error of each output; raises `DeployError` when one is off."""
    from ..artifact.reference import DIFFERS, Expected

    artifact = compiled(options)
    explain(options, artifact)
    with artifact.session(
        options.runner, checked=options.checked, hal=options.hal
    ) as session:
        inputs = chosen_inputs(options, session.inputs)
        (values,) = session.run_many([inputs])
    expected = Expected.of(options.model, artifact.borders, inputs)
    found = expected.compare(values, artifact.borders[1])
    if not options.quiet:
        for comparison in found:
            print(printable(str(comparison)))
    if options.per_pass:
        check_passes(options, artifact, session.runner, inputs, expected)
    if options.per_node:
        check_nodes(options, artifact, session.runner, inputs)
    wrong = [comparison for comparison in found if not comparison.is_right]
    if wrong:
        hint = "each node by itself is right" if options.per_node else None
        raise DeployError(DIFFERS, node=wrong[0].name, hint=hint)


def check_passes(
    options: argparse.Namespace,
    artifact: Artifact,
    runner: str,
    inputs: Mapping[str, Array],
    expected: Expected,
) -> None:
    """Raises `DeployError` with the first pass that changes what the model means."""
    from ..artifact.meanings import meanings

    products, count, last = artifact.manifest["macs"], 0, ""
    written = [b.to_model(inputs[b.name]) for b in artifact.borders[0]]
    for meaning in meanings(artifact.known_recipe(), written, products, runner):
        for comparison in expected.compare(meaning.outputs, meaning.borders):
            if not comparison.is_right:
                what = "what its C does" if meaning.is_compiled else "the meaning"
                reason = f"changes {what} in phase '{meaning.phase}': {comparison}"
                raise DeployError(reason, node=meaning.by)
        count, last = count + 1, meaning.by
    if not options.quiet:
        print(f"{count} passes that change something, up to {last}: right")


def check_nodes(
    options: argparse.Namespace,
    artifact: Artifact,
    runner: str,
    inputs: Mapping[str, Array],
) -> None:
    """Raises `DeployError` with the first node that is off, where and by how much."""
    from ..artifact.localization import differences

    count = 0
    for difference in differences(artifact, runner, inputs):
        if difference is not None:
            node, op_type = difference.node, difference.op_type
            raise DeployError(str(difference), node=node, op_type=op_type)
        count += 1
    if not options.quiet:
        print(f"{count} tensors that nodes make: right")
