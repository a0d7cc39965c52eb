"""Comparison, choice and logic: scalar regions, which `nn` has no names for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from xdsl.builder import ImplicitBuilder
from xdsl.dialects import arith, math
from xdsl.dialects.builtin import IntegerType, TensorType
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from ....dialects import nn
from ....dialects.nn.scalars import number
from ..calls import Call, Handler
from .operator import ALL, FLOATS, NUMBERS, Operator

BOOL = IntegerType(1)

Scalar: TypeAlias = Callable[..., SSAValue]
"""Makes scalar operations from the elements of the operands."""


def scalar_region(call: Call, element: Attribute, make: Scalar) -> SSAValue:
    """An `nn.elementwise` of all inputs, as `elementwise` makes it."""
    return elementwise(call, call.values(), element, make)


def elementwise(
    call: Call, values: Sequence[SSAValue], element: Attribute, make: Scalar
) -> SSAValue:
    """An `nn.elementwise` whose body is what `make` does with one element each."""
    types = [nn.tensor_type(value).element_type for value in values]
    block = Block(arg_types=[nn.signless(type_) for type_ in types])
    with ImplicitBuilder(block):
        nn.YieldOp(make(*block.args))
    shape = nn.broadcast_shapes(*map(nn.shape_of, values))
    if shape is None:
        call.refuse(f"operands must broadcast, got {_shapes(values)}")
    result = TensorType(element, shape)
    return call.add(nn.ElementwiseOp(values, result, Region(block)))


def _shapes(values: Sequence[SSAValue]) -> str:
    return ", ".join(str(list(nn.shape_of(value))) for value in values)


def compared(call: Call, left: SSAValue, right: SSAValue, predicate: str) -> SSAValue:
    """Where `left` is `lt`, `eq` and so on; false when a NaN takes part."""
    element = nn.tensor_type(left).element_type
    prefix = "u" if nn.is_unsigned(element) else "s"
    integer = predicate if predicate == "eq" else prefix + predicate

    def compare(a: SSAValue, b: SSAValue) -> SSAValue:
        if nn.is_float(element):
            return arith.CmpfOp(a, b, "o" + predicate).result
        return arith.CmpiOp(a, b, integer).result

    return elementwise(call, [left, right], BOOL, compare)


def comparison(predicate: str) -> Handler:
    """The handler of a comparison of two operands."""
    return lambda call: compared(call, call.value(0), call.value(1), predicate)


def chosen(call: Call, where: SSAValue, left: SSAValue, right: SSAValue) -> SSAValue:
    """`left` where the condition holds, elsewhere `right`."""

    def choose(condition: SSAValue, a: SSAValue, b: SSAValue) -> SSAValue:
        return arith.SelectOp(condition, a, b).result

    element = nn.tensor_type(left).element_type
    return elementwise(call, [where, left, right], element, choose)


def where(call: Call) -> SSAValue:
    """The second operand where the first is true, elsewhere the third."""
    return chosen(call, call.value(0), call.value(1), call.value(2))


def logic(make: Callable[[SSAValue, SSAValue], Operation]) -> Handler:
    """The handler of a logical operator of two operands."""

    def combine(a: SSAValue, b: SSAValue) -> SSAValue:
        return make(a, b).results[0]

    return lambda call: scalar_region(call, BOOL, combine)


def negation(call: Call) -> SSAValue:
    """Logical not."""

    def flip(a: SSAValue) -> SSAValue:
        true = arith.ConstantOp.from_int_and_width(1, 1)
        return arith.XOrIOp(a, true.result).result

    return scalar_region(call, BOOL, flip)


def rounding(make: Callable[[SSAValue], Operation]) -> Handler:
    """The handler of a scalar function of floats."""

    def handle(call: Call) -> SSAValue:
        element = call.type(0).element_type
        if not nn.is_float(element):
            call.refuse(f"operand must be float32, got {element}")

        def apply(a: SSAValue) -> SSAValue:
            return make(a).results[0]

        return scalar_region(call, element, apply)

    return handle


def sign(call: Call) -> SSAValue:
    """-1, 0 or 1: whether it is above zero less whether it is below; NaN stays."""
    element = call.type(0).element_type
    zero = call.literal(0, element)
    sides = ((call.value(0), zero), (zero, call.value(0)))
    flags = [compared(call, *side, "gt") for side in sides]
    positive, negative = (call.add(nn.CastOp(flag, element)) for flag in flags)
    result = call.add(nn.SubOp(positive, negative))
    if not nn.is_float(element):
        return result
    return chosen(call, is_nan(call), call.value(0), result)


def modulo(call: Call) -> SSAValue:
    """What a division of integers leaves, with the divisor's sign or the dividend's."""
    value, divisor = call.value(0), call.value(1)
    element = call.type(0).element_type
    if nn.is_float(element):
        call.refuse(f"element type must be an integer, got {element}")
    whole = call.add(nn.MulOp(call.add(nn.DivOp(value, divisor)), divisor))
    rest = call.add(nn.SubOp(value, whole))
    if call.integer("fmod", 0) or nn.is_unsigned(element):
        return rest

    def with_sign(rest: SSAValue, divisor: SSAValue) -> SSAValue:
        zero = arith.ConstantOp(number(0, element)).result
        signs = arith.XOrIOp(rest, divisor).result
        other = arith.CmpiOp(signs, zero, "slt").result
        some = arith.CmpiOp(rest, zero, "ne").result
        shifted = arith.AddiOp(rest, divisor).result
        return arith.SelectOp(arith.AndIOp(other, some).result, shifted, rest).result

    return elementwise(call, [rest, divisor], element, with_sign)


def is_nan(call: Call) -> SSAValue:
    """What does not equal itself."""

    def unordered(a: SSAValue, b: SSAValue) -> SSAValue:
        return arith.CmpfOp(a, b, "uno").result

    return elementwise(call, [call.value(0)] * 2, BOOL, unordered)


COMPARISONS: dict[str, Operator] = {
    "And": Operator(logic(arith.AndIOp), "bool"),
    "Ceil": Operator(rounding(math.CeilOp), FLOATS),
    "Equal": Operator(comparison("eq"), NUMBERS),
    "Floor": Operator(rounding(math.FloorOp), FLOATS),
    "Greater": Operator(comparison("gt"), NUMBERS),
    "GreaterOrEqual": Operator(comparison("ge"), NUMBERS),
    "IsNaN": Operator(is_nan),
    "Less": Operator(comparison("lt"), NUMBERS),
    "LessOrEqual": Operator(comparison("le"), NUMBERS),
    "Mod": Operator(modulo, "int8, int32, int64, uint8"),
    "Not": Operator(negation, "bool"),
    "Or": Operator(logic(arith.OrIOp), "bool"),
    "Round": Operator(rounding(math.RoundEvenOp), FLOATS),
    "Sign": Operator(sign, NUMBERS),
    "Where": Operator(where, ALL),
    "Xor": Operator(logic(arith.XOrIOp), "bool"),
}
