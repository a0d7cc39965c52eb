"""
Takes elementwise work into the operation that produces its operand.

Before: `%c = nn.conv(%x, %w) …`, then
        `%y = nn.elementwise(%c, %b) do { … arith.addf … }`
After:  `%y = nn.conv(%x, %w) with (%b) … epilogue { … arith.addf … }`

One rule for bias, activation, residual and requantisation: the producer's result has
the shape of the elementwise result and no other user, and the elements stored get no
wider: what is dequantised is stored quantised. Of two producers, as in a
residual sum, the later one in program order takes the work, so that the other's result
is there when it runs; but before it one with which a user wants the work to be done,
by `deploy.fused`. With that one, elements may get wider, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import FixedBitwidthType, ModuleOp
from xdsl.ir import Block, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)

from ...analysis.fused import Fused, are_together, together
from ...dialects import nn
from ...properties import Property
from ...rewriting import replace
from .bodies import element_types, finish, inline, leading_types, with_body


def width(value: SSAValue) -> int:
    """The bits of one element."""
    type_ = nn.tensor_type(value).element_type
    assert isinstance(type_, FixedBitwidthType)
    return type_.bitwidth


def can_take(
    producer: nn.ProducerOp, op: nn.ElementwiseOp, fused: Sequence[Fused]
) -> bool:
    """Whether `producer` may compute the elements of `op` as it goes."""
    widens = width(op.result) > width(producer.result)
    if widens and not are_together(fused, producer, op):
        return False
    only_here = all(use.operation is op for use in producer.result.uses)
    same_shape = nn.shape_of(producer.result) == nn.shape_of(op.result)
    return only_here and same_shape and producer.parent is op.parent


def chosen_producer(
    op: nn.ElementwiseOp, fused: Sequence[Fused]
) -> nn.ProducerOp | None:
    """The operation that takes the work of `op`: wanted, else last in the program."""
    able = [
        owner
        for value in op.inputs
        if isinstance(owner := value.owner, nn.ProducerOp)
        and can_take(owner, op, fused)
    ]
    able = [one for one in able if are_together(fused, one, op)] or able
    last: nn.ProducerOp | None = None
    for owner in able:
        if last is None or last.is_before_in_block(owner):
            last = owner
    return last


def absorb(producer: nn.ProducerOp, op: nn.ElementwiseOp) -> nn.ProducerOp:
    """`producer` with `op` at the end of its epilogue."""
    before = list(producer.epilogue_operands)
    others = [value for value in op.inputs if value is not producer.result]
    extra = [value for value in dict.fromkeys(others) if value not in before]
    operands = [*before, *extra]
    block = Block(arg_types=[*leading_types(producer), *element_types(operands)])
    places: dict[SSAValue, SSAValue] = {
        value: block.args[1 + i] for i, value in enumerate(operands)
    }
    computed: SSAValue = block.args[0]
    if (epilogue := producer.epilogue_block) is not None:
        computed = inline(epilogue, block.args[: 1 + len(before)], block)
    places[producer.result] = computed
    result = inline(op.body.block, [places[value] for value in op.inputs], block)
    fused = with_body(producer, operands, finish(block, result), op.result.type)
    assert isinstance(fused, nn.ProducerOp)
    return fused


@dataclass(frozen=True)
class Absorb(RewritePattern):
    """Elementwise work on a producer's result => the producer's epilogue."""

    fused: Sequence[Fused]
    """What a user wants to be computed together."""

    @override
    @op_type_rewrite_pattern
    def match_and_rewrite(
        self, op: nn.ElementwiseOp, rewriter: PatternRewriter
    ) -> None:
        if (producer := chosen_producer(op, self.fused)) is None:
            return
        fused = absorb(producer, op)
        replace(rewriter, op, fused, merged=[producer], first=producer)
        rewriter.erase(producer)


class NnFuseEpiloguePass(ModulePass):
    """Takes elementwise work into the operation that produces its operand."""

    name = "nn-fuse-epilogue"
    needs = (Property.NETWORK, Property.GENERIC_ELEMENTWISE)
    establishes = (Property.EPILOGUES,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        patterns = GreedyRewritePatternApplier([Absorb(together(op))])
        PatternRewriteWalker(patterns).rewrite_module(op)
