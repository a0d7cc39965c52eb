"""The scalar meaning of each elementwise operation against ONNX's reference."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from deployopt.dialects import nn
from deployopt.dialects.nn.meanings import elementwise_region
from deployopt.interpreters import register
from deployopt.interpreters.nn.elementwise import divide
from onnx import TensorProto, helper
from onnx.helper import np_dtype_to_tensor_dtype
from onnx.reference import ReferenceEvaluator
from xdsl.dialects.builtin import (
    IntegerType,
    ModuleOp,
    Signedness,
    TensorType,
    f32,
    f64,
    i1,
    i8,
    i32,
    i64,
)
from xdsl.dialects.test import TestOp
from xdsl.interpreter import Interpreter
from xdsl.ir import Attribute, SSAValue
from xdsl.utils.exceptions import PassFailedException

ui8 = IntegerType(8, Signedness.UNSIGNED)
TYPES: dict[str, Attribute] = {
    "float32": f32,
    "float64": f64,
    "int8": i8,
    "uint8": ui8,
    "int32": i32,
    "int64": i64,
    "bool": i1,
}

FLOATS = np.array(
    [-100.5, -6, -3.5, -1, -0.75, -0.0, 0.0, 0.3, 1, 2.5, 3, 5.9, 7, 1e9, np.nan],
    np.float32,
)
SIGNED = np.array([-128, -127, -5, -1, 0, 1, 3, 6, 127], np.int8)
UNSIGNED = np.array([0, 1, 2, 3, 127, 128, 200, 254, 255], np.uint8)


def values(arrays: list[np.ndarray]) -> list[SSAValue]:
    types = [TensorType(TYPES[str(a.dtype)], a.shape) for a in arrays]
    return list(TestOp(result_types=types).results)


def evaluate(op: nn.NamedElementwiseOp, arrays: list[np.ndarray]) -> np.ndarray:
    """What the region of `op` gives for `arrays`, whole arrays at a time."""
    interpreter = Interpreter(ModuleOp([]))
    register(interpreter)
    block = elementwise_region(op).block
    signless = [a.view(str(a.dtype).lstrip("u")) for a in arrays]
    known: dict[SSAValue, Any] = dict(zip(block.args, signless, strict=True))
    *inner, last = block.ops
    with np.errstate(all="ignore"):
        for scalar in inner:
            operands = tuple(known[value] for value in scalar.operands)
            known[scalar.results[0]] = interpreter.run_op(scalar, operands)[0]
    return np.asarray(known[last.operands[0]])


def reference(
    name: str, arrays: list[np.ndarray], target: Any, **attributes: Any
) -> np.ndarray:
    """What ONNX's reference evaluator gives."""
    names = [f"x{i}" for i in range(len(arrays))]
    inputs = [
        helper.make_tensor_value_info(n, np_dtype_to_tensor_dtype(a.dtype), None)
        for n, a in zip(names, arrays, strict=True)
    ]
    output = helper.make_tensor_value_info("y", TensorProto.UNDEFINED, None)
    node = helper.make_node(name, names, ["y"], **attributes)
    graph = helper.make_graph([node], "g", inputs, [output])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])
    with np.errstate(all="ignore"):
        evaluator: Any = ReferenceEvaluator(model)
        result = evaluator.run(None, dict(zip(names, arrays, strict=True)))
    return np.asarray(result[0]).astype(target)


def agree(op: nn.NamedElementwiseOp, name: str, *arrays: np.ndarray, **attrs: Any):
    expected = reference(name, list(arrays), arrays[0].dtype, **attrs)
    got = evaluate(op, list(arrays)).view(expected.dtype)
    if expected.dtype.kind == "f":
        np.testing.assert_allclose(got, expected, rtol=3e-6, atol=1e-7)
    else:
        np.testing.assert_array_equal(got, expected)


UNARY = {
    "Neg": nn.NegOp,
    "Abs": nn.AbsOp,
    "Sqrt": nn.SqrtOp,
    "Exp": nn.ExpOp,
    "Log": nn.LogOp,
    "Erf": nn.ErfOp,
    "Tanh": nn.TanhOp,
    "Sigmoid": nn.SigmoidOp,
    "Relu": nn.ReluOp,
    "HardSwish": nn.HardSwishOp,
    "Gelu": nn.GeluOp,
}


@pytest.mark.parametrize("name", UNARY)
def test_unary_float(name: str):
    (x,) = values([FLOATS])
    if name == "Erf":  # the reference's own erf has no NaN
        return agree(UNARY[name](x), name, FLOATS[:-1])
    agree(UNARY[name](x), name, FLOATS)


@pytest.mark.parametrize("name", ["Neg", "Abs", "Relu"])
def test_unary_signed(name: str):
    (x,) = values([SIGNED])
    agree(UNARY[name](x), name, SIGNED)


@pytest.mark.parametrize("name", ["Abs", "Relu"])
def test_unary_unsigned(name: str):
    (x,) = values([UNSIGNED])
    agree(UNARY[name](x), name, UNSIGNED)


def test_attributes():
    (x,) = values([FLOATS])
    agree(nn.LeakyReluOp(x, 0.1), "LeakyRelu", FLOATS, alpha=0.1)
    agree(nn.HardSigmoidOp(x, 0.3, 0.4), "HardSigmoid", FLOATS, alpha=0.3, beta=0.4)
    agree(nn.GeluOp(x, "tanh"), "Gelu", FLOATS, approximate="tanh")


BINARY = {
    "Add": nn.AddOp,
    "Sub": nn.SubOp,
    "Mul": nn.MulOp,
    "Div": nn.DivOp,
    "Min": nn.MinOp,
    "Max": nn.MaxOp,
    "Pow": nn.PowOp,
}


def pairs(x: np.ndarray) -> list[np.ndarray]:
    a, b = np.meshgrid(x, x)
    return [a.ravel(), b.ravel()]


@pytest.mark.parametrize("name", BINARY)
def test_binary_float(name: str):
    arrays = pairs(FLOATS)
    agree(BINARY[name](*values(arrays)), name, *arrays)


@pytest.mark.parametrize("name", ["Add", "Sub", "Mul", "Min", "Max"])
@pytest.mark.parametrize("x", [SIGNED, UNSIGNED], ids=["signed", "unsigned"])
def test_binary_integer(name: str, x: np.ndarray):
    arrays = pairs(x)
    agree(BINARY[name](*values(arrays)), name, *arrays)


def test_integer_division_truncates():
    lhs = np.array([7, -7, 7, -7, 0], np.int32)
    rhs = np.array([2, 2, -2, -2, 3], np.int32)
    got = evaluate(nn.DivOp(*values([lhs, rhs])), [lhs, rhs])
    np.testing.assert_array_equal(got, [3, -3, -3, 3, 0])
    lhs, rhs = np.array([250, 7], np.uint8), np.array([3, 200], np.uint8)
    got = evaluate(nn.DivOp(*values([lhs, rhs])), [lhs, rhs])
    np.testing.assert_array_equal(got, [83, 0])


def test_no_integer_division_traps():
    least = np.iinfo(np.int32).min
    lhs = np.array([7, 0, least, least], np.int32)
    rhs = np.array([0, 0, 0, -1], np.int32)
    expected = [-1, -1, -1, least]  # what RISC-V's div gives
    op = nn.DivOp(*values([lhs, rhs]))
    np.testing.assert_array_equal(evaluate(op, [lhs, rhs]), expected)
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(divide(lhs, rhs), expected)
    lhs, rhs = np.array([9, 0], np.uint8), np.array([0, 0], np.uint8)
    got = evaluate(nn.DivOp(*values([lhs, rhs])), [lhs, rhs])
    np.testing.assert_array_equal(got.view(np.uint8), [255, 255])
    np.testing.assert_array_equal(divide(lhs, rhs), [255, 255])


@pytest.mark.parametrize(
    ("x", "low", "high"),
    [
        (FLOATS, -1.0, 6.0),
        (FLOATS, None, 0.5),
        (FLOATS, 2.0, None),
        (FLOATS, 3.0, 1.0),
        (SIGNED, -5, 100),
        (SIGNED, None, 3),
        (UNSIGNED, 2, 200),
    ],
)
def test_clip(x: np.ndarray, low: float | None, high: float | None):
    (value,) = values([x])
    expected = x.copy()
    if low is not None:
        expected = np.maximum(expected, x.dtype.type(low))
    if high is not None:
        expected = np.minimum(expected, x.dtype.type(high))
    got = evaluate(nn.ClipOp(value, low, high), [x]).view(x.dtype)
    np.testing.assert_array_equal(got, expected)


def test_clip_saturates_bounds_beyond_the_type():
    (x,) = values([SIGNED])
    got = evaluate(nn.ClipOp(x, -np.inf, 1e9), [SIGNED])
    np.testing.assert_array_equal(got, SIGNED)


SMALL = np.array([-3.7, -1.0, -0.2, 0.0, 0.5, 3.99, 100.0], np.float32)


@pytest.mark.parametrize("target", ["int8", "int32", "int64", "bool", "float64"])
@pytest.mark.parametrize(
    "x", [SMALL, SIGNED, UNSIGNED, SMALL > 0], ids=["float", "int", "uint", "bool"]
)
def test_cast(x: np.ndarray, target: str):
    (value,) = values([x])
    got = evaluate(nn.CastOp(value, TYPES[target]), [x])
    np.testing.assert_array_equal(got, x.astype(target))


@pytest.mark.parametrize("x", [np.abs(SMALL), SIGNED, SMALL > 0])
def test_cast_to_unsigned(x: np.ndarray):
    (value,) = values([x])
    got = evaluate(nn.CastOp(value, ui8), [x])
    np.testing.assert_array_equal(got.view(np.uint8), x.astype(np.uint8))


def test_integers_have_no_exponential():
    (x,) = values([SIGNED])
    op = nn.ExpOp(x)
    ModuleOp([x.owner, op])  # pyright: ignore[reportArgumentType]
    with pytest.raises(PassFailedException, match="is defined for floats, got i8"):
        elementwise_region(op)
