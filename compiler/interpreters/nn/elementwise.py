"""
Elementwise operations of `nn`.

Integers wrap around; float functions are computed in float64 and rounded once.
Formulas: ONNX operator specification.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from xdsl.dialects.builtin import FloatAttr, ModuleOp
from xdsl.interpreter import (
    Interpreter,
    InterpreterFunctions,
    PythonValues,
    impl,
    register_impls,
)
from xdsl.ir import Operation

from ...dialects import nn
from ...dialects.nn.meanings import elementwise_region
from ..builtin import Array, DType, dtype_of, scalar_functions
from ..elements import divide_truncating, float_to_integer, maximum, minimum
from ..math import error_function, integer_power, power, wide
from .base import run_region

GELU_TANH_FACTOR = float(np.sqrt(2 / np.pi))
GELU_TANH_CUBIC = 0.044715


def by_kind(
    floats: Callable[..., Any], integers: Callable[..., Any]
) -> Callable[..., Any]:
    """One function for float operands, another for integers."""

    def run(*args: Array) -> Array:
        return (floats if args[0].dtype.kind == "f" else integers)(*args)

    return run


def divide(lhs: Array, rhs: Array) -> Array:
    """The quotient of integers rounded towards zero; all bits are set by zero."""
    divisor = np.where(rhs == 0, rhs.dtype.type(1), rhs)
    signed = lhs.dtype.kind == "i"
    whole = divide_truncating(lhs, divisor) if signed else lhs // divisor
    return np.where(rhs == 0, ~np.zeros_like(rhs), whole)


def relu(x: Array) -> Array:
    """`max(x, 0)`; NaN stays."""
    return np.maximum(x, x.dtype.type(0))


def sigmoid(x: Array) -> Array:
    """`1 / (1 + exp(-x))`."""
    return 1.0 / (1.0 + np.exp(-x))


def gelu(x: Array, approximate: str) -> Array:
    """`x * Phi(x)`, exactly or through tanh."""
    if approximate == "none":
        return x * (1.0 + error_function(x / np.sqrt(2.0))) / 2.0
    inner = GELU_TANH_FACTOR * (x + GELU_TANH_CUBIC * x**3)
    return x * (1.0 + np.tanh(inner)) / 2.0


def hard_sigmoid(x: Array, alpha: float, beta: float) -> Array:
    """`max(0, min(1, alpha * x + beta))`."""
    return np.maximum(0.0, np.minimum(1.0, alpha * x + beta))


def hard_swish(x: Array) -> Array:
    """`x * hard_sigmoid(x, 1/6, 1/2)`."""
    return x * hard_sigmoid(x, 1 / 6, 0.5)


def cast(x: Array, dtype: DType) -> Array:
    """ONNX's `Cast`: towards zero, wrapping integers, `!= 0` for bool."""
    if dtype == np.bool_:
        return x != 0
    if x.dtype.kind == "f" and dtype.kind != "f":
        return float_to_integer(x, dtype)
    return x.astype(dtype)


def rounded(attribute: Any, dtype: DType) -> float:
    """A float attribute as the element type has it."""
    assert isinstance(attribute, FloatAttr), "the verifier has seen it"
    return float(dtype.type(attribute.value.data))


NAMED: Mapping[type[Operation], Callable[..., Any]] = {
    nn.AddOp: np.add,
    nn.SubOp: np.subtract,
    nn.MulOp: np.multiply,
    nn.DivOp: by_kind(np.divide, divide),
    nn.PowOp: by_kind(wide(power), integer_power),
    nn.MinOp: by_kind(minimum, np.minimum),
    nn.MaxOp: by_kind(maximum, np.maximum),
    nn.NegOp: np.negative,
    nn.AbsOp: np.abs,
    nn.SqrtOp: np.sqrt,
    nn.ExpOp: wide(np.exp),
    nn.LogOp: wide(np.log),
    nn.ErfOp: wide(error_function),
    nn.TanhOp: wide(np.tanh),
    nn.SigmoidOp: wide(sigmoid),
    nn.ReluOp: relu,
    nn.HardSwishOp: wide(hard_swish),
}


def run_by_meaning(
    self: InterpreterFunctions,
    interpreter: Interpreter,
    op: nn.NamedElementwiseOp,
    args: PythonValues,
) -> PythonValues:
    """The scalar meaning on whole operands."""
    return (run_region(interpreter, elementwise_region(op), args, op.results[0]),)


def plugin_functions(module: ModuleOp) -> type[InterpreterFunctions]:
    """What the elementwise operations of plugins mean that stand in a module."""
    named = {type(op) for op in module.walk() if isinstance(op, nn.NamedElementwiseOp)}
    own = named.difference(nn.NN.operations)
    members = {type_.__name__: impl(type_)(run_by_meaning) for type_ in own}
    return register_impls(type("PluginFunctions", (InterpreterFunctions,), members))


NNNamedFunctions = scalar_functions("NNNamedFunctions", NAMED)
"""The operations without properties."""


@register_impls
class NNElementwiseFunctions(InterpreterFunctions):
    """The general operation, and the named ones with properties."""

    @impl(nn.ElementwiseOp)
    def run_elementwise(
        self, interpreter: Interpreter, op: nn.ElementwiseOp, args: PythonValues
    ) -> PythonValues:
        """The body on whole operands."""
        return (run_region(interpreter, op.body, args, op.result),)

    @impl(nn.LeakyReluOp)
    def run_leaky_relu(
        self, interpreter: Interpreter, op: nn.LeakyReluOp, args: PythonValues
    ) -> PythonValues:
        """A slope of `alpha` for negative elements."""
        x: Array = args[0]
        return (np.where(x < 0, x * x.dtype.type(op.alpha.value.data), x),)

    @impl(nn.HardSigmoidOp)
    def run_hard_sigmoid(
        self, interpreter: Interpreter, op: nn.HardSigmoidOp, args: PythonValues
    ) -> PythonValues:
        """A line between 0 and 1."""
        dtype = args[0].dtype
        alpha, beta = rounded(op.alpha, dtype), rounded(op.beta, dtype)
        return (wide(hard_sigmoid, alpha, beta)(args[0]),)

    @impl(nn.GeluOp)
    def run_gelu(
        self, interpreter: Interpreter, op: nn.GeluOp, args: PythonValues
    ) -> PythonValues:
        """The exact function or its approximation."""
        return (wide(gelu, op.approximate.data)(args[0]),)

    @impl(nn.ClipOp)
    def run_clip(
        self, interpreter: Interpreter, op: nn.ClipOp, args: PythonValues
    ) -> PythonValues:
        """The upper bound wins where the bounds cross."""
        x: Array = args[0]
        if op.low is not None:
            x = np.maximum(x, x.dtype.type(op.low.value.data))
        if op.high is not None:
            x = np.minimum(x, x.dtype.type(op.high.value.data))
        return (x,)

    @impl(nn.CastOp)
    def run_cast(
        self, interpreter: Interpreter, op: nn.CastOp, args: PythonValues
    ) -> PythonValues:
        """To the element type of the result."""
        return (cast(args[0], dtype_of(op.result.type)),)
