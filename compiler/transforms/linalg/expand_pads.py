"""
Pads in two structured operations: fill the whole, copy the inside.

Before:
```mlir
%y = tensor.pad %x low[1] high[2] { … tensor.yield %c : f32 } : tensor<4xf32> to …
```
After:
```mlir
%e = tensor.empty() : tensor<7xf32>
%f = linalg.fill ins(%c) outs(%e)
%y = linalg.generic {indexing_maps = [(d0) -> (d0), (d0) -> (d0 + 1)]} ins(%x) outs(%f)
```
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import arith, linalg, tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX, AffineMapAttr, ModuleOp, TensorType
from xdsl.dialects.linalg.attrs import IteratorTypeAttr
from xdsl.ir import Attribute, Block, Region, SSAValue
from xdsl.ir.affine import AffineExpr, AffineMap
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)
from xdsl.utils.exceptions import PassFailedException

from ...rewriting import replace


def shifted(low: tuple[int, ...]) -> AffineMap:
    """`(d0, …) -> (d0 + low[0], …)`."""
    axes = enumerate(low)
    return AffineMap(len(low), 0, tuple(AffineExpr.dimension(i) + n for i, n in axes))


def copy_inside(
    source: SSAValue, destination: SSAValue, low: tuple[int, ...]
) -> linalg.ops.GenericOp:
    """Copies `source` into `destination`, `low` elements from its start."""
    element = cast(TensorType[Attribute], source.type).element_type
    body = Block(arg_types=[element, element])
    body.add_op(linalg.ops.YieldOp(body.args[0]))
    return linalg.ops.GenericOp(
        [source],
        [destination],
        Region(body),
        [AffineMapAttr(shifted((0,) * len(low))), AffineMapAttr(shifted(low))],
        [IteratorTypeAttr.parallel()] * len(low),
        [destination.type],
    )


def padding_value(op: tensor.PadOp) -> arith.ConstantOp | None:
    """The constant that `op` pads with, if it is one."""
    last = op.region.block.last_op
    owner = last.operands[0].owner if isinstance(last, tensor.YieldOp) else None
    return owner if isinstance(owner, arith.ConstantOp) else None


@dataclass(frozen=True)
class ExpandPad(RewritePattern):
    """`tensor.pad` => `linalg.fill` and a copy by `linalg.generic`."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: tensor.PadOp, rewriter: PatternRewriter) -> None:
        """Expands one pad."""
        constant = padding_value(op)
        low = tuple(op.static_low.get_values())
        if constant is None or DYNAMIC_INDEX in (*low, *op.static_high.get_values()):
            message = "padding must be a constant of static width"
            op.emit_error(message, PassFailedException(message))
        assert constant is not None, "emit_error raises"
        value = constant.clone()
        empty = tensor.EmptyOp([], op.result.type)
        fill = linalg.ops.FillOp([value.result], [empty.tensor])
        copy = copy_inside(op.source, fill.results[0], low)
        replace(rewriter, op, [value, empty, fill, copy])


@dataclass(frozen=True)
class LinalgExpandPadsPass(ModulePass):
    """Expands every `tensor.pad`."""

    name = "linalg-expand-pads"

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        PatternRewriteWalker(ExpandPad(), apply_recursively=False).rewrite_module(op)
