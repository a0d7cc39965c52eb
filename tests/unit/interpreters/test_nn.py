"""Producers, quantisation and shaping of `nn` against ONNX's reference evaluator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

Array = npt.NDArray[Any]
Run = Callable[..., tuple[Array, ...]]

RANDOM = np.random.default_rng(11)
MLIR = {
    "float32": "f32",
    "int8": "i8",
    "uint8": "ui8",
    "int32": "i32",
    "int64": "i64",
}


def floats(*shape: int) -> Array:
    return RANDOM.standard_normal(shape).astype(np.float32)


def integers(dtype: str, *shape: int) -> Array:
    limits = np.iinfo(dtype)
    return RANDOM.integers(limits.min, limits.max + 1, shape).astype(dtype)


def tensor(array: Array) -> str:
    return f"tensor<{'x'.join(map(str, (*array.shape, MLIR[str(array.dtype)])))}>"


def reference(operator: str, *inputs: Array, **attributes: Any) -> Array:
    """The first result of one ONNX operator."""
    names = [f"x{i}" for i in range(len(inputs))]
    node = helper.make_node(operator, names, ["y"], **attributes)
    constants = [
        numpy_helper.from_array(*pair) for pair in zip(inputs, names, strict=True)
    ]
    info = helper.make_tensor_value_info("y", TensorProto.UNDEFINED, None)
    graph = helper.make_graph([node], "g", [], [info], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])
    evaluator: Any = ReferenceEvaluator(model)
    return np.asarray(evaluator.run(None, {})[0])


def evaluate(run: Run, operation: str, like: Array, *inputs: Array) -> Array:
    """`operation` on %a, %b, … with a result of the type of `like`."""
    pairs = zip("abc"[: len(inputs)], inputs, strict=True)
    heads = ", ".join(f"%{name} : {tensor(x)}" for name, x in pairs)
    types = ", ".join(map(tensor, inputs))
    (result,) = run(
        f"""func.func @run({heads}) -> {tensor(like)} {{
          %y = {operation} : ({types}) -> {tensor(like)}
          func.return %y : {tensor(like)}
        }}""",
        *inputs,
    )
    assert result.dtype == like.dtype
    return result


def window(strides: Any, pads: Any, dilations: Any) -> str:
    parts = {"strides": strides, "pads": pads, "dilations": dilations}
    return ", ".join(
        f"{name} = array<i64: {', '.join(map(str, values))}>"
        for name, values in parts.items()
    )


CONVOLUTIONS = [
    ((1, 3, 7, 6), (4, 3, 3, 2), (1, 1), (0, 0, 0, 0), (1, 1), 1),
    ((2, 4, 9, 8), (6, 2, 3, 3), (2, 3), (1, 0, 2, 1), (1, 1), 2),
    ((1, 5, 8, 8), (5, 1, 3, 3), (1, 1), (2, 2, 2, 2), (2, 2), 5),
    ((1, 4, 11), (2, 4, 3), (2,), (1, 2), (1,), 1),
]


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("case", CONVOLUTIONS)
def test_convolution(run: Run, case: Any, last: bool) -> None:
    shape, kernel, strides, pads, dilations, groups = case
    x, w = floats(*shape), floats(*kernel)
    expected = reference(
        "Conv", x, w, strides=strides, pads=pads, dilations=dilations, group=groups
    )
    flag = ", channels_last" if last else ""
    if last:
        x = np.ascontiguousarray(np.moveaxis(x, 1, -1))
        w = np.ascontiguousarray(np.moveaxis(w, (0, 1), (-1, -2)))
        expected = np.ascontiguousarray(np.moveaxis(expected, 1, -1))
    places = window(strides, pads, dilations)
    operation = f"nn.conv(%a, %b) {{{places}, groups = {groups} : i64{flag}}}"
    assert np.allclose(evaluate(run, operation, expected, x, w), expected, atol=1e-5)


@pytest.mark.parametrize("dtype", ["int8", "uint8"])
def test_integer_convolution_pads_with_its_zero_point(run: Run, dtype: str) -> None:
    x, w = integers(dtype, 1, 3, 5, 5), integers("int8", 2, 3, 3, 3)
    zero = np.array(7, dtype)
    expected = reference("ConvInteger", x, w, zero, pads=[1, 1, 1, 1])
    places = window((1, 1), (1, 1, 1, 1), (1, 1))
    operation = (
        f"nn.conv(%a, %b) {{{places}, groups = 1 : i64, input_zero_point = 7 : i64}}"
    )
    got = evaluate(run, operation, expected.astype(np.int32), x, w)
    assert (got == expected).all()


def test_matrix_product_of_integers(run: Run) -> None:
    a, b = integers("uint8", 2, 1, 3, 5), integers("int8", 4, 5, 2)
    points = [np.array(9, np.uint8), np.array(-3, np.int8)]
    expected = reference("MatMulInteger", a, b, *points).astype(np.int32)
    operation = (
        "nn.matmul(%a, %b) {lhs_zero_point = 9 : i64, rhs_zero_point = -3 : i64}"
    )
    assert (evaluate(run, operation, expected, a, b) == expected).all()


def test_epilogue_sees_operands_in_the_layout_of_the_result(run: Run) -> None:
    a, b, c = floats(3, 4), floats(4, 5), floats(3, 1)
    (y,) = run(
        """func.func @run(%a : tensor<3x4xf32>, %b : tensor<4x5xf32>,
            %c : tensor<3x1xf32>) -> tensor<3x5xi8> {
          %y = nn.matmul(%a, %b) with (%c) epilogue {
          ^bb0(%acc : f32, %e : f32):
            %s = arith.addf %acc, %e : f32
            %i = arith.fptosi %s : f32 to i8
            nn.yield %i : i8
          } : (tensor<3x4xf32>, tensor<4x5xf32>, tensor<3x1xf32>) -> tensor<3x5xi8>
          func.return %y : tensor<3x5xi8>
        }""",
        a,
        b,
        c,
    )
    assert (y == np.trunc(a @ b + c)).all()


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("kind", ["max", "sum"])
def test_pool(run: Run, kind: str, last: bool) -> None:
    x = floats(1, 3, 7, 6)
    places = {"kernel_shape": (3, 2), "strides": (2, 2), "pads": (1, 0, 1, 1)}
    if kind == "max":
        expected = reference("MaxPool", x, **places)
    else:
        mean = reference("AveragePool", x, count_include_pad=1, **places)
        expected = mean * np.float32(6)
    flag = ", channels_last" if last else ""
    if last:
        x = np.ascontiguousarray(np.moveaxis(x, 1, -1))
        expected = np.ascontiguousarray(np.moveaxis(expected, 1, -1))
    operation = (
        f'nn.pool(%a) {{kind = "{kind}", kernel = array<i64: 3, 2>, '
        f"{window((2, 2), (1, 0, 1, 1), (1, 1))}{flag}}}"
    )
    assert np.allclose(evaluate(run, operation, expected, x), expected, atol=1e-5)


def test_padding_never_wins_among_negative_integers(run: Run) -> None:
    x = np.full((1, 1, 2), -100, np.int8)
    operation = (
        'nn.pool(%a) {kind = "max", kernel = array<i64: 2>, '
        f"{window((1,), (1, 1), (1,))}}}"
    )
    got = evaluate(run, operation, np.zeros((1, 1, 3), np.int8), x)
    assert (got == -100).all()


@pytest.mark.parametrize("kind", ["max", "min", "sum"])
def test_reduce(run: Run, kind: str) -> None:
    x = floats(2, 3, 4)
    operator = {"max": "ReduceMax", "min": "ReduceMin", "sum": "ReduceSum"}[kind]
    expected = reference(operator, x, np.array([0, 2]))
    operation = f'nn.reduce(%a) {{kind = "{kind}", axes = array<i64: 0, 2>}}'
    assert np.allclose(evaluate(run, operation, expected, x), expected, atol=1e-5)


@pytest.mark.parametrize("dtype", ["int8", "uint8"])
def test_quantisation_per_channel(run: Run, dtype: str) -> None:
    x, scale = floats(3, 50) * 9, np.array([0.05, 0.1, 0.5], np.float32)
    points = np.array([3, 0, 100], dtype)
    q = reference("QuantizeLinear", x, scale, points, axis=0)
    properties = (
        "{scale = dense<[0.05, 0.1, 0.5]> : tensor<3xf32>, axis = 0 : i64, "
        f"zero_point = dense<[3, 0, 100]> : tensor<3x{MLIR[dtype]}>}}"
    )
    assert (evaluate(run, f"nn.quantize(%a) {properties}", q, x) == q).all()
    back = reference("DequantizeLinear", q, scale, points, axis=0)
    assert (evaluate(run, f"nn.dequantize(%a) {properties}", back, q) == back).all()


def test_halves_are_quantised_to_even(run: Run) -> None:
    x = np.array([0.5, 1.5, 2.5, -0.5, -1.5, 1e30, -1e30], np.float32)
    operation = "nn.quantize(%a) {scale = dense<1.0> : tensor<f32>}"
    got = evaluate(run, operation, np.zeros(7, np.int8), x)
    assert got.tolist() == [0, 2, 2, 0, -2, 127, -128]


def test_computed_places(run: Run) -> None:
    x = integers("uint8", 3, 4)
    rows = np.array([[2], [-1], [-9], [7]], np.int64)
    columns = np.array([0, -4, 3], np.int32)
    got = evaluate(
        run,
        "nn.take(%a, %b, %c) {axes = array<i64: 0, 1>, along = array<i64>}",
        np.zeros((4, 3), np.uint8),
        x,
        rows,
        columns,
    )
    assert (got == x[[[2], [2], [0], [2]], [0, 0, 3]]).all()
    got = evaluate(
        run,
        "nn.take(%a, %b) {axes = array<i64: 1>, along = array<i64: 1>}",
        np.zeros((3, 3), np.uint8),
        x,
        np.array([[0, 1, 2]]).T,
    )
    assert (got == x[:, :3].T).all()


def test_shaping(run: Run) -> None:
    x = integers("uint8", 3, 4)
    cases = {
        "nn.slice(%a) {starts = array<i64: 2, 0>, steps = array<i64: -2, 3>}": (
            x[::-2, ::3]
        ),
        "nn.gather(%a) {axis = 1 : i64, indices = array<i64: 3, 0, 3>}": x[
            :, [3, 0, 3]
        ],
        "nn.transpose(%a) {permutation = array<i64: 1, 0>}": x.T,
        "nn.reshape(%a)": x.reshape(2, 6),
        "nn.pad(%a) {low = array<i64: 1, 0>, high = array<i64: 0, 2>, "
        "value = -1 : i8}": np.pad(x, [(1, 0), (0, 2)], constant_values=255),
    }
    for operation, expected in cases.items():
        got = evaluate(run, operation, expected, x)
        assert (got == expected).all(), operation
