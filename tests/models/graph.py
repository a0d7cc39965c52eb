"""Writing small ONNX models down: weights from a seed, shapes left to inference."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from onnx import (
    ModelProto,
    NodeProto,
    TensorProto,
    checker,
    compose,
    helper,
    numpy_helper,
    shape_inference,
)

Array: TypeAlias = npt.NDArray[Any]

OPSET = 20
IR_VERSION = 9


class Graph:
    """A graph under construction; values are called by their names."""

    def __init__(self, name: str, opset: int = OPSET) -> None:
        self.name = name
        self.opset = opset
        self.random = np.random.default_rng(zlib.crc32(name.encode()))
        self.nodes: list[NodeProto] = []
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []
        self.initializers: list[TensorProto] = []

    def fresh(self, hint: str) -> str:
        """A name that is not used yet."""
        return f"{hint}_{len(self.nodes) + len(self.initializers)}"

    def input(self, *shape: int, dtype: str = "float32") -> str:
        """A graph input."""
        name = f"x{len(self.inputs)}"
        element = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        self.inputs.append(helper.make_tensor_value_info(name, element, shape))
        return name

    def constant(self, values: Any, dtype: str = "float32") -> str:
        """An initializer with these values."""
        name = self.fresh("c")
        array = np.asarray(values, dtype)
        self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def ints(self, *values: int) -> str:
        """A one-dimensional i64 initializer: axes, shapes, pads."""
        return self.constant(values, "int64")

    def weight(self, *shape: int) -> str:
        """An initializer of normal numbers; what it multiplies keeps its size."""
        fan_in = max(1, int(np.prod(shape[1:])))
        values = self.random.standard_normal(shape) / np.sqrt(fan_in)
        return self.constant(values.astype(np.float32))

    def positive(self, *shape: int) -> str:
        """An initializer of numbers between 1/2 and 2."""
        return self.constant(self.random.uniform(0.5, 2.0, shape))

    def node(self, op: str, *inputs: str, **attributes: Any) -> str:
        """The only result of a new node."""
        return self.nodes_of(op, 1, *inputs, **attributes)[0]

    def nodes_of(
        self, op: str, count: int, *inputs: str, **attributes: Any
    ) -> list[str]:
        """The results of a new node."""
        name = self.fresh(op.lower())
        results = [name if i == 0 else f"{name}_{i}" for i in range(count)]
        domain = attributes.pop("domain", None)
        node = helper.make_node(
            op, inputs, results, name=name, domain=domain, **attributes
        )
        self.nodes.append(node)
        return results

    def output(self, *names: str, dtype: str = "float32") -> None:
        """Makes values graph outputs."""
        element = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        for name in names:
            info = helper.make_tensor_value_info(name, element, None)
            self.outputs.append(info)

    def model(self) -> ModelProto:
        """The checked model."""
        graph = helper.make_graph(
            self.nodes, self.name, self.inputs, self.outputs, self.initializers
        )
        opsets = [helper.make_opsetid("", self.opset)]
        model = helper.make_model(graph, opset_imports=opsets)
        model.ir_version = IR_VERSION
        model = shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
        checker.check_model(model.SerializeToString())  # pyright: ignore[reportUnknownMemberType]
        return model


Builder: TypeAlias = Callable[[Graph], None]

BUILDERS: dict[str, tuple[Builder, int]] = {}
"""Model name -> what builds it, and the opset it is written in."""


def example(builder: Builder) -> Builder:
    """Registers a model under the name of the function that builds it."""
    BUILDERS[builder.__name__] = (builder, OPSET)
    return builder


def build(name: str) -> ModelProto:
    """The registered model of this name; the same every time."""
    builder, opset = BUILDERS[name]
    graph = Graph(name, opset)
    builder(graph)
    return graph.model()


def together(models: Sequence[ModelProto]) -> ModelProto:
    """One model that does what all of them do, side by side, in their order."""
    parts = [compose.add_prefix(m, f"{m.graph.name}_").graph for m in models]
    graph = helper.make_graph(
        [node for part in parts for node in part.node],
        "together",
        [value for part in parts for value in part.input],
        [value for part in parts for value in part.output],
        [tensor for part in parts for tensor in part.initializer],
        value_info=[value for part in parts for value in part.value_info],
    )
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(graph, opset_imports=opsets)
    model.ir_version = IR_VERSION
    return model
