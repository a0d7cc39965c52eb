"""External data: tensors whose elements are in files beside the model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto

from ...errors import DeployError


def load_external_data(model: ModelProto, folder: Path | None) -> None:
    """
    Reads the elements of every external tensor of `model` into it.

    Raises `DeployError` when there is no `folder`, when a file is outside it or too
    short.
    """
    for tensor in tensors_of(model):
        if tensor.data_location == TensorProto.EXTERNAL:
            _load(tensor, folder)


def tensors_of(model: ModelProto) -> Iterator[TensorProto]:
    """Every tensor in the graph, its subgraphs, functions and attributes."""
    yield from _graph_tensors(model.graph)
    for function in model.functions:
        yield from _node_tensors(function.node)


def _graph_tensors(graph: GraphProto) -> Iterator[TensorProto]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    yield from _node_tensors(graph.node)


def _node_tensors(nodes: Iterable[NodeProto]) -> Iterator[TensorProto]:
    for node in nodes:
        for attribute in node.attribute:
            yield from _attribute_tensors(attribute)


def _attribute_tensors(attribute: AttributeProto) -> Iterator[TensorProto]:
    if attribute.HasField("t"):
        yield attribute.t
    yield from attribute.tensors
    for graph in (
        *attribute.graphs,
        *([attribute.g] if attribute.HasField("g") else []),
    ):
        yield from _graph_tensors(graph)


def _load(tensor: TensorProto, folder: Path | None) -> None:
    entries = {entry.key: entry.value for entry in tensor.external_data}
    location = entries.get("location", "")
    if folder is None:
        reason = f"external data '{location}' needs a model that is a file"
        raise DeployError(reason, node=tensor.name)
    path = _inside(folder, location, tensor)
    offset = _count(entries.get("offset", "0"), "offset", tensor)
    available = path.stat().st_size - offset
    rest = str(max(available, 0))
    length = _count(entries.get("length", rest), "length", tensor)
    if available < length or available < 0:
        raise DeployError(
            f"external data must be {length} bytes at {offset} of '{location}', "
            f"got {rest}",
            node=tensor.name,
        )
    with path.open("rb") as file:
        file.seek(offset)
        tensor.raw_data = file.read(length)
    del tensor.external_data[:]
    tensor.data_location = TensorProto.DEFAULT


def _inside(folder: Path, location: str, tensor: TensorProto) -> Path:
    """The file at `location`; links are followed before it must be in `folder`."""
    root = folder.resolve()
    try:
        path = (root / location).resolve()
        inside = path.is_relative_to(root) and not Path(location).is_absolute()
        found = path.is_file()
    except (OSError, ValueError, RuntimeError):
        path, inside, found = root, True, False
    if inside and found:
        return path
    if inside:
        reason = f"external data must be beside the model, got no file '{location}'"
    else:
        reason = f"external data must be inside the model's folder, got '{location}'"
    raise DeployError(reason, node=tensor.name)


def _count(text: str, what: str, tensor: TensorProto) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        reason = f"{what} of external data must be a byte count, got '{text}'"
        raise DeployError(reason, node=tensor.name)
    return int(text)
