"""
Gives every named elementwise operation its general form.

Before: `%y = nn.relu(%x) : (tensor<4xf32>) -> tensor<4xf32>`
After:  `%y = nn.elementwise(%x) do { … arith.maximumf … } : …`

From here on elementwise operations differ by their body only. The meanings stand in
`dialects/nn/meanings.py`; an operation that ONNX does not define for its type is
an error here.
"""

from __future__ import annotations

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)

from ...dialects import nn
from ...dialects.nn.meanings import elementwise_region
from ...properties import Property
from ...rewriting import replace


class Generalize(RewritePattern):
    """A named elementwise operation => `nn.elementwise` with its scalar meaning."""

    @override
    @op_type_rewrite_pattern
    def match_and_rewrite(
        self, op: nn.NamedElementwiseOp, rewriter: PatternRewriter
    ) -> None:
        body = elementwise_region(op)
        result_type = nn.tensor_type(op.result)
        replace(rewriter, op, nn.ElementwiseOp(op.operands, result_type, body))


class NnGeneralizeElementwisePass(ModulePass):
    """Gives every named elementwise operation its general form."""

    name = "nn-generalize-elementwise"
    needs = (Property.NETWORK,)
    establishes = (Property.GENERIC_ELEMENTWISE,)
    ends = (Property.NAMED,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        PatternRewriteWalker(Generalize(), apply_recursively=False).rewrite_module(op)
