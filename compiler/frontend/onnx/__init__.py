"""A model file becomes a module of `nn`; the one place that knows ONNX operators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from onnx import ModelProto
    from xdsl.dialects.builtin import ModuleOp

    from .graph import Graph
    from .support import NodeSupport, OperatorSupport

__all__ = [
    "bound_sizes",
    "import_model",
    "model_sha256",
    "read_graph",
    "supported_nodes",
    "supported_operators",
    "symbolic_dimensions",
    "with_parameters",
]


def import_model(
    source: bytes | str | Path | ModelProto,
    *,
    dims: Mapping[str, int] | None = None,
    name: str | None = None,
    outputs: Sequence[str] = (),
) -> ModuleOp:
    """
    The `nn` module of an ONNX model.

    `source` is a path, the bytes of a file, or a model; `dims` binds symbolic
    dimensions; `name` replaces the name taken from the file or the graph; `outputs` are
    tensors that become outputs behind its own. Raises `DeployError` with one line, or
    one line per refused node.
    """
    from .importing import import_model

    return import_model(source, dims=dims or {}, name=name, outputs=outputs)


def supported_operators() -> tuple[OperatorSupport, ...]:
    """Every ONNX operator that import takes, with types and limits, by name."""
    from .support import supported_operators

    return supported_operators()


def supported_nodes(
    source: bytes | str | Path | ModelProto, *, dims: Mapping[str, int] | None = None
) -> tuple[NodeSupport, ...]:
    """What of a model is and is not supported, per node; raises as `import_model`."""
    from .support import supported_nodes

    return supported_nodes(source, dims=dims or {})


def read_graph(
    source: bytes | str | Path | ModelProto, dims: Mapping[str, int]
) -> Graph:
    """The nodes and tensors of a model; raises `DeployError`."""
    from .graph import read_graph

    return read_graph(source, dims)


def bound_sizes(
    source: bytes | str | Path | ModelProto, shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, int]:
    """The sizes of symbolic dimensions by the shapes of inputs; raises as above."""
    from .graph import bound_sizes

    return bound_sizes(source, shapes)


def symbolic_dimensions(source: bytes | str | Path | ModelProto) -> tuple[str, ...]:
    """The names of dimensions that must be bound; raises as above."""
    from .graph import symbolic_dimensions

    return symbolic_dimensions(source)


def with_parameters(
    source: bytes | str | Path | ModelProto, values: Mapping[str, NDArray[Any]]
) -> bytes:
    """The bytes of a model with other initializers; raises as above."""
    from .parameters import with_parameters

    return with_parameters(source, values)


def model_sha256(source: bytes | str | Path | ModelProto) -> str:
    """The sha256 of a model's bytes; raises `UsageError` when there are none."""
    from .loading import sha256_of

    return sha256_of(source)
