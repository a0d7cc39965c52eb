"""
Loops over the tiles of a chain's root.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from xdsl.dialects import scf
from xdsl.dialects.builtin import IndexType
from xdsl.ir import Block, SSAValue

from ...analysis.chains import Chain, Demand, demand_of
from ...analysis.footprint import Offset, Span
from ...analysis.structured import loop_ranges
from ...analysis.tiles import whole_loops
from .tile_driver import Driver

Tensors: TypeAlias = Sequence[SSAValue]
TileBody: TypeAlias = Callable[[Driver, Sequence[Span], Tensors], Tensors]
"""What is done to the carried tensors for one tile of the loops."""

Runs: TypeAlias = Sequence[tuple[int, int, int]]
"""First index, end and size of tiles that can share a loop."""


def plain_runs(extent: int, size: int) -> Runs:
    """Full tiles in one loop, then what remains."""
    full = extent // size * size
    rest = [(full, extent, extent - full)] if full < extent else []
    return [(0, full, size), *rest]


def for_each_tile(
    driver: Driver,
    spans: Sequence[Span],
    runs: Sequence[tuple[int, Runs]],
    carried: Tensors,
    body: TileBody,
) -> Tensors:
    """Runs `body` for every tile; `runs` has the loops that are cut, outer first."""
    if not runs:
        return body(driver, spans, carried)
    (loop, tiles), *rest = runs

    def at(inner: Driver, span: Span, values: Tensors) -> Tensors:
        cut = [*spans[:loop], span, *spans[loop + 1 :]]
        return for_each_tile(inner, cut, rest, values, body)

    for first, end, size in tiles:
        if end - first == size:
            inner = driver.nested()
            span = Span(Offset(first), size, whole=False, depth=inner.depth)
            carried = at(inner, span, carried)
        else:
            carried = tile_loop(driver, (first, end, size), carried, at)
    return carried


def tile_loop(
    driver: Driver,
    run: tuple[int, int, int],
    carried: Tensors,
    at: Callable[[Driver, Span, Tensors], Tensors],
) -> Tensors:
    """A loop over full tiles."""
    first, end, size = run
    block = Block(arg_types=[IndexType(), *(value.type for value in carried)])
    index, *inside = block.args
    inner = driver.inside(block, first, end - size)
    start = Offset(0, ((index, 1),))
    span = Span(start, size, whole=False, depth=inner.depth)
    results = at(inner, span, inside)
    inner.append(scf.YieldOp(*results))
    low, high, step = map(driver.index, run)
    return driver.append(scf.ForOp(low, high, step, carried, block))


def runs_of(chain: Chain, loop: int, size: int) -> Runs:
    """The tiles of one loop; those that reach into a padding are alone."""
    root = chain.root.group.root
    extent = loop_ranges(root)[loop]
    spans = list(whole_loops(root))

    def is_inside(first: int) -> bool:
        spans[loop] = Span(Offset(first), size, whole=False)
        demand = demand_of(chain, spans, {})
        return demand is not None and touches_no_padding(demand)

    firsts = range(0, extent // size * size, size)
    # What a tile takes moves on with it, so those inside stand in a row.
    low = next((n for n, first in enumerate(firsts) if is_inside(first)), len(firsts))
    back = enumerate(reversed(firsts[low:]))
    high = len(firsts) - next((n for n, first in back if is_inside(first)), 0)
    alone = [(first, first + size, size) for first in firsts]
    inside = [(firsts[low], firsts[high - 1] + size, size)] if low < high else []
    rest = plain_runs(extent, size)[1:]
    return [*alone[:low], *inside, *alone[high:], *rest]


def touches_no_padding(demand: Demand) -> bool:
    """Whether all parts of padded tensors lie inside, along the axes that are cut."""
    return not any(
        (low or high) and not span.whole
        for (_, axes), clip in demand.pads.items()
        for low, high, span in zip(clip.low, clip.high, axes, strict=True)
    )
