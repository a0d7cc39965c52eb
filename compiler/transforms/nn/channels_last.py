"""
Puts the channels last in convolutions and pools, and in what is chosen to follow.

Before: `%y = nn.conv(%x, %w) … : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>) -> …`
After:  `%t = nn.transpose(%x) …`,
        `%c = nn.conv(%t, %v) {channels_last, …} …` with weights `[k…, C/g, M]`,
        `%y = nn.transpose(%c) …`

Each operation is turned alone, between transposes, and those that meet their inverse
go; `nn-sink-transposes` afterwards leaves only what the world outside asks for.
Constant weights and biases are transposed now. A window stays where `deploy.layout`
says "as written", any other operation where it does not say "channels last".
"""

from __future__ import annotations

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr, TensorType, UnitAttr
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)

from ...analysis.layouts import AS_WRITTEN, CHANNELS_LAST, LAYOUT_ATTRIBUTE
from ...dialects import nn
from ...properties import Property
from ...rewriting import replace
from .bodies import scalar_operands
from .permutations import Permutation, channels_first, inverse, permuted
from .reshapes import COMPOSING
from .transposes import CANCELLING
from .transposing import moved, place_operands, pulled_back


def packed_weight(rank: int) -> Permutation:
    """`[M, C/g, k…]` to `[k…, C/g, M]`."""
    return (*range(2, rank), 1, 0)


def turned(op: nn.ConvOp | nn.PoolOp) -> list[Operation]:
    """What does the work of `op` with channels last; the last result is as before."""
    rank = len(nn.shape_of(op.result))
    back = channels_first(rank)
    new: list[Operation] = [nn.TransposeOp(op.input, inverse(back))]
    operands: list[SSAValue] = [new[0].results[0]]
    if isinstance(op, nn.ConvOp):
        new.append(nn.TransposeOp(op.weight, packed_weight(rank)))
        operands.append(new[-1].results[0])
    for value in scalar_operands(op):
        ops = pulled_back(value, back)
        new += ops
        operands.append(ops[-1].results[0] if ops else value)
    result = nn.tensor_type(op.result)
    shape = permuted(result.get_shape(), inverse(back))
    inner = type(op).create(
        operands=operands,
        result_types=[TensorType(result.element_type, shape)],
        properties={**op.properties, "channels_last": UnitAttr()},
        attributes={k: v for k, v in op.attributes.items() if k != LAYOUT_ATTRIBUTE},
        regions=[region.clone() for region in op.regions],
    )
    return [*new, inner, nn.TransposeOp(inner.results[0], back)]


class Turn(RewritePattern):
    """A window over channels first => one over channels last, between transposes."""

    @override
    @op_type_rewrite_pattern
    def match_and_rewrite(
        self, op: nn.ConvOp | nn.PoolOp, rewriter: PatternRewriter
    ) -> None:
        layout = op.attributes.get(LAYOUT_ATTRIBUTE)
        if not op.is_channels_last and layout != StringAttr(AS_WRITTEN):
            replace(rewriter, op, turned(op))


class TurnBetween(RewritePattern):
    """What is to have channels last => that, between transposes."""

    @override
    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter) -> None:
        is_chosen = op.attributes.get(LAYOUT_ATTRIBUTE) == StringAttr(CHANNELS_LAST)
        if is_chosen and place_operands(op):
            replace(rewriter, op, turned_between(op))


def turned_between(op: Operation) -> list[Operation]:
    """`op` on operands with channels last; the last result is as before."""
    back = channels_first(len(nn.shape_of(op.results[0])))
    new: list[Operation] = []
    operands: dict[SSAValue, SSAValue] = {}
    for value in dict.fromkeys(place_operands(op)):
        ops = pulled_back(value, back)
        new += ops
        operands[value] = ops[-1].results[0] if ops else value
    inner = moved(op, back, operands)
    del inner.attributes[LAYOUT_ATTRIBUTE]
    return [*new, inner, nn.TransposeOp(inner.results[0], back)]


class NnChannelsLastPass(ModulePass):
    """Puts the channels last in convolutions, pools and what follows them."""

    name = "nn-channels-last"
    needs = (Property.NETWORK, Property.LAYOUTS)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        patterns = [Turn(), TurnBetween(), *CANCELLING, *COMPOSING]
        PatternRewriteWalker(GreedyRewritePatternApplier(patterns)).rewrite_module(op)
