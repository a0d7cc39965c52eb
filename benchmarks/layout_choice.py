"""
What the choice of a layout loses: layers of random shapes, measured in both orders.

    python benchmarks/layout_choice.py [--machine M]... [--layers N] [--seed S]

Each layer is a model that takes and gives channels first, so that channels that are
last cost two transposes. It is compiled with its channels as written and with them
last, whatever `nn-choose-layout` prefers. A loss is the weighted instructions of what
it prefers by those of the better one; of several it is their geometric mean. The worst
are printed by themselves, with the figures of `odd_shapes.py`.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from random import Random
from statistics import geometric_mean
from typing import NamedTuple
from unittest.mock import patch

from deployopt.machine import Machine, load_machine
from deployopt.text_table import aligned
from deployopt.transforms.nn.layout_graph import LayoutGraph
from odd_shapes import figure
from single_layers import Layer, conv, depthwise, maximum, mean

MACHINES = ("rv64gcv", "rv64gcv-vlen256")

SIZES = (5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 17, 20, 23, 24, 25, 28, 29, 31, 32)
CHANNELS = (1, 3, 4, 6, 7, 8, 9, 12, 13, 16, 17, 19, 24, 25, 32, 35)
LENGTHS = (33, 48, 50, 64, 77, 96, 101)

WORST = 15
"""Layers that are printed by themselves."""


class Measured(NamedTuple):
    """A layer in both orders."""

    kind: str
    layer: Layer
    written: float
    last: float
    is_last: bool
    """Whether it is compiled with its channels last."""

    @property
    def loss(self) -> float:
        """What is preferred by what is better."""
        return (self.last if self.is_last else self.written) / min(self[2:4])


def convolution(random: Random) -> tuple[str, Layer]:
    """Several filters over the same channels, perhaps of a group."""
    kind = random.choice(("3x3", "5x5", "1x7", "7x1", "1x1", "dilation", "groups"))
    window = {"5x5": (5, 5), "1x7": (1, 7), "7x1": (7, 1), "1x1": (1, 1)}
    groups = random.choice((2, 3, 4)) if kind == "groups" else 1
    channels, filters = (groups * random.choice(CHANNELS) for _ in range(2))
    size = random.choice(SIZES), random.choice(SIZES)
    stride = 2 if kind in ("3x3", "5x5", "1x1") and random.random() < 0.3 else 1
    return kind, conv(
        (random.choice((1, 1, 1, 4)), *size, channels),
        filters,
        *window.get(kind, (3, 3)),
        groups=groups,
        stride=stride,
        dilation=2 if kind == "dilation" else 1,
        is_integer=random.random() < 0.4,
        has_channels_first=True,
    )


def line(random: Random) -> tuple[str, Layer]:
    """A convolution along one axis."""
    shape = 1, random.choice(LENGTHS), random.choice(CHANNELS)
    return "1-D", conv(
        shape,
        random.choice(CHANNELS),
        random.choice((3, 5, 9)),
        stride=random.choice((1, 1, 2)),
        is_integer=random.random() < 0.4,
        has_channels_first=True,
    )


def alone(random: Random) -> tuple[str, Layer]:
    """A window over each channel alone."""
    side = random.choice(SIZES)
    shape = 1, side, side, random.choice(CHANNELS)
    stride, is_integer = random.choice((1, 2)), random.random() < 0.4
    kind = random.choice(("depthwise", "depthwise", "maximum", "mean"))
    if kind == "depthwise":
        size = random.choice((3, 3, 5))
        more = {"is_integer": is_integer, "has_channels_first": True}
        return kind, depthwise(shape, size, size, stride=stride, **more)
    size, made = random.choice((2, 3)), maximum if kind == "maximum" else mean
    layer = made(shape, window=(size, size), stride=stride, has_channels_first=True)
    return kind, layer


def layers(count: int, seed: int) -> list[tuple[str, Layer]]:
    """So many layers that are no larger than can be simulated soon."""
    random, found = Random(seed), dict[Layer, str]()
    while len(found) < count:
        kind, layer = random.choice((convolution, convolution, alone, line))(random)
        if layer.is_small:
            found[layer] = f"{kind} int8" if layer.is_integer else kind
    return [(kind, layer) for layer, kind in found.items()]


def measured(kind: str, layer: Layer, machine: Machine) -> Measured:
    """A layer in both orders, and which of them is preferred."""
    decide, preferred = LayoutGraph.chosen, set[bool]()

    def as_written(graph: LayoutGraph) -> set[int]:
        preferred.add(not decide(graph))
        return set(range(len(graph.nodes)))

    def none(graph: LayoutGraph) -> set[int]:
        return set()

    figures: list[float] = []
    for order in (as_written, none):
        with patch.object(LayoutGraph, "chosen", order):
            figures.append(figure(layer, machine))
    written, last = figures
    return Measured(kind, layer, written, last, preferred.pop())


def mean_loss(found: list[Measured]) -> float:
    """The geometric mean of losses."""
    return geometric_mean(one.loss for one in found)


def main(options: argparse.Namespace) -> None:
    """Prints the losses by kind, and the worst of them, for each machine."""
    for name in options.machine or MACHINES:
        machine, kinds = load_machine(name), defaultdict[str, list[Measured]](list)
        for kind, layer in layers(options.layers, options.seed):
            kinds[kind].append(measured(kind, layer, machine))
        everything = [one for found in kinds.values() for one in found]
        rows = [("kind", "layers", "loss", "above 1.2", "worst")]
        for kind, found in [*sorted(kinds.items()), ("all", everything)]:
            many = sum(one.loss > 1.2 for one in found)
            most = max(one.loss for one in found)
            loss = f"{mean_loss(found):.3f}"
            rows.append((kind, str(len(found)), loss, str(many), f"{most:.2f}"))
        print(f"{name}\n", *aligned(rows, 1), "", sep="\n", flush=True)
        worst = sorted(everything, key=lambda one: -one.loss)[:WORST]
        heads = [("kind", "layer", "as written", "channels last", "preferred", "loss")]
        for one in worst:
            figures = f"{one.written:.2f}", f"{one.last:.2f}"
            order = heads[0][3 if one.is_last else 2]
            row = one.kind, str(one.layer), *figures, order, f"{one.loss:.2f}"
            heads.append(row)
        print(*aligned(heads, 2), "", sep="\n", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machine", action="append", help="on this machine")
    parser.add_argument("--layers", type=int, default=150, help="how many")
    parser.add_argument("--seed", type=int, default=1, help="of the random shapes")
    main(parser.parse_args())
