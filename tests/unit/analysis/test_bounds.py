"""What is known about floats from how they are computed."""

from __future__ import annotations

import math

import pytest
from deployopt.analysis.bounds import ANYTHING, Bounds, bounds
from deployopt.universe import new_context
from xdsl.dialects.func import FuncOp
from xdsl.parser import Parser

INF = math.inf

PROGRAM = """
func.func @f(%x: f32, %v: vector<4xf32>, %n: vector<4xi8>, %k: i32, %m: i1) {{
  %one = arith.constant 1.0 : f32
  %half = arith.constant 0.5 : f32
  %big = arith.constant 2147483647.0 : f32
  %nan = arith.constant 0x7FC00000 : f32
  %inf = arith.constant 0x7F800000 : f32
  %two = arith.constant dense<[2.0, -2.0, 0.5, 1.0]> : vector<4xf32>
  %ones = vector.broadcast %one : f32 to vector<4xf32>
  %up = arith.maxnumf %x, %one : f32
  %down = arith.minnumf %x, %one : f32
  {}
  func.return
}}
"""


def known(line: str) -> Bounds:
    """What is known about the result of the last operation."""
    module = Parser(new_context(), PROGRAM.format(line)).parse_module()
    (function,) = module.ops
    assert isinstance(function, FuncOp)
    end = function.body.block.last_op
    assert end is not None
    last = end.prev_op
    assert last is not None
    return bounds(last.results[0])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("%r = arith.addf %x, %one : f32", ANYTHING),
        ("%r = arith.negf %one : f32", Bounds(-1, -1, True)),
        ("%r = arith.negf %half : f32", Bounds(-0.5, -0.5)),
        ("%r = arith.negf %two : vector<4xf32>", Bounds(-2, 2)),
        ("%r = arith.maxnumf %x, %half : f32", Bounds(0.5, INF)),
        ("%r = arith.minnumf %up, %one : f32", Bounds(1, 1)),
        ("%r = arith.maxnumf %x, %x : f32", ANYTHING),
        ("%r = arith.maxnumf %one, %nan : f32", Bounds(1, INF)),
        ("%r = arith.maximumf %x, %half : f32", Bounds(0.5, INF, False, True)),
        ("%r = arith.minimumf %down, %half : f32", Bounds(-INF, 0.5)),
        ("%r = math.roundeven %x : f32", Bounds(-INF, INF, True, True)),
        ("%r = math.floor %half : f32", Bounds(0, 1, True)),
        ("%r = math.absf %down : f32", Bounds(0, INF)),
        ("%r = arith.addf %one, %one : f32", Bounds(2, 2, True)),
        ("%r = arith.subf %up, %one : f32", Bounds(0, INF)),
        ("%r = arith.addf %inf, %inf : f32", ANYTHING._replace(whole=True)),
        ("%r = arith.mulf %one, %inf : f32", ANYTHING),
        ("%r = arith.mulf %ones, %two : vector<4xf32>", Bounds(-2, 2)),
        ("%r = arith.select %m, %up, %half : f32", Bounds(0.5, INF)),
        ("%r = arith.sitofp %k : i32 to f32", Bounds(-(2.0**31), 2.0**31, True)),
        (
            "%r = deploy.vcast uitofp %n : vector<4xi8> to vector<4xf32>",
            Bounds(0, 255, True),
        ),
    ],
)
def test_what_is_known(line: str, expected: Bounds):
    assert known(line) == expected


def test_rounding_never_leaves_the_bounds():
    exact, found = 2.0**31 - 1, known("%r = arith.negf %big : f32")
    assert found.low <= -(2.0**31) < -exact
    assert not found.within(-exact, exact)


def test_numbers_in_a_row_are_looked_at_to_some_depth():
    lines = [f"%v{n} = arith.negf %v{n - 1} : f32" for n in range(1, 20)]
    start = "%v0 = arith.negf %one : f32"
    assert known("\n".join([start, *lines[:3]])) == Bounds(1, 1, True)
    assert known("\n".join([start, *lines])) == ANYTHING
