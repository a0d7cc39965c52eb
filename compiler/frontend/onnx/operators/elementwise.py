"""Elementwise arithmetic with numpy's broadcasting."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import numpy as np
from xdsl.ir import Attribute, Operation, SSAValue

from ....dialects import nn
from ..calls import Call, Handler
from ..tensors import element_name, element_type, onnx_element_name
from .operator import ALL, NUMBERS, Operator


def unary(make: Callable[[SSAValue], Operation]) -> Handler:
    """The handler of an operator of one operand without attributes."""
    return lambda call: call.add(make(call.value(0)))


def binary(make: Callable[[SSAValue, SSAValue], Operation]) -> Handler:
    """The handler of an operator of two operands that broadcast."""
    return lambda call: call.add(make(call.value(0), call.value(1)))


def variadic(make: Callable[[SSAValue, SSAValue], Operation]) -> Handler:
    """The handler of an operator that takes any number of operands, left to right."""
    return lambda call: reduce(lambda a, b: call.add(make(a, b)), call.values())


def mean(call: Call) -> SSAValue:
    """The sum of the operands divided by their number."""
    total = variadic(nn.AddOp)(call)
    assert isinstance(total, SSAValue), "a sum is one value"
    count = call.literal(len(call.operands), call.type(0).element_type)
    return call.add(nn.DivOp(total, count))


def identity(call: Call) -> SSAValue:
    """The operand itself."""
    return call.value(0)


def dropout(call: Call) -> list[SSAValue]:
    """Nothing is dropped outside of training, as the mask says."""
    if call.has(2) and call.constant(2, "training_mode").any():
        call.refuse("training_mode must be false, got true")
    mask = [call.literal(np.ones(call.shape(0), np.bool_))] if call.wanted(1) else []
    return [call.value(0), *mask]


def power(call: Call) -> SSAValue:
    """The exponent takes the base's type."""
    base, exponent = call.value(0), call.operand(1)
    element = call.type(0).element_type
    if not nn.is_float(element):
        call.refuse(f"base must be float32, got {element_name(element)}")
    if exponent.array is not None:
        return call.add(nn.PowOp(base, call.literal(exponent.array, element)))
    value = call.value(1)
    if call.type(1).element_type != element:
        value = call.add(nn.CastOp(value, element))
    return call.add(nn.PowOp(base, value))


def reciprocal(call: Call) -> SSAValue:
    """`1 / input`."""
    one = call.literal(1, call.type(0).element_type)
    return call.add(nn.DivOp(one, call.value(0)))


def cast(call: Call) -> SSAValue:
    """A cast to the same type is nothing."""
    target = element_type(onnx_element_name(call.integer("to", 0)))
    return _cast(call, call.value(0), target)


def cast_like(call: Call) -> SSAValue:
    """A cast to the second operand's type."""
    return _cast(call, call.value(0), call.type(1).element_type)


def _cast(call: Call, value: SSAValue, target: Attribute) -> SSAValue:
    if call.type(0).element_type == target:
        return value
    return call.add(nn.CastOp(value, target))


def clip(call: Call) -> SSAValue:
    """Constant bounds are attributes, computed ones operands of `max` and `min`."""
    value = call.value(0)
    low, high = _bound(call, "min", 1), _bound(call, "max", 2)
    if low is not None or high is not None:
        value = call.add(nn.ClipOp(value, low, high))
    if call.has(1) and call.operand(1).array is None:
        value = call.add(nn.MaxOp(value, call.value(1)))
    if call.has(2) and call.operand(2).array is None:
        value = call.add(nn.MinOp(value, call.value(2)))
    return value


def _bound(call: Call, name: str, index: int) -> float | None:
    value = call.attribute(name)
    if value is None and call.has(index):
        value = call.operand(index).array
    return None if value is None else float(np.asarray(value).item())


def leaky_relu(call: Call) -> SSAValue:
    """The slope is 0.01 where it is not given."""
    return call.add(nn.LeakyReluOp(call.value(0), call.real("alpha", 0.01)))


def p_relu(call: Call) -> SSAValue:
    """The slope, which may differ by channel, applies below zero."""
    value, slope = call.values()
    zero = call.literal(0, call.type(0).element_type)
    above = call.add(nn.MaxOp(value, zero))
    below = call.add(nn.MulOp(slope, call.add(nn.MinOp(value, zero))))
    return call.add(nn.AddOp(above, below))


def softplus(call: Call) -> SSAValue:
    """`log(1 + e ** x)` without overflow: `max(x, 0) + log(1 + e ** -|x|)`."""
    value = call.value(0)
    one = call.literal(1, call.type(0).element_type)
    negative = call.add(nn.NegOp(call.add(nn.AbsOp(value))))
    grown = call.add(nn.AddOp(call.add(nn.ExpOp(negative)), one))
    return call.add(nn.AddOp(call.add(nn.ReluOp(value)), call.add(nn.LogOp(grown))))


def hard_sigmoid(call: Call) -> SSAValue:
    """`max(0, min(1, alpha * x + beta))`."""
    alpha, beta = call.real("alpha", 0.2), call.real("beta", 0.5)
    return call.add(nn.HardSigmoidOp(call.value(0), alpha, beta))


def gelu(call: Call) -> SSAValue:
    """Exact, or through tanh."""
    approximate = call.text("approximate", "none")
    return call.add(nn.GeluOp(call.value(0), approximate))


ELEMENTWISE: dict[str, Operator] = {
    "Abs": Operator(unary(nn.AbsOp), NUMBERS),
    "Add": Operator(binary(nn.AddOp), NUMBERS),
    "Cast": Operator(cast, ALL),
    "CastLike": Operator(cast_like, ALL),
    "Clip": Operator(clip, NUMBERS),
    "Div": Operator(binary(nn.DivOp), NUMBERS),
    "Dropout": Operator(dropout, limits="inference only"),
    "Erf": Operator(unary(nn.ErfOp)),
    "Exp": Operator(unary(nn.ExpOp)),
    "Gelu": Operator(gelu),
    "HardSigmoid": Operator(hard_sigmoid),
    "HardSwish": Operator(unary(nn.HardSwishOp)),
    "Identity": Operator(identity, ALL),
    "LeakyRelu": Operator(leaky_relu),
    "Log": Operator(unary(nn.LogOp)),
    "Max": Operator(variadic(nn.MaxOp), NUMBERS),
    "Mean": Operator(mean),
    "Min": Operator(variadic(nn.MinOp), NUMBERS),
    "Mul": Operator(binary(nn.MulOp), NUMBERS),
    "Neg": Operator(unary(nn.NegOp), NUMBERS),
    "PRelu": Operator(p_relu),
    "Pow": Operator(power),
    "Reciprocal": Operator(reciprocal),
    "Relu": Operator(unary(nn.ReluOp), NUMBERS),
    "Sigmoid": Operator(unary(nn.SigmoidOp)),
    "Softplus": Operator(softplus),
    "Sqrt": Operator(unary(nn.SqrtOp)),
    "Sub": Operator(binary(nn.SubOp), NUMBERS),
    "Sum": Operator(variadic(nn.AddOp)),
    "Tanh": Operator(unary(nn.TanhOp)),
}
