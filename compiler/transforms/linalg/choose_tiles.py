"""
Writes tile sizes on the structured operations of kernels.

Before: `%y = linalg.generic …` with three loops, in a `deploy.kernel`
After:  `%y = linalg.generic … {deploy.tile = array<i64: 8, 0, 16>}`

One size per loop, 0 for a whole one. An operation that has a tile keeps it, so a choice
can be made by hand; without `sizes` nothing is cut. `linalg-tile-kernels` acts on it.
"""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import linalg
from xdsl.dialects.builtin import DenseArrayBase, ModuleOp, i64
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import PassFailedException

from ...analysis.tiles import TILE_ATTRIBUTE, is_cuttable
from ...dialects.deploy import KernelOp
from ...rewriting import node_names


@dataclass(frozen=True)
class LinalgChooseTilesPass(ModulePass):
    """Gives `deploy.tile` to the operations of kernels that have none."""

    name = "linalg-choose-tiles"

    sizes: tuple[int, ...] = ()
    """Tile size per loop, for every operation with that many loops that can be cut."""

    node: str | None = None
    """Only operations of the ONNX node of that name."""

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if any(size < 0 for size in self.sizes):
            message = f"tile sizes must not be negative, got {list(self.sizes)}"
            op.emit_error(message, PassFailedException(message))
        for inner in op.walk():
            if self.sizes and self.is_chosen(inner):
                tile = DenseArrayBase.from_list(i64, self.sizes)
                inner.attributes[TILE_ATTRIBUTE] = tile

    def is_chosen(self, op: object) -> bool:
        """Whether `op` gets these sizes."""
        if not isinstance(op, linalg.ops.GenericOp) or TILE_ATTRIBUTE in op.attributes:
            return False
        if not isinstance(op.parent_op(), KernelOp):
            return False
        here = self.node is None or self.node in node_names(op.location)
        fits = op.get_num_loops() == len(self.sizes)
        return here and fits and is_cuttable(op, self.sizes)
