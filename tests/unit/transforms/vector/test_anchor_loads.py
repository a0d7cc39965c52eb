"""Loops of scalars that begin from one place: those of two rounds."""

from __future__ import annotations

import pytest
from deployopt.dialects import deploy
from deployopt.machine import attach, load_machine
from deployopt.transforms.vector.anchor_loads import (
    MANY,
    UNROLLED,
    VectorAnchorLoadsPass,
)
from deployopt.universe import new_context
from xdsl.parser import Parser


def anchored(machine: str, rounds: int, loads: int) -> int:
    """The loops that load from one place, of one that adds up so many elements."""
    lines = ["%s0 = arith.constant 0.0 : f32"]
    for n in range(loads):
        lines += [
            f"%k{n} = arith.constant {2 * n} : index",
            f"%j{n} = arith.addi %i, %k{n} : index",
            f"%e{n} = memref.load %x[%j{n}] : memref<99xf32>",
            f"%s{n + 1} = arith.addf %s{n}, %e{n} : f32",
        ]
    for n in range(UNROLLED // 2):
        lines.append(f"%s{loads + n + 1} = arith.negf %s{loads + n} : f32")
    body = "\n    ".join(lines)
    text = f"""
func.func private @k(%x: memref<99xf32>, %y: memref<9xf32>)
    attributes {{deploy.kernel}} {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %end = arith.constant {rounds} : index
  scf.for %i = %c0 to %end step %c1 {{
    {body}
    memref.store %s{loads}, %y[%i] : memref<9xf32>
  }}
  func.return
}}
"""
    context = new_context()
    module = Parser(context, text).parse_module()
    attach(module, load_machine(machine))
    VectorAnchorLoadsPass().apply(context, module)
    return sum(isinstance(op, deploy.AnewOp) for op in module.walk())


@pytest.mark.parametrize("machine", ["rv64gc", "rv32imfc", "rv64gcv"])
def test_two_rounds_are_a_truth_value(machine: str):
    assert anchored(machine, 2, MANY) == 1
    assert anchored(machine, 3, MANY) == 0
    assert anchored(machine, 2, MANY - 1) == 0


def test_other_machines_load_as_they_did():
    assert anchored("host", 2, MANY) == 0
    assert anchored("rv32imc", 2, MANY) == 0
