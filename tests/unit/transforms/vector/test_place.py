"""The code that a way to cut loops is weighed by is the code that is written."""

from __future__ import annotations

import pytest
from deployopt.analysis.groups import kernels_of
from deployopt.machine import attach, load_machine
from deployopt.transforms.vector.costs import Costs
from deployopt.transforms.vector.dataflow import Dataflow
from deployopt.transforms.vector.lower_kernels import VectorLowerKernelsPass
from deployopt.transforms.vector.place import instructions
from deployopt.transforms.vector.predict_instructions import written
from deployopt.transforms.vector.reads import Reads
from deployopt.transforms.vector.registers import Registers
from deployopt.transforms.vector.tally import Tally
from deployopt.universe import new_context
from transforms.vector.kernel_programs import product
from xdsl.dialects import arith, memref
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.linalg import ops as linalg
from xdsl.parser import Parser

BLOCKED = " attrs = {deploy.blocks = BLOCKS}"

WINDOW = """
func.func private @window(
    %x: memref<8x8xf32, "ram">, %w: memref<3x3xf32, "ram">, %y: memref<8x8xf32, "ram">
) attributes {deploy.kernel} {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<8x8xf32, "ram">)
  %p = deploy.registers : memref<10x10xf32, "register">
  linalg.fill ins(%zero : f32) outs(%p : memref<10x10xf32, "register">)
  %part = memref.subview %p[1, 1] [8, 8] [1, 1] : memref<10x10xf32, "register">
      to memref<8x8xf32, strided<[10, 1], offset: 11>, "register">
  linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<8x8xf32, "ram">)
      outs(%part : memref<8x8xf32, strided<[10, 1], offset: 11>, "register">) {
  ^bb0(%e: f32, %o: f32):
    linalg.yield %e : f32
  }
  linalg.generic {
      indexing_maps = [
        affine_map<(h, w, i, j) -> (h + i, w + j)>,
        affine_map<(h, w, i, j) -> (i, j)>,
        affine_map<(h, w, i, j) -> (h, w)>
      ],
      iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%p, %w : memref<10x10xf32, "register">, memref<3x3xf32, "ram">)
      outs(%y : memref<8x8xf32, "ram">)
      attrs = {deploy.finite = array<i64: 1>, deploy.blocks = BLOCKS} {
  ^bb0(%e: f32, %f: f32, %o: f32):
    %m = arith.mulf %e, %f : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }
  func.return
}
"""


def parsed(text: str, blocks: str) -> ModuleOp:
    module = Parser(new_context(), text.replace("BLOCKS", blocks)).parse_module()
    attach(module, load_machine("rv64gc"))
    return module


def predicted(module: ModuleOp) -> float:
    """Of the operation that has the most, which is the last one."""
    (kernel,) = kernels_of(module)
    facts = load_machine("rv64gc")
    flow = Dataflow.of(kernel.body.block)
    *_, op = (op for op in flow.sources if isinstance(op, linalg.GenericOp))
    reads = Reads.of(op, flow)
    costs = Costs(reads, Registers.of(facts), facts.has_fma)
    return instructions(Tally(costs, written(reads)))


def emitted(module: ModuleOp) -> int:
    """Loads, stores and fused multiply-adds."""
    VectorLowerKernelsPass().apply(new_context(), module)
    counted = (memref.LoadOp, memref.StoreOp, arith.AddfOp)
    return sum(isinstance(op, counted) for op in module.walk())


@pytest.mark.parametrize("sizes", ["1, 1, 1", "4, 6, 1", "5, 7, 1", "5, 8, 2"])
def test_each_segment_is_written_out(sizes: str):
    blocks = f"{{sizes = array<i64: {sizes}>}}"
    expected = emitted(parsed(product(BLOCKED), blocks))
    assert predicted(parsed(product(BLOCKED), blocks)) == pytest.approx(expected)


@pytest.mark.parametrize(
    "sizes", ["1, 1, 3, 3", "2, 3, 3, 3", "4, 3, 3, 3", "1, 4, 1, 3", "2, 2, 3, 3"]
)
def test_borders_are_written_out(sizes: str):
    blocks = f"{{sizes = array<i64: {sizes}>}}"
    expected = emitted(parsed(WINDOW, blocks))
    # What is outside of the border is left out.
    assert expected <= predicted(parsed(WINDOW, blocks)) <= 1.25 * expected
