"""Modules as other front ends write them: no network, no level, no name of ours."""

from __future__ import annotations

import numpy as np
import pytest
from deployopt.machine import load_machine
from lowered import Array, artifact_of, outputs_of
from tiny_model import need

X = np.linspace(-2, 3, 32, dtype=np.float32).reshape(8, 4)

SCALARS = """
func.func @run(%x: tensor<8x4xf32>) -> (tensor<4x8xf32>, tensor<4x8xi32>) {
  %zero = arith.constant 0.0 : f32
  %two = arith.constant 2 : i32
  %factor = arith.constant 3.0 : f32
  %e = tensor.empty() : tensor<4x8xf32>
  %n = tensor.empty() : tensor<4x8xi32>
  %init = linalg.generic {
    indexing_maps = [affine_map<(a, b) -> ()>, affine_map<(a, b) -> (a, b)>],
    iterator_types = ["parallel", "parallel"]
  } ins(%zero : f32) outs(%e : tensor<4x8xf32>) {
  ^bb0(%p: f32, %q: f32):
    linalg.yield %p : f32
  } -> tensor<4x8xf32>
  %counts = linalg.fill ins(%two : i32) outs(%n : tensor<4x8xi32>) -> tensor<4x8xi32>
  %y, %m = linalg.generic {
    indexing_maps = [affine_map<(a, b) -> (b, a)>, affine_map<(a, b) -> ()>,
                     affine_map<(a, b) -> (a, b)>, affine_map<(a, b) -> (a, b)>],
    iterator_types = ["parallel", "parallel"]
  } ins(%x, %factor : tensor<8x4xf32>, f32)
    outs(%init, %counts : tensor<4x8xf32>, tensor<4x8xi32>) {
  ^bb0(%p: f32, %q: f32, %acc: f32, %count: i32):
    %s = arith.mulf %p, %q : f32
    %t = arith.addf %s, %acc : f32
    %one = arith.constant 1 : i32
    %next = arith.addi %count, %one : i32
    linalg.yield %t, %next : f32, i32
  } -> tensor<4x8xf32>, tensor<4x8xi32>
  func.return %y, %m : tensor<4x8xf32>, tensor<4x8xi32>
}
"""

CALLS = """
func.func private @twice(%x: tensor<8x4xf32>, %o: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %y = linalg.add ins(%x, %x : tensor<8x4xf32>, tensor<8x4xf32>)
                  outs(%o : tensor<8x4xf32>) -> tensor<8x4xf32>
  func.return %y : tensor<8x4xf32>
}
func.func @run(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %o = tensor.empty() : tensor<8x4xf32>
  %y = func.call @twice(%x, %o) : (tensor<8x4xf32>, tensor<8x4xf32>) -> tensor<8x4xf32>
  %z = linalg.mul ins(%y, %x : tensor<8x4xf32>, tensor<8x4xf32>)
                  outs(%o : tensor<8x4xf32>) -> tensor<8x4xf32>
  func.return %z : tensor<8x4xf32>
}
"""

LOOP = """
func.func @run(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %o = tensor.empty() : tensor<8x4xf32>
  %r = scf.for %i = %c0 to %c3 step %c1 iter_args(%a = %x) -> (tensor<8x4xf32>) {
    %y = linalg.add ins(%a, %x : tensor<8x4xf32>, tensor<8x4xf32>)
                    outs(%o : tensor<8x4xf32>) -> tensor<8x4xf32>
    scf.yield %y : tensor<8x4xf32>
  }
  func.return %r : tensor<8x4xf32>
}
"""

ALLOCATED = """
memref.global "private" constant @half : memref<4x4xf32> = dense<0.5>
func.func @run(%x: memref<8x4xf32>, %o: memref<4x8xf32>) {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  %half = memref.get_global @half : memref<4x4xf32>
  %t = memref.alloc() : memref<8x4xf32>
  linalg.add ins(%x, %x : memref<8x4xf32>, memref<8x4xf32>) outs(%t : memref<8x4xf32>)
  scf.for %i = %c0 to %c8 step %c4 {
    %u = memref.alloca() : memref<4x4xf32>
    %s = memref.subview %t[%i, 0] [4, 4] [1, 1]
       : memref<8x4xf32> to memref<4x4xf32, strided<[4, 1], offset: ?>>
    linalg.mul ins(%s, %half
                   : memref<4x4xf32, strided<[4, 1], offset: ?>>, memref<4x4xf32>)
               outs(%u : memref<4x4xf32>)
    %q = memref.subview %o[0, %i] [4, 4] [1, 1]
       : memref<4x8xf32> to memref<4x4xf32, strided<[8, 1], offset: ?>>
    linalg.transpose ins(%u : memref<4x4xf32>)
                     outs(%q : memref<4x4xf32, strided<[8, 1], offset: ?>>)
                     permutation = [1, 0]
  }
  memref.dealloc %t : memref<8x4xf32>
  func.return
}
"""

EXPECTED = {
    SCALARS: [3 * X.T, np.full((4, 8), 3, np.int32)],
    CALLS: [2 * X * X],
    LOOP: [4 * X],
    ALLOCATED: [X.T],
}


@pytest.mark.parametrize("machine", ["host", "rv64gc"])
@pytest.mark.parametrize(
    ("text", "expected"),
    EXPECTED.items(),
    ids=["scalars", "calls", "loop", "allocated"],
)
def test_computes(machine: str, text: str, expected: list[Array]) -> None:
    """What is written is computed, on this computer and in a simulator."""
    target = load_machine(machine)
    need(target, target.default_runner)
    found = outputs_of(artifact_of(text, target), [X])
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)
