"""Every dimension gets a size: symbolic ones by name, the others by inference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import onnx
from onnx import ModelProto, NodeProto, TensorShapeProto, ValueInfoProto

from ...errors import DeployError
from .tensors import element_type, onnx_element_name, tensor_type


def graph_inputs(model: ModelProto) -> list[ValueInfoProto]:
    """The inputs a caller gives: those that no initializer stands for."""
    graph = model.graph
    known = {tensor.name for tensor in graph.initializer}
    known |= {sparse.values.name for sparse in graph.sparse_initializer}
    return [value for value in graph.input if value.name not in known]


def symbols(model: ModelProto) -> tuple[str, ...]:
    """The symbolic dimensions of the inputs, each once."""
    found = chain.from_iterable(map(_symbols, graph_inputs(model)))
    return tuple(dict.fromkeys(found))


def bind_dimensions(model: ModelProto, dims: Mapping[str, int]) -> None:
    """
    Writes sizes where inputs and outputs have symbolic dimensions.

    A dimension without a name is called `INPUT[AXIS]`. What the file says about
    intermediate values is dropped; inference finds it again from the sizes. Raises
    `DeployError` for a dimension without size, or a size without dimension.
    """
    inputs = graph_inputs(model)
    known = symbols(model)
    for name, size in dims.items():
        if name not in known:
            expected = ", ".join(known) or "none, all are fixed"
            raise DeployError(
                f"must be a symbolic dimension of the model ({expected}), got '{name}'",
                node=f"--dim {name}={size}",
            )
        if size < 1:
            reason = f"must be a positive size, got {size}"
            raise DeployError(reason, node=f"--dim {name}={size}")
    for value in inputs:
        _bind_input(value, dims)
    for value in model.graph.output:
        _bind_output(value, dims)
    del model.graph.value_info[:]


def _dimensions(value: ValueInfoProto) -> Iterator[TensorShapeProto.Dimension]:
    return iter(value.type.tensor_type.shape.dim)


def _symbol(value: ValueInfoProto, axis: int) -> str:
    dim = value.type.tensor_type.shape.dim[axis]
    return dim.dim_param or f"{value.name}[{axis}]"


def _symbols(value: ValueInfoProto) -> list[str]:
    dims = enumerate(_dimensions(value))
    return [_symbol(value, axis) for axis, dim in dims if not dim.HasField("dim_value")]


def symbol_sizes(value: ValueInfoProto, shape: Sequence[int]) -> dict[str, int]:
    """The sizes of an input's symbolic dimensions when its shape is `shape`."""
    dims = enumerate(zip(_dimensions(value), shape, strict=True))
    return {
        _symbol(value, axis): size
        for axis, (dim, size) in dims
        if not dim.HasField("dim_value")
    }


def _bind_input(value: ValueInfoProto, dims: Mapping[str, int]) -> None:
    if not value.type.HasField("tensor_type"):
        got = value.type.WhichOneof("value") or "nothing"
        raise DeployError(f"input must be a tensor, got {got}", node=value.name)
    if not value.type.tensor_type.HasField("shape"):
        raise DeployError("input must have a shape, got none", node=value.name)
    for axis, dim in enumerate(_dimensions(value)):
        if dim.HasField("dim_value"):
            continue
        symbol = _symbol(value, axis)
        if symbol not in dims:
            raise DeployError(
                f"dimension {axis} of this input must have a size, got '{symbol}'",
                node=value.name,
                hint=f"--dim '{symbol}=1' makes it 1",
            )
        dim.dim_value = dims[symbol]
    _check_input(value)


def _check_input(value: ValueInfoProto) -> None:
    sizes = [dim.dim_value for dim in _dimensions(value)]
    if min(sizes, default=1) < 1:
        reason = f"dimensions of this input must be positive, got {sizes}"
        raise DeployError(reason, node=value.name)
    try:
        name = onnx_element_name(value.type.tensor_type.elem_type)
        tensor_type(element_type(name), sizes)
    except DeployError as error:
        raise DeployError(error.reason, node=value.name) from error


def _bind_output(value: ValueInfoProto, dims: Mapping[str, int]) -> None:
    """An output of unknown shape loses it: inference must not trust a stale name."""
    if not value.type.HasField("tensor_type"):
        return
    for dim in _dimensions(value):
        if dim.dim_param in dims:
            dim.dim_value = dims[dim.dim_param]
        elif not dim.HasField("dim_value"):
            dim.Clear()


def infer_shapes(model: ModelProto) -> ModelProto:
    """
    The model with the shapes of its values, as far as ONNX knows them.

    Only for what follows a refused node. The walk computes shapes itself, because ONNX
    refuses good models (a MeanVarianceNormalization without axes) and does not survive
    every bad one (a LayerNormalization whose axis is far out).
    """
    if not all(map(_has_safe_axis, model.graph.node)):
        return model
    try:
        return onnx.shape_inference.infer_shapes(model, data_prop=True)
    except (onnx.shape_inference.InferenceError, ValueError, RuntimeError):
        return model


def _has_safe_axis(node: NodeProto) -> bool:
    """Whether an axis is in the front or last: anything else may end the process."""
    return all(a.i in range(-2, 8) for a in node.attribute if a.name == "axis")


def known_shapes(model: ModelProto) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Element type (numpy's name) and shape of each value whose sizes are all known."""
    graph = model.graph
    found: dict[str, tuple[str, tuple[int, ...]]] = {}
    for value in chain(graph.value_info, graph.output):
        tensor = value.type.tensor_type
        sizes = [dim.dim_value for dim in tensor.shape.dim]
        if tensor.HasField("shape") and all(size > 0 for size in sizes):
            found[value.name] = (_element(tensor.elem_type), tuple(sizes))
    return found


def check_output(value: ValueInfoProto, element: str, shape: tuple[int, ...]) -> None:
    """Raises `DeployError` when an output is not what the model declares."""
    tensor = value.type.tensor_type
    declared = _element(tensor.elem_type) if tensor.elem_type else element
    if declared != element:
        reason = f"output must be {declared} as declared, got {element}"
        raise DeployError(reason, node=value.name)
    if not tensor.HasField("shape"):
        return
    dims = list(_dimensions(value))
    sizes = [dim.dim_value if dim.HasField("dim_value") else None for dim in dims]
    pairs = zip(sizes, shape, strict=False)
    if len(sizes) != len(shape) or any(want not in (None, got) for want, got in pairs):
        expected = ", ".join("?" if size is None else str(size) for size in sizes)
        reason = f"output must have shape [{expected}] as declared, got {list(shape)}"
        raise DeployError(reason, node=value.name)


def _element(data_type: int) -> str:
    try:
        return onnx_element_name(data_type)
    except DeployError:
        return "unknown"
