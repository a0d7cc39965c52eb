"""
The compiler as a library: `compile` and `load`.

The command line tools are thin users of this module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from .analysis.weights_form import WeightsForm, form_of
from .artifact.artifact import Artifact
from .artifact.folder import PLAN, folder_contents
from .artifact.plan import PlanFile, load_plan, plan_from_text
from .artifact.recipe import Recipe, check_model
from .artifact.tuned import add_tuned, load_tuned
from .errors import DeployError, MemoryShortage, UsageError, refusal
from .fit.verdicts import Verdict, verdict
from .fitting import Fitting
from .frontier import Frontier, Point
from .interface import Interface
from .machine import DEFAULT_MACHINE, Machine, attach, load_machine
from .pipeline import PHASE_NAMES
from .requests import Passes
from .resolution import run_requests
from .universe import all_passes, new_context

if TYPE_CHECKING:
    from onnx import ModelProto

OPTIONS = (
    *("io_layout", "io_type", "name", "plan", "plugins", "set", "tuned"),
    *("weights", "weights_address", "weights_section"),
)
"""What `options` of `compile` may hold."""

AS_WRITTEN = Interface()
"""The caller's tensors are as the model has them."""

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
    caller's tensors are: `"int8"`, or `{"image": "nhwc"}`), `weights` (`c` or `binary`),
    `weights_section` or `weights_address`, `plan` (the path of a `plan.json` that
    decides in place of a search), `tuned` (the path of what `deployc tune` wrote) and
    `plugins` (the paths of Python files with passes or patterns that run as well).
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
    interface, weights = chosen_interface(chosen), chosen_weights(chosen)
    if given is not None:
        interface = interface.or_else(given.interface)
        weights = given.weights if weights == WeightsForm() else weights
    weights.check_machine(found)
    recipe = replace(recipe, plugins=tuple(chosen.get("plugins", ())))
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
            interface=recipe.interface,
        )
        recipe.weights.attach(fitting.module)
        fitting = replace(fitting, plan=plan, tuned=recipe.tuned)
        artifact = compiled(fitting, machine, explained=not recipe.is_trial)
    except DiagnosticException as error:
        raise refusal(error) from error
    return replace(artifact, recipe=recipe.settled())


def kept(model: str | Path | bytes | ModelProto) -> Path | bytes:
    """The model as nobody changes it any more: a path, or bytes."""
    if isinstance(model, bytes):
        return model
    if isinstance(model, str | Path):
        return Path(model)
    from .frontend.onnx.loading import serialize

    return serialize(model)


def chosen_machine(
    machine: str | Path | Machine, options: Mapping[str, Any]
) -> Machine:
    """The machine, with the figures that option `set` overrides."""
    figures = options.get("set")
    if not isinstance(machine, Machine):
        return load_machine(machine, figures)
    if figures:
        raise UsageError("option 'set' needs a machine by its name, got a machine")
    return machine


def fitted(
    model: str | Path | bytes | ModelProto,
    machine: Machine,
    dims: Mapping[str, int],
    name: str | None,
    progress: Progress,
    *,
    passes: Passes | None = None,
    outputs: Sequence[str] = (),
    interface: Interface = AS_WRITTEN,
) -> Fitting:
    """The model after the phases that do not depend on the sizes of levels."""
    from .frontend.onnx import import_model

    progress("import")
    ctx, known = new_context(), passes or all_passes()
    module = import_model(model, dims=dims, name=name, outputs=outputs)
    attach(module, machine)
    for phase in PHASE_NAMES[1 : PHASE_NAMES.index("tile")]:
        progress(phase)
        run_requests(ctx, module, [interface.request(phase)], known)
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
        interface = chosen_interface(chosen)
        fitting = fitted(
            *(model, found, dims or {}, name, progress),
            passes=passes,
            interface=interface,
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


def checked_options(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """`options`, all of them known."""
    for key in options:
        if key not in OPTIONS:
            expected = ", ".join(OPTIONS)
            raise UsageError(f"unknown option {key!r}, expected one of {expected}")
    figures = options.get("set")
    if figures is not None and not isinstance(figures, Mapping):
        raise UsageError(f"option 'set' must be a dictionary, got {figures!r}")
    for key in ("plan", "tuned"):
        path = options.get(key)
        if path is not None and not isinstance(path, str | Path):
            raise UsageError(f"option {key!r} must be the path of a file, got {path!r}")
    check_plugins(options.get("plugins", ()))
    name = options.get("name")
    if name is not None and not (isinstance(name, str) and name.isidentifier()):
        raise UsageError(f"name must be a C identifier, got {name!r}")
    if isinstance(name, str) and not name.isascii():
        raise UsageError(f"name must be a C identifier, got {name!r}")
    return options


def chosen_interface(options: Mapping[str, Any]) -> Interface:
    """What the caller's tensors are; raises `UsageError` for words nobody knows."""
    return Interface.of(options.get("io_type"), options.get("io_layout"))


def chosen_weights(options: Mapping[str, Any]) -> WeightsForm:
    """How constants are held; raises `UsageError` for what cannot be meant."""
    keys = {
        "form": "weights",
        "section": "weights_section",
        "address": "weights_address",
    }
    given = {key: options.get(option) for key, option in keys.items()}
    return form_of({key: value for key, value in given.items() if value is not None})


def check_plugins(paths: object) -> None:
    """Raises `UsageError` unless `paths` are paths of files."""
    found = cast(Sequence[object], paths) if isinstance(paths, list | tuple) else None
    if found is None or not all(isinstance(path, str | Path) for path in found):
        raise UsageError(f"option 'plugins' must be paths of files, got {paths!r}")


def check_sizes(dims: Mapping[str, object]) -> None:
    """Raises `UsageError` unless every dimension is bound to a positive integer."""
    for name, size in dims.items():
        if not isinstance(size, int) or isinstance(size, bool) or size < 1:
            message = f"expected a positive integer, got {size!r}"
            raise UsageError(message, node=f"dimension {name}")


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
    plan = plan_from_text(artifact.files[PLAN], PLAN)
    recipe = replace(recipe, interface=plan.interface, weights=plan.weights)
    return replace(artifact, recipe=recipe.settled())


__all__ = ["Artifact", "DeployError", "Machine", "compile", "load"]
