"""The planner against brute force, and its bound against what it finds."""

from __future__ import annotations

import importlib.util
from itertools import permutations

import numpy as np
import pytest
from deployopt.analysis.planning import (
    PLANNERS,
    Request,
    aligned,
    lower_bound,
    lowest_offset,
    peak,
    plan,
)

needs_solver = pytest.mark.skipif(
    importlib.util.find_spec("ortools") is None, reason="ortools is not installed"
)


def random_requests(seed: int, count: int) -> list[Request]:
    random = np.random.default_rng(seed)
    requests: list[Request] = []
    for number in range(count):
        start = int(random.integers(0, 12))
        size, length = int(random.integers(1, 60)), int(random.integers(1, 8))
        align = int(random.choice([1, 4, 16]))
        requests.append(Request(str(number), size, align, start, start + length))
    return requests


def collisions(requests: list[Request], offsets: tuple[int, ...]) -> list[str]:
    """Pairs that are live together and share a byte, step by step and byte by byte."""
    taken: dict[tuple[int, int], str] = {}
    found: list[str] = []
    for request, offset in zip(requests, offsets, strict=True):
        for step in range(request.start, request.end):
            for byte in range(offset, offset + request.size):
                other = taken.setdefault((step, byte), request.name)
                if other != request.name:
                    found.append(f"{other} and {request.name}")
    return found


@pytest.mark.parametrize(
    "planner",
    [
        pytest.param(name, marks=needs_solver if name == "cp-sat" else ())
        for name in PLANNERS
    ],
)
@pytest.mark.parametrize("seed", range(20))
def test_offsets_are_aligned_and_apart(seed: int, planner: str):
    requests = random_requests(seed, 3 + seed)
    found = plan(requests, PLANNERS[planner])
    assert collisions(requests, found.offsets) == []
    for request, offset in zip(requests, found.offsets, strict=True):
        assert offset % request.align == 0
    assert found.lower_bound <= found.peak == peak(requests, found.offsets)


@pytest.mark.parametrize("seed", range(8))
def test_no_plan_is_below_the_bound(seed: int):
    requests = random_requests(seed, 5)
    peaks: list[int] = []
    for order in permutations(requests):
        placed: list[tuple[Request, int]] = []
        for request in order:
            placed.append((request, lowest_offset(request, placed)))
        peaks.append(max(offset + request.size for request, offset in placed))
    assert lower_bound(requests) <= min(peaks) <= plan(requests).peak


def test_what_the_topmost_one_leaves_is_no_loss():
    requests = [Request("a", 5, 16, 0, 1), Request("b", 5, 16, 0, 1)]
    assert lower_bound(requests) == plan(requests).peak == 21


def test_greedy_is_better_than_by_size():
    # by size: a 0..6, b 6..10, c has to go on top of both
    requests = [
        Request("a", 6, 1, 0, 2),
        Request("b", 4, 1, 1, 4),
        Request("c", 5, 1, 3, 5),
        Request("d", 3, 1, 2, 4),
    ]
    assert plan(requests).peak == lower_bound(requests) == 12


def test_nothing_to_plan():
    assert plan([]).peak == 0


def test_aligned():
    assert [aligned(n, 16) for n in (0, 1, 16, 17)] == [0, 16, 16, 32]
