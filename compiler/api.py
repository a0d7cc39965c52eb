"""
The compiler as a library: `compile` and `load`.

The command line tools are thin users of this module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .analysis.interface_choices import AS_WRITTEN, Interface
from .analysis.weights_form import BY_SIZE
from .artifact.artifact import Artifact
from .artifact.folder import folder_contents
from .artifact.plan import PlanFile, load_plan
from .artifact.recipe import Recipe, check_model
from .artifact.tuned import add_tuned, load_tuned
from .errors import DeployError, MemoryShortage, UsageError, refusal
from .fit.verdicts import Verdict, verdict
from .fitting import Fitting
from .frontier import Frontier, Point
from .fusion import ask_for, chains_from
from .machine import DEFAULT_MACHINE, Machine, attach
from .options import (
    check_sizes,
    checked_options,
    chosen_interface,
    chosen_machine,
    chosen_weights,
    kept,
)
from .pipeline import PHASE_NAMES
from .requests import Passes
from .resolution import run
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
    chosen = checked_options(options or {})
    check_sizes(dims or {})
    found = chosen_machine(machine, chosen)
    name, plan = chosen.get("name"), chosen.get("plan")
    given = None if plan is None else load_plan(plan)
    database = chosen.get("tuned")
    tuned = () if database is None else load_tuned(database)
    recipe = Recipe(kept(model), found, dict(dims or {}), name, tuned, built)
    fuse = chains_from(chosen.get("fuse", ())) or (given.chains if given else ())
    interface, weights = chosen_interface(chosen), chosen_weights(chosen)
    if given is not None:
        interface = interface.or_else(given.interface)
        weights = given.weights if weights == BY_SIZE else weights
    weights.check_machine(found)
    recipe = replace(recipe, plugins=tuple(chosen.get("plugins", ())), fuse=fuse)
    recipe = replace(recipe, interface=interface, weights=weights)
    return built(recipe, given, progress)


def built(
    recipe: Recipe, plan: PlanFile | None = None, progress: Progress = lambda _: None
) -> Artifact:
    """The artifact of a recipe; raises `DeployError`."""
    from xdsl.utils.exceptions import DiagnosticException

    machine, passes = recipe.machine, all_passes(recipe.plugins)
    try:
        fitting = fitted(
            recipe.model,
            machine,
            recipe.dims,
            recipe.name,
            progress,
            passes=passes,
            outputs=recipe.outputs,
            fuse=recipe.fuse,
            interface=recipe.interface,
        )
        recipe.weights.attach(fitting.module)
        fitting = replace(fitting, plan=plan, tuned=recipe.tuned)
        artifact = compiled(fitting, machine, explained=not recipe.is_trial)
    except DiagnosticException as error:
        raise refusal(error) from error
    return replace(artifact, recipe=recipe.settled())


def fitted(
    model: str | Path | bytes | ModelProto,
    machine: Machine,
    dims: Mapping[str, int],
    name: str | None,
    progress: Progress,
    *,
    passes: Passes | None = None,
    outputs: Sequence[str] = (),
    fuse: Sequence[str] = (),
    interface: Interface = AS_WRITTEN,
) -> Fitting:
    """The model after the phases that do not depend on the sizes of levels."""
    from .frontend.onnx import import_model

    progress("import")
    known = passes or all_passes()
    ctx = new_context(known)
    module = import_model(model, dims=dims, name=name, outputs=outputs)
    attach(module, machine)
    ask_for(module, fuse, ctx)
    interface.attach(module)
    for phase in PHASE_NAMES[1 : PHASE_NAMES.index("tile")]:
        progress(phase)
        run(ctx, module, phase, known)
    return Fitting(ctx, module, name, progress, passes=known)


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

    The other arguments are those of `compile`. Raises `DeployError`.
    """
    chosen = checked_options(options or {})
    check_sizes(dims or {})
    found = chosen_machine(machine, chosen)
    names = [one.name for one in found.levels]
    if level not in names:
        raise UsageError(
            f"expected one of the levels {', '.join(names)}, got {level!r}"
        )
    if chosen.get("plan") is not None:
        raise UsageError("a frontier is searched, got a plan")
    from xdsl.utils.exceptions import DiagnosticException

    try:
        passes = all_passes(chosen.get("plugins", ()))
        name = chosen.get("name")
        fitting = fitted(
            *(model, found, dims or {}, name, progress),
            passes=passes,
            fuse=chains_from(chosen.get("fuse", ())),
            interface=chosen_interface(chosen),
        )
        return Frontier(fitting, found, level).found()
    except DiagnosticException as error:
        raise refusal(error) from error


def fit(
    model: str | Path | bytes | ModelProto,
    machine: str | Path | Machine = DEFAULT_MACHINE,
    dims: Mapping[str, int] | None = None,
    options: Mapping[str, Any] | None = None,
    progress: Progress = lambda _: None,
) -> Verdict:
    """
    Whether a model fits a machine, what it needs of it, and what sizes would do.

    The arguments are those of `compile`; of its options, those that change what is
    computed. Raises `DeployError` for a model that is refused on any machine of this
    kind.
    """
    chosen = checked_options(options or {})
    check_sizes(dims or {})
    found, interface = chosen_machine(machine, chosen), chosen_interface(chosen)
    from xdsl.utils.exceptions import DiagnosticException

    try:
        given = model, found, dims or {}, None, progress
        return verdict(fitted(*given, interface=interface), found)
    except DiagnosticException as error:
        raise refusal(error) from error


def compiled(fitting: Fitting, machine: Machine, *, explained: bool = True) -> Artifact:
    """
    As `compile`, with everything looked up; xDSL's diagnostics come through.

    What size of a level would do is searched only if a shortage is to be `explained`.
    """
    try:
        module = fitting.lowered(machine)
        if fitting.tuned:
            add_tuned(module, machine, fitting.tuned)
        fitting.phase(module, "vectorize")
        fitting.progress("emit")
        contents = folder_contents(fitting.ctx, module, machine, fitting.name)
    except MemoryShortage as error:
        raise (fitting.explained(machine, error) if explained else error) from error
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
