"""The cost of a tiling is what its loop nest does, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import cast

from deployopt.analysis.traffic.chain_walk import chain_of
from deployopt.analysis.traffic.costs import PARTS, Place
from deployopt.analysis.traffic.driver_model import Source, Step
from deployopt.analysis.traffic.grid import Grid
from deployopt.analysis.traffic.instructions import added
from deployopt.analysis.traffic.kernel_model import Access, Axis, KernelModel
from deployopt.analysis.traffic.ranges import candidate_sizes, tiles_of
from deployopt.analysis.traffic.tiling import Costing
from deployopt.dialects.deploy import KernelOp
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects.builtin import i32
from xdsl.dialects.test import TestOp

ALIGN = 8
OPERANDS = TestOp(result_types=[i32, i32, i32]).results
NO_OP = cast(KernelOp, TestOp(operands=OPERANDS))
"""Costs need no more of a kernel than which values it reads."""

FAR = Source(None, "L2")

Ranges = Sequence[range]


def axis(extents: Sequence[int], factors: dict[int, int]) -> Axis:
    """An axis just long enough for what its loops reach."""
    reach = sum(factor * (extents[loop] - 1) for loop, factor in factors.items())
    kept = {loop: factor for loop, factor in factors.items() if extents[loop] > 1}
    return Axis(reach + 1, tuple(sorted(kept.items())))


@st.composite
def kernels(draw: st.DrawFn) -> KernelModel:
    """A window that slides over rows, or a product, with random extents."""
    extents = tuple(draw(st.lists(st.integers(1, 6), min_size=3, max_size=3)))
    rows, columns, sums = range(3)
    stride, dilation = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    slides = draw(st.booleans())
    first = {rows: stride, sums: dilation} if slides else {rows: 1}
    left = (axis(extents, first), *([] if slides else [axis(extents, {sums: 1})]))
    right = (axis(extents, {sums: 1}), axis(extents, {columns: 1}))
    made = (axis(extents, {rows: 1}), axis(extents, {columns: 1}))
    element = draw(st.sampled_from([1, 2, 4]))
    reads = Access(0, left, element), Access(1, right, 4)
    writes = (Access(2, made, 2),)
    return KernelModel(NO_OP, extents, frozenset({sums}), reads, writes)


def parts(extent: int, size: int) -> list[range]:
    return [range(i, min(i + size, extent)) for i in range(0, extent, size)]


def elements(access: Access, loops: Ranges, cut: frozenset[int]) -> int:
    """The elements between the first and the last that a tile touches."""
    found = 1
    for one in access.axes:
        if not cut & {loop for loop, _ in one.factors}:
            found *= one.size
            continue
        choices = product(*(loops[loop] for loop, _ in one.factors))
        pairs = [
            sum(i * f for i, (_, f) in zip(at, one.factors, strict=True))
            for at in choices
        ]
        found *= max(pairs) - min(pairs) + 1
    return found


def simulated(
    kernel: KernelModel, sizes: dict[int, int], order: Sequence[int]
) -> tuple[int, int]:
    """Bytes and transfers when each operand is brought in the loop that names it."""
    cut = frozenset(sizes)
    bytes_ = transfers = 0

    def run(depth: int, loops: list[range]) -> Iterator[tuple[int, int]]:
        outside = set(order[:depth])
        for access in (*kernel.reads, *kernel.writes):
            own = access.loops & cut
            here = not own if depth == 0 else order[depth - 1] in own
            if here and own <= outside:
                yield elements(access, loops, cut) * access.element, 1
        if depth == len(order):
            return
        loop = order[depth]
        for part in parts(kernel.extents[loop], sizes[loop]):
            yield from run(depth + 1, [*loops[:loop], part, *loops[loop + 1 :]])

    for count, one in run(0, [range(extent) for extent in kernel.extents]):
        bytes_, transfers = bytes_ + count, transfers + one
    return bytes_, transfers


def costing(kernel: KernelModel, loops: Sequence[int]) -> Costing:
    tiles = {
        loop: tiles_of(kernel.extents[loop], candidate_sizes(kernel.extents[loop], 9))
        for loop in loops
    }
    step = Step(0, kernel, tuple((access, FAR) for access in kernel.reads), (), False)
    chain = chain_of([step], tiles)
    assert chain is not None
    grid = Grid(tiles, kernel.reductions & tiles.keys())
    more = added([(kernel, chain.loops[0])], grid, vector_bytes=8)
    return Costing(grid, chain, kernel, ALIGN, 1, kernel.work, more)


def loops_of(kernel: KernelModel) -> list[int]:
    """Rows, columns and sums; not both loops of one axis."""
    slides = len(kernel.reads[0].axes) == 1
    loops = [0, 1] if slides else [0, 1, 2]
    return [loop for loop in loops if kernel.extents[loop] > 1]


@settings(max_examples=60, deadline=None)
@given(kernels())
def test_bytes_and_transfers_are_those_of_the_loops(kernel: KernelModel) -> None:
    found = costing(kernel, loops_of(kernel))
    tiles = found.grid.tiles
    traffic = found.traffic([Place.FAR, Place.FAR], Place.FAR)
    for order, (bytes_, steps) in zip(found.orders, traffic, strict=True):
        transfers = steps - found.runs
        for place in range(prod(found.grid.shape)):
            at = place
            sizes: dict[int, int] = {}
            for loop in reversed(list(tiles)):
                at, index = divmod(at, len(tiles[loop].sizes))
                if tiles[loop].trips[index] > 1:
                    sizes[loop] = int(tiles[loop].sizes[index])
            nest = [loop for loop in order if loop in sizes]
            got = int(bytes_.ravel()[place]), int(transfers.ravel()[place])
            assert got == simulated(kernel, sizes, nest), (sizes, nest)


@settings(max_examples=60, deadline=None)
@given(kernels(), st.integers(8, 400), st.sampled_from([0, 1, 16, 512]))
def test_nothing_that_fits_is_cheaper(
    kernel: KernelModel, free: int, weight: int
) -> None:
    found = costing(kernel, loops_of(kernel))
    frontier = found.frontier([Place.FAR, Place.FAR], Place.FAR, weight)
    best = frontier.cheapest(free)
    near, _ = found.near([Place.FAR, Place.FAR], Place.FAR)
    fits = near.ravel() <= free
    if best is None:
        assert not fits.any()
        return
    tiling = found.tiling(frontier, best, weight)
    assert tiling.near <= free
    traffic = found.traffic([Place.FAR] * 2, Place.FAR)
    charged = [PARTS * own[0] + weight * found.more for own in traffic]
    assert tiling.cost.charged == min(int(own.ravel()[fits].min()) for own in charged)
    more = weight * tiling.cost.instructions
    assert tiling.cost.charged == PARTS * tiling.cost.bytes + more


def test_candidates_divide_into_equal_tiles_but_for_the_last() -> None:
    assert candidate_sizes(12, 99) == (12, 6, 4, 3, 2, 1)
    assert candidate_sizes(7, 99) == (7, 4, 3, 2, 1)
    assert candidate_sizes(1000, 3)[0] == 1000
    assert candidate_sizes(1000, 3)[-1] == 1
    assert len(candidate_sizes(1000, 3)) == 3


def test_multiples_of_lanes_are_candidates() -> None:
    assert candidate_sizes(20, 99, 4) == (20, 12, 10, 8, 7, 5, 4, 3, 2, 1)
