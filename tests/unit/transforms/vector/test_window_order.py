"""Registers of windows whose lanes are channels, in the order of the window."""

from __future__ import annotations

from math import inf

import pytest
from deployopt.analysis.groups import kernels_of
from deployopt.machine import load_machine
from deployopt.transforms.vector.costs import Costs, Trial
from deployopt.transforms.vector.dataflow import Dataflow
from deployopt.transforms.vector.reads import Reads
from deployopt.transforms.vector.registers import Registers
from deployopt.transforms.vector.steps import later
from deployopt.transforms.vector.tally import Tally
from deployopt.transforms.vector.window_order import taps
from deployopt.universe import new_context
from xdsl.parser import Parser


def windows(stride: int = 1, element: str = "f32") -> str:
    """3x3 windows over 16 channels, 8 by 8 results of two filters."""
    side = 7 * stride + 3
    x, w, y = (
        f'memref<{shape}x{element}, "ram">'
        for shape in (f"{side}x{side}x16", "2x3x3x16", "8x8x2")
    )
    kind = element[0]
    return f"""
func.func private @windows(%x: {x}, %w: {w}, %y: {y}) attributes {{deploy.kernel}} {{
  linalg.generic {{
      indexing_maps = [
        affine_map<(h, w, f, i, j, c) -> (h * {stride} + i, w * {stride} + j, c)>,
        affine_map<(h, w, f, i, j, c) -> (f, i, j, c)>,
        affine_map<(h, w, f, i, j, c) -> (h, w, f)>
      ],
      iterator_types = [
        "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"
      ]}}
      ins(%x, %w : {x}, {w}) outs(%y : {y}) {{
  ^bb0(%p: {element}, %q: {element}, %o: {element}):
    %m = arith.mul{kind} %p, %q : {element}
    %s = arith.add{kind} %o, %m : {element}
    linalg.yield %s : {element}
  }}
  func.return
}}
"""


def registers(
    text: str, rows: int, columns: int, filters: int, name: str = "rv64gcv"
) -> float:
    """Vectors that a block with four channels as lanes keeps."""
    machine = load_machine(name)
    kernel = next(iter(kernels_of(Parser(new_context(), text).parse_module())))
    flow = Dataflow.of(kernel.body.block)
    reads = Reads.of(flow.roots[0], flow)
    costs = Costs(reads, Registers.of(machine), machine.has_fma)
    trial = Trial((rows, columns, filters, 3, 3, 4), (0, 1, 2, 5, 3, 4), 5, 4)
    (op,) = costs.stages
    return taps(Tally(costs, trial), op)["vector"]


def test_elements_wait_for_the_next_row_of_a_window():
    # 16 sums, ten elements that both rows of results use, one more, and a weight.
    assert registers(windows(), 2, 8, 1) == 16 + 10 + 1 + 1
    # Of three rows of results two wait.
    assert registers(windows(), 3, 4, 1) == 12 + 2 * 6 + 1 + 1


def test_weights_of_all_filters_are_of_use_at_one_place():
    assert registers(windows(), 2, 4, 2) == 16 + 6 + 1 + 2


def test_a_row_waits_over_another_one_where_windows_have_a_stride():
    assert registers(windows(stride=2), 2, 4, 1) == 8 + 9 + 1 + 1


@pytest.mark.parametrize(("element", "rows"), [("f32", 1), ("i32", 2)])
def test_nothing_is_said_of_one_row_and_of_integers(element: str, rows: int):
    assert registers(windows(element=element), rows, 8, 1) == inf


def test_nothing_is_said_of_compilers_that_keep_more():
    assert registers(windows(), 2, 8, 1, "host") == inf


@pytest.mark.parametrize(
    ("stride", "results", "found"), [(1, 1, 0), (1, 2, 1), (1, 3, 2), (2, 2, 1)]
)
def test_values_later(stride: int, results: int, found: int):
    assert later(((stride, 1),), (results, 3), 1) == found
