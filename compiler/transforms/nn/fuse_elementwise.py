"""
Merges elementwise work on operands of the same size into the body that uses it.

Before: `%a = nn.elementwise(%x, %half) do { … arith.mulf … }`, where `%half` is a
        constant of one element, then `%y = nn.elementwise(%a) do { … math.exp … }`
After:  `%y = nn.elementwise(%x) do { arith.constant … arith.mulf … math.exp … }`

An operand is merged when it has no other user and as many elements as the result, so
that nothing is computed twice. Epilogues take operands in the same way. Constants that
are the same everywhere become scalars in the body; an operand given twice or never read
is given once or not at all; a body that returns its operand disappears, and reshapes
that meet then are one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from typing_extensions import override
from xdsl.builder import Builder
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)
from xdsl.rewriter import InsertPoint

from ...dialects import nn
from ...dialects.nn.scalars import Scalars
from ...properties import Property
from ...rewriting import replace
from .arrays import Array, constant_array
from .bodies import (
    ScalarBodyOp,
    body_of,
    element_types,
    finish,
    inline,
    leading_types,
    scalar_operands,
    with_body,
)
from .reshapes import COMPOSING


def uniform(value: SSAValue) -> Array | None:
    """The element of a constant that has the same bits everywhere, else None."""
    array = constant_array(value)
    if array is None or array.size == 0:
        return None
    first = array.reshape(-1)[:1]
    if array.size > 1 and array.tobytes() != first.tobytes() * array.size:
        return None
    return first.reshape(())


def mergeable(value: SSAValue, op: ScalarBodyOp) -> nn.ElementwiseOp | None:
    """The elementwise operation of `value` if `op` may compute it as it goes."""
    owner = value.owner
    if not isinstance(owner, nn.ElementwiseOp) or owner.parent is not op.parent:
        return None
    places = len(op.operands) - len(scalar_operands(op))
    only_here = all(use.operation is op and use.index >= places for use in value.uses)
    same_size = prod(nn.shape_of(value)) == prod(nn.shape_of(op.result))
    return owner if only_here and same_size else None


def spreads_enough(op: ScalarBodyOp, operands: Sequence[SSAValue]) -> bool:
    """Whether `operands` alone still give the result of `op` its shape."""
    if isinstance(op, nn.ProducerOp):
        return True
    shape = nn.broadcast_shapes(*map(nn.shape_of, operands))
    return bool(operands) and shape == nn.shape_of(op.result)


def is_read(op: ScalarBodyOp, value: SSAValue) -> bool:
    """Whether the body reads any argument that stands for `value`."""
    body = body_of(op)
    assert body is not None, "scalar operands have a body"
    pairs = zip(scalar_operands(op), body.args[len(leading_types(op)) :], strict=True)
    return any(arg.first_use is not None for v, arg in pairs if v is value)


@dataclass(frozen=True)
class Plan:
    """Where each scalar operand's element comes from in the merged operation."""

    operands: tuple[SSAValue, ...]
    scalars: dict[SSAValue, Array]
    merged: dict[SSAValue, nn.ElementwiseOp]
    unread: frozenset[SSAValue]


def plan(op: ScalarBodyOp) -> Plan:
    """Decides for every scalar operand, first to last."""
    given = list(dict.fromkeys(scalar_operands(op)))
    merged = {v: owner for v in given if (owner := mergeable(v, op)) is not None}
    kept = [
        inner for v in given for inner in (merged[v].inputs if v in merged else (v,))
    ]
    kept = list(dict.fromkeys(kept))
    scalars: dict[SSAValue, Array] = {}
    unread: list[SSAValue] = []
    for value in tuple(kept):
        rest = [other for other in kept if other is not value]
        if not spreads_enough(op, rest):
            continue
        if (scalar := uniform(value)) is not None:
            scalars[value], kept = scalar, rest
        elif value in given and not merged and not is_read(op, value):
            unread.append(value)
            kept = rest
    return Plan(tuple(kept), scalars, merged, frozenset(unread))


def merge(op: ScalarBodyOp, parts: Plan) -> Operation:
    """`op` with its scalar operands as `parts` has them."""
    body = body_of(op)
    assert body is not None, "scalar operands have a body"
    first = leading_types(op)
    block = Block(arg_types=[*first, *element_types(parts.operands)])
    scalars = Scalars(Builder(InsertPoint.at_end(block)))
    kept = block.args[len(first) :]
    values: dict[SSAValue, SSAValue] = dict(zip(parts.operands, kept, strict=True))
    for value, scalar in parts.scalars.items():
        element = element_types([value])[0]
        values[value] = scalars.constant(scalar.item(), element)
    for value, inner in parts.merged.items():
        arguments = [values[v] for v in inner.inputs]
        values[value] = inline(inner.body.block, arguments, block)
    for value in parts.unread:
        values[value] = scalars.constant(0, element_types([value])[0])
    arguments = [*block.args[: len(first)], *(values[v] for v in scalar_operands(op))]
    result = inline(body, arguments, block)
    return with_body(op, parts.operands, finish(block, result))


class Merge(RewritePattern):
    """A scalar body => one that also does the work of its operands."""

    @override
    @op_type_rewrite_pattern
    def match_and_rewrite(
        self, op: nn.ElementwiseOp | nn.ProducerOp, rewriter: PatternRewriter
    ) -> None:
        if body_of(op) is None:
            return
        parts = plan(op)
        if parts.operands == scalar_operands(op):
            return
        merged = tuple(parts.merged.values())
        replace(rewriter, op, merge(op, parts), merged=merged)
        for inner in merged:
            rewriter.erase(inner)


class DropIdentity(RewritePattern):
    """`nn.elementwise` that yields its argument => its operand."""

    @override
    @op_type_rewrite_pattern
    def match_and_rewrite(
        self, op: nn.ElementwiseOp, rewriter: PatternRewriter
    ) -> None:
        last = op.body.block.last_op
        for value, argument in zip(op.inputs, op.body.block.args, strict=True):
            if last is None or last.operands[0] is not argument:
                continue
            if value.type == op.result.type:
                rewriter.replace(op, [], [value])
                return


class NnFuseElementwisePass(ModulePass):
    """Merges elementwise work on operands of the same size into its only user."""

    name = "nn-fuse-elementwise"
    needs = (Property.NETWORK, Property.GENERIC_ELEMENTWISE)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        patterns = [Merge(), DropIdentity(), *COMPOSING]
        PatternRewriteWalker(GreedyRewritePatternApplier(patterns)).rewrite_module(op)
