"""Rewrites that leave fewer reshapes, shared by the passes that move data."""

from __future__ import annotations

from typing_extensions import override
from xdsl.pattern_rewriter import (
    PatternRewriter,
    RewritePattern,
    op_type_rewrite_pattern,
)

from ...dialects import nn
from ...rewriting import replace
from .arrays import constant, constant_array
from .bodies import location_of


class DropIdentity(RewritePattern):
    """A reshape to the same shape => its operand."""

    @override
    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.ReshapeOp, rewriter: PatternRewriter) -> None:
        if op.input.type == op.result.type:
            rewriter.replace(op, [], [op.input])


class Compose(RewritePattern):
    """A reshape of a reshape => one reshape."""

    @override
    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.ReshapeOp, rewriter: PatternRewriter) -> None:
        inner = op.input.owner
        if isinstance(inner, nn.ReshapeOp):
            new = nn.ReshapeOp(inner.input, nn.shape_of(op.result))
            replace(rewriter, op, new, merged=[inner])


class ReshapeConstant(RewritePattern):
    """A reshaped constant => a constant."""

    @override
    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.ReshapeOp, rewriter: PatternRewriter) -> None:
        if (array := constant_array(op.input)) is None:
            return
        result = nn.tensor_type(op.result)
        reshaped = constant(array.reshape(result.get_shape()), result.element_type)
        reshaped.location = location_of(op.input)
        replace(rewriter, op, reshaped)


COMPOSING: tuple[RewritePattern, ...] = (
    DropIdentity(),
    Compose(),
    ReshapeConstant(),
)
"""Patterns that only ever remove reshapes."""
