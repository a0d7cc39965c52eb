"""`deployc check`: what a model computes against the reference."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import DeployError, printable
from .deployc_model import chosen_inputs, compiled, explain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..analysis.interface import Border
    from ..artifact.artifact import Artifact
    from ..artifact.reference import Comparison

    Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True)
class Expected:
    """What a model should compute."""

    names: list[str]
    values: list[Array]
    """As the model has them."""
    quantized: list[bool]

    def compare(
        self, values: Sequence[Array], borders: Sequence[Border]
    ) -> list[Comparison]:
        """How far each output is from what it should be, as the caller has it."""
        from ..artifact.reference import compare

        found = zip(
            self.names, values, self.values, self.quantized, borders, strict=True
        )
        return [
            compare(name, value, b.to_caller(wanted), quantized=quantized, step=b.step)
            for name, value, wanted, quantized, b in found
        ]


def check(options: argparse.Namespace) -> None:
    """Prints the error of each output; raises `DeployError` when one is off."""
    from ..artifact.reference import DIFFERS, quantized_outputs, reference

    artifact = compiled(options)
    explain(options, artifact)
    with artifact.session(
        options.runner, checked=options.checked, hal=options.hal
    ) as session:
        inputs = chosen_inputs(options, session.inputs)
        (values,) = session.run_many([inputs])
        names = [tensor.name for tensor in session.outputs]
    given, made = artifact.borders
    written = {b.name: b.to_model(inputs[b.name]) for b in given}
    (wanted,) = reference(options.model, [written])
    expected = Expected(names, wanted, quantized_outputs(options.model))
    found = expected.compare(values, made)
    if not options.quiet:
        for comparison in found:
            print(printable(str(comparison)))
    if options.per_pass:
        check_passes(options, artifact, list(written.values()), expected)
    if options.per_node:
        check_nodes(options, artifact, session.runner, inputs)
    wrong = [comparison for comparison in found if not comparison.is_right]
    if wrong:
        hint = "each node by itself is right" if options.per_node else None
        raise DeployError(DIFFERS, node=wrong[0].name, hint=hint)


def check_passes(
    options: argparse.Namespace,
    artifact: Artifact,
    inputs: Sequence[Array],
    expected: Expected,
) -> None:
    """
    Raises `DeployError` with the first pass that changes what the model means.

    `inputs` are as the model has them.
    """
    from ..artifact.meanings import meanings

    products, count, last = artifact.manifest["macs"], 0, ""
    for meaning in meanings(artifact.known_recipe(), inputs, products):
        for comparison in expected.compare(meaning.outputs, meaning.borders):
            if not comparison.is_right:
                reason = f"changes the meaning in phase '{meaning.phase}': {comparison}"
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
