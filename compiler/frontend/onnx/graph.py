"""The graph of a model as its author sees it: nodes, and tensors by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from onnx import ModelProto

from ...errors import DeployError
from .dimensions import graph_inputs, symbol_sizes, symbols
from .importing import walk_model
from .loading import load
from .naming import tensor_names, unknown_name
from .nodes import needed_nodes


@dataclass(frozen=True)
class Node:
    """One node; tensors that it leaves out are left out."""

    name: str
    op_type: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Graph:
    """What a model computes, in order."""

    nodes: tuple[Node, ...]
    """Those that the outputs depend on."""
    inputs: tuple[str, ...]
    """What the caller gives."""
    outputs: tuple[str, ...]
    constants: Mapping[str, NDArray[Any]]
    """The tensors whose values are known without running: initializers and more."""
    names: tuple[str, ...]
    """Every tensor: also what no output depends on."""

    @cached_property
    def known(self) -> frozenset[str]:
        """Every tensor, to look up."""
        return frozenset(self.names)

    @property
    def read_and_made(self) -> list[str]:
        """The tensors that the nodes read and make, each once."""
        names = (name for n in self.nodes for name in (*n.inputs, *n.outputs))
        return list(dict.fromkeys(names))

    def check(self, name: str) -> None:
        """Raises `DeployError`, with the closest name, unless there is a tensor."""
        if name not in self.known:
            raise unknown_name(name, self.names, "tensors of the model")


def read_graph(
    source: bytes | str | Path | ModelProto, dims: Mapping[str, int]
) -> Graph:
    """The graph of a model; raises `DeployError`."""
    loaded, walk = walk_model(source, dims)
    model = loaded.model
    nodes = tuple(
        Node(n.name, n.op_type, present(n.input), present(n.output))
        for n in needed_nodes(model)
    )
    constants = {
        name: operand.array
        for name, operand in walk.scope.items()
        if operand is not None and operand.array is not None
    }
    return Graph(
        nodes,
        tuple(value.name for value in graph_inputs(model)),
        tuple(value.name for value in model.graph.output),
        constants,
        tuple(tensor_names(model)),
    )


def present(names: Any) -> tuple[str, ...]:
    """Those that are names: an empty one stands for a tensor left out."""
    return tuple(name for name in names if name)


def symbolic_dimensions(source: bytes | str | Path | ModelProto) -> tuple[str, ...]:
    """The names of dimensions that must be bound; raises `DeployError`."""
    return symbols(load(source, None).model)


def bound_sizes(
    source: bytes | str | Path | ModelProto, shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, int]:
    """
    The size of each symbolic dimension, by what the inputs' shapes are.

    Raises `DeployError` when an input is not among them, or has another rank.
    """
    model = load(source, None).model
    found: dict[str, int] = {}
    for value in graph_inputs(model):
        shape = shapes.get(value.name)
        rank = len(value.type.tensor_type.shape.dim)
        if shape is None or len(shape) != rank:
            reason = f"expected an input of rank {rank}, got {shape or 'none'}"
            raise DeployError(reason, node=value.name)
        found |= symbol_sizes(value, shape)
    return found
