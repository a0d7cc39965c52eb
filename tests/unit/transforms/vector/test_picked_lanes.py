"""What a block of lanes two elements apart is counted as."""

from __future__ import annotations

import pytest
from deployopt.analysis.groups import kernels_of
from deployopt.machine import load_machine
from deployopt.transforms.vector.costs import Costs, Trial
from deployopt.transforms.vector.dataflow import Dataflow
from deployopt.transforms.vector.items import Kind
from deployopt.transforms.vector.lane_steps import TWICE, kept_whole, twice
from deployopt.transforms.vector.live import live
from deployopt.transforms.vector.overheads import written_out
from deployopt.transforms.vector.reads import Reads
from deployopt.transforms.vector.registers import Registers
from deployopt.transforms.vector.tally import Tally
from deployopt.universe import new_context
from xdsl.dialects.linalg import ops as linalg
from xdsl.parser import Parser

MEANS = """
func.func private @means(
    %x: memref<24x32xf32, "ram">, %y: memref<12x16xf32, "ram">
) attributes {deploy.kernel} {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<12x16xf32, "ram">)
  %w = deploy.registers : memref<2x2xi8, "register">
  linalg.generic {
      indexing_maps = [
        affine_map<(h, w, i, j) -> (h * 2 + i, w * STEP + j)>,
        affine_map<(h, w, i, j) -> (i, j)>,
        affine_map<(h, w, i, j) -> (h, w)>
      ],
      iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%x, %w : memref<24x32xf32, "ram">, memref<2x2xi8, "register">)
      outs(%y : memref<12x16xf32, "ram">) {
  ^bb0(%e: f32, %f: i8, %o: f32):
    %s = arith.addf %o, %e : f32
    linalg.yield %s : f32
  }
  func.return
}
"""


def tally_of(sizes: tuple[int, ...], step: int = 2) -> Tally:
    """The count of a way to cut means of 2x2, eight lanes each."""
    text = MEANS.replace("STEP", str(step))
    (kernel,) = kernels_of(Parser(new_context(), text).parse_module())
    flow = Dataflow.of(kernel.body.block)
    (op,) = (op for op in flow.sources if isinstance(op, linalg.GenericOp))
    machine = load_machine("rv64gcv-vlen256")
    costs = Costs(Reads.of(op, flow), Registers.of(machine), machine.has_fma)
    return Tally(costs, Trial(sizes, (0, 1, 2, 3), 1, 8))


@pytest.mark.parametrize(
    ("sizes", "kept"),
    [
        ((3, 16, 1, 2), 12),  # three rows of two vectors, of twice the lanes each
        ((1, 8, 1, 2), 2),
        ((3, 16, 1, 1), 0),  # nobody picks from the other elements
    ],
)
def test_what_is_picked_from_is_kept(sizes: tuple[int, ...], kept: int):
    tally = tally_of(sizes)
    (load,) = (item for item in tally.costs.items if item.kind is Kind.LOAD)
    assert kept_whole(tally, load) == kept
    assert live(tally, load, []) >= kept


def test_what_is_side_by_side_is_not():
    tally = tally_of((3, 16, 1, 2), 1)
    (load,) = (item for item in tally.costs.items if item.kind is Kind.LOAD)
    assert kept_whole(tally, load) == 0


def test_compilers_leave_loops_that_pick():
    # Two rounds of six sums: 12 loads and 12 additions, and picking.
    assert not written_out(tally_of((3, 16, 1, 2)))
    assert written_out(tally_of((3, 16, 1, 2), 1)) == {2}
    assert written_out(tally_of((1, 8, 1, 2))) == {2}


def test_two_rounds_make_addresses_anew():
    assert twice(tally_of((3, 16, 1, 2)), 2) == TWICE
    assert twice(tally_of((3, 16, 1, 2), 1), 2) == 0
    assert twice(tally_of((3, 16, 1, 2)), 0) == 0
