"""Instructions are estimated from what each tile has of vectors, rows and sums."""

from __future__ import annotations

from itertools import product
from math import ceil, prod
from typing import cast

import numpy as np
import pytest
from deployopt.analysis.traffic.grid import Grid
from deployopt.analysis.traffic.instructions import (
    KernelWork,
    added,
    lanes_of,
    per_vector,
    uncut,
)
from deployopt.analysis.traffic.kernel_model import Access, Axis, KernelModel
from deployopt.analysis.traffic.ranges import Range, tiled, tiles_of, whole
from deployopt.dialects.deploy import KernelOp
from xdsl.dialects.test import TestOp

VECTOR = 16
"""Bytes: four lanes of four bytes."""

ROWS, COLUMNS, SUMS = range(3)


def access(number: int, *loops: int, extents: tuple[int, ...]) -> Access:
    axes = tuple(Axis(extents[loop], ((loop, 1),)) for loop in loops)
    return Access(number, axes, 4)


def matmul(rows: int = 24, columns: int = 64, sums: int = 48) -> KernelModel:
    extents = rows, columns, sums
    reads = (
        access(0, ROWS, SUMS, extents=extents),
        access(1, SUMS, COLUMNS, extents=extents),
    )
    writes = (access(2, ROWS, COLUMNS, extents=extents),)
    no_op = cast(KernelOp, TestOp())
    return KernelModel(no_op, extents, frozenset({SUMS}), reads, writes)


def more(
    kernel: KernelModel, cut: dict[int, list[int]], vector: int = VECTOR
) -> dict[tuple[int, ...], int]:
    """Instructions beyond those of the uncut kernel, for all sizes together."""
    tiles = {loop: tiles_of(kernel.extents[loop], own) for loop, own in cut.items()}
    loops: list[Range] = [whole(extent) for extent in kernel.extents]
    for loop, own in tiles.items():
        loops[loop] = tiled(loop, own)
    grid = Grid(tiles, kernel.reductions & tiles.keys())
    found = added([(kernel, loops)], grid, vector)
    assert found.shape == grid.shape
    sizes = list(product(*cut.values()))
    return dict(zip(sizes, map(int, found.ravel()), strict=True))


def test_whole_loops_add_nothing() -> None:
    assert more(matmul(), {ROWS: [24], COLUMNS: [64], SUMS: [48]}) == {(24, 64, 48): 0}


def test_full_vectors_are_cheaper_than_larger_tiles_with_lanes_to_spare() -> None:
    found = more(matmul(), {COLUMNS: [8, 7, 5, 4]})
    assert found[8,] < found[7,]
    assert found[4,] < found[5,]


def test_without_vectors_there_are_no_lanes_to_spare() -> None:
    found = more(matmul(), {COLUMNS: [6, 5, 4]}, vector=0)
    assert found[6,] <= found[5,] <= found[4,]


def test_sums_cost_that_are_put_away() -> None:
    found = more(matmul(), {SUMS: [48, 24, 12, 6]})
    assert sorted(found.values()) == list(found.values())
    results = 24 * 64 // 4
    # Two parts: both load and store, and what was made of sums is made once more.
    assert found[24,] >= 4 * results


def test_small_blocks_load_more() -> None:
    found = more(matmul(), {ROWS: [24, 12, 2, 1], COLUMNS: [64, 4]})
    assert found[1, 4] > found[2, 4] > found[12, 4] > found[12, 64]
    # A row and a vector: each product loads both of its factors.
    products = 24 * 16 * 48
    assert found[1, 4] > products


@pytest.mark.parametrize("vector", [0, 16, 32])
def test_rounds_are_those_of_all_tiles(vector: int) -> None:
    kernel = matmul(7, 22, 9)
    cut = {ROWS: [7, 3], COLUMNS: [22, 9, 4], SUMS: [9, 5]}
    tiles = {loop: tiles_of(kernel.extents[loop], own) for loop, own in cut.items()}
    loops = [tiled(loop, tiles[loop]) for loop in cut]
    work = KernelWork(kernel, loops, Grid(tiles, frozenset({SUMS})), vector)
    lanes = lanes_of(kernel, COLUMNS, vector)
    assert lanes == max(vector // 4, 1)

    def rounds(sizes: tuple[int, ...]) -> int:
        parts = [
            [min(size, extent - start) for start in range(0, extent, size)]
            for size, extent in zip(sizes, kernel.extents, strict=True)
        ]
        return sum(r * ceil(c / lanes) * s for r, c, s in product(*parts))

    expected = [rounds(sizes) for sizes in product(*cut.values())]
    taken = work.instructions.ravel()
    # In the best of all blocks, a round takes more than its product alone.
    assert np.all(taken > expected)
    smallest = per_vector(1, 1, 0)[0, 0]
    ends = 100 * prod(kernel.extents[:2])
    assert np.all(taken < smallest * np.array(expected) + ends + 50 * 2 * 6 * 3)


def test_what_does_not_change_is_done_in_each_tile() -> None:
    """Columns are cut of the last kernel of a chain; the other one makes whole rows."""
    kernel, tiles = matmul(), {COLUMNS: tiles_of(64, [64, 16])}
    loops = [whole(extent) for extent in kernel.extents]
    found = added([(kernel, loops)], Grid(tiles, frozenset()), VECTOR)
    assert found.tolist() == [0, pytest.approx(3 * uncut(kernel, VECTOR), abs=1)]


def test_blocks_that_do_not_fit_are_no_better() -> None:
    table = per_vector(1, 1, 0)
    assert table[0, 0] == 1 + 1 + 1 + 3
    assert np.all(np.diff(table, axis=0) <= 0)
    assert np.all(np.diff(table, axis=1) <= 0)
    # Four vectors of six rows, with what they load: 29 registers.
    assert table[5, 3] == pytest.approx((4 + 6 + 24 + 3) / 24)
    assert table[6, 3] == table[5, 3]


def test_of_nothing_known_nothing_is_said() -> None:
    kernel = KernelModel(cast(KernelOp, TestOp()), (), frozenset(), (), ())
    assert uncut(kernel, VECTOR) == 0
