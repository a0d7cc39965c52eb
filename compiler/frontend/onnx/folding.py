"""Nodes whose results are known now, by ONNX's own reference evaluator."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import onnx
from onnx import GraphProto, NodeProto, TensorProto, helper, numpy_helper

from ...errors import one_line
from .calls import Call
from .nodes import subgraphs
from .tensors import Array, array_of

KEPT = {
    "DequantizeLinear",  # fuse decides what becomes of quantised constants
    "LogSoftmax",  # the evaluator takes one axis in all opsets
    "Softmax",
}
"""Operators whose nodes stay although their results could be known."""

RANDOM = {
    "Bernoulli",
    "Multinomial",
    "RandomNormal",
    "RandomNormalLike",
    "RandomUniform",
    "RandomUniformLike",
}

MAX_FOLDED = 2**28
"""Elements a folded result may have; more would be an attack or a mistake."""

MAX_SHAPE_DATA = 64
"""Elements of an operand that may be part of a shape."""


def fold(call: Call) -> list[Array] | None:
    """The results of `call` when they do not depend on the graph's inputs."""
    if call.op_type in ("Shape", "Size") and call.has(0):
        return [_extent(call)]
    if call.op_type == "Constant":
        return [_constant(call)]
    operands = [operand for operand in call.operands if operand is not None]
    if call.op_type in KEPT | RANDOM or any(o.array is None for o in operands):
        return None
    return None if subgraphs(call.proto) else _evaluate(call)


def _extent(call: Call) -> Array:
    shape = call.shape(0)
    if call.op_type == "Size":
        return np.array(prod(shape), np.int64)
    end = call.integer("end", len(shape))
    return np.array(shape[call.integer("start", 0) : end], np.int64)


def _constant(call: Call) -> Array:
    if (tensor := call.attribute("value")) is not None:
        return array_of(tensor)
    for name, dtype in (("value_int", np.int64), ("value_float", np.float32)):
        if (value := call.attribute(name)) is None:
            value = call.attribute(f"{name}s")
        if value is not None:
            return np.array(value, dtype)
    call.refuse("value must be a tensor or numbers, got another kind")


def _evaluate(call: Call) -> list[Array]:
    """Runs the node by itself; operands of equal name have equal elements."""
    from onnx.reference import ReferenceEvaluator

    _check_axis(call)
    node = _with_operand_names(call)
    feeds = {
        name: operand.array
        for name, operand in zip(node.input, call.operands, strict=True)
        if operand is not None
    }
    if (count := _predicted_count(node, feeds, call.version)) > MAX_FOLDED:
        call.refuse(f"constant must have at most {MAX_FOLDED} elements, got {count}")
    try:
        evaluator: Any = ReferenceEvaluator(_alone(node), opsets={"": call.version})
        with np.errstate(all="ignore"):
            found: list[Any] = evaluator.run(None, feeds)
    except Exception as error:  # the evaluator's Python may fail in any way
        call.refuse(f"cannot be computed: {one_line(str(error))}")
    if not all(isinstance(result, np.ndarray | np.generic) for result in found):
        call.refuse("results must be tensors, got another kind")
    rest = iter(found)
    return [np.asarray(next(rest) if name else 0) for name in node.output]


def _check_axis(call: Call) -> None:
    """ONNX does not survive every axis that is far out."""
    axis = call.attribute("axis")
    rank = max(
        (call.rank(i) for i in range(len(call.operands)) if call.has(i)), default=0
    )
    if isinstance(axis, int) and not -rank - 1 <= axis <= rank:
        call.refuse(f"axis must be within rank {rank}, got {axis}")


def _alone(node: NodeProto) -> GraphProto:
    """A graph of one node; a node by itself would run in the newest opset."""
    empty = helper.make_empty_tensor_value_info
    inputs = [empty(name) for name in node.input if name]
    outputs = [empty(name) for name in node.output if name]
    return helper.make_graph([node], "node", inputs, outputs)


def _with_operand_names(call: Call) -> NodeProto:
    node = NodeProto()
    node.CopyFrom(call.proto)
    del node.input[:], node.output[:]
    for index, operand in enumerate(call.operands):
        node.input.append("" if operand is None else f"input_{index}")
    for index, name in enumerate(call.proto.output):
        node.output.append(f"output_{index}" if name else "")
    return node


def _predicted_count(
    node: NodeProto, feeds: dict[str, Array | None], version: int
) -> int:
    """How many elements the first result will have, 0 when that is unknown."""
    small: list[TensorProto] = []
    inputs: list[onnx.ValueInfoProto] = []
    for name, array in feeds.items():
        assert array is not None, "all operands are constant"
        if array.dtype.kind in "OSU":
            return 0
        if array.size <= MAX_SHAPE_DATA:
            small.append(numpy_helper.from_array(array, name))
        else:
            kind = helper.np_dtype_to_tensor_dtype(array.dtype)
            inputs.append(helper.make_tensor_value_info(name, kind, array.shape))
    outputs = [helper.make_empty_tensor_value_info(name) for name in node.output[:1]]
    graph = helper.make_graph([node], "node", inputs, outputs, small)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", version)])
    try:
        inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
    except (onnx.shape_inference.InferenceError, ValueError, RuntimeError):
        return 0
    dims = inferred.graph.output[0].type.tensor_type.shape.dim
    return prod(dim.dim_value for dim in dims)
