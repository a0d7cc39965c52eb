"""Strategies that draw `structured_kernels.Kernel`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod

from hypothesis import strategies as st
from transforms.vector.structured_kernels import LEAST, Axis, Kernel, Loop

Axes = tuple[Axis, ...]
Parts = tuple[list[Loop], list[list[Axis]], list[int], str]
"""Loops, inputs, result and kind of an operation."""

EXTENTS = st.sampled_from((1, 2, 3, 4, 5, 7, 8, 9, 17))
MOST_POINTS = 1200
"""Rounds of all loops, at most."""
MOST_WRITTEN = 32
"""Rounds of a block, at most."""


def axis(loop: int) -> Axis:
    return Axis(((loop, 1),))


def parallel_loops(loops: Sequence[Loop]) -> list[int]:
    return [n for n, loop in enumerate(loops) if not loop.reduces]


@st.composite
def contractions(draw: st.DrawFn) -> Parts:
    """Products of matrices and the like: a loop is in one input or in both."""
    count, reductions = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    loops = [Loop(draw(EXTENTS)) for _ in range(count)]
    loops += [Loop(draw(EXTENTS), True) for _ in range(reductions)]
    inner = [axis(n) for n in range(count, len(loops))]
    inputs: list[list[Axis]] = [list(inner), list(inner)]
    for n in range(count):
        where = draw(st.sampled_from(((0,), (1,), (0, 1))))
        for number in where:
            inputs[number].append(axis(n))
    return loops, inputs, list(range(count)), "product"


@st.composite
def windows(draw: st.DrawFn) -> Parts:
    """Convolutions in up to three dimensions, grouped or not, and pooling."""
    kind = draw(st.sampled_from(("product", "product", "sum", "most")))
    loops: list[Loop] = []

    def loop(extent: int, reduces: bool = False) -> int:
        loops.append(Loop(extent, reduces))
        return len(loops) - 1

    read: list[Axis] = []
    weights: list[Axis] = []
    result: list[int] = []
    for _ in range(draw(st.integers(1, 3))):
        out = loop(draw(st.sampled_from((1, 2, 3, 5, 8, 11))))
        tap = loop(draw(st.integers(1, 3)), True)
        stride, dilation = draw(st.integers(1, 3)), draw(st.integers(1, 2))
        read.append(Axis(((out, stride), (tap, dilation))))
        weights.append(axis(tap))
        result.append(out)
    if draw(st.booleans()):
        group = loop(draw(EXTENTS))
        read.append(axis(group))
        weights.append(axis(group))
        result.append(group)
    if kind == "product" and draw(st.booleans()):
        channel, out = loop(draw(EXTENTS), True), loop(draw(EXTENTS))
        read.append(axis(channel))
        weights += [axis(channel), axis(out)]
        result.append(out)
    return loops, [read, weights], result, kind


@st.composite
def rows(draw: st.DrawFn) -> Parts:
    """Sums or maxima along some of the axes."""
    loops = [Loop(draw(EXTENTS), draw(st.booleans())) for _ in range(3)]
    kind = draw(st.sampled_from(("sum", "most")))
    return loops, [[axis(n) for n in range(3)]], parallel_loops(loops), kind


@st.composite
def pointwise(draw: st.DrawFn) -> Parts:
    """Copies, transposes, and differences with what has fewer axes."""
    loops = [Loop(draw(EXTENTS)) for _ in range(draw(st.integers(1, 3)))]
    numbers = list(range(len(loops)))
    inputs = [[axis(n) for n in numbers]]
    if draw(st.booleans()):
        return loops, inputs, numbers, "copy"
    inputs.append([axis(n) for n in numbers if draw(st.booleans())])
    return loops, inputs, numbers, "difference"


@st.composite
def padded(draw: st.DrawFn, axes: Sequence[Axis], loops: Sequence[Loop]) -> list[Axis]:
    """The same axes, some of whose elements are padding."""
    found: list[Axis] = []
    for one in axes:
        low = draw(st.integers(0, min(2, one.extent(loops) - 1)))
        high = draw(st.integers(0, min(2, one.extent(loops) - 1 - low)))
        found.append(replace(one, low=low, high=high))
    return found


@st.composite
def blocks(
    draw: st.DrawFn, loops: Sequence[Loop], lanes: Sequence[int]
) -> tuple[str, bool]:
    """`deploy.blocks` of so many loops; whether rounds of one of `lanes` are lanes."""
    if not loops:
        return "{}", False
    order = draw(st.permutations(range(len(loops))))
    most = draw(st.sampled_from((1, 5)))
    sizes = [draw(st.integers(1, min(loop.extent, most))) for loop in loops]
    for n in draw(st.permutations(range(len(loops)))):
        if prod(sizes) > MOST_WRITTEN:
            sizes[n] = 1
    entries = [f"order = array<i64: {', '.join(map(str, order))}>"]
    wide = draw(st.sampled_from((None, *lanes)))
    if wide is not None:
        odd = () if loops[wide].reduces else (3, 7)
        count = draw(st.sampled_from((2, 4, 8, *odd)))
        sizes[wide] = draw(st.sampled_from((count, 2 * count, count + 3)))
        register = draw(st.sampled_from((1, 2, 4)))
        entries.append(f"lanes = array<i64: {wide}, {count}, {register}>")
    entries.append(f"sizes = array<i64: {', '.join(map(str, sizes))}>")
    return f"{{{', '.join(entries)}}}", wide is not None


FAMILIES = st.one_of(contractions(), windows(), windows(), rows(), pointwise())


@st.composite
def kernels(draw: st.DrawFn) -> Kernel:
    """A kernel of any family, its axes in any order."""
    loops, inputs, result, kind = draw(
        FAMILIES.filter(lambda p: prod(n.extent for n in p[0]) <= MOST_POINTS)
    )
    inputs = [list(draw(st.permutations(axes))) for axes in inputs]
    if inputs[0] and draw(st.booleans()):
        inputs[0] = draw(padded(inputs[0], loops))
    result = list(draw(st.permutations(result)))
    element = draw(st.sampled_from(("f32", "f32", "i32", "i8")))
    target = "f32" if element == "f32" else "i32"
    one, zero = ("3.0", "0.0") if target == "f32" else ("3", "0")
    neutral = "-128" if element == "i8" else LEAST[target]
    paddings = (zero, one, neutral) if kind == "most" else (zero, one)
    reductions = [n for n, loop in enumerate(loops) if loop.reduces]
    finish, bias, is_wide = None, (), False
    onto = kind in ("product", "sum", "most") and draw(st.booleans())
    if onto:
        bias = tuple(range(len(result)))
    elif draw(st.booleans()):
        outer = [Loop(loops[n].extent) for n in result]
        finish, is_wide = draw(blocks(outer, range(len(outer))))
        bias = tuple(n for n in range(len(outer)) if draw(st.booleans()))
    lanes = reductions if finish is not None else list(range(len(loops)))
    if is_wide or kind in ("copy", "difference"):
        lanes = [n for n in lanes if not loops[n].reduces and not is_wide]
    return Kernel(
        tuple(loops),
        tuple(map(tuple, inputs)),
        tuple(result),
        kind,
        element,
        draw(st.sampled_from(paddings)),
        LEAST[target] if kind == "most" else draw(st.sampled_from((zero, one))),
        draw(blocks(loops, lanes))[0],
        finish,
        bias,
        onto,
    )
