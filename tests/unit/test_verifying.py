"""Verifying operations that are alike once says what verifying all of them says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from deployopt.universe import new_context
from deployopt.verifying import verify
from xdsl.dialects import arith, func
from xdsl.dialects.builtin import ModuleOp, f64, i32
from xdsl.ir import Block, Operation, Region
from xdsl.parser import Parser

TEXT = """
func.func @f(%x: f32, %m: memref<4xf32>, %i: index) {
  %a = arith.addf %x, %x : f32
  %b = arith.addf %a, %x : f32
  %c = memref.load %m[%i] : memref<4xf32>
  %d = memref.load %m[%i] : memref<4xf32>
  scf.for %k = %i to %i step %i {
    %e = arith.addf %c, %d : f32
    %g = arith.addf %e, %d : f32
  }
  func.return
}
"""


def parsed() -> ModuleOp:
    return Parser(new_context(), TEXT).parse_module()


def named(module: ModuleOp, name: str) -> list[Operation]:
    return [op for op in module.walk() if op.name == name]


def other_result(module: ModuleOp) -> None:
    last = named(module, "arith.addf")[-1]
    wrong = type(last).create(operands=last.operands, result_types=[f64])
    block = last.parent
    assert block is not None
    block.insert_op_before(wrong, last)


def other_operand(module: ModuleOp) -> None:
    second = named(module, "memref.load")[1]
    second.operands = [second.operands[0]]


def other_property(module: ModuleOp) -> None:
    named(module, "arith.addf")[2].properties["odd"] = i32


def no_terminator(module: ModuleOp) -> None:
    (end,) = named(module, "func.return")
    end.detach()


def empty_block(module: ModuleOp) -> None:
    module.body.block.add_op(func.FuncOp("g", ((), ()), Region(Block())))


def erased_operand(module: ModuleOp) -> None:
    first = named(module, "arith.addf")[0]
    first.results[0].erase(safe_erase=False)


CHANGES = (
    other_result,
    other_operand,
    other_property,
    no_terminator,
    empty_block,
    erased_operand,
)


def complaint(module: ModuleOp, *, all_of_it: bool) -> str:
    try:
        module.verify() if all_of_it else verify(module)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def test_what_is_right():
    assert not complaint(parsed(), all_of_it=False)


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_wrong(change: Callable[[ModuleOp], None]):
    module = parsed()
    change(module)
    said = complaint(module, all_of_it=False)
    assert said
    assert said == complaint(module, all_of_it=True)


def test_alike_are_verified_once(monkeypatch: pytest.MonkeyPatch):
    seen: list[Operation] = []

    def note(op: Operation) -> None:
        seen.append(op)

    monkeypatch.setattr(arith.AddfOp, "verify_", note)
    verify(parsed())
    assert len(seen) == 1
