"""Names of tensors: those of a model, and those that a user asks for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches
from itertools import chain

from onnx import ModelProto, ValueInfoProto

from ...errors import DeployError
from .dimensions import graph_inputs


def unknown_name(name: str, known: Collection[str], what: str) -> DeployError:
    """The refusal of a name that is none of `known`, with the closest of them."""
    close = get_close_matches(str(name), known, 1, 0.0)
    if not close:
        return DeployError(f"expected one of the {what}, which has none", node=name)
    reason = f"expected one of the {what}, got none of that name"
    return DeployError(reason, node=name, hint=f"the closest is '{close[0]}'")


def tensor_names(model: ModelProto) -> Iterator[str]:
    """Every tensor of the graph."""
    graph = model.graph
    yield from (value.name for value in graph_inputs(model))
    yield from (tensor.name for tensor in graph.initializer)
    yield from filter(None, chain.from_iterable(node.output for node in graph.node))


def keep_tensors(model: ModelProto, names: Sequence[str]) -> None:
    """
    Makes tensors outputs of the graph, behind its own.

    Raises `DeployError` when there is no such tensor.
    """
    known = list(tensor_names(model))
    for name in names:
        if name not in known:
            raise unknown_name(name, known, "tensors of the model")
    present_outputs = {value.name for value in model.graph.output}
    for name in dict.fromkeys(names):
        if name not in present_outputs:
            model.graph.output.append(ValueInfoProto(name=name))
