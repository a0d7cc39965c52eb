"""Docstrings of classes, of functions, and of the fields that have one under them."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator


def doc(thing: object) -> str:
    """The docstring of `thing` itself, not of what it inherits from."""
    own = getattr(thing, "__doc__", None)
    return inspect.cleandoc(own) if own else ""


def fields(class_: type) -> dict[str, tuple[str, str]]:
    """Name -> annotation and docstring, of the fields that have one, in order."""
    found: dict[str, tuple[str, str]] = {}
    for base in reversed(class_.__mro__):
        if base.__module__.startswith("deployopt"):
            found |= dict(own_fields(base))
    return found


def own_fields(class_: type) -> Iterator[tuple[str, tuple[str, str]]]:
    """The fields that the class itself has."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(class_))).body
    assert isinstance(tree, ast.ClassDef)
    for field, text in zip(tree.body, tree.body[1:], strict=False):
        meaning = docstring(text)
        if meaning is not None and (name := target(field)):
            annotation = getattr(field, "annotation", None)
            type_ = ast.unparse(annotation) if annotation else ""
            yield name, (type_, meaning)


def target(node: ast.stmt) -> str:
    """The variable that a statement sets or declares; empty if there is none."""
    match node:
        case ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case _:
            return ""


def docstring(node: ast.stmt) -> str | None:
    """The text of a statement that is nothing but a text."""
    match node:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return inspect.cleandoc(text)
        case _:
            return None


def cell(text: str) -> str:
    """`text` as it can stand in a table."""
    return " ".join(text.split()).replace("|", "\\|")
