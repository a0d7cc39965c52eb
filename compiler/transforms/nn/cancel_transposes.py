"""
Removes transposes: two become one, one that moves nothing disappears.

Before: `%b = nn.transpose(%a) {permutation = array<i64: 0, 2, 3, 1>} …`, then
        `%c = nn.transpose(%b) {permutation = array<i64: 0, 3, 1, 2>} …`
After:  `%a` itself

A transpose that moves dimensions of one element only is a reshape, one of a constant is
done now, and one of dequantised integers moves the integers, which are smaller.
"""

from __future__ import annotations

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import GreedyRewritePatternApplier, PatternRewriteWalker

from ...properties import Property
from .transposes import CANCELLING


class NnCancelTransposesPass(ModulePass):
    """Removes transposes: two become one, one that moves nothing disappears."""

    name = "nn-cancel-transposes"
    needs = (Property.NETWORK,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        patterns = GreedyRewritePatternApplier([*CANCELLING])
        PatternRewriteWalker(patterns).rewrite_module(op)
