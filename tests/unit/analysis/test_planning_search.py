"""The search for offsets: never worse than greedy, right, and the same each time."""

from __future__ import annotations

import importlib.util
import sys
from itertools import combinations

import pytest
from deployopt.analysis.planning import (
    PLANNERS,
    Allowance,
    Plan,
    Request,
    greedy,
    lower_bound,
    peak,
    plan,
    plan_within,
)
from deployopt.analysis.planning.orders import WORDS, ordered, sections_of, weights_of
from deployopt.analysis.planning.requests import independent_parts, neighbours
from deployopt.errors import UsageError
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_folder import memory_checker

# Five bytes are greedy's best: b and c lie below a, and e does not fit between.
PUZZLE = [
    Request("a", 2, 1, 3, 4),
    Request("b", 1, 1, 3, 5),
    Request("c", 1, 1, 2, 4),
    Request("d", 3, 1, 0, 3),
    Request("e", 3, 1, 4, 6),
]

needs_solver = pytest.mark.skipif(
    importlib.util.find_spec("ortools") is None, reason="ortools is not installed"
)


@st.composite
def some_requests(draw: st.DrawFn) -> list[Request]:
    count = draw(st.integers(1, 9))
    aligns = draw(st.sampled_from([(1,), (4,), (1, 2, 8), (6, 4)]))
    requests: list[Request] = []
    for number in range(count):
        start, length = draw(st.integers(0, 8)), draw(st.integers(1, 5))
        size, align = draw(st.integers(0, 30)), draw(st.sampled_from(aligns))
        requests.append(Request(f"b{number}", size, align, start, start + length))
    return requests


def faults(requests: list[Request], found: Plan) -> list[str]:
    """What is wrong with a plan, pair by pair."""
    pairs = list(zip(requests, found.offsets, strict=True))
    wrong = [r.name for r, offset in pairs if offset < 0 or offset % r.align]
    for (a, low), (b, high) in combinations(pairs, 2):
        together = max(a.start, b.start) < min(a.end, b.end)
        if together and max(low, high) < min(low + a.size, high + b.size):
            wrong.append(f"{a.name} and {b.name}")
    return wrong


def smallest_peak(requests: list[Request]) -> int:
    """The best of all ways to place requests one by one at the lowest free offset."""

    def place(placed: list[tuple[Request, int]], left: list[Request]) -> int:
        if not left:
            return max((offset + r.size for r, offset in placed), default=0)
        peaks: list[int] = []
        for request in left:
            others = [r for r in left if r is not request]
            near = [(o, o + r.size) for r, o in placed if r.meets(request)]
            ends = sorted(
                {0, *(-(-e // request.align) * request.align for _, e in near)}
            )
            free = next(
                e for e in ends if all(e + request.size <= a or z <= e for a, z in near)
            )
            peaks.append(place([*placed, (request, free)], others))
        return min(peaks)

    return place([], requests)


@needs_solver
@settings(max_examples=60, deadline=None)
@given(some_requests())
def test_plans_are_right_and_not_worse_than_greedy(requests: list[Request]):
    found = plan(requests, PLANNERS["cp-sat"], 0.5)
    assert faults(requests, found) == []
    assert lower_bound(requests) <= found.lower_bound <= found.peak
    assert found.peak == peak(requests, found.offsets)
    assert found.peak <= peak(requests, greedy(requests))


@needs_solver
@settings(max_examples=40, deadline=None)
@given(some_requests().filter(lambda requests: len(requests) < 6))
def test_bounds_that_are_reached_are_the_best_there_is(requests: list[Request]):
    requests = [r for r in requests if r.size]
    found = plan(requests, PLANNERS["cp-sat"], 5)
    best = smallest_peak(requests)
    assert found.lower_bound <= best
    assert found.peak == best


@needs_solver
@settings(max_examples=30, deadline=None)
@given(some_requests(), st.integers(1, 120))
def test_a_capacity_is_met_or_refused_for_a_reason(
    requests: list[Request], capacity: int
):
    found = plan_within(requests, capacity, "cp-sat", Allowance(5))
    assert faults(requests, found) == []
    assert found.peak <= capacity or found.lower_bound > capacity


@needs_solver
@settings(max_examples=30, deadline=None)
@given(some_requests())
def test_the_checker_agrees(requests: list[Request]):
    requests = [r for r in requests if r.size]
    checker = memory_checker()
    found = plan(requests, PLANNERS["cp-sat"], 1)
    buffers = [
        {"name": r.name, "size": r.size, "start": r.start, "end": r.end, "level": "L1"}
        | {"align": r.align, "offset": offset}
        for r, offset in zip(requests, found.offsets, strict=True)
    ]
    claimed = {"L1": {"peak": found.peak, "lower_bound": found.lower_bound}}
    levels = {"L1": {"size": found.peak}} if requests else {}
    claim = {"claimed": claimed} if requests else {}
    told = checker.check({"levels": levels, "buffers": buffers, "csv": True, **claim})
    assert told["ok"], told


@needs_solver
def test_search_finds_what_greedy_does_not():
    assert peak(PUZZLE, greedy(PUZZLE)) == 5
    found = plan(PUZZLE, PLANNERS["auto"], 1)
    assert (found.peak, found.lower_bound, found.gap) == (4, 4, 0)
    assert found.method.startswith("cp-sat ")


@needs_solver
def test_what_cannot_be_is_proven():
    # 4 + 8 bytes are live; 8 at 0 and 4 at 8 leave no multiple of 8 for the last one
    requests = [
        Request("a", 4, 4, 0, 2),
        Request("b", 4, 8, 1, 3),
        Request("c", 4, 8, 1, 3),
    ]
    assert lower_bound(requests) == 12
    found = plan(requests, PLANNERS["cp-sat"], 5)
    assert found.peak == 12
    shifted = [*requests, Request("d", 4, 8, 0, 2)]
    found = plan(shifted, PLANNERS["cp-sat"], 5)
    assert found.lower_bound == found.peak == 20
    assert found.proven_by == "cp-sat"
    assert plan_within(shifted, 19, "auto", Allowance(5)).lower_bound == 20


def test_without_budget_greedy_stays():
    found = plan(PUZZLE, PLANNERS["auto"])
    assert (found.peak, found.method) == (5, "greedy")
    assert found.gap == 0.25


@needs_solver
def test_every_time_the_same():
    plans = [plan(PUZZLE, PLANNERS["auto"], 1) for _ in range(2)]
    assert plans[0] == plans[1]


def test_without_the_solver_greedy_is_left(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "ortools", None)
    assert plan(PUZZLE, PLANNERS["auto"], 1).method == "greedy"
    assert plan_within(PUZZLE, 4, "auto", Allowance(1)).peak == 5
    with pytest.raises(UsageError, match="needs OR-Tools; pip install"):
        plan(PUZZLE, PLANNERS["cp-sat"], 1)


def test_sections_are_the_largest_sets_that_live_together():
    assert sections_of(PUZZLE) == [[0, 1, 2], [1, 4], [2, 3]]


def test_parts_have_no_step_in_common():
    apart = [Request("a", 1, 1, 4, 6), Request("b", 1, 1, 0, 4)]
    assert independent_parts(apart) == [[1], [0]]
    assert independent_parts(PUZZLE) == [[3, 2, 0, 1, 4]]


def test_neighbours_meet():
    assert [sorted(n) for n in neighbours(PUZZLE)] == [
        [1, 2],
        [0, 2, 4],
        [0, 1, 3],
        [2],
        [1],
    ]


@pytest.mark.parametrize("word", WORDS)
def test_orders_have_each_request_once_and_shaking_changes_them(word: str):
    requests = [Request(str(n), 50 + n, 1, n, 2 * n + 1) for n in range(30)]
    weights = weights_of(requests, sections_of(requests))
    orders = [ordered(word, weights, seed) for seed in (0, 1, 2, 1)]
    assert all(sorted(order) == list(range(30)) for order in orders)
    assert orders[1] == orders[3]
    assert orders[1] != orders[2]


def test_the_first_letter_counts_most():
    requests = [Request("a", 5, 1, 0, 2), Request("b", 9, 1, 0, 1)]
    weights = weights_of(requests, sections_of(requests))
    assert ordered("WZ", weights) == [0, 1]
    assert ordered("ZW", weights) == [1, 0]


@needs_solver
def test_empty_buffers_need_no_place():
    empty = Request("empty", 0, 4, 9, 10)
    found = plan([empty, *PUZZLE, Request("f", 0, 1, 2, 4)], PLANNERS["auto"], 1)
    assert (found.peak, found.lower_bound) == (4, 4)
