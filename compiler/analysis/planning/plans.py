"""Plans with a certificate: offsets, what no plan can be below, and who says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol, TypeAlias

from ...errors import UsageError
from .greedy import greedy, stacked
from .requests import Request, lower_bound, peak
from .search import Allowance, fit, has_solver

Method: TypeAlias = Literal["auto", "greedy", "cp-sat", "stacked"]
"""How to plan: `auto` asks CP-SAT where it is installed and greedy is not enough."""

METHODS: tuple[Method, ...] = ("auto", "greedy", "cp-sat", "stacked")

MISSING = "planner cp-sat needs OR-Tools"
HINT = "pip install 'deployopt[solver]'"

SHARE = 0.5
"""Of what is left, how much may go into each question that bisection asks."""


@dataclass(frozen=True)
class Plan:
    """The offsets of the requests, in their order, in bytes; and how good they are."""

    offsets: tuple[int, ...]
    peak: int
    """The bytes that the level must have."""
    lower_bound: int
    """No plan has a smaller peak than this."""
    proven_by: Literal["live bytes", "cp-sat"] = "live bytes"
    """What proves the lower bound."""
    method: str = "greedy"
    """What has found the offsets: a planner, and the order it took."""

    @property
    def gap(self) -> float:
        """How much of the lower bound the peak is above it; 0 is proven to be best."""
        return self.peak / self.lower_bound - 1 if self.lower_bound else 0.0


class Planner(Protocol):
    """What makes a plan for at least one request."""

    def __call__(self, requests: Sequence[Request], allowance: Allowance) -> Plan:
        """A plan with a peak as small as can be found in the allowance."""
        ...


def planned(requests: Sequence[Request], offsets: tuple[int, ...], method: str) -> Plan:
    """The plan of these offsets."""
    bound = lower_bound(requests)
    return Plan(offsets, peak(requests, offsets), bound, method=method)


def greedy_plan(requests: Sequence[Request], allowance: Allowance) -> Plan:
    """The best that takes milliseconds."""
    return planned(requests, greedy(requests), "greedy")


def stacked_plan(requests: Sequence[Request], allowance: Allowance) -> Plan:
    """Bytes of its own for each request."""
    return planned(requests, stacked(requests), "stacked")


def cp_sat_plan(requests: Sequence[Request], allowance: Allowance) -> Plan:
    """Greedy first; then CP-SAT, where that is above the bound."""
    if not has_solver():
        raise UsageError(MISSING, hint=HINT)
    return lowered(requests, greedy_plan(requests, allowance), allowance)


def auto_plan(requests: Sequence[Request], allowance: Allowance) -> Plan:
    """Greedy first; then CP-SAT, where that is above the bound and it is installed."""
    found = greedy_plan(requests, allowance)
    return lowered(requests, found, allowance) if has_solver() else found


PLANNERS: dict[str, Planner] = {
    "auto": auto_plan,
    "greedy": greedy_plan,
    "cp-sat": cp_sat_plan,
    "stacked": stacked_plan,
}
"""What can be asked for by name."""


def lowered(requests: Sequence[Request], best: Plan, allowance: Allowance) -> Plan:
    """
    `best` or a plan with a smaller peak.

    Asks for the bound itself first, then in the middle of what is left open.
    """
    unlikely = best.lower_bound
    capacity = best.lower_bound
    while unlikely < best.peak and allowance.seconds > 0:
        answer = fit(requests, capacity, allowance.part(SHARE))
        if answer.offsets is not None:
            best = improved(requests, best, answer.offsets, answer.order)
        elif answer.impossible:
            best = replace(best, lower_bound=capacity + 1, proven_by="cp-sat")
        if answer.offsets is None:
            unlikely = capacity + 1
        capacity = (unlikely + best.peak) // 2
    return best


def improved(
    requests: Sequence[Request], best: Plan, offsets: tuple[int, ...], order: str
) -> Plan:
    """`best` with other offsets."""
    return replace(
        best,
        offsets=offsets,
        peak=peak(requests, offsets),
        method=f"cp-sat {order}",
    )


def plan(
    requests: Sequence[Request],
    planner: Planner = greedy_plan,
    budget: float = 0,
) -> Plan:
    """
    Offsets for all requests of one level, with the smallest peak that can be found.

    `budget` is in deterministic seconds, and only for what searches.
    """
    if not requests:
        return Plan((), 0, 0)
    return planner(requests, Allowance(budget))


def plan_within(
    requests: Sequence[Request],
    capacity: int,
    method: Method = "auto",
    allowance: Allowance | None = None,
) -> Plan:
    """
    The first plan found whose peak is at most `capacity`, else the best one known.

    Then a lower bound above the capacity says that there is none.
    """
    if not requests:
        return Plan((), 0, 0)
    if method == "stacked":
        return planned(requests, stacked(requests), method)
    if method == "cp-sat" and not has_solver():
        raise UsageError(MISSING, hint=HINT)
    best = planned(requests, greedy(requests, enough=capacity), "greedy")
    if best.peak <= capacity or best.lower_bound > capacity:
        return best
    if method == "greedy" or not has_solver():
        return best
    answer = fit(requests, capacity, allowance or Allowance(0))
    if answer.impossible:
        return replace(best, lower_bound=capacity + 1, proven_by="cp-sat")
    if answer.offsets is None:
        return best
    return improved(requests, best, answer.offsets, answer.order)
