"""Sums of products of bytes mean the same when two are one number, and in order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from deployopt.interpreters import run_module
from deployopt.machine import attach, load_machine
from deployopt.universe import all_passes, new_context
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser

DEPTH = 8
ROLES = '{"deploy.role" = "ROLE", "deploy.name" = "NAME", "deploy.dtype" = "TYPE"}'


def role(role: str, name: str, dtype: str) -> str:
    """The attributes of a parameter of `@run`."""
    return ROLES.replace("ROLE", role).replace("NAME", name).replace("TYPE", dtype)


def body(rows: int, columns: int) -> str:
    """One round: every sum `%a` with its product added is `%s`."""
    lines = [
        f"%x{i} = memref.load %x[%i{i}, %k] : memref<{rows}x8xi8>" for i in range(rows)
    ]
    lines += [
        f"%w{j} = memref.load %w[%k, %i{j}] : memref<8x{columns}xi8>"
        for j in range(columns)
    ]
    for i, j in np.ndindex(rows, columns):
        lines += [
            f"%f{i}_{j} = arith.extsi %x{i} : i8 to i32",
            f"%g{i}_{j} = arith.extsi %w{j} : i8 to i32",
            f"%p{i}_{j} = arith.muli %f{i}_{j}, %g{i}_{j} overflow<nsw> : i32",
            f"%s{i}_{j} = arith.addi %a{i}_{j}, %p{i}_{j} overflow<nsw> : i32",
        ]
    return "\n".join(lines)


def looped(inside: str, names: list[str], letters: str, rounds: str) -> str:
    """A loop; letters name what it carries before, in a round, at its end, behind."""
    start, within, end, behind = letters
    types = ", ".join(["i32"] * len(names))
    carried = ", ".join(f"%{within}{name} = %{start}{name}" for name in names)
    ends = ", ".join(f"%{end}{name}" for name in names)
    results = ", ".join(f"%{behind}{name}" for name in names)
    return (
        f"{results} = scf.for {rounds} step %one iter_args({carried}) -> ({types}) {{\n"
        f"{inside}\nscf.yield {ends} : {types}\n}}"
    )


def block(rows: int, columns: int, nested: bool) -> str:
    """A kernel that sums `x[i, k] * w[k, j]`, all elements at once, onto 2**30 - 1."""
    names = [f"{i}_{j}" for i, j in np.ndindex(rows, columns)]
    lines = [f"%z{name} = arith.constant {(1 << 30) - 1} : i32" for name in names]
    rounds = "%k = %i0 to %depth"
    letters = "basr" if not nested else "bast"
    loop = looped(body(rows, columns), names, letters, rounds)
    if nested:
        lines.append(looped(loop, names, "zbtr", "%h = %i0 to %i2"))
    else:
        lines.append(loop.replace("= %b", "= %z"))
    lines += [
        f"memref.store %r{i}_{j}, %y[%i{i}, %i{j}] : memref<{rows}x{columns}xi32>"
        for i, j in np.ndindex(rows, columns)
    ]
    return "\n".join(lines)


def module_of(rows: int, columns: int, nested: bool) -> ModuleOp:
    """A program of one such kernel."""
    x, w = f"memref<{rows}x8xi8>", f"memref<8x{columns}xi8>"
    y = f"memref<{rows}x{columns}xi32>"
    indices = "\n".join(f"%i{n} = arith.constant {n} : index" for n in range(8))
    text = f"""builtin.module @sums {{
func.func @run(%x: {x} {role("input", "x", "int8")},
               %w: {w} {role("input", "w", "int8")},
               %y: {y} {role("output", "y", "int32")}) {{
  func.call @kernel(%x, %w, %y) : ({x}, {w}, {y}) -> () loc("node")
  func.return
}}
func.func private @kernel(%x: {x} {{deploy.access = "read"}},
    %w: {w} {{deploy.access = "read"}}, %y: {y} {{deploy.access = "write"}})
    attributes {{deploy.kernel}} {{
  {indices}
  %one = arith.constant 1 : index
  %depth = arith.constant {DEPTH} : index
  {block(rows, columns, nested)}
  func.return
}}
}}
"""
    module = Parser(new_context(), text).parse_module()
    module.verify()
    attach(module, load_machine("rv64gc"))
    return module


def extreme(random: np.random.Generator, *shape: int) -> NDArray[Any]:
    """Bytes, many of them the least or the greatest."""
    values = random.integers(-128, 128, shape)
    picked = random.integers(0, 3, shape)
    return np.choose(
        picked, [values, np.full(shape, -128), np.full(shape, 127)]
    ).astype(np.int8)


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize(("rows", "columns"), [(2, 2), (3, 4), (4, 3), (3, 3), (6, 2)])
def test_the_same_sums(rows: int, columns: int, nested: bool):
    random = np.random.default_rng(rows * columns)
    module = module_of(rows, columns, nested)
    inputs = [extreme(random, rows, DEPTH), extreme(random, DEPTH, columns)]
    want = run_module(module, inputs)
    for name in ("vector-pack-products", "vector-order-products"):
        all_passes()[name]()().apply(new_context(), module)
        module.verify()
    assert "i64" in str(module)
    for have, expected in zip(run_module(module, inputs), want, strict=True):
        np.testing.assert_array_equal(have, expected)
