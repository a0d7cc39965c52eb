"""The ONNX operators that can be imported, as `deployc ops` lists them."""

from __future__ import annotations

from deployopt.frontend.onnx import supported_operators

from .docstrings import cell

INTRODUCTION = """# ONNX operators

What `deployc ops` lists. `deployc ops MODEL` says what of a model is supported;
[How to add an operator](../add_an_operator.md) is for what is not there.

| operator | element types | limits |
| --- | --- | --- |
"""


def page() -> str:
    """The text of the page."""
    rows = [
        f"| {one.name} | {cell(one.types)} | {cell(one.limits)} |\n"
        for one in supported_operators()
    ]
    return INTRODUCTION + "".join(rows)
