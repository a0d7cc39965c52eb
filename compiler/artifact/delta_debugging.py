"""
Leaving out what a failure does not need.

By delta debugging (Zeller and Hildebrandt, *Simplifying and Isolating Failure-Inducing
Input*, 2002).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from .reference import DIFFERS

Item = TypeVar("Item")


def kind(failure: str) -> str:
    """A failure without names and numbers: what two have in common that are alike."""
    if failure.endswith(DIFFERS):
        return DIFFERS
    return re.sub(r"'[^']*'|\S*\d\S*", "…", re.sub(r"^\S+ (?=\()", "", failure))


def smallest(
    items: Sequence[Item], fails: Callable[[Sequence[Item]], bool]
) -> list[Item]:
    """A part of `items`, all of which fail, none of which can be left out."""
    kept, pieces = list(items), 2
    while len(kept) > 1:
        size = -(-len(kept) // pieces)
        cuts = [kept[start : start + size] for start in range(0, len(kept), size)]
        rests = [[i for c in cuts if c is not cut for i in c] for cut in cuts]
        candidates = [*cuts, *rests] if pieces > 2 or len(cuts) > 2 else cuts
        found = next((one for one in candidates if one and fails(one)), None)
        if found is not None:
            pieces = 2 if found in cuts else max(pieces - 1, 2)
            kept = found
        elif size == 1:
            break
        else:
            pieces = min(2 * pieces, len(kept))
    return kept
