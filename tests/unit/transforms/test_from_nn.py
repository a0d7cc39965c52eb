"""`linalg-from-nn` against onnx's reference evaluator and numpy, on random shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from deployopt.dialects import nn
from deployopt.interpreters import run_module
from deployopt.transforms.linalg.from_nn import LinalgFromNnPass
from deployopt.universe import new_context
from numpy.lib.stride_tricks import sliding_window_view
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator
from xdsl.builder import Builder
from xdsl.dialects import func
from xdsl.dialects.builtin import (
    ArrayAttr,
    DictionaryAttr,
    FunctionType,
    IntegerType,
    ModuleOp,
    Signedness,
    StringAttr,
    TensorType,
    f32,
)
from xdsl.ir import Block, Region, SSAValue
from xdsl.rewriter import InsertPoint

Array = np.ndarray[Any, Any]
Operands = Sequence[SSAValue]

ELEMENTS = {
    "float32": f32,
    "int8": IntegerType(8),
    "uint8": IntegerType(8, Signedness.UNSIGNED),
}


def seen_as(dtype: str) -> DictionaryAttr:
    """The attributes of an argument whose caller sees elements of `dtype`."""
    return DictionaryAttr({"deploy.dtype": StringAttr(dtype)})


def lowered(
    inputs: Sequence[Array],
    build: Callable[[Operands], nn.NNOp],
    dtype: str,
) -> Array:
    """What one `nn` operation computes after it has been lowered."""
    types = [TensorType(ELEMENTS[str(x.dtype)], x.shape) for x in inputs]
    block = Block(arg_types=types)
    builder = Builder(InsertPoint.at_end(block))
    result = builder.insert(build(block.args)).results[0]
    builder.insert(func.ReturnOp(result))
    kind = FunctionType.from_lists(types, [result.type])
    function = func.FuncOp("run", kind, Region(block))
    function.arg_attrs = ArrayAttr([seen_as(str(x.dtype)) for x in inputs])
    function.res_attrs = ArrayAttr([seen_as(dtype)])
    module = ModuleOp([function])
    module.verify()
    LinalgFromNnPass().apply(new_context(), module)
    module.verify()
    assert not [op for op in module.walk() if isinstance(op, nn.NNOp)]
    return run_module(module, inputs)[0]


def conv_reference(x: Array, w: Array, **attributes: Any) -> Array:
    infos = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, value.shape)
        for name, value in (("x", x), ("w", w))
    ]
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    node = helper.make_node("Conv", ["x", "w"], ["y"], **attributes)
    graph = helper.make_graph([node], "g", infos, [result])
    opset = [helper.make_opsetid("", 13)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    return ReferenceEvaluator(model).run(None, {"x": x, "w": w})[0]  # type: ignore


@pytest.mark.parametrize("seed", range(24))
def test_convolution(seed: int):
    rng = np.random.default_rng(seed)
    spatial, groups = int(rng.integers(1, 3)), int(rng.choice([1, 1, 2, 3]))
    inputs, filters = (int(size) for size in rng.integers(1, 3, 2))
    kernel, size = rng.integers(1, 4, spatial), rng.integers(5, 9, spatial)
    strides, dilations = rng.integers(1, 3, (2, spatial)).tolist()
    pads = rng.integers(0, 3, 2 * spatial).tolist()
    x = rng.standard_normal([2, groups * inputs, *size]).astype(np.float32)
    w = rng.standard_normal([groups * filters, inputs, *kernel]).astype(np.float32)
    window: dict[str, Any] = {"strides": strides, "pads": pads, "dilations": dilations}
    y = conv_reference(x, w, group=groups, **window)

    def build(last: bool, shape: Sequence[int]) -> Callable[[Operands], nn.NNOp]:
        type = TensorType(f32, shape)
        return lambda args: nn.ConvOp(
            args[0], args[1], type, groups=groups, channels_last=last, **window
        )

    got = lowered([x, w], build(False, y.shape), "float32")
    np.testing.assert_allclose(got, y, atol=1e-4)
    places = [*range(2, 2 + spatial), 1, 0]
    nhwc = [
        np.ascontiguousarray(v) for v in (np.moveaxis(x, 1, -1), w.transpose(places))
    ]
    y = np.moveaxis(y, 1, -1)
    got = lowered(nhwc, build(True, y.shape), "float32")
    np.testing.assert_allclose(got, y, atol=1e-4)


def test_integer_convolution_subtracts_zero_points_and_pads_with_them():
    rng = np.random.default_rng(1)
    x = rng.integers(0, 256, (1, 2, 6, 6)).astype(np.uint8)
    w = rng.integers(-128, 128, (3, 2, 3, 3)).astype(np.int8)
    window: dict[str, Any] = {
        "strides": [1, 1],
        "pads": [1, 1, 1, 1],
        "dilations": [1, 1],
    }
    wide = [x.astype(np.float32) - 7, w.astype(np.float32) + 3]
    y = conv_reference(*wide, **window)
    type = TensorType(IntegerType(32), y.shape)
    zeros: dict[str, Any] = {"input_zero_point": 7, "weight_zero_point": -3}
    got = lowered(
        [x, w], lambda a: nn.ConvOp(a[0], a[1], type, **window, **zeros), "int32"
    )
    np.testing.assert_array_equal(got, y.astype(np.int32))


@pytest.mark.parametrize(
    ("lhs", "rhs"),
    [((2, 3), (3, 4)), ((5, 1, 2, 3), (4, 3, 6)), ((1, 2, 3), (7, 3, 2))],
)
def test_matmul_broadcasts_batches(lhs: tuple[int, ...], rhs: tuple[int, ...]):
    rng = np.random.default_rng(2)
    a, b = (rng.standard_normal(shape).astype(np.float32) for shape in (lhs, rhs))
    type = TensorType(f32, (a @ b).shape)
    got = lowered([a, b], lambda args: nn.MatMulOp(args[0], args[1], type), "float32")
    np.testing.assert_allclose(got, a @ b, atol=1e-5)


@pytest.mark.parametrize("kind", ["sum", "max", "min"])
def test_reduction_keeps_dimensions(kind: str):
    x = np.random.default_rng(3).standard_normal((2, 3, 4, 1)).astype(np.float32)
    y = getattr(np, kind)(x, axis=(1, 3), keepdims=True)
    type = TensorType(f32, y.shape)
    got = lowered(
        [x], lambda args: nn.ReduceOp(args[0], type, kind=kind, axes=(1, 3)), "float32"
    )
    np.testing.assert_allclose(got, y, atol=1e-5)


def test_padding_never_wins_an_unsigned_maximum():
    x = np.random.default_rng(4).integers(0, 256, (1, 2, 5, 5)).astype(np.uint8)
    around = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = sliding_window_view(around, (3, 3), axis=(2, 3))  # type: ignore
    y = windows[:, :, ::2, ::2].max((4, 5))
    type = TensorType(ELEMENTS["uint8"], y.shape)
    window: dict[str, Any] = {"kernel": (3, 3), "strides": (2, 2), "pads": (1,) * 4}
    got = lowered(
        [x],
        lambda a: nn.PoolOp(a[0], type, kind="max", dilations=(1, 1), **window),
        "uint8",
    )
    np.testing.assert_array_equal(got, y)


@pytest.mark.parametrize(
    "indices", [[2, 0, 2], [0, 1, 2, 3], [3, 2, 1], [1, 1, 1], [0, 2, 3]]
)
def test_gather_is_slices(indices: list[int]):
    x = np.random.default_rng(5).standard_normal((4, 5)).astype(np.float32)
    got = lowered([x], lambda args: nn.GatherOp(args[0], 0, indices), "float32")
    np.testing.assert_array_equal(got, x[indices])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((2, 3, 4), (6, 4)),
        ((6, 4), (2, 3, 4)),
        ((2, 6), (3, 4)),
        ((1,), ()),
        ((), (1, 1)),
        ((1, 2, 1), (2,)),
        ((2,), (1, 2, 1)),
        ((4, 1, 6), (2, 2, 3, 2)),
    ],
)
def test_reshape(before: tuple[int, ...], after: tuple[int, ...]):
    x = np.random.default_rng(6).standard_normal(before).astype(np.float32)
    got = lowered([x], lambda args: nn.ReshapeOp(args[0], after), "float32")
    np.testing.assert_array_equal(got, x.reshape(after))
