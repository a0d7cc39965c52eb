"""
Moves an elementwise computation into the only operation that reads its result.

Before:
```mlir
%f = linalg.generic … ins(%q : tensor<8xi8>) { sitofp … }             // parallel
%s = linalg.generic … ins(%f : tensor<8xf32>) outs(…) { addf … }      // sums
```
After: one operation that reads `%q`, converts and sums; `%f` is never stored.

Legal for every all-parallel producer without captures; the maps of its operands are
composed with the map by which the consumer reads. Done only when the consumer reads
no element twice, so that nothing is computed twice, when operands still say how often
each loop runs, and when what is then stored takes less than the result that no longer
is: narrower elements, or fewer that are read for several.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import linalg
from xdsl.dialects.builtin import (
    AffineMapAttr,
    FixedBitwidthType,
    ModuleOp,
    TensorType,
)
from xdsl.ir import Block, Region, SSAValue
from xdsl.ir.affine import AffineBinaryOpExpr, AffineBinaryOpKind, AffineExpr, AffineMap
from xdsl.ir.affine import AffineConstantExpr as Constant
from xdsl.ir.affine import AffineDimExpr as Dim
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)
from xdsl.utils.hints import isa

from ...analysis.structured import (
    captured,
    indexing_maps,
    is_identity,
    is_parallel,
    loop_ranges,
    output_map,
    reads_output,
)
from ...properties import Property
from ...rewriting import replace

Generic = linalg.ops.GenericOp


def coefficients(expr: AffineExpr) -> dict[int, int] | None:
    """Loop -> factor of a sum of loops with positive factors; None for other forms."""
    if isinstance(expr, Constant):
        return {}
    if isinstance(expr, Dim):
        return {expr.position: 1}
    if not isinstance(expr, AffineBinaryOpExpr):
        return None
    if expr.kind is AffineBinaryOpKind.Add:
        return _added(coefficients(expr.lhs), coefficients(expr.rhs))
    loop, factor = expr.lhs, expr.rhs
    if expr.kind is not AffineBinaryOpKind.Mul:
        return None
    if not isinstance(loop, Dim) or not isinstance(factor, Constant):
        return None
    return {loop.position: factor.value} if factor.value > 0 else None


def _added(
    lhs: dict[int, int] | None, rhs: dict[int, int] | None
) -> dict[int, int] | None:
    if lhs is None or rhs is None or lhs.keys() & rhs.keys():
        return None
    return lhs | rhs


def distinct(factors: dict[int, int], ranges: Sequence[int]) -> bool:
    """Whether every setting of the loops gives another value of the sum."""
    reach = 0
    for loop, factor in sorted(factors.items(), key=lambda item: item[1]):
        if ranges[loop] == 1:
            continue
        if factor <= reach:
            return False
        reach += factor * (ranges[loop] - 1)
    return True


def reads_once(map_: AffineMap, ranges: Sequence[int]) -> bool:
    """Whether an operand with this map has no element that two iterations read."""
    seen: set[int] = set()
    for expr in map_.results:
        factors = coefficients(expr)
        if factors is None or not distinct(factors, ranges):
            return False
        seen |= factors.keys()
    return all(size == 1 or loop in seen for loop, size in enumerate(ranges))


def bits(value: SSAValue) -> int:
    """Of all elements of a tensor."""
    assert isa(value.type, TensorType[FixedBitwidthType])
    return prod(value.type.get_shape()) * value.type.element_type.bitwidth


def narrows(producer: Generic) -> bool:
    """Whether all that `producer` reads takes less than what it makes."""
    return sum(map(bits, producer.inputs)) < bits(producer.results[0])


def can_move(producer: Generic, consumer: Generic, operand: int) -> bool:
    """Whether `producer` may be computed where `consumer` reads operand `operand`."""
    if len(producer.outputs) != 1 or not is_parallel(producer):
        return False
    if not is_identity(output_map(producer, 0)) or reads_output(producer, 0):
        return False
    if captured(producer) or not narrows(producer):
        return False
    if any(isinstance(op, linalg.ops.IndexOp) for op in producer.body.block.ops):
        return False
    if not has_sizes(merged_maps(producer, consumer, operand)):
        return False
    return reads_once(indexing_maps(consumer)[operand], loop_ranges(consumer))


def merged_maps(producer: Generic, consumer: Generic, operand: int) -> list[AffineMap]:
    """The consumer's maps with those of the producer's inputs for one of its own."""
    maps = list(indexing_maps(consumer))
    read = maps[operand]
    maps[operand : operand + 1] = [
        map_.compose(read) for map_ in indexing_maps(producer)[:-1]
    ]
    return maps


def has_sizes(maps: Sequence[AffineMap]) -> bool:
    """Whether operands with these maps say how often each loop runs."""
    exprs = (expr for map_ in maps for expr in map_.results)
    told = {expr.position for expr in exprs if isinstance(expr, Dim)}
    return len(told) == maps[0].num_dims


def merged_body(producer: Generic, consumer: Generic, operand: int) -> Region:
    """The consumer's body with the producer's in place of argument `operand`."""
    before = consumer.inputs[:operand]
    types = [*consumer.body.block.arg_types]
    inner = [arg.type for arg in producer.body.block.args[: len(producer.inputs)]]
    block = Block(arg_types=[*types[:operand], *inner, *types[operand + 1 :]])
    args = list(block.args)
    count = len(producer.inputs)
    made = args[len(before) : len(before) + count]
    values: dict[SSAValue, SSAValue] = dict(
        zip(producer.body.block.args, made, strict=False)
    )
    result = _copied(producer.body.block, block, values)[0]
    rest = [*args[:operand], result, *args[operand + count :]]
    values = dict(zip(consumer.body.block.args, rest, strict=True))
    block.add_op(linalg.ops.YieldOp(*_copied(consumer.body.block, block, values)))
    return Region(block)


def _copied(
    source: Block, target: Block, values: dict[SSAValue, SSAValue]
) -> list[SSAValue]:
    """Copies all but the terminator; what the terminator yields, in the copy."""
    last = source.last_op
    assert last is not None, "the verifier wants a terminator"
    for op in source.ops:
        if op is not last:
            target.add_op(op.clone(values))
    return [values.get(value, value) for value in last.operands]


def merged(producer: Generic, consumer: Generic, operand: int) -> Generic:
    """`consumer` that computes `producer` itself."""
    maps = merged_maps(producer, consumer, operand)
    inputs: list[SSAValue] = list(consumer.inputs)
    inputs[operand : operand + 1] = producer.inputs
    return Generic(
        inputs,
        consumer.outputs,
        merged_body(producer, consumer, operand),
        [AffineMapAttr(map_) for map_ in maps],
        consumer.iterator_types,
        [value.type for value in consumer.outputs],
    )


class MoveIntoConsumer(RewritePattern):
    """An operation that reads an elementwise result => one that computes it itself."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: Generic, rewriter: PatternRewriter) -> None:
        """Acts on reductions; elementwise chains are one operation since `nn`."""
        if is_parallel(op):
            return
        for operand, value in enumerate(op.inputs):
            producer = value.owner
            if not isinstance(producer, Generic) or not value.has_one_use():
                continue
            if can_move(producer, op, operand):
                new = merged(producer, op, operand)
                new.attributes |= op.attributes
                replace(rewriter, op, new, merged=[producer])
                rewriter.erase(producer)
                return


class LinalgFuseProducersPass(ModulePass):
    """Moves elementwise computations into the reductions that read them once."""

    name = "linalg-fuse-producers"
    needs = (Property.STRUCTURED, Property.FUNCTIONS)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        PatternRewriteWalker(MoveIntoConsumer()).rewrite_module(op)
