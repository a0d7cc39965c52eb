"""
Removes what moves nothing, and lets elementwise work reach its producer.

Before: `%r = nn.reshape(%c) …` of a convolution, then `%y = nn.relu(%r) …`
After:  `%a = nn.relu(%c) …`, then `%y = nn.reshape(%a) …`

A reshape to the same shape, a reshape of a reshape or of a constant, a slice of the
whole, a pad by nothing, a concatenation of one operand and a gather of all entries in
order disappear. A reshape goes below elementwise work when every other operand can be
reshaped back for nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import accumulate
from math import prod
from operator import mul

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, TensorType
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)

from ...dialects import nn
from ...properties import Property
from ...rewriting import replace
from .arrays import constant_array
from .reshapes import COMPOSING
from .transposes import only_user


def moves_nothing(op: Operation) -> bool:
    """Whether `op` returns its first operand unchanged."""
    match op:
        case nn.SliceOp():
            same = op.input.type == op.result.type
            return same and all(step == 1 for step in op.steps.get_values())
        case nn.PadOp():
            return op.input.type == op.result.type
        case nn.ConcatOp():
            return len(op.inputs) == 1
        case nn.GatherOp():
            entries = nn.shape_of(op.input)[op.axis.value.data]
            return op.indices.get_values() == tuple(range(entries))
        case _:
            return False


class DropMovement(RewritePattern):
    """A movement that moves nothing => its operand."""

    @override
    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.NNOp, rewriter: PatternRewriter) -> None:
        if moves_nothing(op):
            rewriter.replace(op, [], [op.operands[0]])


def stretches(shape: tuple[int, ...], ends: Collection[int]) -> list[int]:
    """For each dimension the end of the stretch that it is in, in elements."""
    so_far = accumulate(shape, mul)
    return [min(end for end in ends if end >= elements) for elements in so_far]


def regrouped(
    given: tuple[int, ...], whole: tuple[int, ...], source: tuple[int, ...]
) -> tuple[int, ...] | None:
    """
    The shape of an operand that broadcasts to `source` as `given` does to `whole`.

    Both are the same stretches of dimensions, each split in its own way. None where a
    stretch is broadcast along a part of its dimensions.
    """
    ends = {*accumulate(whole, mul)}.intersection(accumulate(source, mul))
    ends.add(prod(whole))
    padded = (*(1,) * (len(whole) - len(given)), *given)
    known = list(zip(stretches(whole, ends), padded, whole, strict=True))
    shape: list[int] = []
    for end, size in zip(stretches(source, ends), source, strict=True):
        own = [(g, full) for other, g, full in known if other == end and full != 1]
        if all(g == 1 for g, _ in own):
            shape.append(1)
        elif all(g == full for g, full in own):
            shape.append(size)
        else:
            return None
    return tuple(shape)


def shape_before(
    value: SSAValue, whole: tuple[int, ...], source: tuple[int, ...]
) -> tuple[int, ...] | None:
    """
    The shape that another operand of elementwise work needs before a reshape.

    None where that would take more than another reshape of it.
    """
    given = nn.shape_of(value)
    if prod(given) == 1:
        return (1,) * min(len(given), len(source))
    if given == whole and constant_array(value) is not None:
        return source
    if isinstance(value.owner, nn.ReshapeOp) and given == whole:
        return source if nn.shape_of(value.owner.input) == source else None
    return regrouped(given, whole, source)


def only_trades_places(value: SSAValue, reshape: nn.ReshapeOp) -> bool:
    """
    Whether sinking `reshape` would only put another reshape on a computed `value`.

    That is worth it where the work meets a producer, and must not be undone then.
    """
    computed = isinstance(value.owner, nn.NNOp) and not isinstance(
        value.owner, nn.ReshapeOp
    )
    if not computed or nn.shape_of(value) != nn.shape_of(reshape.result):
        return False
    gains = isinstance(reshape.input.owner, nn.ProducerOp)
    return not gains or isinstance(value.owner, nn.ProducerOp)


def reshaped_operands(
    op: nn.NNOp, reshape: nn.ReshapeOp
) -> dict[SSAValue, tuple[int, ...]] | None:
    """The shape of each operand of `op` before `reshape`, None when one has none."""
    whole, source = nn.shape_of(reshape.result), nn.shape_of(reshape.input)
    shapes: dict[SSAValue, tuple[int, ...]] = {}
    for value in op.operands:
        shape = source
        if value is not reshape.result:
            shape = shape_before(value, whole, source)
            if shape is not None and only_trades_places(value, reshape):
                return None
        if shape is None:
            return None
        shapes[value] = shape
    return shapes


def is_per_element(op: nn.NNOp) -> bool:
    """Whether `op` works on each element alone, wherever it stands."""
    if isinstance(op, nn.QuantizeOp):
        return op.axis is None
    return isinstance(op, nn.ElementwiseOp | nn.NamedElementwiseOp)


class SinkThroughElementwise(RewritePattern):
    """Elementwise work on a reshape => a reshape of elementwise work."""

    @override
    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.NNOp, rewriter: PatternRewriter) -> None:
        if not is_per_element(op):
            return
        for value in op.operands:
            reshape = value.owner
            if not isinstance(reshape, nn.ReshapeOp) or only_user(value) is not op:
                continue
            if not isinstance(reshape.input.owner, nn.NNOp):
                continue
            same = nn.shape_of(value) == nn.shape_of(op.results[0])
            if same and (shapes := reshaped_operands(op, reshape)) is not None:
                sink(op, reshape, shapes, rewriter)
                return


def sink(
    op: nn.NNOp,
    reshape: nn.ReshapeOp,
    shapes: dict[SSAValue, tuple[int, ...]],
    rewriter: PatternRewriter,
) -> None:
    """Rewrites `op` to work on operands of these shapes, before `reshape`."""
    new: list[Operation] = []
    operands: dict[SSAValue, SSAValue] = {reshape.result: reshape.input}
    for value, shape in shapes.items():
        if value in operands:
            continue
        if nn.shape_of(value) != shape:
            new.append(nn.ReshapeOp(value, shape))
        operands[value] = new[-1].results[0] if nn.shape_of(value) != shape else value
    result = nn.tensor_type(op.results[0])
    source = nn.shape_of(reshape.input)
    inner = type(op).create(
        operands=[operands[value] for value in op.operands],
        result_types=[TensorType(result.element_type, source)],
        properties=dict(op.properties),
        attributes=dict(op.attributes),
        regions=[region.clone() for region in op.regions],
    )
    outer = nn.ReshapeOp(inner.results[0], result.get_shape())
    outer.location = reshape.location
    replace(rewriter, op, [*new, inner, outer])


class NnCleanReshapesPass(ModulePass):
    """Removes what moves nothing, and lets elementwise work reach its producer."""

    name = "nn-clean-reshapes"
    needs = (Property.NETWORK,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        patterns = [*COMPOSING, DropMovement(), SinkThroughElementwise()]
        PatternRewriteWalker(GreedyRewritePatternApplier(patterns)).rewrite_module(op)
