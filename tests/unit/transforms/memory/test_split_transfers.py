"""Split transfers move the same elements, in pieces that a DMA engine knows."""

from __future__ import annotations

from math import prod

import numpy as np
from deployopt.analysis.strided import dimensions_of, ends_contiguous
from deployopt.dialects.deploy import DmaStartOp
from deployopt.interpreters import run_module
from deployopt.transforms.memory.split_transfers import MemorySplitTransfersPass
from deployopt.universe import new_context
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects.builtin import MemRefType
from xdsl.ir import Attribute
from xdsl.parser import Parser
from xdsl.utils.hints import isa

SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=5)


@st.composite
def boxes(draw: st.DrawFn) -> tuple[list[int], list[int], list[int], list[int]]:
    """Shape of a whole, and offsets, sizes and strides of a part of it."""
    whole = draw(SHAPES)
    offsets = [draw(st.integers(0, n - 1)) for n in whole]
    free = [n - o for n, o in zip(whole, offsets, strict=True)]
    strides = [draw(st.integers(1, 2)) for _ in whole]
    sizes = [
        draw(st.integers(1, (n - 1) // s + 1))
        for n, s in zip(free, strides, strict=True)
    ]
    return whole, offsets, sizes, strides


def layout(whole: list[int], strides: list[int], offset: int) -> str:
    """The layout of a part of a whole."""
    steps = [prod(whole[axis + 1 :]) * s for axis, s in enumerate(strides)]
    return f"strided<{steps}, offset: {offset}>"


def dims(sizes: list[int]) -> str:
    return "".join(f"{n}x" for n in sizes)


def program(
    whole: list[int], offsets: list[int], sizes: list[int], strides: list[int]
) -> str:
    """Moves a part of the input to the middle of the output, which is as large."""
    steps = [prod(whole[axis + 1 :]) for axis in range(len(whole))]
    start = sum(o * s for o, s in zip(offsets, steps, strict=True))
    of = f'memref<{dims(whole)}i32, "L2">'
    to = f'memref<{dims(whole)}i32, "L1">'
    part = f'memref<{dims(sizes)}i32, {layout(whole, strides, start)}, "L2">'
    target = f'memref<{dims(sizes)}i32, {layout(whole, strides, start)}, "L1">'
    slots = f"{offsets} {sizes} {strides}"
    return f"""
    func.func @run(%x: {of} {{deploy.role = "input"}},
                   %y: {to} {{deploy.role = "output"}}) {{
      %s = memref.subview %x{slots} : {of} to {part}
      %d = memref.subview %y{slots} : {to} to {target}
      %t = deploy.dma_start %s, %d : {part}, {target}
      deploy.dma_wait %t
      func.return
    }}"""


@settings(deadline=None)
@given(boxes())
def test_the_same_elements_arrive(
    box: tuple[list[int], list[int], list[int], list[int]],
):
    ctx = new_context()
    module = Parser(ctx, program(*box)).parse_module()
    values = np.arange(1, prod(box[0]) + 1, dtype=np.int32).reshape(box[0])
    (expected,) = run_module(module, [values])
    MemorySplitTransfersPass().apply(ctx, module)
    module.verify()
    (got,) = run_module(module, [values])
    np.testing.assert_array_equal(got, expected)
    for op in module.walk():
        if isinstance(op, DmaStartOp):
            types = [op.source.type, op.destination.type]
            assert isa(types, list[MemRefType[Attribute]])
            dimensions = dimensions_of(*types)
            assert 1 <= len(dimensions) <= 2
            assert ends_contiguous(dimensions)
