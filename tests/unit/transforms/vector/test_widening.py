"""Every scalar operation that has a vector form means the same on every lane."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import pytest
from deployopt.interpreters import register
from deployopt.transforms.vector.widening import can_widen, widened
from deployopt.universe import new_context
from numpy.typing import NDArray
from xdsl.builder import Builder
from xdsl.dialects import vector
from xdsl.dialects.builtin import ModuleOp, VectorType
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.interpreter import Interpreter
from xdsl.ir import Block, Operation, Region, SSAValue
from xdsl.parser import Parser
from xdsl.rewriter import InsertPoint

Array: TypeAlias = NDArray[Any]

LANES = 4

FLOAT = (
    *("addf", "subf", "mulf", "divf"),
    *("maximumf", "minimumf", "maxnumf", "minnumf"),
)
INTEGER = (
    *("addi", "subi", "muli", "divsi", "divui", "remsi", "remui"),
    *("minsi", "maxsi", "minui", "maxui"),
    *("andi", "ori", "xori", "shli", "shrsi", "shrui"),
)
UNARY = ("absf", "sqrt", "floor", "ceil", "trunc", "roundeven")

LINES = [
    *(f"arith.{name} %x, %y : f32" for name in FLOAT),
    *(f"arith.{name} %i, %j : i32" for name in INTEGER),
    *(f"math.{name} %x : f32" for name in UNARY),
    "arith.addi %i, %j overflow<nsw> : i32",
    "arith.negf %x fastmath<nnan> : f32",
    "math.absi %i : i32",
    "math.copysign %x, %y : f32",
    "math.fma %x, %y, %x : f32",
    "arith.cmpf olt, %x, %y : f32",
    "arith.cmpi ult, %i, %j : i32",
    "arith.select %m, %x, %y : f32",
    "arith.extsi %i : i32 to i64",
    "arith.extui %i : i32 to i64",
    "arith.trunci %i : i32 to i8",
    "arith.sitofp %i : i32 to f32",
    "arith.uitofp %i : i32 to f32",
    "arith.fptosi %x : f32 to i32",
    "arith.fptoui %x : f32 to i32",
    "arith.extf %x : f32 to f64",
    "arith.truncf %d : f64 to f32",
    "arith.bitcast %x : f32 to i32",
]

VALUES = {
    "x": np.array([1.5, -2.5, 0.0, 9.0], np.float32),
    "y": np.array([0.5, 3.0, -1.0, 2.0], np.float32),
    "d": np.array([0.1, -0.2, 1e300, 7.0]),
    "i": np.array([7, -9, 0, 1 << 30], np.int32),
    "j": np.array([2, 3, 4, 5], np.int32),
    "m": np.array([True, False, True, True]),
}


def scalar(line: str) -> Operation:
    """The operation `line`, in a function of all values."""
    arguments = "%x: f32, %y: f32, %d: f64, %i: i32, %j: i32, %m: i1"
    text = f"func.func @f({arguments}) {{\n  %r = {line}\n  func.return\n}}"
    (function,) = Parser(new_context(), text).parse_module().ops
    assert isinstance(function, FuncOp)
    op = function.body.block.first_op
    assert op is not None
    return op


def names(op: Operation) -> Iterator[str]:
    """What the operands of `op` are called."""
    for operand in op.operands:
        assert operand.name_hint is not None
        yield operand.name_hint


def evaluated(function: FuncOp, args: list[Array]) -> Array:
    module = ModuleOp([function])
    module.verify()
    interpreter = Interpreter(module)
    register(interpreter)
    with np.errstate(all="ignore"):
        (result,) = interpreter.call_op(function, tuple(args))
    return result


def as_function(op: Operation, wide: list[bool]) -> FuncOp:
    """The vector form of `op`, of operands that are vectors where `wide`."""
    types = [
        VectorType(type, [LANES]) if is_wide else type
        for type, is_wide in zip(op.operand_types, wide, strict=True)
    ]
    block = Block(arg_types=types)
    builder = Builder(InsertPoint.at_end(block))

    def in_lanes(value: SSAValue, lanes: int) -> SSAValue:
        type = VectorType(value.type, [lanes])
        return builder.insert(vector.BroadcastOp(value, type)).vector

    new = builder.insert(widened(op, block.args, LANES, in_lanes))
    results: list[SSAValue] = list(new.results)
    builder.insert(ReturnOp(*results))
    kinds = [result.type for result in results]
    return FuncOp("wide", (types, kinds), Region(block))


def checked(line: str, wide: list[bool]) -> Operation:
    """The vector form of the operation `line`, after it was compared lane by lane."""
    op = scalar(line)
    assert can_widen(op)
    arrays = [VALUES[name] for name in names(op)]
    given = [
        a if is_wide else np.array(a[0])
        for a, is_wide in zip(arrays, wide, strict=True)
    ]
    function = as_function(op, wide)
    end = function.body.block.last_op
    assert end is not None
    assert end.prev_op is not None
    found = evaluated(function, given)
    for lane in range(LANES):
        one = [np.array(a[lane]) if a.ndim else a for a in given]
        block = Block(arg_types=op.operand_types)
        new = op.clone(dict(zip(op.operands, block.args, strict=False)))
        block.add_ops([new, ReturnOp(*new.results)])
        types = (op.operand_types, [result.type for result in new.results])
        expected = evaluated(FuncOp("one", types, Region(block)), one)
        np.testing.assert_array_equal(found[lane], expected)
    return end.prev_op


@pytest.mark.parametrize("line", LINES)
def test_on_vectors(line: str):
    op = scalar(line)
    form = checked(line, [True] * len(op.operands))
    assert form.name.startswith("deploy.") or form.properties == op.properties


@pytest.mark.parametrize("line", [x for x in LINES if x.count("%") == 2])
def test_a_scalar_among_vectors(line: str):
    checked(line, [True, False])
    checked(line, [False, True])


def test_a_choice_by_one_scalar_stays_one():
    line = "arith.select %m, %x, %y : f32"
    assert checked(line, [True, True, False]).name == "deploy.vselect"
    assert checked(line, [False, True, False]).name == "arith.select"


@pytest.mark.parametrize(
    "line",
    ["arith.index_cast %i : i32 to index", "math.exp %x : f32"],
)
def test_what_has_none(line: str):
    op = scalar(line)
    assert not can_widen(op)
