"""A user's own patterns: one that runs in a phase, one that is asked for."""

from deployopt.dialects import nn
from deployopt.properties import Property
from xdsl.pattern_rewriter import (
    PatternRewriter,
    RewritePattern,
    op_type_rewrite_pattern,
)


class RepeatedRelu(RewritePattern):
    """`relu(relu(x))` => `relu(x)`."""

    phase = "fuse"
    needs = (Property.NAMED,)

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.ReluOp, rewriter: PatternRewriter) -> None:
        inner = op.input.owner
        if isinstance(inner, nn.ReluOp):
            rewriter.replace(op, nn.ReluOp(inner.input))


class AbsOfRelu(RewritePattern):
    """`abs(relu(x))` => `relu(x)`."""

    name = "drop-abs"

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.AbsOp, rewriter: PatternRewriter) -> None:
        if isinstance(op.input.owner, nn.ReluOp):
            rewriter.replace(op, [], [op.input])
