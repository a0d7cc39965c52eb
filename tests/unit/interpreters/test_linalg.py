"""Structured operations on tensors and memrefs against plain numpy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from xdsl.utils.exceptions import InterpretationError

Array = npt.NDArray[Any]
Run = Callable[..., tuple[Array, ...]]

RANDOM = np.random.default_rng(3)


def floats(*shape: int) -> Array:
    return RANDOM.standard_normal(shape).astype(np.float32)


def bits(*shape: int) -> Array:
    return RANDOM.integers(-128, 128, shape).astype(np.int8)


def test_strided_dilated_window_with_integers(run: Run) -> None:
    x, w = bits(9, 3), bits(3, 3, 4)
    (y,) = run(
        """
        func.func @run(%x : tensor<9x3xi8>, %w : tensor<3x3x4xi8>) -> tensor<3x4xi32> {
          %c5 = arith.constant 5 : i32
          %e = tensor.empty() : tensor<3x4xi32>
          %f = linalg.fill ins(%c5 : i32) outs(%e : tensor<3x4xi32>) -> tensor<3x4xi32>
          %r = linalg.generic {indexing_maps = [
              affine_map<(p, o, k, c) -> (p * 2 + k * 2, c)>,
              affine_map<(p, o, k, c) -> (k, c, o)>,
              affine_map<(p, o, k, c) -> (p, o)>],
            iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
            ins(%x, %w : tensor<9x3xi8>, tensor<3x3x4xi8>) outs(%f : tensor<3x4xi32>) {
          ^bb0(%a : i8, %b : i8, %sum : i32):
            %wa = arith.extsi %a : i8 to i32
            %wb = arith.extsi %b : i8 to i32
            %p = arith.muli %wa, %wb : i32
            %s = arith.addi %sum, %p : i32
            linalg.yield %s : i32
          } -> tensor<3x4xi32>
          func.return %r : tensor<3x4xi32>
        }""",
        x,
        w,
    )
    wide, kernel = x.astype(int), w.astype(int)
    rows = [np.tensordot(wide[p : p + 5 : 2], kernel, 2) for p in (0, 2, 4)]
    assert (y == 5 + np.array(rows)).all()


def test_sums_come_in_loop_order(run: Run) -> None:
    x = np.array([1e8, 1.0, -1e8, 1.0], np.float32)
    (y,) = run(
        """
        func.func @run(%x : tensor<4xf32>) -> tensor<f32> {
          %z = arith.constant 0.0 : f32
          %e = tensor.empty() : tensor<f32>
          %f = linalg.fill ins(%z : f32) outs(%e : tensor<f32>) -> tensor<f32>
          %r = linalg.generic {
            indexing_maps = [affine_map<(d) -> (d)>, affine_map<(d) -> ()>],
            iterator_types = ["reduction"]}
            ins(%x : tensor<4xf32>) outs(%f : tensor<f32>) {
          ^bb0(%a : f32, %sum : f32):
            %s = arith.addf %sum, %a : f32
            linalg.yield %s : f32
          } -> tensor<f32>
          func.return %r : tensor<f32>
        }""",
        x,
    )
    assert y == 1.0


def test_window_of_a_shape_only(run: Run) -> None:
    x = floats(6)
    (y,) = run(
        """
        func.func @run(%x : tensor<6xf32>) -> tensor<4xf32> {
          %low = arith.constant 0xFF800000 : f32
          %e = tensor.empty() : tensor<4xf32>
          %f = linalg.fill ins(%low : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
          %window = tensor.empty() : tensor<3xf32>
          %r = linalg.generic {indexing_maps = [affine_map<(p, k) -> (p + k)>,
              affine_map<(p, k) -> (k)>, affine_map<(p, k) -> (p)>],
            iterator_types = ["parallel", "reduction"]}
            ins(%x, %window : tensor<6xf32>, tensor<3xf32>) outs(%f : tensor<4xf32>) {
          ^bb0(%a : f32, %unused : f32, %m : f32):
            %s = arith.maximumf %m, %a : f32
            linalg.yield %s : f32
          } -> tensor<4xf32>
          func.return %r : tensor<4xf32>
        }""",
        x,
    )
    assert (y == np.lib.stride_tricks.sliding_window_view(x, 3).max(1)).all()


TABLE = """
func.func @run(%x : tensor<2x3xi8>, %t : tensor<256xi8>) -> tensor<2x3xi32> {
  %e = tensor.empty() : tensor<2x3xi32>
  %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>,
      affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
    ins(%x : tensor<2x3xi8>) outs(%e : tensor<2x3xi32>) {
  ^bb0(%a : i8, %out : i32):
    %wide = arith.extsi %a : i8 to i32
    %offset = arith.constant OFFSET : i32
    %n = arith.addi %wide, %offset : i32
    %at = arith.index_cast %n : i32 to index
    %v = tensor.extract %t[%at] : tensor<256xi8>
    %w = arith.extsi %v : i8 to i32
    %j = linalg.index 1 : index
    %ji = arith.index_cast %j : index to i32
    %s = arith.addi %w, %ji : i32
    linalg.yield %s : i32
  } -> tensor<2x3xi32>
  func.return %r : tensor<2x3xi32>
}"""


def test_table_look_up_and_loop_index(run: Run) -> None:
    x, table = bits(2, 3), bits(256)
    (y,) = run(TABLE.replace("OFFSET", "128"), x, table)
    assert (y == table[x.astype(int) + 128].astype(int) + np.arange(3)).all()


def test_look_up_outside_is_an_error(run: Run) -> None:
    x = np.full((2, 3), -1, np.int8)
    with pytest.raises(InterpretationError, match="index must be inside"):
        run(TABLE.replace("OFFSET", "0"), x, bits(256))


def test_map_that_divides(run: Run) -> None:
    x = floats(3)
    (y,) = run(
        """
        func.func @run(%x : tensor<3xf32>) -> tensor<6xf32> {
          %e = tensor.empty() : tensor<6xf32>
          %r = linalg.generic {indexing_maps = [affine_map<(d) -> (d floordiv 2)>,
              affine_map<(d) -> (d)>], iterator_types = ["parallel"]}
            ins(%x : tensor<3xf32>) outs(%e : tensor<6xf32>) {
          ^bb0(%a : f32, %out : f32):
            linalg.yield %a : f32
          } -> tensor<6xf32>
          func.return %r : tensor<6xf32>
        }""",
        x,
    )
    assert (y == np.repeat(x, 2)).all()


def test_backwards_and_transposed(run: Run) -> None:
    x = floats(3, 4)
    (y,) = run(
        """
        func.func @run(%x : tensor<3x4xf32>) -> tensor<4x3xf32> {
          %e = tensor.empty() : tensor<4x3xf32>
          %r = linalg.generic {indexing_maps = [affine_map<(i, j) -> (-j + 2, i)>,
              affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
            ins(%x : tensor<3x4xf32>) outs(%e : tensor<4x3xf32>) {
          ^bb0(%a : f32, %out : f32):
            linalg.yield %a : f32
          } -> tensor<4x3xf32>
          func.return %r : tensor<4x3xf32>
        }""",
        x,
    )
    assert (y == x[::-1].T).all()


def test_what_nobody_wrote_shows(run: Run) -> None:
    (y,) = run(
        """
        func.func @run() -> tensor<2xf32> {
          %e = tensor.empty() : tensor<2xf32>
          func.return %e : tensor<2xf32>
        }"""
    )
    assert np.isnan(y).all()


def test_tensors_are_values(run: Run) -> None:
    x = floats(3)
    y, z = run(
        """
        func.func @run(%x : tensor<3xf32>) -> (tensor<3xf32>, tensor<3xf32>) {
          %z = arith.constant 0.0 : f32
          %f = linalg.fill ins(%z : f32) outs(%x : tensor<3xf32>) -> tensor<3xf32>
          func.return %x, %f : tensor<3xf32>, tensor<3xf32>
        }""",
        x,
    )
    assert (y == x).all()
    assert (z == 0).all()


def test_buffers_change_in_place(run: Run) -> None:
    x = floats(2, 6)
    (y,) = run(
        """
        func.func @run(%arena : memref<64xi8, "ram"> {deploy.role = "arena"},
            %x : memref<2x6xf32, "ram"> {deploy.role = "input"},
            %y : memref<2x2xf32, "ram"> {deploy.role = "output"}) {
          %c8 = arith.constant 8 : index
          %b = memref.view %arena[%c8][]
            : memref<64xi8, "ram"> to memref<2x6xf32, "ram">
          %two = arith.constant 2.0 : f32
          linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>,
              affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
            ins(%x : memref<2x6xf32, "ram">) outs(%b : memref<2x6xf32, "ram">) {
          ^bb0(%a : f32, %out : f32):
            %m = arith.mulf %a, %two : f32
            linalg.yield %m : f32
          }
          %s = memref.subview %b[0, 1] [2, 2] [1, 3] : memref<2x6xf32, "ram">
            to memref<2x2xf32, strided<[6, 3], offset: 1>, "ram">
          func.call @kernel(%s, %y) : (
            memref<2x2xf32, strided<[6, 3], offset: 1>, "ram">,
            memref<2x2xf32, "ram">) -> ()
          func.return
        }
        func.func private @kernel(
            %a : memref<2x2xf32, strided<[6, 3], offset: 1>, "ram">,
            %o : memref<2x2xf32, "ram">) {
          %c0 = arith.constant 0 : index
          %c1 = arith.constant 1 : index
          %c2 = arith.constant 2 : index
          scf.for %i = %c0 to %c2 step %c1 {
            scf.for %j = %c0 to %c2 step %c1 {
              %v = memref.load %a[%i, %j]
                : memref<2x2xf32, strided<[6, 3], offset: 1>, "ram">
              memref.store %v, %o[%i, %j] : memref<2x2xf32, "ram">
            }
          }
          func.return
        }""",
        x,
    )
    assert (y == 2 * x[:, 1::3]).all()


def test_pad_slices_and_concat(run: Run) -> None:
    x = floats(2, 4)
    p, s, i, c = run(
        """
        func.func @run(%x : tensor<2x4xf32>)
            -> (tensor<3x6xf32>, tensor<2xf32>, tensor<2x4xf32>, tensor<4x4xf32>) {
          %v = arith.constant 7.0 : f32
          %p = tensor.pad %x low[1, 0] high[0, 2] {
          ^bb0(%i : index, %j : index):
            tensor.yield %v : f32
          } : tensor<2x4xf32> to tensor<3x6xf32>
          %s = tensor.extract_slice %x[1, 0] [1, 2] [1, 3]
            : tensor<2x4xf32> to tensor<2xf32>
          %n = tensor.insert_slice %s into %x[0, 2] [1, 2] [1, 1]
            : tensor<2xf32> into tensor<2x4xf32>
          %c = tensor.concat dim(0) %x, %n
            : (tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<4x4xf32>
          func.return %p, %s, %n, %c
            : tensor<3x6xf32>, tensor<2xf32>, tensor<2x4xf32>, tensor<4x4xf32>
        }""",
        x,
    )
    inserted = x.copy()
    inserted[0, 2:] = x[1, ::3]
    assert (p == np.pad(x, [(1, 0), (0, 2)], constant_values=7)).all()
    assert (s == x[1, ::3]).all()
    assert (i == inserted).all()
    assert (c == np.concatenate([x, inserted])).all()


def test_loop_carries_a_tensor(run: Run) -> None:
    x = floats(6)
    (y,) = run(
        """
        func.func @run(%x : tensor<6xf32>) -> tensor<6xf32> {
          %c0 = arith.constant 0 : index
          %c2 = arith.constant 2 : index
          %c6 = arith.constant 6 : index
          %e = tensor.empty() : tensor<6xf32>
          %r = scf.for %i = %c0 to %c6 step %c2 iter_args(%t = %e) -> (tensor<6xf32>) {
            %a = tensor.extract_slice %x[%i] [2] [1] : tensor<6xf32> to tensor<2xf32>
            %n = tensor.insert_slice %a into %t[%i] [2] [1]
              : tensor<2xf32> into tensor<6xf32>
            scf.yield %n : tensor<6xf32>
          }
          func.return %r : tensor<6xf32>
        }""",
        x,
    )
    assert (y == x).all()


def test_slice_outside_is_an_error(run: Run) -> None:
    text = """
    func.func @run(%x : tensor<4xf32>) -> tensor<2xf32> {
      %c3 = arith.constant 3 : index
      %s = tensor.extract_slice %x[%c3] [2] [1] : tensor<4xf32> to tensor<2xf32>
      func.return %s : tensor<2xf32>
    }"""
    with pytest.raises(InterpretationError, match="slice must stay inside"):
        run(text, floats(4))


def test_signedness_comes_from_outside(run: Run) -> None:
    text = """
    func.func @run(%x : tensor<3xi8> {deploy.dtype = "uint8", deploy.name = "in"})
        -> (tensor<3xi8> {deploy.dtype = "uint8"}) {
      func.return %x : tensor<3xi8>
    }"""
    x = np.array([0, 128, 255], np.uint8)
    (y,) = run(text, x)
    assert y.dtype == np.uint8
    assert (y == x).all()
    with pytest.raises(ValueError, match=r"in must be uint8\[3\], got int8\[3\]"):
        run(text, x.view(np.int8))
    with pytest.raises(ValueError, match="got nothing"):
        run(text)
    with pytest.raises(ValueError, match="takes 1 inputs, got 2"):
        run(text, x, x)
