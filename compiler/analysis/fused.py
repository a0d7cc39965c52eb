"""
What a user wants to be computed together, as it stands in a module.

`deploy.fuse` on the module is what was asked for: chains of names of operations, such
as `"nn.conv+nn.relu+nn.conv"`. `deploy.fused` is where these follow each other, and the
decision: of each place, the nodes whose work becomes one kernel or one nest of loops. A
node is known by its name, which is in the location of all that is made of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from xdsl.dialects.builtin import ArrayAttr, ModuleOp
from xdsl.ir import Operation

from ..errors import DeployError
from ..machines.checked_table import CheckedTable
from ..rewriting import node_names
from .plain import attribute_of, plain
from .plans import tables

FUSE_ATTRIBUTE = "deploy.fuse"
"""Attribute of a module: the chains that are asked for, each `name+name+…`."""

FUSED_ATTRIBUTE = "deploy.fused"
"""Attribute of a module: a table per place at which one of the chains stands."""


@dataclass(frozen=True)
class Fused:
    """One place at which a chain stands."""

    chain: str
    """What was asked for."""
    nodes: tuple[str, ...]
    """The nodes that do it, in the order of the chain."""
    left: str | None = None
    """Why it is not computed together; None where it is."""

    def table(self) -> dict[str, Any]:
        """The place as JSON has it."""
        found: dict[str, Any] = {"chain": self.chain, "nodes": list(self.nodes)}
        return found if self.left is None else {**found, "left": self.left}


def asked_of(module: ModuleOp) -> tuple[str, ...]:
    """The chains that are asked for; raises `DeployError` for anything but text."""
    found = strings(module.attributes.get(FUSE_ATTRIBUTE, ArrayAttr([])))
    if found is None:
        raise DeployError("expected a list of chains", node=FUSE_ATTRIBUTE)
    return found


def strings(attribute: Any) -> tuple[str, ...] | None:
    """The texts in an array of texts; None for anything else."""
    parts = plain(attribute)
    if not isinstance(parts, list):
        return None
    listed = cast("list[Any]", parts)
    return tuple(listed) if all(isinstance(part, str) for part in listed) else None


def ask(module: ModuleOp, chains: Sequence[str]) -> None:
    """Writes the chains that are asked for onto a module, if there are any."""
    if chains:
        module.attributes[FUSE_ATTRIBUTE] = attribute_of(list(chains))


def fused_of(module: ModuleOp) -> tuple[Fused, ...]:
    """
    The places that are written down.

    Raises `DeployError` when they are not well formed.
    """
    attribute = module.attributes.get(FUSED_ATTRIBUTE)
    return () if attribute is None else fused_from(plain(attribute), FUSED_ATTRIBUTE)


def fused_from(value: Any, subject: str) -> tuple[Fused, ...]:
    """The places in a list of tables; raises `DeployError` about `subject`."""
    found: list[Fused] = []
    for table in tables(CheckedTable(subject, {"fused": value}), "fused"):
        left = table.string("left") if "left" in table.values else None
        found.append(Fused(table.string("chain"), table.strings("nodes"), left))
        table.finish()
    return tuple(found)


def attach_fused(module: ModuleOp, fused: Sequence[Fused]) -> None:
    """Writes the places down, those of other chains stay."""
    known = [entry.table() for entry in (*fused_of(module), *fused)]
    module.attributes[FUSED_ATTRIBUTE] = attribute_of(known)


def together(module: ModuleOp) -> tuple[Fused, ...]:
    """The places whose nodes are to be computed together."""
    return tuple(entry for entry in fused_of(module) if entry.left is None)


def are_together(fused: Sequence[Fused], one: Operation, other: Operation) -> bool:
    """Whether two operations do work of nodes that are to be computed together."""
    first, second = set(node_names(one.location)), set(node_names(other.location))
    return any(first & {*e.nodes} and second & {*e.nodes} for e in fused)
