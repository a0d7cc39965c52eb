"""
Rewriting that keeps locations.

xDSL's rewriter gives new operations an unknown location; every pass of this project
goes through the functions here, so that each operation still names the ONNX nodes it
came from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from xdsl.dialects.builtin import (
    UNKNOWN_LOC,
    ArrayAttr,
    FusedLoc,
    LocationAttr,
    NameLoc,
    NoneAttr,
    StringAttr,
    UnknownLoc,
)
from xdsl.ir import Operation, SSAValue
from xdsl.pattern_rewriter import PatternRewriter


def name_location(name: str) -> NameLoc:
    """The location of the ONNX node (or value) `name`."""
    return NameLoc(StringAttr(name), NoneAttr())


def node_names(location: LocationAttr) -> tuple[str, ...]:
    """The ONNX node names in a location, in order, each once; empty when unknown."""
    if isinstance(location, NameLoc):
        return (location.desc.data,)
    if isinstance(location, FusedLoc):
        inner = cast(ArrayAttr[LocationAttr], location.locations)
        parts = (name for part in inner for name in node_names(part))
        return tuple(dict.fromkeys(parts))
    return ()


def fused_location(*locations: LocationAttr) -> LocationAttr:
    """One location for an operation made of several; the first stays first."""
    names = dict.fromkeys(name for part in locations for name in node_names(part))
    parts = [name_location(name) for name in names]
    if not parts:
        return next(
            (p for p in locations if not isinstance(p, UnknownLoc)), UNKNOWN_LOC
        )
    return parts[0] if len(parts) == 1 else FusedLoc(ArrayAttr(parts), NoneAttr())


def locate(op: Operation, location: LocationAttr) -> Operation:
    """Gives `op` and everything inside it `location` where it has none yet."""
    for inner in op.walk() if op.regions else (op,):
        if type(inner.location) is UnknownLoc:
            inner.location = location
    return op


def replace(
    rewriter: PatternRewriter,
    op: Operation,
    new_ops: Operation | Sequence[Operation],
    new_results: Sequence[SSAValue | None] | None = None,
    *,
    merged: Sequence[Operation] = (),
    first: Operation | None = None,
) -> None:
    """
    Replaces `op` by `new_ops`, which take its location.

    `merged` are further operations whose work the new ones now do; `first` names the
    one whose location comes first (the computing node), by default `op` itself.
    """
    head = op if first is None else first
    rest = [other.location for other in (op, *merged) if other is not head]
    location = fused_location(head.location, *rest)
    for new in [new_ops] if isinstance(new_ops, Operation) else new_ops:
        locate(new, location)
    rewriter.replace(op, new_ops, new_results)
