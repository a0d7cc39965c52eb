"""Packed constants hold the elements that the packed indexing maps say."""

from __future__ import annotations

import numpy as np
from deployopt.machine import attach, load_machine
from deployopt.transforms.vector.pack_weights import VectorPackWeightsPass
from deployopt.universe import new_context
from xdsl.dialects import memref
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr
from xdsl.dialects.linalg import ops as linalg
from xdsl.parser import Parser

ROWS, COLUMNS, BLOCK = 3, 1200, 4

VALUES = np.arange(ROWS * COLUMNS, dtype=np.int32).reshape(ROWS, COLUMNS)

PROGRAM = f"""
memref.global "private" constant @w : memref<{ROWS}x{COLUMNS}xi32, "flash">
    = dense<{VALUES.tolist()}>
func.func @run(%x: memref<{ROWS}xi32, "ram">, %y: memref<{COLUMNS}xi32, "ram">) {{
  %w = memref.get_global @w : memref<{ROWS}x{COLUMNS}xi32, "flash">
  func.call @product(%x, %w, %y) : (memref<{ROWS}xi32, "ram">,
      memref<{ROWS}x{COLUMNS}xi32, "flash">, memref<{COLUMNS}xi32, "ram">) -> ()
  func.return
}}
func.func private @product(%x: memref<{ROWS}xi32, "ram">,
    %w: memref<{ROWS}x{COLUMNS}xi32, "flash">, %y: memref<{COLUMNS}xi32, "ram">)
    attributes {{deploy.kernel}} {{
  linalg.generic {{indexing_maps = [affine_map<(n, k) -> (k)>,
      affine_map<(n, k) -> (k, n)>, affine_map<(n, k) -> (n)>],
      iterator_types = ["parallel", "reduction"]}}
      ins(%x, %w : memref<{ROWS}xi32, "ram">, memref<{ROWS}x{COLUMNS}xi32, "flash">)
      outs(%y : memref<{COLUMNS}xi32, "ram">)
      attrs = {{deploy.blocks = {{order = array<i64: 0, 1>,
                                 sizes = array<i64: {BLOCK}, {ROWS}>}}}} {{
  ^bb0(%e: i32, %f: i32, %o: i32):
    %m = arith.muli %e, %f : i32
    %s = arith.addi %o, %m : i32
    linalg.yield %s : i32
  }}
  func.return
}}
"""


def test_elements_are_where_the_map_says():
    ctx = new_context()
    module = Parser(ctx, PROGRAM).parse_module()
    attach(module, load_machine("rv64gc"))
    VectorPackWeightsPass().apply(ctx, module)
    module.verify()
    (constant,) = (op for op in module.walk() if isinstance(op, memref.GlobalOp))
    assert isinstance(constant.initial_value, DenseIntOrFPElementsAttr)
    packed = constant.initial_value.get_values()
    (product,) = (op for op in module.walk() if isinstance(op, linalg.GenericOp))
    place = product.indexing_maps.data[1].data
    for row in range(ROWS):
        for column in range(COLUMNS):
            (at,) = place.eval([column, row], [])
            assert packed[at] == VALUES[row, column]
