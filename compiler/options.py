"""What callers of the library may say, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from .analysis.interface_choices import Interface
from .analysis.weights_form import WeightsForm, form_of
from .artifact.plan import PlanFile, load_plan
from .artifact.tuned import Tuned, load_tuned
from .errors import UsageError
from .machine import Machine, load_machine

if TYPE_CHECKING:
    from onnx import ModelProto

COMPUTED = ("fuse", "io_layout", "io_type", "plugins", "set")
"""The options that change what is computed, and on which machine."""

OPTIONS = (
    *("fuse", "io_layout", "io_type", "name", "plan", "plugins", "set", "tuned"),
    *("weights", "weights_address", "weights_section"),
)
"""What `options` of `compile` may hold."""


def kept(model: str | Path | bytes | ModelProto) -> Path | bytes:
    """
    The model as nobody changes it any more: a path, or bytes.

    Raises `UsageError` for what is none of them.
    """
    if isinstance(model, bytes):
        return model
    if isinstance(model, str | Path):
        return Path(model)
    from .frontend.onnx.loading import is_model, serialize

    if not is_model(model):
        reason = "expected a path, bytes or an onnx.ModelProto"
        raise UsageError(f"{reason}, got {type(model).__name__}", node="model")
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


def checked_options(
    options: Mapping[str, Any] | None, taken: Sequence[str] = OPTIONS, by: str = ""
) -> Mapping[str, Any]:
    """
    `options`, all of them among those `taken` and well formed.

    None of them is ignored: `by` is who would have no use for the others, as messages
    say it. Raises `UsageError`.
    """
    options = known_keys({} if options is None else options, taken, by)
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


def known_keys(options: object, taken: Sequence[str], by: str) -> Mapping[str, Any]:
    """`options`, a dictionary with keys among those `taken`; raises `UsageError`."""
    if not isinstance(options, Mapping):
        raise UsageError(f"options must be a dictionary, got {options!r}")
    table = cast("Mapping[str, Any]", options)
    for key, value in table.items():
        says_nothing = key in OPTIONS and value is None
        if key not in taken and not says_nothing:
            known = f"{by} takes no option" if key in OPTIONS else "unknown option"
            expected = ", ".join(taken)
            raise UsageError(f"{known} {key!r}, expected one of {expected}")
    return table


def chosen_plan(options: Mapping[str, Any]) -> PlanFile | None:
    """The plan that decides, if there is one; raises `DeployError`."""
    path = options.get("plan")
    return None if path is None else load_plan(path)


def chosen_tuned(options: Mapping[str, Any]) -> tuple[Tuned, ...]:
    """What has been measured before; raises `DeployError`."""
    path = options.get("tuned")
    return () if path is None else load_tuned(path)


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
