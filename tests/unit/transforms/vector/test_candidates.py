"""Blocks come in the order of what they promise, though not all are counted whole."""

from __future__ import annotations

from math import prod

import pytest
from deployopt.analysis.groups import kernels_of
from deployopt.machine import attach, load_machine
from deployopt.transforms.vector.candidates import (
    MOST_POINTS,
    blocks,
    bounded,
    ideal,
    is_cut_by,
    widths,
)
from deployopt.transforms.vector.costs import Costs, Registers, Trial
from deployopt.transforms.vector.dataflow import Dataflow
from deployopt.transforms.vector.reads import Reads
from deployopt.transforms.vector.tally import Tally
from deployopt.universe import new_context
from transforms.vector.kernel_programs import product
from xdsl.dialects.linalg import ops as linalg
from xdsl.parser import Parser


def costs_of(machine: str) -> Costs:
    module = Parser(new_context(), product()).parse_module()
    facts = load_machine(machine)
    attach(module, facts)
    (kernel,) = kernels_of(module)
    flow = Dataflow.of(kernel.body.block)
    (op,) = (op for op in flow.sources if isinstance(op, linalg.GenericOp))
    return Costs(Reads.of(op, flow), Registers.of(facts), facts.has_fma)


def all_counted(costs: Costs) -> list[tuple[float, int, Trial]]:
    """The same blocks, with all of them counted and then sorted."""
    found: list[tuple[float, int, Trial]] = []
    for block in blocks(costs):
        tally = Tally(costs, block)
        points = prod(tally.steps[loop] for loop in costs.outer)
        if points <= MOST_POINTS and tally.has_room():
            whole = Tally(costs, ideal(costs, block)).executed()
            found.append((whole, points, block))
    return sorted(found, key=lambda entry: entry[:2])


@pytest.mark.parametrize("machine", ["rv64gc", "rv64gcv", "rv64gcv-vlen256"])
def test_the_order_is_that_of_whole_counts(machine: str):
    costs = costs_of(machine)
    assert list(bounded(costs)) == all_counted(costs)


def test_many_need_not_be_counted(monkeypatch: pytest.MonkeyPatch):
    costs, counted = costs_of("rv64gcv"), list[Tally]()
    whole = Tally.executed

    def executed(tally: Tally) -> float:
        counted.append(tally)
        return whole(tally)

    monkeypatch.setattr(Tally, "executed", executed)
    next(bounded(costs))
    count = len(counted)
    assert count < 0.75 * len(all_counted(costs))


@pytest.mark.parametrize("machine", ["host", "rv64gcv"])
def test_a_short_axis_may_be_one_vector(machine: str):
    assert 3 in set(widths(costs_of(machine), 3))


def test_long_sums_leave_rounds_where_there_are_no_vectors():
    scalars, vectors = costs_of("rv64gc"), costs_of("rv64gcv")
    assert is_cut_by(scalars, 501, 8)
    assert not is_cut_by(scalars, 41, 8)
    assert is_cut_by(vectors, 504, 8)
    assert not is_cut_by(vectors, 501, 8)
