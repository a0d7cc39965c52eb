"""
The value of any tensor of the model, for inputs that are given.

What the program no longer has, because it was fused away or its memory was used again,
is computed by another build in which it is an output.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from ..analysis.interface_choices import AS_WRITTEN
from ..errors import MemoryShortage
from ..execution.tensors import Array
from ..frontend.onnx.graph import Graph
from .artifact import Artifact

Values = Mapping[str, Array]
"""Arrays by the names of tensors."""


@dataclass
class Inspection:
    """
    Looks into one artifact, which knows its model.

    Inputs are given as the caller has them; all values are as the model has them.
    """

    artifact: Artifact
    runner: str
    builds: dict[str, Artifact] = field(default_factory=dict[str, Artifact])
    """The builds in which single tensors are outputs."""

    @cached_property
    def graph(self) -> Graph:
        """What the model computes."""
        return self.artifact.known_recipe().graph()

    @cached_property
    def as_written(self) -> Artifact:
        """The artifact whose caller's tensors are those of the model."""
        recipe = self.artifact.known_recipe()
        if recipe.interface == AS_WRITTEN:
            return self.artifact
        return replace(recipe, interface=AS_WRITTEN).with_outputs(self.artifact, [])

    def written(self, inputs: Values) -> Values:
        """What the caller gives, as the model has it."""
        given, _ = self.artifact.borders
        return {border.name: border.to_model(inputs[border.name]) for border in given}

    def value(self, name: str, inputs: Values) -> Array:
        """One tensor; raises `DeployError` when there is none of that name."""
        self.graph.check(name)
        inputs = self.written(inputs)
        known = {**self.graph.constants, **inputs}
        if name in known:
            return known[name].copy()
        if name in self.graph.outputs:
            return self._run(self.as_written, inputs)[name]
        if name not in self.builds:
            self.builds[name] = self._build([name])
        return self._run(self.builds[name], inputs)[name]

    def values(self, names: Sequence[str], inputs: Values) -> dict[str, Array]:
        """Several tensors, in as few builds as the machine's memory allows."""
        for name in names:
            self.graph.check(name)
        inputs = self.written(inputs)
        known = {**self.graph.constants, **inputs}
        found = {name: known[name] for name in names if name in known}
        return found | self._computed(
            [name for name in names if name not in known], inputs
        )

    def _computed(self, names: Sequence[str], inputs: Values) -> dict[str, Array]:
        """Tensors that nodes make; by halves where not all of them fit at once."""
        if not names:
            return {}
        is_trial = len(names) > 1
        try:
            return self._run(self._build(names, is_trial=is_trial), inputs)
        except MemoryShortage:
            if not is_trial:
                raise
        half = len(names) // 2
        return self._computed(names[:half], inputs) | self._computed(
            names[half:], inputs
        )

    def _build(self, names: Sequence[str], *, is_trial: bool = False) -> Artifact:
        """The program with more outputs."""
        recipe = self.as_written.known_recipe()
        return recipe.with_outputs(self.artifact, names, is_trial=is_trial)

    def _run(self, artifact: Artifact, inputs: Values) -> dict[str, Array]:
        """All outputs of one run."""
        with artifact.session(self.runner) as session:
            (values,) = session.run_many([inputs])
            names = [tensor.name for tensor in session.outputs]
        return dict(zip(names, values, strict=True))
