"""
Pads in two operations: fill the whole, insert the source.

Before:
```mlir
%x = linalg.generic …
%y = tensor.pad %x low[1] high[2] { … tensor.yield %c : f32 } : tensor<4xf32> to …
```
After:
```mlir
%e = tensor.empty() : tensor<7xf32>
%f = linalg.fill ins(%c) outs(%e)
%x = linalg.generic …
%y = tensor.insert_slice %x into %f[1] [4] [1] : tensor<4xf32> into tensor<7xf32>
```

The fill stands before the source is made, so that bufferisation can let the source be
written to its place inside the padding, without a copy.
"""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import linalg, scf, tensor
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)
from xdsl.rewriter import InsertPoint
from xdsl.utils.exceptions import PassFailedException

from ...analysis.levels import MemoryLevels, levels_around
from ...analysis.pads import is_static, padding_value
from ...analysis.structured import shape_of
from ...dialects.deploy import KernelOp
from ...properties import Property
from ...rewriting import locate, replace


def destination(op: Operation, value: SSAValue) -> SSAValue | None:
    """The tensor that `op` writes to where it makes `value` step by step."""
    if isinstance(op, tensor.CollapseShapeOp | tensor.ExpandShapeOp):
        return op.src
    if isinstance(op, tensor.InsertSliceOp):
        return op.dest
    if isinstance(op, scf.ForOp):
        return op.iter_args[op.results.index(value)]
    return None


def maker(op: tensor.PadOp) -> Operation:
    """
    The operation before which the padding can be filled: the source's maker.

    For a source made tile by tile it is what makes the tensor that tiles go to.
    """
    value, before = op.source, value_maker(op.source, op)
    while isinstance(value.owner, Operation):
        source = destination(value.owner, value)
        if source is None:
            break
        value, before = source, value_maker(source, before)
    return before


def value_maker(value: SSAValue, otherwise: Operation) -> Operation:
    """What makes `value` in the block of `otherwise`; that one, if nothing does."""
    owner = value.owner
    if isinstance(owner, Operation) and owner.parent is otherwise.parent:
        return owner
    return otherwise


@dataclass(frozen=True)
class ExpandPad(RewritePattern):
    """`tensor.pad` => `linalg.fill` and `tensor.insert_slice`."""

    levels: MemoryLevels

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: tensor.PadOp, rewriter: PatternRewriter) -> None:
        """Expands one pad; one that tiles have taken over has no reader left."""
        if isinstance(op.parent_op(), KernelOp):
            return
        if not op.result.uses:
            rewriter.erase(op)
            return
        constant = padding_value(op)
        low = op.static_low.get_values()
        if constant is None or not is_static(op):
            message = "padding must be a constant of static width"
            op.emit_error(message, PassFailedException(message))
        assert constant is not None, "emit_error raises"
        value = constant.clone()
        empty = tensor.EmptyOp([], op.result.type)
        fill = linalg.ops.FillOp([value.result], [empty.tensor])
        # a source that kernels may not touch is brought into its padding only here
        far = not self.levels.is_open(self.levels.of(op.source))
        start = InsertPoint.before(op if far else maker(op))
        for new in (value, empty, fill):
            rewriter.insert(locate(new, op.location), start)
        insert = tensor.InsertSliceOp.from_static_parameters(
            op.source, fill.results[0], low, shape_of(op.source)
        )
        replace(rewriter, op, insert)


class LinalgExpandPadsPass(ModulePass):
    """Expands every `tensor.pad` that no kernel has as a member."""

    name = "linalg-expand-pads"
    needs = (Property.STRUCTURED,)
    ends = (Property.WHOLE_PADS,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        pattern = ExpandPad(levels_around(op))
        PatternRewriteWalker(pattern, apply_recursively=False).rewrite_module(op)
