"""Each node of a model as a model of its own, to be evaluated alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, ValueInfoProto, helper, numpy_helper

from .importing import walk_model
from .nodes import needed_nodes


def single_nodes(
    source: bytes | str | Path | ModelProto, dims: Mapping[str, int]
) -> tuple[ModelProto, list[NodeProto]]:
    """The model, functions inlined and dimensions bound, and its nodes in order."""
    loaded, _ = walk_model(source, dims)
    return loaded.model, needed_nodes(loaded.model)


def node_model(
    model: ModelProto,
    node: NodeProto,
    inputs: Mapping[str, NDArray[Any]],
    constants: Mapping[str, NDArray[Any]],
) -> bytes:
    """A model that holds `node` alone and is given its inputs, but for `constants`."""
    graph = helper.make_graph(
        [node],
        node.name,
        [typed(name, value) for name, value in inputs.items()],
        [ValueInfoProto(name=name) for name in node.output if name],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    made = helper.make_model(graph, opset_imports=list(model.opset_import))
    made.ir_version = model.ir_version
    return made.SerializeToString(deterministic=True)


def typed(name: str, value: NDArray[Any]) -> ValueInfoProto:
    """An input of the type and shape of `value`."""
    dtype = helper.np_dtype_to_tensor_dtype(value.dtype)
    return helper.make_tensor_value_info(name, dtype, value.shape)
