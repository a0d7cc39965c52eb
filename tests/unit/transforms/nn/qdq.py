"""Builds quantised ONNX models: operators between DequantizeLinear and its inverse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, TensorProto, helper, numpy_helper

Array = npt.NDArray[Any]

OPSET = 17


class Quantized:
    """A model that grows one node at a time; values are ONNX names."""

    def __init__(self, seed: int = 0) -> None:
        self.random = np.random.default_rng(seed)
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []

    def _name(self) -> str:
        return f"t{len(self.nodes) + len(self.initializers) + len(self.inputs)}"

    def input(self, *shape: int, dtype: str = "int8") -> str:
        """A graph input of integers."""
        name = self._name()
        kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def constant(self, value: Any) -> str:
        """An initializer."""
        name = self._name()
        self.initializers.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def weights(self, *shape: int, dtype: str = "int8") -> str:
        """Random integers of the whole range of a type, but for the smallest."""
        limits = np.iinfo(dtype)
        values = self.random.integers(limits.min + 1, limits.max + 1, shape)
        return self.constant(values.astype(dtype))

    def node(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """A node's only output."""
        name = self._name()
        node = helper.make_node(operator, list(inputs), [name], name, **attributes)
        self.nodes.append(node)
        return name

    def reals(
        self, value: str, scale: Any, zero_point: Any, axis: int | None = None
    ) -> str:
        """`value` dequantised; the zero point's type is that of the integers."""
        operands = self._parameters(scale, zero_point)
        attributes = {} if axis is None else {"axis": axis}
        return self.node("DequantizeLinear", value, *operands, **attributes)

    def integers(self, value: str, scale: Any, zero_point: Any) -> str:
        """`value` quantised."""
        return self.node("QuantizeLinear", value, *self._parameters(scale, zero_point))

    def _parameters(self, scale: Any, zero_point: Any) -> tuple[str, str]:
        return self.constant(np.asarray(scale, np.float32)), self.constant(zero_point)

    def model(
        self, value: str, shape: Sequence[int], dtype: str = "int8"
    ) -> ModelProto:
        """The model with this output."""
        kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        output = helper.make_tensor_value_info(value, kind, shape)
        graph = helper.make_graph(
            self.nodes, "quantized", self.inputs, [output], self.initializers
        )
        opset = helper.make_opsetid("", OPSET)
        return helper.make_model(graph, opset_imports=[opset], ir_version=8)


def random_inputs(model: ModelProto, seed: int) -> dict[str, Array]:
    """Integers of the whole range, normal reals, for each graph input."""
    random = np.random.default_rng(seed)
    values: dict[str, Array] = {}
    for value in model.graph.input:
        tensor = value.type.tensor_type
        shape = [dim.dim_value for dim in tensor.shape.dim]
        dtype = helper.tensor_dtype_to_np_dtype(tensor.elem_type)
        if tensor.elem_type == TensorProto.FLOAT:
            values[value.name] = random.standard_normal(shape).astype(np.float32)
            continue
        limits = np.iinfo(dtype)
        integers = random.integers(limits.min, limits.max + 1, shape)
        values[value.name] = integers.astype(dtype)
    return values
