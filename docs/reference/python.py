"""The Python interface: what may be imported, with signatures and docstrings."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

from deployopt.properties import Property

from .docstrings import cell, doc, fields

PUBLIC: dict[str, tuple[str, ...]] = {
    "deployopt": (
        *("compile", "load", "get_include"),
        *("Artifact", "Session", "DeployError"),
    ),
    "deployopt.api": ("fit", "frontier"),
    "deployopt.errors": ("UsageError", "MemoryShortage", "Shortage"),
    "deployopt.fit.verdicts": ("Verdict",),
    "deployopt.frontier": ("Point",),
    "deployopt.machine": (
        *("load_machine", "machine_names", "attach", "machine_of", "has_machine"),
        "Machine",
    ),
    "deployopt.rewriting": ("replace",),
    "deployopt.interpreters": ("run_module",),
    "deployopt.universe": ("new_context", "all_passes"),
}
"""Module -> the names in it that are meant for others."""

ONLY_RECEIVED = ("Artifact", "Session")
"""Classes whose objects nobody else makes."""
LONGEST_LINE = 70
"""Characters of a signature that stands on one line."""

INTRODUCTION = """# Python

[Sessions](../session.md) shows running, measuring and looking inside by example;
[Contracts](../contracts.md) says what stays as it is.
"""


def page() -> str:
    """The text of the page."""
    parts = [INTRODUCTION]
    for module, names in PUBLIC.items():
        parts.append(f"## {module}\n")
        for name in names:
            parts += described(name, getattr(import_module(module), name))
    return "\n".join([*parts, *properties()])


def described(name: str, thing: Any) -> Iterator[str]:
    """A function, or a class with its fields and methods."""
    yield f"### {name}\n"
    if not inspect.isclass(thing):
        yield from function(name, thing)
        return
    if name not in ONLY_RECEIVED and thing.__init__ is not object.__init__:
        yield f"```python\n{name}{signature(thing)}\n```\n"
    yield f"{doc(thing)}\n"
    if attributes := fields(thing) | computed(thing):
        yield "| field | type | meaning |\n| --- | --- | --- |"
        for field, (type_, text) in attributes.items():
            yield f"| `{field}` | `{cell(type_)}` | {cell(text)} |"
        yield ""
    for method, value in methods(thing):
        yield f"#### {name}.{method}\n"
        yield from function(method, value)


def function(name: str, value: Any) -> Iterator[str]:
    """Signature and docstring."""
    yield f"```python\n{name}{signature(value)}\n```\n"
    yield f"{doc(value)}\n"


def signature(value: Any) -> str:
    """The parameters with their types, on several lines when one is too short."""
    text = inspect.signature(value)
    parameters = list(shown(text.parameters.values()))
    after = "" if inspect.isclass(value) else f" -> {unquoted(text.return_annotation)}"
    line = f"({', '.join(parameters)}){after}"
    if len(line) <= LONGEST_LINE:
        return line
    body = "".join(f"    {one},\n" for one in parameters)
    return f"(\n{body}){after}"


def shown(parameters: Iterable[inspect.Parameter]) -> Iterator[str]:
    """Each parameter as it is written; a default that is code is left out."""
    starred = False
    for one in parameters:
        if one.name == "self":
            continue
        if one.kind is one.KEYWORD_ONLY and not starred:
            starred = True
            yield "*"
        stars = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
        text = f"{stars}{one.name}: {unquoted(one.annotation)}"
        if one.default is not one.empty:
            text += " = ..." if callable(one.default) else f" = {one.default!r}"
        yield text


def unquoted(annotation: object) -> str:
    """An annotation as it stands in the source."""
    return str(annotation).strip("'")


def methods(class_: type) -> Iterator[tuple[str, Any]]:
    """The functions of a class that are meant for others."""
    for name, value in vars(class_).items():
        inner = getattr(value, "__func__", value)
        if inspect.isfunction(inner) and (
            not name.startswith("_") or name == "__call__"
        ):
            yield name, inner


def computed(class_: type) -> dict[str, tuple[str, str]]:
    """The properties of a class, as its fields."""
    found: dict[str, tuple[str, str]] = {}
    for name, value in vars(class_).items():
        getter = getattr(value, "fget", getattr(value, "func", None))
        if getter is not None and not name.startswith("_"):
            type_ = inspect.signature(getter).return_annotation
            found[name] = (unquoted(type_), doc(getter))
    return found


def properties() -> Iterator[str]:
    """What passes need, establish and end."""
    yield "## Properties\n"
    yield f"`deployopt.properties.Property`. {doc(Property)}\n"
    yield "| property | what holds |\n| --- | --- |"
    for name, (_, text) in fields(Property).items():
        yield f"| `{Property[name]}` | {cell(text)} |"
    yield ""
