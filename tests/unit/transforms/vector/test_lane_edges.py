"""Loops of lanes that are cut: where borders begin, and where a sum ends."""

from __future__ import annotations

import pytest
from deployopt.analysis.groups import kernels_of
from deployopt.machine import load_machine
from deployopt.transforms.vector.blocks import cut
from deployopt.transforms.vector.candidates import lane_choices
from deployopt.transforms.vector.costs import HALVES, Costs, Trial
from deployopt.transforms.vector.dataflow import Dataflow
from deployopt.transforms.vector.reads import Reads
from deployopt.transforms.vector.registers import Registers
from deployopt.transforms.vector.settled import is_settled
from deployopt.transforms.vector.tally import Tally
from deployopt.universe import new_context
from xdsl.dialects.linalg import ops as linalg
from xdsl.parser import Parser


def window(taps: int, step: int) -> str:
    """Taps so many steps apart over 40 elements, padded by as much on both sides."""
    pad = (taps - 1) * step // 2
    all_, part = f"memref<{40 + 2 * pad}xf32", "memref<40xf32"
    inside = f'{part}, strided<[1], offset: {pad}>, "register">'
    return f"""
#id = affine_map<(d0) -> (d0)>
func.func private @window(
    %x: {part}, "ram">, %w: memref<{taps}xf32, "flash">, %y: {part}, "ram">
) attributes {{deploy.kernel}} {{
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : {part}, "ram">)
  %p = deploy.registers : {all_}, "register">
  linalg.fill ins(%zero : f32) outs(%p : {all_}, "register">)
  %part = memref.subview %p[{pad}] [40] [1] : {all_}, "register"> to {inside}
  linalg.generic {{indexing_maps = [#id, #id], iterator_types = ["parallel"]}}
      ins(%x : {part}, "ram">) outs(%part : {inside}) {{
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }}
  linalg.generic {{
      indexing_maps = [
        affine_map<(x, k) -> (x + k * {step})>,
        affine_map<(x, k) -> (k)>,
        affine_map<(x, k) -> (x)>
      ], iterator_types = ["parallel", "reduction"]}}
      ins(%p, %w : {all_}, "register">, memref<{taps}xf32, "flash">)
      outs(%y : {part}, "ram">) {{
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }}
  func.return
}}
"""


def costs_of(text: str) -> Costs:
    module = Parser(new_context(), text).parse_module()
    (kernel,) = kernels_of(module)
    flow = Dataflow.of(kernel.body.block)
    (op,) = (
        op
        for op in flow.sources
        if isinstance(op, linalg.GenericOp) and len(op.inputs) > 1
    )
    machine = load_machine("rv64gcv-vlen256")
    return Costs(Reads.of(op, flow), Registers.of(machine), machine.has_fma)


@pytest.mark.parametrize(
    ("taps", "step", "edges"),
    [
        (3, 1, (1, 39)),
        (5, 1, (1, 2, 38, 39)),
        (3, 3, (3, 37)),
        (5, 2, (2, 4, 36, 38)),
        (11, 1, None),  # too many pieces
    ],
)
def test_edges(taps: int, step: int, edges: tuple[int, ...] | None):
    assert costs_of(window(taps, step)).edges.get(0) == edges


def test_pieces_between_edges_are_counted():
    costs = costs_of(window(3, 3))
    # 3, then 32 as four vectors of 8 and 2, then 3: each piece takes a register.
    assert costs.cut(0, 8, 8) == (1, 7, 0)
    assert costs.cut(0, 8, None) == (8, 5, 0)


def test_scalars_between_edges_are_counted():
    # 1, then 38 as four vectors of 8 and one that begins earlier, then 1.
    assert costs_of(window(3, 1)).cut(0, 8, 8) == (1, 7, 2 / 7)
    # Of two registers each is half a vector, beside two and one that begins earlier.
    assert costs_of(window(3, 1)).cut(0, 16, 16) == (1, 4, 1 / 4)


@pytest.mark.parametrize(
    ("taps", "step", "size", "is_known"),
    [(5, 1, 1, True), (7, 1, 1, False), (3, 3, 1, False), (7, 1, 4, True)],
)
def test_few_blocks_at_borders_are_written_out(
    taps: int, step: int, size: int, is_known: bool
):
    trial = Trial((size, taps), (0, 1), None, 1)
    assert is_settled(costs_of(window(taps, step)), trial) is is_known


def test_what_is_left_of_lanes_takes_the_scalars_of_a_whole_block():
    lanes = frozenset({0})
    tally = Tally(costs_of(window(1, 1)), Trial((32, 1), (0, 1), 0, 32))
    # 8 of 40 elements are left, one register of the four that 32 have.
    assert tally.rounds(lanes, is_wide=True) == 1 + 1 / 4
    assert tally.rounds(lanes) == 2
    # At a border fewer taps of the window are done.
    tally = Tally(costs_of(window(3, 3)), Trial((8, 3), (0, 1), 0, 8))
    assert tally.rounds(lanes) == tally.rounds(lanes, is_wide=True)


def test_what_is_left_of_a_sum_is_half_of_the_lanes_and_a_scalar():
    costs = costs_of(window(11, 1))
    assert costs.cut(1, 8, 8) == (1, 1 + HALVES + 1, 0)
    assert costs.cut(1, 4, 4)[1] == 2 + HALVES + 1
    assert costs.cut(1, 2, 2)[1] == 5 + 1


REPEATED = """
#id = affine_map<(d0) -> (d0)>
func.func private @repeated(
    %x: memref<96xf32, "ram">, %b: memref<18xf32, "flash">, %y: memref<96xf32, "ram">
) attributes {deploy.kernel} {
  linalg.generic {
      indexing_maps = [#id, affine_map<(d0) -> (d0 mod 3)>, #id],
      iterator_types = ["parallel"]}
      ins(%x, %b : memref<96xf32, "ram">, memref<18xf32, "flash">)
      outs(%y : memref<96xf32, "ram">) attrs = {deploy.repeated = array<i64: 1>} {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %s = arith.addf %e, %f : f32
    linalg.yield %s : f32
  }
  func.return
}
"""


def test_vectors_end_where_what_is_repeated_does():
    choices = list(lane_choices(costs_of(REPEATED)))
    assert max(lanes for _, lanes, _ in choices) == 16


def test_a_part_of_a_register_is_one_vector():
    assert list(cut(3, 8, 8)) == [(0, 3)]
    assert list(cut(3, 8, 1)) == [(0, 2), (2, 1)]
    assert list(cut(11, 8, 8)) == [(0, 8), (3, 8)]


def test_what_is_left_of_integers_takes_few_registers():
    assert list(cut(19, 16, 8, 0, floats=True, rows=4))[1:] == [(3, 16)]
    assert list(cut(19, 16, 8, 0, floats=False, rows=4))[1:] == [(15, 4)]
