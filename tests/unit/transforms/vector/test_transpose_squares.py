"""Copies that go by squares put every element where it belongs."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np
from deployopt.interpreters import run_module
from deployopt.machine import attach, load_machine
from deployopt.transforms.vector.transpose_squares import VectorTransposeSquaresPass
from deployopt.universe import new_context
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects import vector
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.linalg import ops as linalg
from xdsl.parser import Parser

DTYPES = {"f32": "float32", "i8": "int8"}


def program(shape: Sequence[int], order: Sequence[int], element: str) -> str:
    """A module whose `@run` permutes the axes of its input."""
    loops = ", ".join(f"d{n}" for n in range(len(shape)))
    axes = ", ".join(f"d{order.index(n)}" for n in range(len(shape)))
    x, y = (
        f'memref<{"x".join(map(str, extents))}x{element}, "ram">'
        for extents in (shape, [shape[axis] for axis in order])
    )
    iterators = ", ".join(['"parallel"'] * len(shape))
    dtype = f'"deploy.dtype" = "{DTYPES[element]}"'
    return f"""builtin.module @copy {{
func.func @run(%x: {x} {{"deploy.role" = "input", "deploy.name" = "x", {dtype}}},
               %y: {y} {{"deploy.role" = "output", "deploy.name" = "y", {dtype}}}) {{
  func.call @kernel_0(%x, %y) : ({x}, {y}) -> () loc("copy")
  func.return
}}
func.func private @kernel_0(%x: {x} {{"deploy.access" = "read"}},
                            %y: {y} {{"deploy.access" = "write"}})
    attributes {{deploy.kernel}} {{
  linalg.generic {{indexing_maps = [affine_map<({loops}) -> ({axes})>,
                                   affine_map<({loops}) -> ({loops})>],
                  iterator_types = [{iterators}]}}
      ins(%x : {x}) outs(%y : {y}) {{
  ^bb0(%in: {element}, %out: {element}):
    linalg.yield %in : {element}
  }}
  func.return
}}
}}"""


def has(module: ModuleOp, kind: type) -> bool:
    """Whether there is such an operation."""
    return any(isinstance(op, kind) for op in module.walk())


def least_side(machine: str, element: str, vlen: int) -> float:
    """What the smaller side must have: squares of four take more on RISC-V."""
    if machine == "host":
        return 4
    return 8 if element == "i8" or vlen >= 256 else inf


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.lists(st.sampled_from([1, 3, 4, 8, 11, 16, 21]), min_size=2, max_size=4),
    st.sampled_from(list(DTYPES)),
    st.sampled_from(["host", "rv64gcv"]),
    st.sampled_from(["128", "256", "512"]),
    st.data(),
)
def test_permutations(
    shape: list[int], element: str, machine: str, vlen: str, data: st.DataObject
):
    order = data.draw(st.permutations(range(len(shape))))
    ctx = new_context()
    module = Parser(ctx, program(shape, order, element)).parse_module()
    wide = {"vlen": vlen} if machine == "host" else {"isa": f"rv64gcv_zvl{vlen}b"}
    attach(module, load_machine(machine, {"vlen": vlen, **wide}))
    VectorTransposeSquaresPass().apply(ctx, module)
    module.verify()
    least = least_side(machine, element, int(vlen))
    goes = order[-1] != len(shape) - 1 and min(shape[-1], shape[order[-1]]) >= least
    assert has(module, vector.ShuffleOp) == goes
    assert has(module, linalg.GenericOp) != goes
    count = int(np.prod(shape))
    values = np.arange(count).astype(DTYPES[element]).reshape(shape)
    (found,) = run_module(module, [values])
    assert np.array_equal(found, values.transpose(order))
