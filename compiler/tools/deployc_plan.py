"""`deployc plan`: the planner of static offsets alone, on a table of buffers."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from math import isfinite
from typing import TYPE_CHECKING

from ..errors import DeployError, UsageError
from ..writing import check_writable
from .progress import progress_bar, say

if TYPE_CHECKING:
    from ..analysis.planning import Allowance, Plan
    from .buffer_table import BufferTable

BUDGET = 120.0
"""Deterministic seconds that a search may take unless more is asked for."""

PARTS = 100
"""How many steps the progress bar shows the budget in."""

METHODS = ("auto", "greedy", "cp-sat")
"""The planners to choose from."""


def add_offsets(parser: argparse.ArgumentParser) -> None:
    """The options of `plan`."""
    parser.add_argument("table", metavar="BUFFERS.csv", help="id,lower,upper,size")
    parser.add_argument(
        "--capacity",
        metavar="N",
        type=positive,
        help="bytes there are; the first plan that fits will do (default: the fewest)",
    )
    parser.add_argument(
        "-o", dest="result", metavar="OUT.csv", help="save the table with offsets here"
    )
    parser.add_argument(
        "--planner",
        metavar="P",
        choices=METHODS,
        default="auto",
        help="greedy, cp-sat, or auto: cp-sat where greedy is not enough",
    )
    parser.add_argument(
        "--budget",
        metavar="S",
        type=seconds,
        help=f"deterministic seconds to search for (default {BUDGET:.0f})",
    )


def positive(text: str) -> int:
    """A number of bytes; argparse reports what is none."""
    number = int(text, 0)
    if number <= 0:
        raise ValueError
    return number


def seconds(text: str) -> float:
    """A time; argparse reports what is none."""
    number = float(text)
    if not (isfinite(number) and number >= 0):
        raise ValueError
    return number


def plan(options: argparse.Namespace) -> None:
    """Finds offsets, says how good they are, saves them."""
    from .buffer_table import read_buffer_table

    settle_budget(options)
    if options.result is not None:
        check_writable(options.result)
    started = time.monotonic()
    table = read_buffer_table(options.table)
    with searching(options) as allowance:
        found = offsets_for(table, options, allowance)
    check_capacity(found, options)
    if options.result is not None:
        table.write(options.result, found.offsets)
    if options.quiet:
        return
    print(certificate(found))
    taken = f"{time.monotonic() - started:.1f} s"
    searched = f"{options.budget - allowance.seconds:.2f} deterministic seconds"
    count = f"{len(table.requests)} buffers"
    say(f"{options.table}: {count} in {taken}, searched for {searched}")


def settle_budget(options: argparse.Namespace) -> None:
    """Says what the budget is where nobody does; refuses one for no search."""
    if options.budget is None:
        options.budget = BUDGET
    elif options.planner == "greedy":
        raise UsageError("--planner greedy does not search, got --budget")


def offsets_for(
    table: BufferTable, options: argparse.Namespace, allowance: Allowance
) -> Plan:
    """The best plan that was found, which may be too large."""
    from ..analysis.planning import PLANNERS, Plan, plan_within

    if not table.requests:
        return Plan((), 0, 0)
    if options.capacity is None:
        return PLANNERS[options.planner](table.requests, allowance)
    return plan_within(table.requests, options.capacity, options.planner, allowance)


def check_capacity(found: Plan, options: argparse.Namespace) -> None:
    """Raises `DeployError` when a plan does not fit."""
    from ..analysis.planning import has_solver

    capacity = options.capacity
    if capacity is None or found.peak <= capacity:
        return
    if found.lower_bound > capacity:
        bound = f"the lower bound of {found.lower_bound} bytes ({found.proven_by})"
        message = f"capacity must be at least {bound}, got {capacity}"
        raise DeployError(message, node=options.table)
    hint = f"a --budget above {options.budget:g} gives the search more time"
    if options.planner == "greedy":
        hint = "--planner cp-sat searches"
    elif not has_solver():
        hint = "a search needs OR-Tools: pip install 'deployopt[solver]'"
    message = (
        f"found no plan within {capacity} bytes, the best one takes {found.peak}, "
        f"the lower bound is {found.lower_bound}"
    )
    raise DeployError(message, node=options.table, hint=hint)


def certificate(found: Plan) -> str:
    """How good a plan is, and who says so."""
    return (
        f"peak {found.peak} bytes, lower bound {found.lower_bound} bytes "
        f"({found.proven_by}), gap {100 * found.gap:.3f} %, by {found.method}"
    )


@contextmanager
def searching(options: argparse.Namespace) -> Generator[Allowance]:
    """The time to search for, shown as it goes by to a person who waits."""
    from ..analysis.planning import Allowance

    with progress_bar(PARTS) as begin:
        allowance = Allowance(options.budget)
        if options.verbose:
            allowance.told = lambda taken: say(spent(allowance, options.budget))
        elif not options.quiet:
            allowance.told = parts_of(allowance, options.budget, begin)
        yield allowance


def parts_of(
    allowance: Allowance, budget: float, begin: Callable[[str], None]
) -> Callable[[float], None]:
    """Begins each part of the budget when it is reached."""
    begun = 0

    def told(taken: float) -> None:
        nonlocal begun
        reached = PARTS * (1 - allowance.seconds / budget)
        while begun < reached:
            begun += 1
            begin(spent(allowance, budget))

    return told


def spent(allowance: Allowance, budget: float) -> str:
    """What of the budget is used up."""
    return f"searched for {budget - allowance.seconds:.2f} of {budget:g} s"
