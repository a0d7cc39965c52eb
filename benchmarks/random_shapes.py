"""
Layers of random odd shapes, each beside the nearest regular one.

    python benchmarks/random_shapes.py [--machine M]... [--pairs N] [--seed S]
        [--channels-last]

Kinds of layers as in `odd_shapes.py`, whose figures these are, but of sizes that nobody
has chosen: each is drawn from odd ones, and the regular layer has the nearest regular
size in place of each. Models take and give channels first, as they mostly do, or last,
as layers are inside of networks. The worst pairs are printed by themselves.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from random import Random
from statistics import geometric_mean
from typing import Any, NamedTuple, TypeAlias

from deployopt.machine import load_machine
from deployopt.text_table import aligned
from odd_shapes import figure
from single_layers import Layer, conv, depthwise, product

MACHINES = ("rv64gcv", "rv64gcv-vlen256")

SIZES = (5, 6, 7, 9, 10, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 30, 33, 35, 37)
LENGTHS = (33, 50, 63, 77, 97, 101, 125, 150)
DEPTHS = (13, 29, 37, 50, 61, 77, 100)
REGULAR = (4, 8, 12, 16, 24, 32, 48, 64, 96, 128)

LIMIT = 1.5
"""What an odd shape may cost more."""

WORST = 12
"""Pairs that are printed by themselves."""


class Sizes(NamedTuple):
    """All that a layer may need."""

    rows: int
    columns: int
    channels: int
    filters: int
    length: int
    depth: int

    def nearest(self) -> Sizes:
        """The nearest regular sizes; of two the larger one."""
        return Sizes(*(nearest(size) for size in self))


Build: TypeAlias = Callable[[Sizes, dict[str, Any]], Layer]


def nearest(size: int) -> int:
    """The regular size that is nearest by its part."""
    return min(REGULAR, key=lambda other: (abs(size - other) / other, -other))


def window(*kernel: int, batch: int = 1, **more: Any) -> Build:
    """A convolution of an image."""

    def build(sizes: Sizes, options: dict[str, Any]) -> Layer:
        shape = (batch, sizes.rows, sizes.columns, sizes.channels)
        return conv(shape, sizes.filters, *kernel, **more, **options)

    return build


def line(kernel: int, **more: Any) -> Build:
    """A convolution along one axis."""

    def build(sizes: Sizes, options: dict[str, Any]) -> Layer:
        shape = (1, sizes.length, sizes.channels)
        return conv(shape, sizes.filters, kernel, **more, **options)

    return build


def alone(sizes: Sizes, options: dict[str, Any]) -> Layer:
    """A window over each channel."""
    shape = (1, sizes.rows, sizes.columns, sizes.channels)
    return depthwise(shape, 3, 3, **options)


def matrices(*batch: int) -> Build:
    """A product of two matrices, or of several pairs of them."""

    def build(sizes: Sizes, options: dict[str, Any]) -> Layer:
        shape = (*batch, sizes.rows, sizes.depth)
        return product(shape, *batch, sizes.depth, sizes.filters)

    return build


def softmax(sizes: Sizes, options: dict[str, Any]) -> Layer:
    """One of each row."""
    return Layer("Softmax", (sizes.rows, sizes.length))


KINDS: dict[str, Build] = {
    "1x7": window(1, 7),
    "7x1": window(7, 1),
    "5x5": window(5, 5),
    "pointwise": window(1, 1),
    "dilation 2": window(3, 3, dilation=2),
    "dilation 3": window(3, 3, dilation=3),
    "batch 4": window(3, 3, batch=4),
    "depthwise": alone,
    "1-D": line(5),
    "1-D dilation 4": line(3, dilation=4),
    "product": matrices(),
    "products": matrices(3),
    "softmax": softmax,
}
FLOATS = ("product", "products", "softmax")
"""Kinds that are measured on floats alone."""


class Pair(NamedTuple):
    """An odd layer and the nearest regular one."""

    kind: str
    odd: Layer
    regular: Layer


def pairs(count: int, seed: int, *, has_channels_first: bool) -> list[Pair]:
    """So many pairs that are no larger than can be simulated soon."""
    random, found = Random(seed), list[Pair]()
    while len(found) < count:
        kind = random.choice(tuple(KINDS))
        is_integer = random.random() < 0.35 and kind not in FLOATS
        sizes = Sizes(*map(random.choice, (*[SIZES] * 4, LENGTHS, DEPTHS)))
        options = {"is_integer": is_integer, "has_channels_first": has_channels_first}
        both = [KINDS[kind](one, options) for one in (sizes, sizes.nearest())]
        if all(layer.is_small for layer in both):
            found.append(Pair(f"{kind} int8" if is_integer else kind, *both))
    return found


def measured(found: Sequence[Pair], machine: str) -> list[tuple[float, Pair, str]]:
    """What each odd layer costs more, and both figures, the worst first."""
    target = load_machine(machine)
    rows: list[tuple[float, Pair, str]] = []
    for pair in found:
        odd, regular = (figure(layer, target) for layer in pair[1:])
        rows.append((odd / regular, pair, f"{odd:.2f}, {regular:.2f}"))
    return sorted(rows, key=lambda row: -row[0])


def main(options: argparse.Namespace) -> None:
    """Prints how many pairs are above the limit, and the worst, for each machine."""
    is_first = not options.channels_last
    found = pairs(options.pairs, options.seed, has_channels_first=is_first)
    for name in options.machine or MACHINES:
        rows = measured(found, name)
        many = sum(ratio > LIMIT for ratio, *_ in rows)
        mean = geometric_mean(ratio for ratio, *_ in rows)
        print(f"{name}: {many} of {len(rows)} above {LIMIT}, mean {mean:.2f}\n")
        table = [("kind", "odd", "regular", "ratio", "figures")]
        for ratio, pair, figures in rows[:WORST]:
            both = str(pair.odd), str(pair.regular)
            table.append((pair.kind, *both, f"{ratio:.2f}", figures))
        print(*aligned(table, 3), "", sep="\n", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machine", action="append", help="on this machine")
    parser.add_argument("--pairs", type=int, default=150, help="how many")
    parser.add_argument("--seed", type=int, default=1, help="of the random shapes")
    last = "models take and give channels last"
    parser.add_argument("--channels-last", action="store_true", help=last)
    main(parser.parse_args())
