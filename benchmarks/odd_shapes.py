"""
Layers of odd shapes beside the nearest regular ones.

    python benchmarks/odd_shapes.py [--machine M]... [--channels-first] [WORD...]

Each layer is a model of its own, with channels last outside, so that it is counted as
it is inside of a network, or with channels first, as models have it that are one layer
or few; weights are random, from a seed. A figure is weighted
instructions times lanes per multiply-add, or per element of the input where there
are no multiply-adds. With words, only pairs whose kind has one of them are measured.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import prod

from deployopt.api import compile
from deployopt.artifact.arrays import random_arrays
from deployopt.execution.build import build_program
from deployopt.execution.counting.counts import Counts, counts_by_function
from deployopt.execution.counting.histogram import count_inference
from deployopt.execution.execute import read_tensors
from deployopt.machine import Machine, load_machine
from deployopt.text_table import aligned
from single_layers import Layer, conv, depthwise, maximum, mean, model, product

MACHINES = ("rv64gc", "rv64gcv", "rv64gcv-vlen256")

PAIRS: tuple[tuple[str, Layer, Layer], ...] = (
    ("channels", conv((1, 15, 15, 17), 23, 3, 3), conv((1, 16, 16, 16), 24, 3, 3)),
    ("channels", conv((1, 19, 19, 5), 7, 3, 3), conv((1, 20, 20, 4), 8, 3, 3)),
    ("channels", conv((1, 13, 13, 30), 50, 3, 3), conv((1, 12, 12, 32), 48, 3, 3)),
    ("pointwise", conv((1, 19, 19, 5), 9, 1, 1), conv((1, 20, 20, 4), 8, 1, 1)),
    ("pointwise", conv((1, 17, 17, 33), 47, 1, 1), conv((1, 16, 16, 32), 48, 1, 1)),
    ("5x5", conv((1, 20, 20, 16), 24, 5, 5), conv((1, 20, 20, 16), 24, 3, 3)),
    ("5x5", conv((1, 14, 14, 6), 16, 5, 5), conv((1, 14, 14, 8), 16, 3, 3)),
    ("1x7", conv((1, 17, 31, 12), 12, 1, 7), conv((1, 16, 32, 16), 16, 3, 3)),
    ("1x7", conv((1, 17, 23, 13), 13, 1, 7), conv((1, 16, 24, 16), 16, 3, 3)),
    ("7x1", conv((1, 17, 31, 12), 12, 7, 1), conv((1, 16, 32, 16), 16, 3, 3)),
    (
        "7x7 stride 2",
        conv((1, 65, 65, 3), 24, 7, 7, stride=2),
        conv((1, 64, 64, 3), 24, 3, 3, stride=2),
    ),
    (
        "dilation",
        conv((1, 24, 24, 16), 16, 3, 3, dilation=2),
        conv((1, 24, 24, 16), 16, 3, 3),
    ),
    (
        "dilation",
        conv((1, 21, 23, 24), 16, 3, 3, dilation=3),
        conv((1, 24, 24, 24), 16, 3, 3),
    ),
    (
        "stride 3",
        conv((1, 31, 31, 13), 19, 3, 3, stride=3),
        conv((1, 32, 32, 16), 16, 3, 3, stride=2),
    ),
    ("batch 4", conv((4, 16, 16, 16), 16, 3, 3), conv((1, 16, 16, 16), 16, 3, 3)),
    ("batch 4", conv((4, 9, 9, 32), 32, 1, 1), conv((1, 16, 16, 32), 32, 1, 1)),
    ("1-D", conv((1, 101, 20), 33, 5), conv((1, 10, 10, 16), 32, 3, 3)),
    ("1-D", conv((1, 333, 1), 16, 9), conv((1, 18, 18, 1), 16, 3, 3)),
    ("1-D", conv((1, 101, 13), 13, 3, dilation=2), conv((1, 10, 10, 16), 16, 3, 3)),
    (
        "not padded",
        conv((1, 17, 17, 16), 24, 3, 3, is_padded=False),
        conv((1, 16, 16, 16), 24, 3, 3),
    ),
    (
        "not padded",
        conv((1, 33, 33, 3), 8, 3, 3, stride=2, is_padded=False),
        conv((1, 32, 32, 3), 8, 3, 3, stride=2),
    ),
    (
        "not padded",
        depthwise((1, 18, 18, 32), 3, 3, is_padded=False),
        depthwise((1, 16, 16, 32), 3, 3),
    ),
    (
        "not padded",
        depthwise((1, 17, 17, 32), 3, 3, stride=2, is_padded=False),
        depthwise((1, 16, 16, 32), 3, 3, stride=2),
    ),
    ("3-D", conv((1, 9, 10, 11, 6), 10, 3, 3, 3), conv((1, 32, 32, 8), 8, 3, 3)),
    ("depthwise", depthwise((1, 33, 33, 7), 3, 3), depthwise((1, 32, 32, 8), 3, 3)),
    ("depthwise", depthwise((1, 33, 33, 3), 3, 3), depthwise((1, 32, 32, 4), 3, 3)),
    ("depthwise", depthwise((1, 17, 17, 35), 3, 3), depthwise((1, 16, 16, 32), 3, 3)),
    ("depthwise", depthwise((1, 33, 33, 1), 3, 3), depthwise((1, 32, 32, 4), 3, 3)),
    ("depthwise", depthwise((1, 33, 33, 2), 3, 3), depthwise((1, 32, 32, 4), 3, 3)),
    ("depthwise", depthwise((1, 33, 33, 6), 3, 3), depthwise((1, 32, 32, 8), 3, 3)),
    ("depthwise", depthwise((1, 33, 33, 9), 3, 3), depthwise((1, 32, 32, 8), 3, 3)),
    (
        "depthwise stride 2",
        depthwise((1, 31, 31, 1), 3, 3, stride=2),
        depthwise((1, 32, 32, 4), 3, 3, stride=2),
    ),
    (
        "depthwise stride 2",
        depthwise((1, 31, 31, 2), 3, 3, stride=2),
        depthwise((1, 32, 32, 4), 3, 3, stride=2),
    ),
    (
        "depthwise stride 2",
        depthwise((1, 31, 31, 9), 3, 3, stride=2),
        depthwise((1, 32, 32, 8), 3, 3, stride=2),
    ),
    ("filters", conv((1, 15, 15, 16), 1, 3, 3), conv((1, 16, 16, 16), 4, 3, 3)),
    ("filters", conv((1, 15, 15, 16), 3, 3, 3), conv((1, 16, 16, 16), 4, 3, 3)),
    ("filters", conv((1, 15, 15, 16), 6, 3, 3), conv((1, 16, 16, 16), 8, 3, 3)),
    (
        "depthwise 5x5",
        depthwise((1, 28, 28, 20), 5, 5, stride=2),
        depthwise((1, 28, 28, 16), 3, 3, stride=2),
    ),
    (
        "depthwise 5x5",
        depthwise((1, 28, 28, 1), 5, 5),
        depthwise((1, 28, 28, 4), 5, 5),
    ),
    (
        "groups",
        conv((1, 14, 14, 24), 36, 3, 3, groups=2),
        conv((1, 16, 16, 16), 32, 3, 3, groups=2),
    ),
    (
        "groups",
        conv((1, 14, 14, 15), 20, 3, 3, groups=5),
        conv((1, 16, 16, 16), 16, 3, 3, groups=4),
    ),
    (
        "groups",
        conv((1, 14, 14, 15), 15, 3, 3, groups=3),
        conv((1, 14, 14, 16), 16, 3, 3, groups=4),
    ),
    ("product", product((37, 53), 53, 71), product((32, 64), 64, 64)),
    ("product", product((1, 100), 100, 33), product((1, 96), 96, 32)),
    ("product", product((3, 29, 31), 31, 45), product((4, 32, 32), 32, 48)),
    ("columns", product((1, 101), 101, 10), product((1, 96), 96, 8)),
    ("columns", product((1, 100), 100, 6), product((1, 96), 96, 8)),
    ("columns", product((1, 501), 501, 1), product((1, 512), 512, 1)),
    ("columns", product((1, 300), 300, 1), product((1, 256), 256, 1)),
    ("columns", product((1, 300), 300, 1), product((1, 384), 384, 1)),
    ("columns", product((1, 350), 350, 1), product((1, 384), 384, 1)),
    ("columns", product((31, 37), 37, 3), product((32, 32), 32, 4)),
    ("sequence", product((3, 77, 20), 3, 20, 77), product((4, 64, 16), 4, 16, 64)),
    ("softmax", Layer("Softmax", (5, 7, 77)), Layer("Softmax", (4, 8, 64))),
    (
        "normalisation",
        Layer("LayerNormalization", (9, 77)),
        Layer("LayerNormalization", (8, 64)),
    ),
    ("error function", Layer("Erf", (3, 333)), Layer("Erf", (4, 256))),
    ("maximum", maximum((1, 31, 31, 13)), maximum((1, 32, 32, 16))),
    ("maximum", maximum((1, 31, 31, 7)), maximum((1, 32, 32, 8))),
    ("maximum", maximum((1, 31, 31, 1)), maximum((1, 32, 32, 4))),
    ("maximum", maximum((1, 31, 31, 3)), maximum((1, 32, 32, 4))),
    ("maximum", maximum((1, 31, 31, 2)), maximum((1, 32, 32, 4))),
    ("maximum", maximum((1, 31, 31, 9)), maximum((1, 32, 32, 8))),
    ("maximum", maximum((1, 31, 31, 6)), maximum((1, 32, 32, 8))),
    (
        "maximum 2x2",
        maximum((1, 30, 30, 1), window=(2, 2)),
        maximum((1, 32, 32, 4), window=(2, 2)),
    ),
    (
        "maximum of each",
        maximum((1, 31, 31, 1), stride=1),
        maximum((1, 32, 32, 4), stride=1),
    ),
    (
        "maximum of each",
        maximum((1, 31, 31, 3), stride=1),
        maximum((1, 32, 32, 4), stride=1),
    ),
    (
        "maximum of each",
        maximum((1, 31, 31, 9), stride=1),
        maximum((1, 32, 32, 8), stride=1),
    ),
    (
        "maximum 7x7",
        maximum((1, 15, 15, 37), window=(7, 7), stride=1),
        maximum((1, 16, 16, 32), window=(7, 7), stride=1),
    ),
    ("mean", mean((1, 30, 30, 13)), mean((1, 32, 32, 16))),
    ("mean", mean((1, 30, 30, 1), stride=2), mean((1, 32, 32, 4), stride=2)),
    ("mean", mean((1, 30, 30, 3)), mean((1, 32, 32, 4))),
    ("mean", mean((1, 30, 30, 2)), mean((1, 32, 32, 4))),
    ("mean", mean((1, 30, 30, 9)), mean((1, 32, 32, 8))),
    ("bias", Layer("Add", (1, 31, 31, 3), (3,)), Layer("Add", (1, 32, 32, 4), (4,))),
    ("bias", Layer("Add", (1, 31, 31, 9), (9,)), Layer("Add", (1, 32, 32, 8), (8,))),
)
INTEGERS = (
    "channels",
    "pointwise",
    "5x5",
    "dilation",
    "depthwise",
    "not padded",
    "product",
)
"""The kinds that are measured on bytes too."""


def pairs(
    words: Sequence[str], *, has_channels_first: bool = False
) -> Iterator[tuple[str, Layer, Layer]]:
    """All that is measured: kind, odd layer, regular layer."""
    for kind, *both in PAIRS:
        if has_channels_first:
            if not all(layer.is_spatial for layer in both):
                continue
            both = [replace(layer, has_channels_first=True) for layer in both]
        for is_integer in (False, True)[: 1 + (kind in INTEGERS)]:
            name = f"{kind} int8" if is_integer else kind
            odd, regular = (replace(layer, is_integer=is_integer) for layer in both)
            if not words or any(word in name for word in words):
                yield name, odd, regular


def figure(layer: Layer, machine: Machine) -> float:
    """Weighted instructions times lanes per multiply-add or element."""
    artifact = compile(model(layer), machine)
    with artifact.unpacked() as folder:
        inputs = random_arrays(read_tensors(folder, "inputs"), 0)
        image = build_program(folder, machine)
        found = count_inference(folder, machine, image, inputs)
    functions = counts_by_function(image, machine, found.histogram)
    extra = sum(functions.values(), Counts()).extra
    done = artifact.manifest["macs"] or prod(layer.shape)
    return (found.instructions + extra) * machine.float_lanes / done


def main(options: argparse.Namespace) -> None:
    """Prints a table for each machine, the worst pair first."""
    head = ("kind", "odd", "figure", "regular", "figure", "odd / regular")
    for name in options.machine or MACHINES:
        machine = load_machine(name)
        known: dict[Layer, float] = {}
        found: list[tuple[float, tuple[str, ...]]] = []
        chosen = pairs(options.words, has_channels_first=options.channels_first)
        for kind, *both in chosen:
            for layer in both:
                if layer not in known:
                    known[layer] = figure(layer, machine)
            odd, regular = (known[layer] for layer in both)
            cells = [(str(layer), f"{known[layer]:.2f}") for layer in both]
            row = (kind, *cells[0], *cells[1], f"{odd / regular:.2f}")
            found.append((odd / regular, row))
        rows = [row for _, row in sorted(found, reverse=True)]
        print(f"{name}\n", *aligned([head, *rows], 1), "", sep="\n", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", metavar="WORD", nargs="*", help="kinds to measure")
    parser.add_argument("--machine", action="append", help="on this machine")
    parser.add_argument("--channels-first", action="store_true", help="of models")
    main(parser.parse_args())
