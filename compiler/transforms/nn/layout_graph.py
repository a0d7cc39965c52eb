"""
What it costs to have the channels last, or as written, at each place of a network.

A value is in one of the two orders. Where an operation reads one in the other order, a
transpose stands between, which reads and writes all of it. A window over channels that
are not last reads elements that are no neighbours, unless it goes along the last axis
one by one: then it reads neighbours, anew for each place of the window. What operations
can do in either order is a node; everything else, the world outside too, wants the
order that is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from math import prod
from typing import NamedTuple, TypeAlias

from xdsl.dialects import func
from xdsl.dialects.builtin import StringAttr, TensorType
from xdsl.ir import Operation, SSAValue

from ...analysis.cuts import SINK, SOURCE, Network
from ...analysis.layouts import AS_WRITTEN, LAYOUT_ATTRIBUTE
from ...dialects import nn
from .arrays import constant_array
from .bodies import scalar_operands
from .permutations import (
    channels_first,
    flattened_from,
    inverse,
    keeps_order,
    permuted,
)
from .transposes import nbytes, permutation_of
from .transposing import place_operands

UNTHINKABLE = 1 << 62
"""More bytes than any network moves."""

WindowOp: TypeAlias = nn.ConvOp | nn.PoolOp


class Cost(NamedTuple):
    """Bytes, counted each time that they are touched."""

    transposed: int = 0
    """Read and written by transposes."""
    strided: int = 0
    """Read that are not beside what is read before."""
    shifted: int = 0
    """Read side by side, anew for each place of a window."""

    @property
    def weight(self) -> int:
        """
        What is compared, in 1/16 bytes of a transpose, which moves one by one.

        What is read alone is also put in its place alone. What is shifted is read by
        whole vectors, of which two and a half of 128 bits take as long as one element.
        """
        return 16 * self.transposed + 32 * self.strided + 3 * self.shifted

    def plus(self, other: Cost) -> Cost:
        """Both together."""
        return Cost(*(a + b for a, b in zip(self, other, strict=True)))


def total(costs: Iterable[Cost]) -> Cost:
    """All of them together."""
    result = Cost()
    for cost in costs:
        result = result.plus(cost)
    return result


class Border(NamedTuple):
    """A value that has to be transposed when two nodes have it in different orders."""

    one: int
    other: int | None
    """None for what wants the order that is written."""
    cost: Cost


@dataclass
class LayoutGraph:
    """The nodes of one function and what their orders cost."""

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
    def of(function: func.FuncOp) -> LayoutGraph:
        """The graph of a function."""
        graph = LayoutGraph()
        operations = list(function.body.block.ops)
        for op in filter(is_free, operations):
            graph.nodes[op.results[0]] = len(graph.nodes)
            graph.as_written.append(written_cost(op))
            graph.last.append(last_cost(op))
            if isinstance(layout := op.attributes.get(LAYOUT_ATTRIBUTE), StringAttr):
                graph.given[graph.nodes[op.results[0]]] = layout.data
        for op in operations:
            graph.borders += graph.borders_of(op)
            if turns_back(op) and (node := graph.nodes.get(op.operands[0])) is not None:
                own = graph.as_written[node]
                graph.as_written[node] = own.plus(moving(op.operands[0]))
        return graph

    def borders_of(self, op: Operation) -> Iterator[Border]:
        """Where the operands of `op` may have to be transposed."""
        own = self.nodes.get(op.results[0]) if op.results else None
        read = ordered_operands(op) if own is not None else tuple(op.operands)
        if turns_back(op) or takes_any_order(op):
            return
        for value in dict.fromkeys(read):
            node, cost = self.nodes.get(value), moving(value)
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
            if other is None:
                network.join(SOURCE, one, cost.weight)
            else:
                network.join(one, other, cost.weight, cost.weight)
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


def turns_forth(op: Operation) -> bool:
    """Whether `op` moves the channels from the end to where ONNX has them."""
    return isinstance(op, nn.TransposeOp) and permutation_of(op) == (
        channels_first(len(nn.shape_of(op.result)))
    )


def turns_back(op: Operation) -> bool:
    """Whether `op` moves the channels to the end."""
    return isinstance(op, nn.TransposeOp) and permutation_of(op) == inverse(
        channels_first(len(nn.shape_of(op.result)))
    )


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


def moving(value: SSAValue) -> Cost:
    """What a transpose of `value` between the two orders costs."""
    if not isinstance(value.type, TensorType):
        return Cost()
    shape = nn.shape_of(value)
    if len(shape) < 3 or constant_array(value) is not None:
        return Cost()
    if keeps_order(shape, inverse(channels_first(len(shape)))):
        return Cost()
    return Cost(transposed=2 * nbytes(value))


def written_cost(op: Operation) -> Cost:
    """What a node costs by itself when its channels stay where they are."""
    if turns_forth(op):
        return moving(op.results[0])
    if not isinstance(op, nn.ConvOp | nn.PoolOp) or reads_all_once(op):
        return Cost()
    channels = nn.shape_of(op.weight)[1] if isinstance(op, nn.ConvOp) else 1
    read = prod(nn.shape_of(op.result)) * prod(op.window.kernel) * channels
    elements = prod(nn.shape_of(op.input))
    moved = read * nbytes(op.input) // elements if elements else 0
    # Maxima have much in common with those beside them, which lanes cannot share.
    is_alone = isinstance(op, nn.PoolOp) and op.kind.data == "max"
    is_strided = op.window.strides[-1] != 1 or is_alone
    return Cost(strided=moved) if is_strided else Cost(shifted=moved)


def reads_all_once(op: WindowOp) -> bool:
    """Whether rows are read one element after the other, as written, and only once."""
    shape, window = nn.shape_of(op.input), op.window
    if keeps_order(shape, inverse(channels_first(len(shape)))):
        return True
    alone = isinstance(op, nn.PoolOp) or nn.shape_of(op.weight)[1] == 1
    sizes = window.kernel[-1:] if alone else window.kernel
    ends = (window.strides, window.low, window.high)
    return set(sizes) == {1} and tuple(end[-1] for end in ends) == (1, 0, 0)


def last_cost(op: Operation) -> Cost:
    """What a node costs by itself when its channels are last."""
    if not isinstance(op, nn.ConvOp) or constant_array(op.weight) is not None:
        return Cost()
    return Cost(transposed=2 * nbytes(op.weight))


def packed_bytes(op: Operation) -> int:
    """The bytes of constant weights that are put into another order."""
    weighs = isinstance(op, nn.ConvOp) and constant_array(op.weight) is not None
    return nbytes(op.operands[1]) if weighs else 0
