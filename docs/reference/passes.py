"""Every pass of the compiler, in the order of its use."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from deployopt.pipeline import PHASES
from deployopt.properties import Property, effects_of
from deployopt.universe import PASSES, PIPELINES, resolve
from xdsl.passes import ModulePass

from .docstrings import cell, doc, fields

INTRODUCTION = """# Passes

`deployopt -p NAME` runs one, `-p 'NAME{option=value}'` with options; `xdsl-opt` knows
them under the same names. [Architecture](../architecture.md) says what the phases
promise, [How to add a pass](../add_a_pass.md) how a pass is written. The passes from
xDSL itself, such as `cse`, are not listed.
"""


def page() -> str:
    """The text of the page."""
    parts = [INTRODUCTION]
    for name, place in (PASSES | PIPELINES).items():
        parts += described(name, resolve(place))
    return "\n".join(parts)


def described(name: str, pass_: type[ModulePass]) -> Iterator[str]:
    """What there is to say of one pass."""
    yield f"## {name}\n"
    module = doc(sys.modules[pass_.__module__])
    yield module.replace("\nAfter", "\n\nAfter") + "\n"
    if not module.startswith(doc(pass_)):
        yield f"{doc(pass_)}\n"
    yield from facts(name, pass_)
    options = fields(pass_)
    if options:
        yield "| option | type | meaning |\n| --- | --- | --- |"
        for option, (type_, text) in options.items():
            yield f"| `{option}` | `{cell(type_)}` | {cell(text)} |"
        yield ""


def facts(name: str, pass_: type[ModulePass]) -> Iterator[str]:
    """Where it runs and what it needs of a module."""
    phases = [phase.name for phase in PHASES if name in names(phase.passes)]
    effects = effects_of(pass_)
    yield f"* Phase: {', '.join(phases) or 'none, it runs where it is asked for'}"
    for title, properties in (
        ("Needs", effects.needs),
        ("Establishes", effects.establishes),
        ("Ends", effects.ends),
    ):
        if properties:
            yield f"* {title}: {listed(properties)}"
    yield ""


def names(passes: tuple[str, ...]) -> set[str]:
    """The passes without their options."""
    return {one.partition("{")[0] for one in passes}


def listed(properties: tuple[Property, ...]) -> str:
    """Properties with a link to where they are explained."""
    return ", ".join(f"[`{one}`](python.md#properties)" for one in properties)
