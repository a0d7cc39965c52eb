"""Parts of buffers against numpy's views."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from deployopt.analysis.regions import (
    Path,
    Reshape,
    Slice,
    covers_all,
    layout,
    normalized,
    overlap,
)


def random_slice(random: np.random.Generator, shape: tuple[int, ...]) -> Slice:
    offsets = tuple(int(random.integers(0, n)) for n in shape)
    strides = tuple(int(random.integers(1, 3)) for _ in shape)
    sizes = tuple(
        int(random.integers(1, (n - o - 1) // s + 2))
        for n, o, s in zip(shape, offsets, strides, strict=True)
    )
    return Slice(shape, offsets, sizes, strides)


def elements(shape: tuple[int, ...], path: Path) -> np.ndarray:
    """The numbers of the elements at `path`."""
    part = np.arange(np.prod(shape)).reshape(shape)
    for step in path:
        if isinstance(step, Reshape):
            part = part.reshape(step.shape)
            continue
        starts = [o for o in step.offsets if isinstance(o, int)]
        axes = zip(starts, step.sizes, step.strides, strict=True)
        part = part[tuple(slice(o, o + (n - 1) * s + 1, s) for o, n, s in axes)]
    return part


@pytest.mark.parametrize("seed", range(60))
def test_parts_that_do_not_overlap_share_nothing(seed: int):
    random = np.random.default_rng(seed)
    shape = (6, 5)
    one, other = ((random_slice(random, shape),) for _ in "ab")
    shared = np.intersect1d(elements(shape, one), elements(shape, other))
    if not overlap(one, other):
        assert shared.size == 0
    deeper = (*one, random_slice(random, one[0].sizes))
    assert overlap(one, deeper)


@pytest.mark.parametrize("seed", range(60))
def test_layout_is_numpys(seed: int):
    random = np.random.default_rng(seed)
    shape = (4, 3, 2)
    path: Path = (random_slice(random, shape),)
    if seed % 2:
        sizes = path[0].shape
        path = (*path, Reshape((int(np.prod(sizes)), 1)))
    part = elements(shape, path)
    found = layout(shape, path)
    if found is None:
        assert seed % 2, "a slice always has strides"
        return
    first = int(part.flat[0])
    for index in product(*(range(n) for n in part.shape)):
        distance = sum(i * s for i, s in zip(index, found.strides, strict=True))
        assert part[index] == first + distance


def test_reshapes_that_cancel_out():
    path = (Reshape((2, 3)), Reshape((6,)))
    assert normalized((6,), path) == ()
    assert normalized((3, 2), path) == (Reshape((6,)),)
    assert covers_all(path)
