"""
The compiler as a library: `compile` and `load`.

The command line tools are thin users of this module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from .artifact.artifact import Artifact
from .artifact.folder import folder_files
from .artifact.plan import PlanFile, load_plan, plan_from_text
from .artifact.recipe import Recipe, check_model
from .artifact.tuned import add_tuned, load_tuned
from .errors import DeployError, MemoryShortage, UsageError, refusal
from .fit.verdicts import Verdict, verdict
from .fitting import Fitting
from .frontier import Frontier, Point
from .fusion import ask_for, chains_from
from .machine import DEFAULT_MACHINE, Machine, attach, load_machine
from .pipeline import PHASE_NAMES
from .requests import Passes
from .resolution import run
from .universe import all_passes, new_context

if TYPE_CHECKING:
    from onnx import ModelProto

OPTIONS = ("fuse", "name", "plan", "plugins", "set", "tuned")
"""What `options` of `compile` may hold."""

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
    machine to override: `{"ram.size": 65536}`), `plan` (the path of a `plan.json` that
    decides in place of a search), `tuned` (the path of what `deployc tune` wrote),
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
    plugins = tuple(chosen.get("plugins", ()))
    recipe = replace(recipe, plugins=plugins, fuse=fuse)
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
        )
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
    fuse: Sequence[str] = (),
) -> Fitting:
    """The model after the phases that do not depend on the sizes of levels."""
    from .frontend.onnx import import_model

    progress("import")
    known = passes or all_passes()
    ctx = new_context(known)
    module = import_model(model, dims=dims, name=name, outputs=outputs)
    attach(module, machine)
    ask_for(module, fuse, ctx)
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
        fitting = fitted(
            model,
            found,
            dims or {},
            chosen.get("name"),
            progress,
            passes=passes,
            fuse=chains_from(chosen.get("fuse", ())),
        )
        return Frontier(fitting, found, level).found()
    except DiagnosticException as error:
        raise refusal(error) from error


def fit(
    model: str | Path | bytes | ModelProto,
    machine: str | Path | Machine = DEFAULT_MACHINE,
    dims: Mapping[str, int] | None = None,
    progress: Progress = lambda _: None,
) -> Verdict:
    """
    Whether a model fits a machine, what it needs of it, and what sizes would do.

    The arguments are those of `compile`. Raises `DeployError` for a model that is
    refused on any machine of this kind.
    """
    check_sizes(dims or {})
    found = chosen_machine(machine, {})
    from xdsl.utils.exceptions import DiagnosticException

    try:
        return verdict(fitted(model, found, dims or {}, None, progress), found)
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
        files = folder_files(fitting.ctx, module, machine, fitting.name)
    except MemoryShortage as error:
        raise (fitting.explained(machine, error) if explained else error) from error
    return Artifact(files)


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
    for key in ("plugins", "fuse"):
        check_texts(key, options.get(key, ()))
    name = options.get("name")
    if name is not None and not (isinstance(name, str) and name.isidentifier()):
        raise UsageError(f"name must be a C identifier, got {name!r}")
    if isinstance(name, str) and not name.isascii():
        raise UsageError(f"name must be a C identifier, got {name!r}")
    return options


def check_texts(key: str, texts: object) -> None:
    """Raises `UsageError` unless `texts` are several paths of files, or chains."""
    what = "chains of operations" if key == "fuse" else "paths of files"
    found = cast(Sequence[object], texts) if isinstance(texts, list | tuple) else None
    if found is None or not all(isinstance(text, str | Path) for text in found):
        raise UsageError(f"option {key!r} must be {what}, got {texts!r}")


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
    manifest = artifact.manifest
    shapes = {entry["name"]: tuple(entry["shape"]) for entry in manifest["inputs"]}
    dims = bound_sizes(source, shapes)
    recipe = Recipe(source, artifact.machine, dims, artifact.name, (), built)
    plan = plan_from_text(artifact.files["plan.json"], "plan.json")
    recipe = replace(recipe, fuse=plan.chains)
    return replace(artifact, recipe=recipe.settled())


__all__ = ["Artifact", "DeployError", "Machine", "compile", "load"]
