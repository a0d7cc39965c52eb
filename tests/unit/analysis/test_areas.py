"""Which parts of buffers may meet, in a line, in one round and in rounds of a loop."""

from __future__ import annotations

import pytest
from deployopt.analysis.areas import area_of, later, may_meet
from deployopt.universe import new_context
from xdsl.dialects import memref, scf
from xdsl.parser import Parser


def parts(one: str, other: str, low: int = 0, high: int = 16, step: int = 4):
    """Two parts of rows of 8 numbers, in a loop over %i; and the loop."""
    text = f"""func.func @run(%x: memref<32x8xi8, "L2">, %y: memref<32x8xi8, "L2">) {{
      %c0 = arith.constant {low} : index
      %c1 = arith.constant {high} : index
      %c2 = arith.constant {step} : index
      %k = arith.constant 4 : index
      scf.for %i = %c0 to %c1 step %c2 {{
        %up = arith.addi %i, %k : index
        %down = arith.subi %i, %k : index
        %twice = arith.muli %i, %c2 : index
        %odd = arith.remui %i, %k : index
        %a = memref.subview {one} : memref<32x8xi8, "L2"> to
          memref<4x8xi8, strided<[8, 1], offset: ?>, "L2">
        %b = memref.subview {other} : memref<32x8xi8, "L2"> to
          memref<4x8xi8, strided<[8, 1], offset: ?>, "L2">
      }}
      func.return
    }}"""
    module = Parser(new_context(), text).parse_module()
    views = [op.result for op in module.walk() if isinstance(op, memref.SubviewOp)]
    (loop,) = (op for op in module.walk() if isinstance(op, scf.ForOp))
    return area_of(views[0]), area_of(views[1]), loop


ROWS = "[4, 8] [1, 1]"


@pytest.mark.parametrize(
    ("other", "meets"),
    [
        (f"%x[%i, 0] {ROWS}", True),
        (f"%y[%i, 0] {ROWS}", False),
        (f"%x[%up, 0] {ROWS}", False),
        (f"%x[%down, 0] {ROWS}", False),
        (f"%x[19, 0] {ROWS}", False),  # %i + 3 is 15 in the last round
        (f"%x[15, 0] {ROWS}", True),
        (f"%x[%odd, 0] {ROWS}", True),  # not known
        ("%x[%up, 0] [4, 8] [2, 1]", False),
    ],
)
def test_in_one_round(other: str, meets: bool):
    one, two, _ = parts(f"%x[%i, 0] {ROWS}", other)
    assert may_meet(one, two) == may_meet(two, one) == meets


@pytest.mark.parametrize(
    ("other", "rounds", "meets"),
    [
        (f"%x[%i, 0] {ROWS}", 1, False),
        (f"%x[%down, 0] {ROWS}", 1, True),
        (f"%x[%down, 0] {ROWS}", 2, False),
        ("%x[%i, 0] [9, 8] [1, 1]", 1, False),  # begins behind the other one
        (f"%x[%twice, 0] {ROWS}", 1, False),  # 4 i + 16 from %i on
        (f"%x[3, 0] {ROWS}", 1, True),
        (f"%x[%odd, 0] {ROWS}", 1, True),
    ],
)
def test_rounds_apart(other: str, rounds: int, meets: bool):
    one, two, loop = parts(f"%x[%i, 0] {ROWS}", other)
    assert may_meet(one, later(two, loop, rounds)) == meets
