"""Some nodes of a model as a model of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, ValueInfoProto, helper

from .dimensions import graph_inputs
from .importing import walk_model
from .naming import keep_tensors
from .nodes import needed_nodes, read_names

Values = Mapping[str, NDArray[Any]]
"""Arrays by the names of tensors."""


def whole_model(
    source: bytes | str | Path | ModelProto, dims: Mapping[str, int]
) -> tuple[ModelProto, list[NodeProto]]:
    """The model, functions inlined and dimensions bound, and its nodes in order."""
    loaded, _ = walk_model(source, dims)
    return loaded.model, needed_nodes(loaded.model)


def input_types(model: ModelProto) -> list[tuple[str, Any, tuple[int, ...]]]:
    """Name, numpy type and shape of each input that the caller gives."""
    found: list[tuple[str, Any, tuple[int, ...]]] = []
    for value in graph_inputs(model):
        tensor = value.type.tensor_type
        dtype = helper.tensor_dtype_to_np_dtype(tensor.elem_type)
        shape = tuple(dim.dim_value for dim in tensor.shape.dim)
        found.append((value.name, dtype, shape))
    return found


def with_all_tensors(model: ModelProto, nodes: Sequence[NodeProto]) -> bytes:
    """The model with every tensor that `nodes` make as an output."""
    copy = ModelProto()
    copy.CopyFrom(model)
    keep_tensors(copy, [name for node in nodes for name in node.output if name])
    return copy.SerializeToString(deterministic=True)


def part(model: ModelProto, nodes: Sequence[NodeProto], values: Values) -> bytes:
    """
    A model of `nodes`, which stand in order.

    What other nodes make are its inputs, of the types and shapes of `values`; what no
    node of it reads, and the outputs of the whole, are its outputs.
    """
    made = [name for node in nodes for name in node.output if name]
    read = dict.fromkeys(name for node in nodes for name in read_names(node))
    whole = {value.name for value in model.graph.output}
    constants = {tensor.name for tensor in model.graph.initializer}
    given = [name for name in read if name not in made and name not in constants]
    graph = helper.make_graph(
        list(nodes),
        model.graph.name or "part",
        [typed(name, values[name]) for name in given],
        [typed(n, values[n]) for n in made if n in whole or n not in read],
        [tensor for tensor in model.graph.initializer if tensor.name in read],
    )
    copy = helper.make_model(graph, opset_imports=list(model.opset_import))
    copy.ir_version = model.ir_version
    return copy.SerializeToString(deterministic=True)


def typed(name: str, value: NDArray[Any]) -> ValueInfoProto:
    """An input or output of the type and shape of `value`."""
    dtype = helper.np_dtype_to_tensor_dtype(value.dtype)
    return helper.make_tensor_value_info(name, dtype, value.shape)
