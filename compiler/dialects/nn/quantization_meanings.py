"""
What quantising and dequantising mean for one element.

Formulas: ONNX operator specification, `QuantizeLinear` and `DequantizeLinear`.
"""

from __future__ import annotations

from xdsl.dialects import arith, math
from xdsl.dialects.builtin import AnyFloat, IntegerType
from xdsl.ir import Attribute, SSAValue
from xdsl.utils.hints import isa

from .base import is_unsigned, signless
from .scalars import Scalars


def integer_limits(type_: Attribute) -> tuple[int, int]:
    """The smallest and the largest element of an integer type; `ui8` is 0 to 255."""
    assert isa(type_, IntegerType), "integers have limits"
    width = type_.width.data
    if is_unsigned(type_):
        return 0, (1 << width) - 1
    return -(1 << (width - 1)), (1 << (width - 1)) - 1


def difference_type(source: Attribute) -> IntegerType:
    """The type that holds every difference of an element and a zero point."""
    assert isa(source, IntegerType), "quantised elements are integers"
    return IntegerType(32 if source.width.data < 32 else 64)


def dequantize(
    scalars: Scalars,
    x: SSAValue,
    source: Attribute,
    scale: SSAValue,
    zero_point: SSAValue | None,
) -> SSAValue:
    """
    `(x - zero_point) * scale`, in the type of `scale`.

    `x` is an element of `source`, made signless; `zero_point` has `difference_type`.
    """
    to_float = arith.UIToFPOp if is_unsigned(source) else arith.SIToFPOp
    if zero_point is not None:
        extend = arith.ExtUIOp if is_unsigned(source) else arith.ExtSIOp
        wide = scalars.emit(extend(x, difference_type(source)))
        nsw = arith.IntegerOverflowAttr([arith.IntegerOverflowFlag.NSW])
        x = scalars.emit(arith.SubiOp(wide, zero_point, overflow=nsw))
        to_float = arith.SIToFPOp
    type_ = scale.type
    assert isinstance(type_, AnyFloat), "scales are floats"
    return scalars.multiply(scalars.emit(to_float(x, type_)), scale)


def quantize(
    scalars: Scalars,
    x: SSAValue,
    target: Attribute,
    scale: SSAValue,
    zero_point: SSAValue | None,
) -> SSAValue:
    """
    `saturate(round_half_to_even(x / scale) + zero_point)`, an element of `target`.

    `zero_point` has the type of `x` and `scale`, which holds every integer of `target`
    exactly. NaN becomes the smallest integer: its conversion would have no meaning.
    """
    rounded = scalars.emit(math.RoundEvenOp(scalars.emit(arith.DivfOp(x, scale))))
    if zero_point is not None:
        rounded = scalars.add(rounded, zero_point)
    low, high = integer_limits(target)
    above = arith.MaxnumfOp(rounded, scalars.constant(low, x.type))
    below = arith.MinnumfOp(scalars.emit(above), scalars.constant(high, x.type))
    to_integer = arith.FPToUIOp if is_unsigned(target) else arith.FPToSIOp
    bare = signless(target)
    assert isa(bare, IntegerType), "quantised elements are integers"
    return scalars.emit(to_integer(scalars.emit(below), bare))
