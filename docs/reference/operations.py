"""The operations of our dialects."""

from __future__ import annotations

from collections.abc import Iterator

from deployopt.universe import DIALECTS, resolve
from xdsl.ir import Operation

from .docstrings import doc

INTRODUCTION = """# Operations

The dialects `nn` and `deploy`. Everything else is upstream: `linalg`, `tensor`, `scf`,
`memref`, `vector`, `arith`, `math`, `func`.
"""


def page() -> str:
    """The text of the page."""
    parts = [INTRODUCTION]
    for name, place in DIALECTS.items():
        parts.append(f"## Dialect {name}\n")
        for operation in sorted(resolve(place).operations, key=lambda op: op.name):
            parts += described(operation)
    return "\n".join(parts)


def described(operation: type[Operation]) -> Iterator[str]:
    """One operation: its docstring, with an example of it."""
    yield f"### {operation.name}\n"
    yield f"{doc(operation)}\n"
