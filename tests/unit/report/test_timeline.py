"""When steps happen, and what they take."""

from __future__ import annotations

from typing import Any

import pytest
from deployopt.errors import DeployError
from deployopt.report.costs import Costs, read_profile
from deployopt.report.program import Program, read_program
from deployopt.report.timeline import Timeline, simulate
from report_files import Table, manifest, plan


def program(table: Table | None = None) -> Program:
    return read_program(table or manifest(), plan())


def timeline(table: Table | None = None) -> Timeline:
    net = program(table)
    return simulate(net, Costs(net))


def test_transfers():
    """L3-L2: 20 and a cycle per 2 bytes; L2-L1: 10 and one per 4."""
    flights = [(f.start, f.wait, f.begin, f.end) for f in timeline().flights]
    assert flights == [
        (0, 1, 0, 220),
        (2, 4, 220, 340),
        (3, 5, 220, 330),
        (6, 7, 340, 400),
        (9, 11, 1400, 1435),
        (12, 13, 1435, 1505),
    ]


def test_the_core():
    """Nothing is left to wait for in step 5."""
    works = [(w.step, w.begin, w.end, w.waits) for w in timeline().works]
    assert works == [
        (1, 0, 220, True),
        (4, 220, 340, True),
        (7, 340, 400, True),
        (8, 400, 1400, False),
        (10, 1400, 1410, False),
        (11, 1410, 1435, True),
        (13, 1435, 1505, True),
    ]


def test_sums():
    line = timeline()
    assert line.edges[8:12] == (400, 1400, 1400, 1410)
    assert (line.total, line.computing, line.waiting) == (1505, 1010, 495)
    assert (line.moving, line.hidden) == (220 + 120 + 110 + 60 + 35 + 70, 10)


def test_rounds_of_a_loop_take_as_long_as_all_together():
    table = manifest()
    table["memory"]["ops"][9]["repeat"] = 4
    flight = timeline(table).flights[4]
    assert flight.end - flight.begin == 4 * (10 + 25)


def test_a_dma_that_the_core_must_wait_for():
    table = manifest()
    table["machine"]["levels"]["L1"]["dma"]["asynchronous"] = False
    line = timeline(table)
    assert [w.step for w in line.works if w.waits] == [1, 3, 4, 6, 9, 13]
    assert line.hidden == 0


def test_one_transfer_at_a_time_per_link():
    table = manifest()
    table["memory"]["ops"][3] |= {"from": "L3", "to": "L2"}
    flights = timeline(table).flights
    assert (flights[1].begin, flights[1].end) == (220, 340)
    assert (flights[2].begin, flights[2].end) == (340, 340 + 220)


def test_waits_find_their_start_by_what_they_touch():
    table = manifest()
    for step in table["memory"]["ops"]:
        step.pop("starts", None)
    assert timeline(table) == timeline()


def test_no_way():
    table = manifest()
    table["memory"]["ops"][0] |= {"from": "L3", "to": "L1"}
    with pytest.raises(DeployError, match="expected a DMA between L3 and L1, got none"):
        timeline(table)


def profile(**changes: Any) -> Table:
    nodes = [{"name": "conv", "instructions": 500}, {"name": "add", "instructions": 30}]
    about = {"machine": "scratchpad-64k", "runner": "spike", "unit": "instructions"}
    return {**about, "total": 600, "nodes": nodes, **changes}


def test_measured():
    net = program()
    costs = Costs(net, read_profile(profile(), net))
    assert costs.of_kernels() == {8: 500, 10: 30}
    assert simulate(net, costs).computing == 530


def test_what_a_node_took_is_shared_out_over_its_kernels():
    """Step 10 makes 40 elements, a hundredth of the 4000 multiply-adds of step 8."""
    table = manifest()
    table["memory"]["ops"][10]["name"] = "conv"
    net = program(table)
    nodes = [{"name": "conv", "instructions": 1010}]
    costs = Costs(net, read_profile(profile(nodes=nodes), net))
    assert costs.of_kernels() == pytest.approx({8: 1000, 10: 10})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "profile: expected a profile of deployc run, got none"),
        ({"nodes": 3}, "profile: expected a profile of deployc run, got none"),
        (profile(machine="host"), "expected one for machine scratchpad-64k, got host"),
        (
            profile(nodes=[{"name": "gemm", "instructions": 1}]),
            "profile: expected the nodes of net, got 'gemm'",
        ),
    ],
)
def test_a_profile_of_something_else(data: Any, message: str):
    with pytest.raises(DeployError) as refused:
        read_profile(data, program())
    assert message in str(refused.value)
