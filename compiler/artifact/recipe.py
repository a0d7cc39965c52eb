"""What an artifact was made of: enough to make it again with a change."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from ..analysis.interface_choices import AS_WRITTEN, Interface
from ..analysis.weights_form import BY_SIZE, WeightsForm
from ..errors import DeployError
from ..execution.tensors import Array
from ..fusion import ask_for
from ..machine import Machine, attach
from .plan import PlanFile
from .tuned import Tuned

if TYPE_CHECKING:
    from ..frontend.onnx.graph import Graph
    from .artifact import Artifact


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
    plugins: tuple[str | Path, ...] = ()
    """Python files with passes of a user's own."""
    fuse: tuple[str, ...] = ()
    """Chains of operations that are computed together."""
    outputs: tuple[str, ...] = ()
    """Tensors that are outputs besides the model's own."""
    interface: Interface = AS_WRITTEN
    """What the caller's tensors are, where they are not as the model has them."""
    weights: WeightsForm = BY_SIZE
    """How the constants are held."""
    is_trial: bool = False
    """Whether a want of memory is told without what would help, which takes long."""

    def with_outputs(
        self, made: Artifact, names: Sequence[str], *, is_trial: bool = False
    ) -> Artifact:
        """
        The artifact that has more outputs than `made`.

        Decisions are searched anew: other kernels are made, and no fusion is asked for,
        which an output in the middle may forbid. Raises `DeployError`, also when the
        file of the model is no longer what `made` was compiled from.
        """
        outputs = (*self.outputs, *names)
        changed = replace(
            self, name=made.name, outputs=outputs, fuse=(), is_trial=is_trial
        )
        check_model(made, self.model)
        return self.build(changed, None)

    def with_params(self, made: Artifact, params: Mapping[str, Array]) -> Artifact:
        """
        The artifact that has other initializers than `made`, and the same plan.

        Where the plan does not fit the new values (a table that no longer fits, say),
        decisions are searched anew. Raises `DeployError` for arrays that do not fit.
        """
        from ..frontend.onnx import with_parameters

        check_model(made, self.model)
        model = with_parameters(self.model, params)
        changed = replace(self, model=model, name=made.name)
        plan = replace(made.plan_file, model=hashlib.sha256(model).hexdigest())
        try:
            return self.build(changed, plan)
        except DeployError:
            return self.build(changed, None)

    def settled(self) -> Recipe:
        """The same, wherever this process goes."""
        if isinstance(self.model, bytes):
            return self
        return replace(self, model=self.model.absolute())

    def imported(self, ctx: Context) -> ModuleOp:
        """The model as a module that says what is asked for; raises `DeployError`."""
        from ..frontend.onnx import import_model

        module = import_model(
            self.model, dims=self.dims, name=self.name, outputs=self.outputs
        )
        attach(module, self.machine)
        ask_for(module, self.fuse, ctx)
        self.interface.attach(module)
        return module

    def graph(self) -> Graph:
        """The graph of the model; raises `DeployError`."""
        from ..frontend.onnx import read_graph

        return read_graph(self.model, self.dims)


def check_model(made: Artifact, model: Path | bytes) -> None:
    """Raises `DeployError` unless `made` was compiled from `model`."""
    from ..frontend.onnx import model_sha256

    expected, found = made.manifest["sha256"], model_sha256(model)
    if found != expected:
        reason = f"expected the model with sha256 {expected}, got {found}"
        raise DeployError(
            reason, node=made.name, hint="is it another file, or changed?"
        )
