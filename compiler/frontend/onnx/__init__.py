"""A model file becomes a module of `nn`; the one place that knows ONNX operators."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx import ModelProto
    from xdsl.dialects.builtin import ModuleOp

    from .support import NodeSupport, OperatorSupport

__all__ = ["import_model", "supported_nodes", "supported_operators"]


def import_model(
    source: bytes | str | Path | ModelProto,
    *,
    dims: Mapping[str, int] | None = None,
    name: str | None = None,
) -> ModuleOp:
    """
    The `nn` module of an ONNX model.

    `source` is a path, the bytes of a file, or a model; `dims` binds symbolic
    dimensions; `name` replaces the name taken from the file or the graph. Raises
    `DeployError` with one line, or one line per refused node.
    """
    from .importing import import_model

    return import_model(source, dims=dims or {}, name=name)


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
