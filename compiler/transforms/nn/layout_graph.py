"""
What it costs to have the channels last, or as written, at each place of a network.

A value is in one of the two orders. Where an operation reads one in the other order, a
transpose stands between, which reads and writes all of it. What operations can do in
either order is a node, with costs of its own (`layout_costs.py`); everything else, the
world outside too, wants the order that is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from xdsl.dialects import func
from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Operation, SSAValue

from ...analysis.cuts import SINK, SOURCE, Network
from ...analysis.layouts import AS_WRITTEN, LAYOUT_ATTRIBUTE
from ...dialects import nn
from .arrays import constant_array
from .bodies import scalar_operands
from .layout_costs import (
    Cost,
    last_cost,
    moving,
    total,
    written_cost,
)
from .permutations import channels_first, flattened_from, inverse, permuted
from .transposes import turns_back, turns_forth
from .transposing import place_operands

UNTHINKABLE = 1 << 62
"""More bytes than any network moves."""


class Border(NamedTuple):
    """A value that has to be transposed when two nodes have it in different orders."""

    one: int
    other: int | None
    """None for what wants the order that is written."""
    cost: Cost


@dataclass
class LayoutGraph:
    """The nodes of one function and what their orders cost."""

    lanes: int
    """Of float32 that the machine has."""
    nodes: dict[SSAValue, int] = field(default_factory=dict[SSAValue, int])
    """The result of each operation that works in either order -> its number."""
    as_written: list[Cost] = field(default_factory=list[Cost])
    """What each node costs by itself when its channels stay where they are."""
    last: list[Cost] = field(default_factory=list[Cost])
    """What each node costs by itself when its channels are last."""
    borders: list[Border] = field(default_factory=list[Border])
    given: dict[int, str] = field(default_factory=dict[int, str])
    """Node -> its layout, where that has been decided before."""

    @staticmethod
    def of(function: func.FuncOp, lanes: int) -> LayoutGraph:
        """The graph of a function on a machine with so many lanes of float32."""
        graph = LayoutGraph(lanes)
        operations = list(function.body.block.ops)
        for op in filter(is_free, operations):
            graph.nodes[op.results[0]] = len(graph.nodes)
            graph.as_written.append(written_cost(op, lanes))
            graph.last.append(last_cost(op, lanes))
            if isinstance(layout := op.attributes.get(LAYOUT_ATTRIBUTE), StringAttr):
                graph.given[graph.nodes[op.results[0]]] = layout.data
        for op in operations:
            graph.borders += graph.borders_of(op)
            if turns_back(op) and (node := graph.nodes.get(op.operands[0])) is not None:
                own = graph.as_written[node]
                graph.as_written[node] = own.plus(moving(op.operands[0], lanes))
        return graph

    def borders_of(self, op: Operation) -> Iterator[Border]:
        """Where the operands of `op` may have to be transposed."""
        own = self.nodes.get(op.results[0]) if op.results else None
        read = ordered_operands(op) if own is not None else tuple(op.operands)
        if turns_back(op) or takes_any_order(op):
            return
        for value in dict.fromkeys(read):
            node, cost = self.nodes.get(value), moving(value, self.lanes)
            if cost == Cost() or (node is None and own is None):
                continue
            ends = (own, node) if node is None else (node, own)
            assert ends[0] is not None, "one of them is a node"
            yield Border(ends[0], ends[1], cost)

    def parts(self) -> list[list[int]]:
        """The nodes that borders join, in order."""
        roots = list(range(len(self.nodes)))

        def root(node: int) -> int:
            while roots[node] != node:
                node = roots[node]
            return node

        for one, other, _ in self.borders:
            if other is not None:
                first, second = sorted((root(one), root(other)))
                roots[second] = first
        found: dict[int, list[int]] = {}
        for node in range(len(self.nodes)):
            found.setdefault(root(node), []).append(node)
        return list(found.values())

    def chosen(self) -> set[int]:
        """The nodes whose channels stay as written, where that costs least."""
        network = Network()
        for node, (here, there) in enumerate(
            zip(self.as_written, self.last, strict=True)
        ):
            network.join(node, SINK, here.weight)
            network.join(SOURCE, node, there.weight)
        for node, layout in self.given.items():
            ends = (SOURCE, node) if layout == AS_WRITTEN else (node, SINK)
            network.join(*ends, UNTHINKABLE)
        for one, other, cost in self.borders:
            weight = cost.weight
            if other is None:
                network.join(SOURCE, one, weight)
            else:
                network.join(one, other, weight, weight)
        return network.with_source()

    def cost(self, part: Iterable[int], written: set[int]) -> Cost:
        """What a part costs when those of its nodes are as written."""
        nodes = set(part)
        own = (self.as_written[n] if n in written else self.last[n] for n in nodes)
        parted = (
            cost
            for one, other, cost in self.borders
            if one in nodes and (one in written) != (other is None or other in written)
        )
        return total(chain(own, parted))


def is_window(op: Operation) -> bool:
    """Whether `op` is a window over channels that are not last yet."""
    return isinstance(op, nn.ConvOp | nn.PoolOp) and not op.is_channels_last


def is_free(op: Operation) -> bool:
    """Whether the channels of what `op` makes may be last."""
    if is_window(op) or turns_forth(op):
        return True
    places = place_operands(op)
    return bool(places) and len(nn.shape_of(op.results[0])) > 2


def ordered_operands(op: Operation) -> tuple[SSAValue, ...]:
    """The operands that a node has in its own order."""
    if isinstance(op, nn.ConvOp | nn.PoolOp):
        values = (op.input, *scalar_operands(op))
    elif isinstance(op, nn.TransposeOp):
        values = ()
    else:
        values = place_operands(op)
    rank = len(nn.shape_of(op.results[0]))
    return tuple(value for value in values if len(nn.shape_of(value)) == rank)


def takes_any_order(op: Operation) -> bool:
    """Whether constant weights behind a reshape take the order that there is."""
    if not isinstance(op, nn.ReshapeOp) or len(nn.shape_of(op.input)) < 3:
        return False
    users = [use.operation for use in op.result.uses]
    weighed = all(
        isinstance(user, nn.MatMulOp)
        and user.lhs is op.result
        and user.rhs.has_one_use()
        and constant_array(user.rhs) is not None
        for user in users
    )
    if not users or not weighed:
        return False
    back = channels_first(len(nn.shape_of(op.input)))
    source = permuted(nn.shape_of(op.input), inverse(back))
    return flattened_from(source, back, nn.shape_of(op.result)) is not None
