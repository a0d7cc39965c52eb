"""Blocks come in the order of what they promise, though not all are counted whole."""

from __future__ import annotations

from math import prod

import pytest
from deployopt.analysis.groups import kernels_of
from deployopt.machine import attach, load_machine
from deployopt.transforms.vector.candidates import (
    MOST_POINTS,
    best,
    blocks,
    bounded,
    ideal,
    priced,
    sharing,
    widths,
)
from deployopt.transforms.vector.costs import Costs, Trial
from deployopt.transforms.vector.dataflow import Dataflow
from deployopt.transforms.vector.place import grown
from deployopt.transforms.vector.promises import Promises
from deployopt.transforms.vector.reads import Reads
from deployopt.transforms.vector.registers import Registers
from deployopt.transforms.vector.room import has_room
from deployopt.transforms.vector.rounds import is_another, is_cut_by, with_reductions
from deployopt.transforms.vector.tally import Tally
from deployopt.universe import new_context
from transforms.vector.kernel_programs import product
from xdsl.dialects.linalg import ops as linalg
from xdsl.parser import Parser

SUMS = """
func.func private @sums(
    %x: memref<6x8x10xf32, "ram">, %w: memref<LASTxf32, "ram">,
    %y: memref<6x8x10xf32, "ram">
) attributes {deploy.kernel} {
  linalg.generic {
      indexing_maps = [
        affine_map<(i, j, k) -> (i, j, k)>, affine_map<(i, j, k) -> (READ)>,
        affine_map<(i, j, k) -> (i, j, k)>
      ],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x, %w : memref<6x8x10xf32, "ram">, memref<LASTxf32, "ram">)
      outs(%y : memref<6x8x10xf32, "ram">) {
  ^bb0(%p: f32, %q: f32, %o: f32):
    %s = arith.addf %p, %q : f32
    linalg.yield %s : f32
  }
  func.return
}
"""


def sums(last: str, read: str) -> str:
    """A kernel that adds what is `read` of a buffer of some shape to each element."""
    return SUMS.replace("LAST", last).replace("READ", read)


def windows(size: int, channels: int, taps: int) -> str:
    """A kernel of square windows of each channel, with `size` results in each row."""
    x, w, y = (
        f'memref<{side}x{side}x{channels}xf32, "ram">'
        for side in (size + taps - 1, taps, size)
    )
    return f"""
func.func private @windows(%x: {x}, %w: {w}, %y: {y}) attributes {{deploy.kernel}} {{
  linalg.generic {{
      indexing_maps = [
        affine_map<(h, w, c, i, j) -> (h + i, w + j, c)>,
        affine_map<(h, w, c, i, j) -> (i, j, c)>,
        affine_map<(h, w, c, i, j) -> (h, w, c)>
      ],
      iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]}}
      ins(%x, %w : {x}, {w}) outs(%y : {y}) {{
  ^bb0(%p: f32, %q: f32, %o: f32):
    %m = arith.mulf %p, %q : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }}
  func.return
}}
"""


def costs_of(machine: str, program: str | None = None) -> Costs:
    module = Parser(new_context(), program or product()).parse_module()
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
        if points <= MOST_POINTS and has_room(tally):
            whole = Tally(costs, ideal(costs, block)).executed()
            promise = Promises(costs).of(tally, whole, points)
            found.append((promise, points, block))
    return sorted(found, key=lambda entry: entry[:2])


@pytest.mark.parametrize("machine", ["rv64gc", "rv64gcv", "rv64gcv-vlen256"])
def test_the_order_is_that_of_whole_counts(machine: str):
    costs = costs_of(machine)
    assert list(bounded(costs)) == all_counted(costs)


PROGRAMS = {
    "product": product(),
    "windows": windows(16, 32, 3),
    "long windows": windows(12, 12, 5),
    "integers": product()
    .replace("f32", "i32")
    .replace("0.0", "0")
    .replace("mulf", "muli")
    .replace("addf", "addi"),
}


@pytest.mark.parametrize("machine", ["rv32imc", "rv64gc", "rv64gcv", "rv64gcv-vlen256"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_no_block_costs_less_than_it_promises(name: str, machine: str):
    costs = costs_of(machine, PROGRAMS[name])
    for _, points, block in bounded(costs):
        tally = Tally(costs, ideal(costs, block))
        for price, trial in priced(costs, block, points):
            # Addresses of what is written out may take more than a loop.
            least = min(tally.executed(), Tally(costs, trial).executed())
            assert price >= Promises(costs).of(tally, least, points)


def test_loops_that_are_left_are_promised_too():
    # Four rows of two vectors, 6 times 5 (4 and a half) blocks. Of 20 rounds 4 are
    # written out at most, or 1, so that 5 or 20 are left, of two instructions each.
    costs = costs_of("rv64gcv")
    tally = Tally(costs, ideal(costs, Trial((4, 8, 1), (0, 1, 2), 1, 4)))
    least = min(
        grown(costs, 1e6 + 30 * 2 * rounds, 8 * straight)
        for straight, rounds in ((1, 20), (2, 10), (4, 5))
    )
    assert Promises(costs).of(tally, 1e6, 8) == pytest.approx(least)


def test_code_twice_as_long_has_to_save_a_part_of_what_vectors_of_floats_execute():
    integers = product().replace("f32", "i32").replace("0.0", "0")
    integers = integers.replace("mulf", "muli").replace("addf", "addi")
    vectors, scalars = costs_of("rv64gcv"), costs_of("rv64gc")
    assert grown(vectors, 1000.0, 200.0) == pytest.approx(
        1.01 * grown(vectors, 1000.0, 100.0)
    )
    for costs in (scalars, costs_of("rv64gcv", integers)):
        assert grown(costs, 1000.0, 200.0) == 1000.0


def test_the_best_is_found_behind_many_that_promise_more():
    # What is left of eight lanes is four, so that four at a time take less.
    costs = costs_of("rv64gcv", windows(32, 12, 5))
    found = {
        trial: price
        for _, points, block in bounded(costs)
        for price, trial in priced(costs, block, points)
    }
    trial = best(costs)
    assert trial is not None
    assert found[trial] == min(found.values())


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


@pytest.mark.parametrize(
    ("last", "read", "found"),
    [
        ("6x8x10", "i, j, k", []),
        ("10", "k", [0, 1]),
        ("6x10", "i, k", [1]),
        ("13x10", "i + j, k", [0, 1]),
    ],
)
def test_two_loops_are_blocked_where_both_share_what_is_loaded(
    last: str, read: str, found: list[int]
):
    costs = costs_of("rv64gcv", sums(last, read))
    assert sharing(costs, [0, 1], None) == found
    pairs = {
        tuple(loop for loop in (0, 1) if block.sizes[loop] > 1)
        for block in blocks(costs)
        if block.lane_loop == 2
    }
    assert ((0, 1) in pairs) == (found == [0, 1])


@pytest.mark.parametrize(
    ("rows", "stay"),
    [
        (2, [(3, 3)]),  # two by two results: all nine rounds are short
        (8, [(1, 1), (3, 1), (1, 3), (3, 3)]),  # three rounds of eight by two are long
    ],
)
def test_what_compilers_write_out_is_another_trial(
    rows: int, stay: list[tuple[int, int]]
):
    costs = costs_of("rv64gcv", windows(16, 32, 3))
    block = Trial((rows, 2, 4, 1, 1), (2, 0, 1, 3, 4), 2, 4)
    found = with_reductions(costs, block, 2 * rows)
    kept = [one for one in found if not is_another(Tally(costs, one), 2 * rows)]
    assert {trial.sizes[3:] for trial in kept} == set(stay)
