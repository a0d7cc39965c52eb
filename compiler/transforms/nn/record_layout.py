"""
Writes down the transposes that are left, for readers.

Before: `%t = nn.transpose(%x) {permutation = array<i64: 0, 2, 3, 1>} … loc("conv1")`
After:  the same in a module with
        `deploy.layouts = {transposes = [{nodes = ["conv1"], bytes = 128}], …}`
"""

from __future__ import annotations

from typing import Any

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from ...analysis.layouts import attach_layouts, layouts_of
from ...dialects import nn
from ...properties import Property
from ...rewriting import node_names
from .transposes import nbytes


def table(op: nn.TransposeOp) -> dict[str, Any]:
    """What there is to know about a transpose."""
    return {"nodes": list(node_names(op.location)), "bytes": nbytes(op.result)}


class NnRecordLayoutPass(ModulePass):
    """Writes down the transposes that are left, for readers."""

    name = "nn-record-layout"
    needs = (Property.NETWORK,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        left = [
            table(inner) for inner in op.walk() if isinstance(inner, nn.TransposeOp)
        ]
        if left:
            attach_layouts(op, layouts_of(op) | {"transposes": left})
