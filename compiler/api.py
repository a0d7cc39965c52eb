"""
The compiler as a library: `compile` and `load`.

The command line tools are thin users of this module.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .analysis.weights_form import BY_SIZE
from .artifact.artifact import Artifact
from .artifact.folder import folder_contents
from .artifact.plan import PlanFile
from .artifact.recipe import Recipe, check_model
from .errors import DeployError, MemoryShortage, UsageError, refusal
from .fit.verdicts import Verdict, verdict
from .fitting import Fitting
from .frontier import Frontier, Point
from .fusion import chains_from
from .machine import DEFAULT_MACHINE, Machine
from .options import (
    COMPUTED,
    check_sizes,
    checked_options,
    chosen_interface,
    chosen_machine,
    chosen_plan,
    chosen_tuned,
    chosen_weights,
    kept,
)
from .pipeline import PHASE_NAMES
from .resolution import run
from .sizes import with_remedy
from .universe import all_passes, new_context

if TYPE_CHECKING:
    from onnx import ModelProto

Progress = Callable[[str], None]
"""Told what is being done, in one word."""


def compile(
    model: str | Path | bytes | ModelProto,
    machine: str | Path | Machine = DEFAULT_MACHINE,
    dims: Mapping[str, int] | None = None,
    options: Mapping[str, Any] | None = None,
    progress: Progress = lambda _: None,
) -> Artifact:
    """
    Compiles a model for a machine.

    `model` is a path, the bytes of a file, or an `onnx.ModelProto`; `machine` a
    built-in name, a TOML file, or a machine; `dims` binds symbolic dimensions.
    `options` may hold `name` (what the C symbols begin with), `set` (figures of the
    machine to override: `{"ram.size": 65536}`), `io_type` and `io_layout` (what the
    caller's tensors are: `"int8"`, or `{"image": "nhwc"}`), `weights` (`c` or
    `binary`), `weights_section` or `weights_address`, `plan` (the path of a `plan.json`
    that decides in place of a search), `tuned` (the path of what `deployc tune` wrote),
    `plugins` (the paths of Python files with passes or patterns that run as well) and
    `fuse` (chains of operations that are computed together: `["nn.conv+nn.relu"]`).
    Raises `DeployError`.
    """
    chosen = checked_options(options)
    plan = chosen_plan(chosen)
    return built(recipe_of(model, machine, dims, chosen, plan), plan, progress)


def recipe_of(
    model: str | Path | bytes | ModelProto,
    machine: str | Path | Machine = DEFAULT_MACHINE,
    dims: Mapping[str, int] | None = None,
    options: Mapping[str, Any] | None = None,
    plan: PlanFile | None = None,
) -> Recipe:
    """
    All that is asked for, looked up; what `plan` was made with where nothing else is.

    `options` are checked ones. Raises `DeployError`.
    """
    check_sizes(dims or {})
    chosen = options or {}
    found = chosen_machine(machine, chosen)
    fuse = chains_from(chosen.get("fuse", ()))
    interface, weights = chosen_interface(chosen), chosen_weights(chosen)
    if plan is not None:
        fuse = fuse or plan.chains
        interface = interface.or_else(plan.interface)
        weights = plan.weights if weights == BY_SIZE else weights
    weights.check_machine(found)
    return Recipe(
        kept(model),
        found,
        dict(dims or {}),
        chosen.get("name"),
        chosen_tuned(chosen),
        built,
        plugins=tuple(chosen.get("plugins", ())),
        fuse=fuse,
        interface=interface,
        weights=weights,
    )


def built(
    recipe: Recipe, plan: PlanFile | None = None, progress: Progress = lambda _: None
) -> Artifact:
    """The artifact of a recipe; raises `DeployError`."""
    with refusals():
        fitting = replace(fitted(recipe, progress), plan=plan)
        artifact = compiled(fitting, recipe.machine, explained=not recipe.is_trial)
    return replace(artifact, recipe=recipe.settled())


def fitted(recipe: Recipe, progress: Progress = lambda _: None) -> Fitting:
    """
    The model after the phases that do not depend on the sizes of levels.

    xDSL's diagnostics come through.
    """
    progress("import")
    known = all_passes(recipe.plugins)
    ctx = new_context(known)
    module = recipe.imported(ctx)
    for phase in PHASE_NAMES[1 : PHASE_NAMES.index("tile")]:
        progress(phase)
        run(ctx, module, phase, known)
    recipe.weights.attach(module)
    return Fitting(ctx, module, recipe.name, progress, tuned=recipe.tuned, passes=known)


@contextmanager
def refusals() -> Generator[None]:
    """Lets xDSL's diagnostics be `DeployError`s."""
    from xdsl.utils.exceptions import DiagnosticException

    try:
        yield
    except DiagnosticException as error:
        raise refusal(error) from error


def frontier(
    model: str | Path | bytes | ModelProto,
    level: str,
    machine: str | Path | Machine = DEFAULT_MACHINE,
    dims: Mapping[str, int] | None = None,
    options: Mapping[str, Any] | None = None,
    progress: Progress = lambda _: None,
) -> list[Point]:
    """
    The size of `level` against the bytes that move, from the smallest that works.

    The other arguments are those of `compile`; of its options those that change what is
    computed. Raises `DeployError`.
    """
    chosen = checked_options(options, COMPUTED, "a frontier")
    recipe = recipe_of(model, machine, dims, chosen)
    names = [one.name for one in recipe.machine.levels]
    if level not in names:
        raise UsageError(
            f"expected one of the levels {', '.join(names)}, got {level!r}"
        )
    with refusals():
        return Frontier(fitted(recipe, progress), recipe.machine, level).found()


def fit(
    model: str | Path | bytes | ModelProto,
    machine: str | Path | Machine = DEFAULT_MACHINE,
    dims: Mapping[str, int] | None = None,
    options: Mapping[str, Any] | None = None,
    progress: Progress = lambda _: None,
) -> Verdict:
    """
    Whether a model fits a machine, what it needs of it, and what sizes would do.

    The arguments are those of `compile`; of its options those that change what is
    computed, and `tuned`. Raises `DeployError` for a model that is refused on any
    machine of this kind.
    """
    chosen = checked_options(options, (*COMPUTED, "tuned"), "fit")
    recipe = recipe_of(model, machine, dims, chosen)
    with refusals():
        return verdict(fitted(recipe, progress), recipe.machine)


def compiled(fitting: Fitting, machine: Machine, *, explained: bool = True) -> Artifact:
    """
    As `compile`, with everything looked up; xDSL's diagnostics come through.

    What size of a level would do is searched only if a shortage is to be `explained`.
    """
    try:
        module = fitting.lowered(machine)
        fitting.vectorized(module, machine)
        fitting.progress("emit")
        contents = folder_contents(fitting.ctx, module, machine, fitting.name)
    except MemoryShortage as error:
        raise (with_remedy(fitting, machine, error) if explained else error) from error
    return Artifact(*contents)


def load(
    folder: str | Path, model: str | Path | bytes | ModelProto | None = None
) -> Artifact:
    """
    The artifact that was saved as `folder`.

    With the `model` that it was made of, it can be made again with other parameters or
    outputs. Raises `UsageError` when there is no such folder, `DeployError` when
    deployopt did not make it, or made it of another model.
    """
    artifact = Artifact.load(folder)
    if model is None:
        return artifact
    from .frontend.onnx import bound_sizes

    source = kept(model)
    check_model(artifact, source)
    inputs, _ = artifact.borders
    shapes = {border.name: border.written_shape for border in inputs}
    dims = bound_sizes(source, shapes)
    recipe = Recipe(source, artifact.machine, dims, artifact.name, (), built)
    plan = artifact.plan_file
    recipe = replace(
        recipe, fuse=plan.chains, interface=plan.interface, weights=plan.weights
    )
    return replace(artifact, recipe=recipe.settled())


__all__ = ["Artifact", "DeployError", "Machine", "compile", "load"]
