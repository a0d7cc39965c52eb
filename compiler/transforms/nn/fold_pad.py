"""
Lets a window read a pad that nobody writes.

Before: `%p = nn.pad(%x) {…, value = 0.0 : f32} …`,
        `%y = nn.conv(%p, %w) {pads = …} …`
After:  `%y = nn.conv(%x, %w) {pads = …}` with the pads of both

A convolution takes what it would pad with itself: zero, for integers its zero point, or
any value when it pads nothing yet. A sum takes its zero point. A maximum takes what
never wins: the lowest value, or one that the operand, a rectified result, surely
reaches where each window sees at least one element of it.
"""

from __future__ import annotations

from math import inf
from typing import TypeAlias

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import arith
from xdsl.dialects.builtin import FloatAttr, IntegerAttr, ModuleOp, i64
from xdsl.ir import Attribute, Block, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)

from ...dialects import nn
from ...dialects.nn.base import int_array
from ...dialects.nn.quantization_meanings import integer_limits
from ...properties import Property
from ...rewriting import replace
from .bodies import body_of

Windowed: TypeAlias = nn.ConvOp | nn.PoolOp

Number: TypeAlias = int | float

MAXIMA = (arith.MaximumfOp, arith.MaxSIOp, arith.MaxUIOp)
MINIMA = (arith.MinimumfOp, arith.MinSIOp, arith.MinUIOp)


def number(attribute: Attribute, element_type: Attribute) -> Number:
    """A signless attribute as an element of `element_type`."""
    assert isinstance(attribute, FloatAttr | IntegerAttr), "elements are numbers"
    value = attribute.value.data
    if nn.is_unsigned(element_type) and value < 0:
        return value + 1 + integer_limits(element_type)[1]
    return value


def lowest(element_type: Attribute) -> Number:
    """The smallest element of a type, minus infinity for floats."""
    return -inf if nn.is_float(element_type) else integer_limits(element_type)[0]


def zero_point(op: Windowed) -> int:
    """The element that stands for zero."""
    point = op.input_zero_point
    return 0 if point is None else point.value.data


def spatial_pads(op: Windowed, pad: nn.PadOp) -> tuple[list[int], list[int]] | None:
    """Low and high pads of the window's dimensions, None when others are padded."""
    low, high = pad.low.get_values(), pad.high.get_values()
    spatial = nn.activation_layout(len(low), op.is_channels_last).spatial
    others = [axis for axis in range(len(low)) if axis not in spatial]
    if any(low[axis] or high[axis] for axis in others):
        return None
    return [low[axis] for axis in spatial], [high[axis] for axis in spatial]


def lower_bound(value: SSAValue) -> Number:
    """A number that no element of `value` is below; NaN aside."""
    owner = value.owner
    if isinstance(owner, nn.ReluOp):
        return 0
    if isinstance(owner, nn.ClipOp) and owner.low is not None:
        return owner.low.value.data
    if isinstance(owner, nn.TransposeOp | nn.ReshapeOp):
        return lower_bound(owner.input)
    if not isinstance(owner, nn.ElementwiseOp | nn.ProducerOp):
        return -inf
    body = body_of(owner)
    if body is None or body.last_op is None:
        return -inf
    element_type = nn.tensor_type(value).element_type
    return _scalar_lower_bound(body.last_op.operands[0], element_type)


def _scalar_lower_bound(value: SSAValue, element_type: Attribute) -> Number:
    """The bound of a maximum with a constant, or of a minimum of two bounded ones."""
    owner = value.owner
    if isinstance(owner, arith.ConstantOp):
        return number(owner.value, element_type)
    if isinstance(owner, Block) or nn.is_unsigned(element_type) != isinstance(
        owner, arith.MaxUIOp | arith.MinUIOp
    ):
        return -inf
    if not isinstance(owner, (*MAXIMA, *MINIMA)):
        return -inf
    best = max if isinstance(owner, MAXIMA) else min
    return best(_scalar_lower_bound(side, element_type) for side in owner.operands)


def sees_an_element(op: nn.PoolOp, low: list[int], high: list[int]) -> bool:
    """Whether each window covers an element that is not padded."""
    window = op.window
    sides = [*zip(low, window.low, strict=True), *zip(high, window.high, strict=True)]
    widths = [*window.kernel, *window.kernel]
    dense = all(step == 1 for step in window.dilations)
    return dense and all(
        sum(side) < width for side, width in zip(sides, widths, strict=True)
    )


def pads_alike(op: Windowed, pad: nn.PadOp, low: list[int], high: list[int]) -> bool:
    """Whether `op` may pad by itself with what `pad` puts there."""
    element_type = nn.tensor_type(pad.input).element_type
    value = number(pad.value, element_type)
    if isinstance(op, nn.ConvOp):
        own = zero_point(op) if op.pad_value is None else op.pad_value.value.data
        pads_nothing = not any(op.pads.get_values())
        return value == own or (pads_nothing and not nn.is_float(element_type))
    if op.kind.data == "sum":
        return value == zero_point(op)
    if value == lowest(element_type):
        return True
    return value <= lower_bound(pad.input) and sees_an_element(op, low, high)


class FoldPad(RewritePattern):
    """A window over a padded tensor => a window that pads by itself."""

    @override
    @op_type_rewrite_pattern
    def match_and_rewrite(
        self, op: nn.ConvOp | nn.PoolOp, rewriter: PatternRewriter
    ) -> None:
        pad = op.input.owner
        if not isinstance(pad, nn.PadOp) or (pads := spatial_pads(op, pad)) is None:
            return
        if pads_alike(op, pad, *pads):
            replace(rewriter, op, padding(op, pad, *pads), merged=[pad])


def padding(
    op: Windowed, pad: nn.PadOp, low: list[int], high: list[int]
) -> nn.ProducerOp:
    """`op` on the operand of `pad`, with the pads of both."""
    own = op.pads.get_values()
    both = [a + b for a, b in zip((*low, *high), own, strict=True)]
    properties = {**op.properties, "pads": int_array(both)}
    properties.pop("pad_value", None)
    value = number(pad.value, nn.tensor_type(pad.input).element_type)
    if isinstance(op, nn.ConvOp) and value != zero_point(op):
        properties["pad_value"] = IntegerAttr(int(value), i64)
    return type(op).create(
        operands=[pad.input, *op.operands[1:]],
        result_types=op.result_types,
        properties=properties,
        attributes=dict(op.attributes),
        regions=[region.clone() for region in op.regions],
    )


class NnFoldPadPass(ModulePass):
    """Lets a window read a pad that nobody writes."""

    name = "nn-fold-pad"
    needs = (Property.NETWORK, Property.EPILOGUES)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        patterns = GreedyRewritePatternApplier([FoldPad()])
        PatternRewriteWalker(patterns).rewrite_module(op)
