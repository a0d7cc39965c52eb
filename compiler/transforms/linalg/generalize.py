"""
Writes named structured operations as `linalg.generic`, which every later pass reads.

Before:
```mlir
%y = linalg.matmul ins(%a, %b : tensor<4x8xf32>, tensor<8x2xf32>) outs(%c) -> …
%z = linalg.generic {indexing_maps = [(d0) -> (), …]} ins(%s, %x : f32, tensor<4xf32>)
```
After:
```mlir
%y = linalg.generic {indexing_maps = [(d0, d1, d2) -> (d0, d2), …]} ins(%a, %b) outs(%c)
%z = linalg.generic {indexing_maps = […]} ins(%x : tensor<4xf32>) // the body uses %s
```

The maps are the operation's own; those of `linalg.broadcast` and `linalg.reduce`, which
have none in xDSL, follow from their `dimensions`. `linalg.fill` stays: it is read by
later passes as it is. Nothing here comes from a network: this is for IR that somebody
else's front end, or a person, has written.
"""

from __future__ import annotations

from collections.abc import Sequence

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import linalg
from xdsl.dialects.builtin import (
    AffineMapAttr,
    ArrayAttr,
    ModuleOp,
    ShapedType,
)
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.dialects.linalg.attrs import IteratorTypeAttr
from xdsl.ir import Attribute, Region, SSAValue
from xdsl.ir.affine import AffineExpr, AffineMap
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)

from ...analysis.structured import shape_of
from ...analysis.timeline import is_tensor
from ...rewriting import replace


def narrowed(
    narrow: SSAValue, wide: SSAValue, dropped: Sequence[int]
) -> tuple[AffineMap, AffineMap]:
    """The maps of two operands, one of which lacks the `dropped` axes of the other."""
    rank = len(shape_of(wide))
    kept = tuple(AffineExpr.dimension(n) for n in range(rank) if n not in dropped)
    assert len(kept) == len(shape_of(narrow)), "verified"
    return AffineMap(rank, 0, kept), AffineMap.identity(rank)


def kinds(rank: int, reduced: Sequence[int]) -> list[IteratorTypeAttr]:
    """The kind of each of `rank` loops, of which some accumulate."""
    parallel, reduction = IteratorTypeAttr.parallel(), IteratorTypeAttr.reduction()
    return [reduction if loop in reduced else parallel for loop in range(rank)]


def generic(
    input_: SSAValue,
    output: SSAValue,
    body: Region,
    maps: Sequence[AffineMap],
    iterators: Sequence[IteratorTypeAttr],
) -> linalg.ops.GenericOp:
    """A generic operation with one input and one output."""
    results: list[Attribute] = [output.type] if is_tensor(output) else []
    attributes = ArrayAttr(map(AffineMapAttr, maps))
    return linalg.ops.GenericOp(
        [input_], [output], body, attributes, iterators, results
    )


class GeneralizeNamed(RewritePattern):
    """What knows its own maps: contractions, convolutions, elementwise work."""

    @op_type_rewrite_pattern
    def match_and_rewrite(
        self, op: LinalgStructuredOperation, rewriter: PatternRewriter
    ) -> None:
        """Writes down what the operation's name stands for."""
        if isinstance(op, linalg.ops.GenericOp | linalg.ops.FillOp):
            return
        new = linalg.ops.GenericOp(
            op.inputs,
            op.outputs,
            op.body.clone(),
            op.get_indexing_maps(),
            op.get_iterator_types(),
            op.res.types,
        )
        replace(rewriter, op, new)


class GeneralizeBroadcast(RewritePattern):
    """`linalg.broadcast` reads by the loops that it does not add."""

    @op_type_rewrite_pattern
    def match_and_rewrite(
        self, op: linalg.ops.BroadcastOp, rewriter: PatternRewriter
    ) -> None:
        """Writes down the maps that follow from the dimensions."""
        maps = narrowed(op.input, op.init, op.dimensions.get_values())
        body = op.hidden_region.clone()
        iterators = kinds(maps[0].num_dims, ())
        replace(rewriter, op, generic(op.input, op.init, body, maps, iterators))


class GeneralizeReduce(RewritePattern):
    """`linalg.reduce` writes by the loops that it does not accumulate over."""

    @op_type_rewrite_pattern
    def match_and_rewrite(
        self, op: linalg.ops.ReduceOp, rewriter: PatternRewriter
    ) -> None:
        """Writes down the maps that follow from the dimensions."""
        dropped = op.dimensions.get_values()
        written, read = narrowed(op.init, op.input, dropped)
        iterators = kinds(read.num_dims, dropped)
        new = generic(op.input, op.init, op.region.clone(), (read, written), iterators)
        replace(rewriter, op, new)


class CaptureScalars(RewritePattern):
    """A scalar operand is the same in every iteration: the body uses it itself."""

    @op_type_rewrite_pattern
    def match_and_rewrite(
        self, op: linalg.ops.GenericOp, rewriter: PatternRewriter
    ) -> None:
        """Keeps only operands with a shape."""
        inputs = tuple(op.inputs)
        shaped = [n for n, v in enumerate(inputs) if isinstance(v.type, ShapedType)]
        if len(shaped) == len(inputs):
            return
        body = op.body.clone()
        for n in reversed(range(len(inputs))):
            if n not in shaped:
                argument = body.block.args[n]
                argument.replace_all_uses_with(inputs[n])
                body.block.erase_arg(argument)
        maps = op.get_indexing_maps().data
        kept = [*(maps[n] for n in shaped), *maps[len(inputs) :]]
        new = linalg.ops.GenericOp(
            [inputs[n] for n in shaped],
            op.outputs,
            body,
            kept,
            op.iterator_types,
            op.res.types,
            op.doc,
            op.library_call,
        )
        replace(rewriter, op, new)


class LinalgGeneralizePass(ModulePass):
    """Leaves `linalg.generic` and `linalg.fill` of all structured operations."""

    name = "linalg-generalize"

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        patterns: list[RewritePattern] = [
            GeneralizeNamed(),
            GeneralizeBroadcast(),
            GeneralizeReduce(),
            CaptureScalars(),
        ]
        applier = GreedyRewritePatternApplier(patterns)
        PatternRewriteWalker(applier).rewrite_module(op)
