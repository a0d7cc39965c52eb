"""What import takes, as data for `deployc ops`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from onnx import ModelProto

from .importing import walk_model
from .nodes import needed_nodes
from .operators import OPERATORS, OperatorSupport


@dataclass(frozen=True)
class NodeSupport:
    """Whether one node of a model is supported."""

    name: str
    """The node's, or the one it was given."""
    op_type: str
    """Its operator."""
    reason: str | None
    """Why it is refused; None when it is supported."""


def supported_operators() -> tuple[OperatorSupport, ...]:
    """Every operator that import takes, by name."""
    return tuple(sorted(OPERATORS, key=lambda operator: operator.name))


def supported_nodes(
    source: bytes | str | Path | ModelProto, dims: Mapping[str, int]
) -> tuple[NodeSupport, ...]:
    """
    One entry per node of the model that its outputs depend on, in graph order.

    Raises `DeployError` when the model as a whole is refused.
    """
    loaded, walk = walk_model(source, dims)
    reasons = {refusal.node: refusal.reason for refusal in walk.refusals}
    return tuple(
        NodeSupport(node.name, node.op_type, reasons.get(node.name))
        for node in needed_nodes(loaded.model)
    )
