"""
Moves transposes towards the results, where they meet their inverse.

Before: `%t = nn.transpose(%a) …`, `%r = nn.relu(%t) …`, `%b = nn.transpose(%r) …`
After:  `%b = nn.relu(%a) …`

A transpose goes through every operation that works on each place alone, or along
dimensions that can be renamed: elementwise operations, reductions, pads,
concatenations, slices, gathers, quantisation, and reshapes that keep the moved
dimensions apart. It does so when fewer bytes are moved than before; or as many, further
down, and no transpose is needed on another operand instead. Inverses that meet are
cancelled on the way.
"""

from __future__ import annotations

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)
from xdsl.transforms.dead_code_elimination import is_trivially_dead

from ...dialects import nn
from ...properties import Property
from ...rewriting import replace
from .arrays import constant_array
from .permutations import (
    Permutation,
    compose,
    exchange,
    inverse,
    is_identity,
    keeps_order,
)
from .reshapes import COMPOSING
from .transposes import CANCELLING, nbytes, only_user, permutation_of
from .transposing import moved, padded_shape, place_operands, pulled_back


def transposed_operands(op: Operation, permutation: Permutation) -> list[SSAValue]:
    """The operands whose place matters that are transposed like this, each once."""
    return [
        value
        for value in dict.fromkeys(place_operands(op))
        if isinstance(value.owner, nn.TransposeOp)
        and permutation_of(value.owner) == permutation
    ]


def operand_cost(op: Operation, value: SSAValue, permutation: Permutation) -> int:
    """Bytes to move in order to undo `permutation` on an operand, less those saved."""
    back = inverse(permutation)
    rank = len(permutation)
    if constant_array(value) is not None:
        return 0
    if keeps_order(padded_shape(value, rank), back):
        return 0
    if not isinstance(value.owner, nn.TransposeOp):
        return nbytes(value)
    saved = nbytes(value) if only_user(value) is op else 0
    if len(nn.shape_of(value)) != rank:
        return nbytes(value)
    vanishes = is_identity(compose(permutation_of(value.owner), back))
    return (0 if vanishes else nbytes(value)) - saved


def result_cost(op: Operation, permutation: Permutation) -> int:
    """Bytes to move in order to have the result permuted, less those saved."""
    result = op.results[0]
    users = [use.operation for use in result.uses]
    transposes = [user for user in users if isinstance(user, nn.TransposeOp)]
    cost = 0 if len(transposes) == len(users) else nbytes(result)
    for user in transposes:
        if is_identity(compose(permutation, permutation_of(user))):
            cost -= nbytes(result)
    return cost


def is_worthwhile(op: Operation, permutation: Permutation) -> bool:
    """Whether less is moved when `permutation` goes through `op`, or as much later."""
    values = dict.fromkeys(place_operands(op))
    costs = [operand_cost(op, value, permutation) for value in values]
    total = sum(costs) + result_cost(op, permutation)
    if total != 0:
        return total < 0
    return min(costs) < 0 and max(costs) <= 0


def is_settled(op: Operation) -> bool:
    """Whether no transpose around `op` is about to vanish, so that costs are exact."""
    values = (*op.operands, *op.results)
    if any(is_trivially_dead(use.operation) for value in values for use in value.uses):
        return False
    around = [value.owner for value in op.operands]
    around += [use.operation for use in op.results[0].uses]
    return not any(isinstance(o, nn.TransposeOp) and is_vanishing(o) for o in around)


def is_vanishing(op: nn.TransposeOp) -> bool:
    """Whether `op` moves nothing, or becomes one with another or with a constant."""
    if isinstance(op.input.owner, nn.TransposeOp | nn.ConstantOp):
        return True
    if any(isinstance(use.operation, nn.TransposeOp) for use in op.result.uses):
        return True
    return keeps_order(nn.shape_of(op.input), permutation_of(op))


class Sink(RewritePattern):
    """
    An operation on transposed operands => the operation, then a transpose.

    Each time fewer bytes are moved, or as many closer to the results: so it ends.
    """

    @override
    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter) -> None:
        owners = [value.owner for value in place_operands(op)]
        found = [owner for owner in owners if isinstance(owner, nn.TransposeOp)]
        if not found or not is_settled(op):
            return
        rank = len(nn.shape_of(op.results[0]))
        for permutation in dict.fromkeys(map(permutation_of, found)):
            if len(permutation) == rank and is_worthwhile(op, permutation):
                sink(op, permutation, rewriter)
                return


def sink(op: Operation, permutation: Permutation, rewriter: PatternRewriter) -> None:
    """Rewrites `op` to work before `permutation` instead of after it."""
    sources = transposed_operands(op, permutation)
    operands: dict[SSAValue, SSAValue] = {}
    new: list[Operation] = []
    for value in dict.fromkeys(place_operands(op)):
        if value in sources:
            assert isinstance(value.owner, nn.TransposeOp)
            operands[value] = value.owner.input
            continue
        ops = pulled_back(value, permutation)
        new += ops
        operands[value] = ops[-1].results[0] if ops else value
    inner = moved(op, permutation, operands)
    outer = nn.TransposeOp(inner.results[0], permutation)
    if sources:
        assert isinstance(sources[0].owner, nn.TransposeOp)
        outer.location = sources[0].owner.location
    replace(rewriter, op, [*new, inner, outer])


class SinkThroughReshape(RewritePattern):
    """A reshape of a transpose => a transpose of a reshape, where both can be."""

    @override
    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.ReshapeOp, rewriter: PatternRewriter) -> None:
        inner = op.input.owner
        if not isinstance(inner, nn.TransposeOp) or only_user(op.input) is not op:
            return
        permutation = permutation_of(inner)
        target = nn.shape_of(op.result)
        swapped = exchange(nn.shape_of(inner.input), permutation, target)
        if swapped is None:
            return
        reshaped = nn.ReshapeOp(inner.input, swapped.shape)
        outer = nn.TransposeOp(reshaped.result, swapped.permutation)
        outer.location = inner.location
        replace(rewriter, op, [reshaped, outer])


class MeetAcrossReshape(RewritePattern):
    """A transpose, a reshape and a transpose => one transpose, then a reshape."""

    @override
    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.TransposeOp, rewriter: PatternRewriter) -> None:
        reshape = op.input.owner
        if not isinstance(reshape, nn.ReshapeOp) or only_user(op.input) is not op:
            return
        first = reshape.input.owner
        if not isinstance(first, nn.TransposeOp):
            return
        if only_user(reshape.input) is not reshape:
            return
        result = nn.shape_of(op.result)
        back = inverse(permutation_of(op))
        swapped = exchange(result, back, nn.shape_of(reshape.input))
        if swapped is None:
            return
        permutation = compose(permutation_of(first), inverse(swapped.permutation))
        moved_once = nn.TransposeOp(first.input, permutation)
        moved_once.location = first.location
        last = nn.ReshapeOp(moved_once.result, result)
        last.location = reshape.location
        replace(rewriter, op, [moved_once, last])


class NnSinkTransposesPass(ModulePass):
    """Moves transposes towards the results, where they meet their inverse."""

    name = "nn-sink-transposes"
    needs = (Property.NETWORK,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        patterns = [
            *CANCELLING,
            *COMPOSING,
            Sink(),
            SinkThroughReshape(),
            MeetAcrossReshape(),
        ]
        PatternRewriteWalker(GreedyRewritePatternApplier(patterns)).rewrite_module(op)
