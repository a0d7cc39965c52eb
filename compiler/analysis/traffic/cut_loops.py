"""The loops of a chain that are cut at the same time, and the sizes that are tried."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from .driver_model import Step
from .instructions import lanes_of
from .kernel_model import KernelModel
from .ranges import LoopTiles, candidate_sizes, tiles_of

MOST_LOOPS, MOST_TURNED, MOST_CHAINED = 5, 3, 2
"""
Loops that are cut at the same time: of one kernel, of one without sums that is chained
to a single other, which it may turn to another order, and of the last of other chains.
"""


def loop_sets(steps: Sequence[Step]) -> list[tuple[int, ...]]:
    """The loops of the root that are cut together."""
    root = steps[-1].kernel
    if root.given.sizes is not None:
        return [tuple(loop for loop, _ in root.given.sizes)]
    if len(steps) == 1:
        return [loops_that_matter(root)]
    loops = [n for n in root.cuttable if n not in root.reductions]
    turned = len(steps) == 2 and not root.reductions
    most = MOST_TURNED if turned else MOST_CHAINED
    counts = range(1, most + 1)
    return [own for count in counts for own in combinations(loops, count)]


def loop_tiles(
    root: KernelModel, loops: Sequence[int], points: int, vector_bytes: int
) -> dict[int, LoopTiles]:
    """
    Candidates of each loop; fewer of each when there are more than `points` together.

    A vector register has `vector_bytes`; 0 without.
    """
    if root.given.sizes is not None:
        given = root.given.sizes
        return {loop: tiles_of(root.extents[loop], [size]) for loop, size in given}
    most = max(points, 1)
    extents = [root.extents[loop] for loop in loops]
    units = [lanes_of(root, loop, vector_bytes) for loop in loops]
    while True:
        sizes = [
            candidate_sizes(extent, most, unit)
            for extent, unit in zip(extents, units, strict=True)
        ]
        if np.prod([len(s) for s in sizes]) <= points or most <= 2:
            break
        most = max(max(map(len, sizes)) - 1, 2)
    pairs = zip(loops, extents, sizes, strict=True)
    return {loop: tiles_of(extent, own) for loop, extent, own in pairs}


def loops_that_matter(kernel: KernelModel) -> tuple[int, ...]:
    """The longest loops that can be cut together: no two of them share an axis."""
    axes = [axis for access in (*kernel.reads, *kernel.writes) for axis in access.axes]
    partners = [{loop for loop, _ in axis.factors} for axis in axes]
    found: list[int] = []
    for loop in sorted(
        kernel.cuttable, key=lambda n: (n in kernel.reductions, -kernel.extents[n])
    ):
        clash = any(loop in shared and shared & set(found) for shared in partners)
        if not clash and len(found) < MOST_LOOPS:
            found.append(loop)
    return tuple(sorted(found))
