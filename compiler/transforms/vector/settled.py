"""Whether what is outside of padded values is known in all blocks of a trial."""

from __future__ import annotations

from collections.abc import Iterable

from .borders import interior, is_peeled
from .costs import Costs, Trial
from .reads import Test


def is_settled(costs: Costs, trial: Trial) -> bool:
    """
    Whether no test of what is outside of a padded value is left in a block.

    A loop over results in such a test is blocked only where the reductions in it are
    written out, and few blocks are at its borders; where they are not, they can be cut
    to the rounds that count. One of lanes is cut where outcomes change.
    """
    for test in costs.reads.tests:
        used = [n for n, factor in enumerate(test.index.factors) if factor]
        outer = [n for n in used if n in costs.outer]
        inner = [n for n in used if n not in costs.outer]
        if trial.lane_loop in used:
            if trial.lane_loop not in costs.edges or not is_written(
                costs, trial, inner
            ):
                return False
            continue
        is_cut = all(trial.sizes[n] == 1 for n in used)
        written = is_written(costs, trial, inner)
        can_cut = len(inner) == 1
        if not written and not (is_cut and can_cut):
            return not any(trial.sizes[n] > 1 for n in outer)
        if (
            written
            and inner
            and not all(is_known(costs, trial, test, n) for n in outer)
        ):
            return False
    return True


def is_known(costs: Costs, trial: Trial, test: Test, loop: int) -> bool:
    """Whether the blocks of a loop at whose borders a test changes are written out."""
    if test.index.factors[loop] < 0:
        return False
    inside = interior(costs.reads, test, loop)
    return is_peeled(costs.reads.extents[loop], trial.sizes[loop], inside)


def is_written(costs: Costs, trial: Trial, loops: Iterable[int]) -> bool:
    """Whether all rounds of some loops are written out."""
    return all(trial.sizes[n] >= costs.reads.extents[n] for n in loops)
