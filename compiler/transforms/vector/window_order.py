"""What straight code of a window keeps in registers, in the order of its places."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING

from xdsl.dialects.linalg import ops as linalg

from .costs import add
from .items import Kind
from .kept import in_common

if TYPE_CHECKING:
    from .tally import Tally


def taps(tally: Tally, op: linalg.GenericOp) -> dict[str, float]:
    """
    Registers that straight code needs in the order of a window, in a loop over lanes.

    The weights of one place of the window are of use for a moment then, in all results
    of a block. What several rows of the window use waits, if there is some. GCC, which
    may be the compiler of this computer, keeps more.
    """
    need, left = tally.accumulated(op), tally.left(op)
    if tally.trial.lane_loop not in left or tally.costs.registers.shared:
        need["vector"] = inf
        return need
    items = [item for item in tally.costs.items if item.loops.intersection(left)]
    loads = {i: in_common(tally, i) for i in items if i.kind is Kind.LOAD}
    is_float = all(item.is_float for item in items)
    if not (is_float and slides(tally, left) and any(loads.values())):
        need["vector"] = inf
    for item, waits in loads.items():
        used = 1 if waits else tally.values_of(item, item.loops & tally.costs.outer)
        add(need, item, waits + used, True, tally.groups(item.bits))
    return need


def slides(tally: Tally, left: Sequence[int]) -> bool:
    """
    Whether several results of a block share all of a window, with vectors.

    None of the loops over reductions that are `left` reads it at another place.
    """
    outer = tally.costs.outer
    sums = [one for item in tally.costs.items for one in item.sums]
    windows = [one for one in sums if any(one[n] for n in outer)]
    taps = {n for one in windows for n, by in enumerate(one) if by and n not in outer}
    blocked = [n for n in outer if tally.steps[n] > 1]
    is_shared = any(
        one[tap] and tally.steps[tap] > 1 and any(one[n] for n in blocked)
        for one in windows
        for tap in taps
    )
    has_vectors = bool(tally.costs.registers.vector_bits)
    return has_vectors and is_shared and taps.isdisjoint(left)
