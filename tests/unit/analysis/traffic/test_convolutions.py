"""Convolutions alone move hardly more than the best rectangular tiling of them all."""

from __future__ import annotations

import pytest
from convolutions import BYTES_ALONE, SUMS, chosen, distinct, machine_with, network
from hypothesis import given, settings
from hypothesis import strategies as st
from rectangles import Convolution, fewest_bytes

SLACK = 5 * 16
"""Bytes: five near buffers, each of whole alignments."""

TURNED = 1.25
"""
The limit where the result is turned to the order of the network, tile by tile, beside
tilings with room for that: with a cut reduction, kernels do not share their tiles.
"""

NAMES = (
    "resnet50 64.0 b",
    "resnet50 128.1 a",
    "resnet50 512.0 shortcut",
    "mobilenetv2 96.0 thin",
    "mobilenetv2 24.0 deep",
    "mobilenetv2 last",
)
LAYERS = {layer.name: layer for layer in distinct()}


@pytest.mark.parametrize("element", [4, 1])
@pytest.mark.parametrize("near", [1 << 16, 1 << 17])
@pytest.mark.parametrize("name", NAMES)
def test_layers_of_real_networks(name: str, near: int, element: int) -> None:
    layer = LAYERS[name]
    got = chosen(network(layer, element == 1), machine_with(near))
    assert got.bytes <= 1.05 * fewest_bytes(layer, element, SUMS, near)


@st.composite
def layers(draw: st.DrawFn) -> Convolution:
    channels, filters = draw(st.integers(1, 24)), draw(st.integers(1, 24))
    height, width = draw(st.integers(3, 20)), draw(st.integers(3, 20))
    kernel, stride = draw(st.sampled_from([1, 2, 3])), draw(st.integers(1, 2))
    pad = draw(st.integers(0, kernel // 2))
    groups = channels if draw(st.booleans()) else 1
    filters = channels if groups > 1 else filters
    return Convolution(
        "layer", channels, height, width, filters, kernel, stride, pad, groups
    )


@settings(max_examples=20, deadline=None)
@given(layers(), st.integers(1 << 10, 1 << 13))
def test_random_layers(layer: Convolution, near: int) -> None:
    near = near // 16 * 16
    model = network(layer, is_integer=False)
    got = chosen(model, machine_with(near), BYTES_ALONE)
    turned = got.kernels > 1
    least = fewest_bytes(layer, SUMS, SUMS, near - SLACK, turned=turned)
    assert got.bytes <= (TURNED if turned else 1.05) * least


def test_a_sum_and_its_transpose_are_cut_along_three_loops() -> None:
    """Filters, rows and columns: along two of them, 44784 bytes move."""
    layer, near = Convolution("layer", 9, 14, 19, 18, 2, 2, 0, 1), 1 << 10
    got = chosen(network(layer, is_integer=False), machine_with(near), BYTES_ALONE)
    assert got.kernels == 2
    assert got.bytes == 43488
    assert got.bytes == fewest_bytes(layer, SUMS, SUMS, near - SLACK, turned=True)


def test_a_sum_that_takes_its_transpose_in_moves_no_more() -> None:
    # Eight columns of results fill registers, so that channels stay as they are.
    layer, near = Convolution("layer", 5, 14, 17, 16, 2, 2, 0, 1), 1 << 10
    got = chosen(network(layer, is_integer=False), machine_with(near), BYTES_ALONE)
    assert got.kernels == 1
    assert got.bytes == 13888
    assert got.bytes == fewest_bytes(layer, SUMS, SUMS, near - SLACK, turned=True)


def test_what_is_compared_with_moves_what_a_reader_counts() -> None:
    # 4 x 4 pixels, two channels, four filters of 1 x 1, in bytes: image 32, weights 8,
    # bias 16, result 64. All of it takes 120 bytes.
    layer = Convolution("layer", 2, 4, 4, 4, 1, 1, 0, 1)
    assert fewest_bytes(layer, 1, 4, 120) == 120
    # Less by one: rows of four pixels, 8 + 8 + 16 + 16, while the weights stay.
    assert fewest_bytes(layer, 1, 4, 119) == 120
    # 27 bytes hold no more than a pixel with all weights: still each byte once.
    assert fewest_bytes(layer, 1, 4, 2 + 8 + 16 + 4) == 120
    # One filter at a time, the image each time: 4 x 32 + 8 + 16 + 64.
    assert fewest_bytes(layer, 1, 4, 2 + 2 + 4 + 1) == 216
