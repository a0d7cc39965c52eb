"""Which of the measured ways to cut a kernel is kept."""

from __future__ import annotations

import pytest
from deployopt.analysis.plans import BlocksPlan
from deployopt.bench.tuning import chosen
from deployopt.machine import load_machine

PLANS = [BlocksPlan("kernel", ("node",), ({"sizes": (n,)},)) for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("machine", "costs", "kept"),
    [
        ("rv64gc", [100, 99, 98], 2),
        ("rv64gc", [100, 100, 100], 0),
        ("host", [100, 99, 96], 0),
        ("host", [100, 94, 97], 1),
        ("host", [0, 0, 0], 0),
    ],
)
def test_times_have_to_be_shorter_by_more_than_chance(
    machine: str, costs: list[int], kept: int
):
    tuned = chosen(load_machine(machine), PLANS, costs)
    assert tuned.blocks == PLANS[kept]
    assert (tuned.searched, tuned.measured) == (costs[0], costs[kept])
