"""What an artifact was made of: enough to make it again with a change."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from numpy.typing import NDArray

from ..errors import DeployError
from ..machine import Machine
from .plan import PlanFile, plan_from_text
from .tuned import Tuned

if TYPE_CHECKING:
    from ..frontend.onnx.graph import Graph
    from .artifact import Artifact

Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True)
class Recipe:
    """A model and everything besides a plan that decides what becomes of it."""

    model: Path | bytes
    """A file, or what was in one."""
    machine: Machine
    dims: Mapping[str, int]
    name: str | None
    """What the program is called, if not as the model."""
    tuned: tuple[Tuned, ...]
    build: Callable[[Recipe, PlanFile | None], Artifact]
    """The compiler."""
    outputs: tuple[str, ...] = ()
    """Tensors that are outputs besides the model's own."""

    def with_outputs(self, made: Artifact, names: Sequence[str]) -> Artifact:
        """
        The artifact that has more outputs than `made`.

        Decisions are searched anew: other kernels are made. Raises `DeployError`, also
        when the file of the model is no longer what `made` was compiled from.
        """
        changed = replace(self, name=made.name, outputs=(*self.outputs, *names))
        artifact = self.build(changed, None)
        check_model(made, artifact.manifest["sha256"])
        return artifact

    def with_params(self, made: Artifact, params: Mapping[str, Array]) -> Artifact:
        """
        The artifact that has other initializers than `made`, and the same plan.

        Where the plan does not fit the new values (a table that no longer fits, say),
        decisions are searched anew. Raises `DeployError` for arrays that do not fit.
        """
        from ..frontend.onnx import with_parameters

        model, sha256 = with_parameters(self.model, params)
        check_model(made, sha256)
        changed = replace(self, model=model, name=made.name)
        plan = plan_from_text(made.files["plan.json"], "plan.json")
        plan = replace(plan, model=hashlib.sha256(model).hexdigest())
        try:
            return self.build(changed, plan)
        except DeployError:
            return self.build(changed, None)

    def graph(self) -> Graph:
        """The graph of the model; raises `DeployError`."""
        from ..frontend.onnx import read_graph

        return read_graph(self.model, self.dims)


def check_model(made: Artifact, sha256: str) -> None:
    """Raises `DeployError` unless the model is still the one of the artifact."""
    expected = made.manifest["sha256"]
    if sha256 != expected:
        reason = f"expected the model with sha256 {expected}, got {sha256}"
        raise DeployError(
            reason, node=made.name, hint="is it another file, or changed?"
        )
