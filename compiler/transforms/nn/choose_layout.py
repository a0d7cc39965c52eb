"""
Decides for every convolution and pool, and what follows, whether channels go last.

Before: `%y = nn.conv(%x, %w) …`
After:  `%y = nn.conv(%x, %w) {…, deploy.layout = "channels last"} …` in a module with
        `deploy.layouts = {groups = [{nodes = ["conv1"], layout = "channels last",
        cost = {strided = 0, transposed = 640}, runner_up = {…}}]}`

The whole network is decided at once: the bytes that transposes would move at every
border between the two orders, and those that windows would read one by one, are the
least (`layout_graph.py`). At a tie channels go last. What works in either order and is
joined to a window whose channels go last is marked where its own do. What stands there
already stays, and `nn-channels-last` acts on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import Operation
from xdsl.passes import ModulePass

from ...analysis.groups import functions_of
from ...analysis.layouts import (
    AS_WRITTEN,
    CHANNELS_LAST,
    LAYOUT_ATTRIBUTE,
    attach_layouts,
    layouts_of,
)
from ...machine import has_machine, machine_of
from ...properties import Property
from ...rewriting import node_names
from .layout_costs import FEWEST_LANES, Cost, packed_bytes
from .layout_graph import LayoutGraph, is_window
from .transposing import place_operands


def decided(graph: LayoutGraph) -> Iterator[dict[str, Any]]:
    """Writes what is decided on the windows of each part; yields a table for each."""
    written = graph.chosen()
    operations = [value.owner for value in graph.nodes]
    for part in graph.parts():
        windows = [node for node in part if is_window(operation(operations[node]))]
        for layout in (CHANNELS_LAST, AS_WRITTEN):
            alike = [n for n in windows if (n in written) == (layout == AS_WRITTEN)]
            chosen = [operation(operations[node]) for node in alike]
            follow = followers(graph, part, written) if layout == CHANNELS_LAST else []
            for op in (*chosen, *follow) if chosen else ():
                op.attributes.setdefault(LAYOUT_ATTRIBUTE, StringAttr(layout))
            if chosen:
                yield table(chosen, layout) | costs(graph, part, written)


def followers(
    graph: LayoutGraph, part: list[int], written: set[int]
) -> list[Operation]:
    """What is no window and is to have the channels last, too."""
    made = {node: value.owner for value, node in graph.nodes.items()}
    found = [operation(made[node]) for node in part if node not in written]
    return [op for op in found if place_operands(op)]


def operation(owner: object) -> Operation:
    """What makes a node."""
    assert isinstance(owner, Operation), "a node is a result"
    return owner


def table(operations: list[Operation], layout: str) -> dict[str, Any]:
    """What is decided about operations of one part, without the costs."""
    names = (name for op in operations for name in node_names(op.location))
    packed = sum(map(packed_bytes, operations)) if layout == CHANNELS_LAST else 0
    entry: dict[str, Any] = {"nodes": list(dict.fromkeys(names)), "layout": layout}
    return entry | ({"packed": packed} if packed else {})


def costs(graph: LayoutGraph, part: list[int], written: set[int]) -> dict[str, Any]:
    """The cost of a part as it is decided, and with the best of one order alone."""
    own = written.intersection(part)
    others = {CHANNELS_LAST: set[int](), AS_WRITTEN: set(part)}
    tables = {name: graph.cost(part, nodes) for name, nodes in others.items()}
    tables = {name: tables[name] for name in others if others[name] != own}
    best = min(tables, key=lambda name: tables[name].weight)
    return {
        "cost": as_table(graph.cost(part, own)),
        "runner_up": {"layout": best, **as_table(tables[best])},
    }


def as_table(cost: Cost) -> dict[str, int]:
    """A cost as JSON has it: bytes that are touched."""
    return {name: n for name, n in cost._asdict().items() if name != "saved"}


class NnChooseLayoutPass(ModulePass):
    """Decides for every convolution and pool whether its channels go last."""

    name = "nn-choose-layout"
    needs = (Property.NETWORK,)
    establishes = (Property.LAYOUTS,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        lanes = machine_of(op).float_lanes if has_machine(op) else FEWEST_LANES
        graphs = [LayoutGraph.of(function, lanes) for function in functions_of(op)]
        groups = [entry for graph in graphs for entry in decided(graph)]
        if groups:
            attach_layouts(op, layouts_of(op) | {"groups": groups})
