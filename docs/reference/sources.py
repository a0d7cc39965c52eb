"""Texts that the sources print when they refuse something, with `…` for what varies."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TypeAlias

from .outside import ROOT

PACKAGE = ROOT / "compiler"
REFUSING = ("refuse", "complain")
"""How functions begin that refuse something."""
ERRORS = ("DeployError", "UsageError", "VerifyException", "InterpretationError")
EMITTER = "emit_error"
VARYING = "…"

Scope: TypeAlias = ast.Module | ast.FunctionDef
Values: TypeAlias = Mapping[str, Sequence[ast.expr]]
"""What variables may be."""
NOTHING: Values = {}


@cache
def refusals() -> dict[str, list[str]]:
    """File in the package -> the texts it refuses something with, in order."""
    found: dict[str, list[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if not any(word in source for word in (*ERRORS, *REFUSING, EMITTER)):
            continue
        texts = list(dict.fromkeys(filter(is_sentence, raised(ast.parse(source)))))
        if texts:
            found[str(path.relative_to(PACKAGE))] = texts
    return found


def raised(tree: ast.Module) -> Iterator[str]:
    """The texts of what is raised anywhere in a module."""
    constants = assigned(tree)
    for scope in ast.walk(tree):
        if isinstance(scope, ast.FunctionDef):
            calls = [n for n in ast.walk(scope) if isinstance(n, ast.Call)]
            arguments = [a for call in calls if is_refusal(call) for a in call.args]
            known = constants | assigned(scope) if arguments else {}
            for argument in arguments:
                yield from texts_of(argument, known)


def assigned(scope: Scope) -> dict[str, list[ast.expr]]:
    """What each variable of a module or function is set to."""
    found: dict[str, list[ast.expr]] = {}
    nodes = scope.body if isinstance(scope, ast.Module) else ast.walk(scope)
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
    return found


def is_refusal(call: ast.Call) -> bool:
    """Whether a call raises, or makes what is raised."""
    function = call.func
    name = getattr(function, "attr", getattr(function, "id", ""))
    return name in (*ERRORS, EMITTER) or name.startswith(REFUSING)


def texts_of(node: ast.expr, known: Values) -> Iterator[str]:
    """What an argument may say, given what its variables may be."""
    if isinstance(node, ast.Name):
        for value in known.get(node.id, ()):
            yield from texts_of(value, NOTHING)
    elif isinstance(node, ast.IfExp):
        yield from texts_of(node.body, known)
        yield from texts_of(node.orelse, known)
    elif (text := template(node, known)) is not None:
        yield text


def template(node: ast.expr, known: Values = NOTHING) -> str | None:
    """A string with what varies in it left out; None for anything else."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(template(part, known) or VARYING for part in parts)
        case ast.FormattedValue(value=ast.Name(id=name)) if (
            len(known.get(name, ())) == 1
        ):
            return template(known[name][0])
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            parts = (template(part, known) or VARYING for part in (left, right))
            return "".join(parts)
        case _:
            return None


def is_sentence(text: str) -> bool:
    """Whether a text says something, rather than naming a place."""
    return len(text.replace(VARYING, "").split()) > 1
