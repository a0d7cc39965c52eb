"""
Folds a constant affine map per channel into the weights before it.

Before: `%c = nn.conv(%x, %w) …`, `%m = nn.mul(%c, %scale) …`, `%y = nn.add(%m, %t) …`
After:  `%c = nn.conv(%x, %scaled) …`, `%y = nn.add(%c, %t) …`

The whole chain of `nn.mul`, `nn.add`, `nn.sub`, `nn.div` and `nn.neg` with constants
that vary along the output channels only becomes one scale, which goes into the
constant weights, and one bias. Both are computed in float64 and rounded once. A batch
normalisation is such a chain, and so is a scaling by hand. A weight that another
operation uses too is not folded, because it would have to be stored twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace as changed
from typing import TypeAlias

import numpy as np
from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, Region, SSAValue
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
from ...rewriting import fused_location, replace
from .arrays import Array, constant, constant_array
from .bodies import location_of

Weighted: TypeAlias = nn.ConvOp | nn.MatMulOp


@dataclass(frozen=True, eq=False)
class Affine:
    """`scale * x + offset` per output channel, in float64; `ops` compute it now."""

    scale: Array
    offset: Array
    ops: tuple[Operation, ...] = ()

    def scaled(self, factor: Array) -> Affine:
        """This map, then a multiplication."""
        return changed(self, scale=self.scale * factor, offset=self.offset * factor)

    def moved(self, term: Array) -> Affine:
        """This map, then an addition."""
        return changed(self, offset=self.offset + term)

    def after(self, op: Operation) -> Affine:
        """The same map, computed by one operation more."""
        return changed(self, ops=(*self.ops, op))

    @property
    def is_finite(self) -> bool:
        """Whether all numbers are finite."""
        return bool(np.isfinite(self.scale).all() and np.isfinite(self.offset).all())


def channel_axis(op: Weighted) -> int:
    """The dimension of the result that the weight's outputs are in."""
    rank = len(nn.shape_of(op.result))
    if isinstance(op, nn.ConvOp):
        return nn.activation_layout(rank, op.is_channels_last).channel
    return rank - 1


def weight_axis(op: Weighted) -> int:
    """The dimension of the weight that holds the output channels."""
    rank = len(nn.shape_of(weight(op)))
    if isinstance(op, nn.ConvOp):
        return nn.weight_layout(rank, op.is_channels_last).output
    return rank - 1


def weight(op: Weighted) -> SSAValue:
    """The operand that holds the weights."""
    return op.weight if isinstance(op, nn.ConvOp) else op.rhs


def per_channel(value: SSAValue, rank: int, axis: int) -> Array | None:
    """A constant as one number per channel (or one for all), in float64, else None."""
    array = constant_array(value)
    if array is None or array.ndim > rank:
        return None
    shape = (1,) * (rank - array.ndim) + array.shape
    if any(size != 1 for dim, size in enumerate(shape) if dim != axis):
        return None
    return array.reshape(-1).astype(np.float64)


def step(affine: Affine, op: Operation, value: SSAValue, axis: int) -> Affine | None:
    """`affine`, then `op`, an operation on `value`; None when that is not affine."""
    if isinstance(op, nn.NegOp):
        return affine.scaled(np.array([-1.0]))
    if not isinstance(op, nn.AddOp | nn.SubOp | nn.MulOp | nn.DivOp):
        return None
    first = op.lhs is value
    rank = len(nn.shape_of(value))
    other = per_channel(op.rhs if first else op.lhs, rank, axis)
    if other is None or op.result.type != value.type:
        return None
    return _binary(affine, op, other, first)


def _binary(affine: Affine, op: Operation, other: Array, first: bool) -> Affine | None:
    match op:
        case nn.AddOp():
            return affine.moved(other)
        case nn.MulOp():
            return affine.scaled(other)
        case nn.SubOp():
            if first:
                return affine.moved(-other)
            return affine.scaled(np.array([-1.0])).moved(other)
        case _:
            return affine.scaled(1 / other) if first else None


def chain(op: Weighted) -> Affine:
    """The longest affine map per channel that only the result of `op` goes through."""
    affine = Affine(np.ones(1), np.zeros(1))
    value: SSAValue = op.result
    while (use := value.get_unique_use()) is not None:
        with np.errstate(all="ignore"):
            longer = step(affine, use.operation, value, channel_axis(op))
        if longer is None or not longer.is_finite:
            break
        affine = longer.after(use.operation)
        value = use.operation.results[0]
    return affine


def scaled_weight(op: Weighted, weights: Array, scale: Array) -> nn.ConstantOp:
    """The weights with each output channel multiplied by its scale."""
    shape = [1] * weights.ndim
    shape[weight_axis(op)] = -1
    product = weights.astype(np.float64) * scale.reshape(shape)
    element_type = nn.tensor_type(weight(op)).element_type
    scaled = constant(product, element_type)
    scaled.location = location_of(weight(op))
    return scaled


def bias(op: Weighted, offset: Array) -> nn.ConstantOp:
    """The offset as a constant that broadcasts to the result."""
    result = nn.tensor_type(op.result)
    axis = channel_axis(op)
    channels = result.get_shape()[axis]
    trailing = (1,) * (len(result.get_shape()) - 1 - axis)
    values = np.broadcast_to(offset, (channels,)).reshape((channels, *trailing))
    return constant(values, result.element_type)


class FoldAffine(RewritePattern):
    """A convolution or product, then an affine map => other weights and a bias."""

    @override
    @op_type_rewrite_pattern
    def match_and_rewrite(
        self, op: nn.ConvOp | nn.MatMulOp, rewriter: PatternRewriter
    ) -> None:
        weights = constant_array(weight(op))
        if weights is None or weights.dtype.kind != "f" or op.epilogue is not None:
            return
        affine = chain(op)
        if len(affine.ops) < 2 and np.all(affine.scale == 1):
            return
        if weight(op).has_one_use() or np.all(affine.scale == 1):
            fold(op, affine, weights, rewriter)


def fold(
    op: Weighted, affine: Affine, weights: Array, rewriter: PatternRewriter
) -> None:
    """Puts `affine` into the weights of `op` and, where it is not zero, into a bias."""
    last = affine.ops[-1]
    new: list[Operation] = []
    value = weight(op)
    if not np.all(affine.scale == 1):
        new.append(scaled_weight(op, weights, affine.scale))
        value = new[-1].results[0]
    folded = type(op).create(
        operands=[op.operands[0], value],
        result_types=op.result_types,
        properties=dict(op.properties),
        attributes=dict(op.attributes),
        regions=[Region()],
    )
    new.append(folded)
    if np.any(affine.offset != 0):
        offset = bias(op, affine.offset)
        new += [offset, nn.AddOp(folded.results[0], offset.result)]
    names = [other.location for other in affine.ops]
    folded.location = fused_location(op.location, *names)
    replace(rewriter, last, new, merged=affine.ops[:-1])
    for done in reversed((op, *affine.ops[:-1])):
        rewriter.erase(done)


class NnFoldBatchNormPass(ModulePass):
    """Folds constant affine maps per channel into weights and bias."""

    name = "nn-fold-batch-norm"
    needs = (Property.NETWORK, Property.NAMED)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        patterns = GreedyRewritePatternApplier([FoldAffine()])
        PatternRewriteWalker(patterns).rewrite_module(op)
