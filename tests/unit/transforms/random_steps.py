"""What random programs are made of, and the programs."""

from __future__ import annotations

from math import prod

import numpy as np
from transforms.random_programs import Program, Shape, affine, tensor

MULTIPLY_ADD = "    %p = arith.muli %a0, %a1 : i32\n    %r = arith.addi %p, %o : i32\n"


def conv(p: Program) -> None:
    """Strided, dilated, now and then reversed or depthwise."""
    if (picked := p.pick(4)) is None:
        return
    value, (n, h, w, c) = picked
    kh, kw = p.number(1, min(3, h)), p.number(1, min(2, w))
    dh = p.number(1, 2) if (kh - 1) * 2 < h else 1
    dw = p.number(1, 2) if (kw - 1) * 2 < w else 1
    sh, sw, oc = p.number(1, 2), p.number(1, 3), p.number(1, 4)
    oh = (h - (kh - 1) * dh - 1) // sh + 1
    ow = (w - (kw - 1) * dw - 1) // sw + 1
    row, column = f"d1 * {sh} + d4 * {dh}", f"d2 * {sw} + d5 * {dw}"
    if p.number(0, 4) == 0:
        row = f"d1 * {sh} + d4 * {-dh} + {(kh - 1) * dh}"
    weights = kh, kw, c, oc
    shape = n, oh, ow, oc
    p.generic(
        [
            affine(7, "d0", row, column, "d6"),
            affine(7, "d4", "d5", "d6", "d3"),
            affine(7, "d0", "d1", "d2", "d3"),
        ],
        "pppprrr",
        [(value, (n, h, w, c)), (p.constant(weights), weights)],
        p.fill(shape),
        shape,
        MULTIPLY_ADD,
    )


def pool(p: Program) -> None:
    """A window that only gives a shape."""
    if (picked := p.pick(4)) is None:
        return
    value, (n, h, w, c) = picked
    kh, kw, s = p.number(1, min(3, h)), p.number(1, min(3, w)), p.number(1, 3)
    shape = n, (h - kh) // s + 1, (w - kw) // s + 1, c
    p.generic(
        [
            affine(6, "d0", f"d1 * {s} + d4", f"d2 * {s} + d5", "d3"),
            affine(6, "d4", "d5"),
            affine(6, "d0", "d1", "d2", "d3"),
        ],
        "pppprr",
        [(value, (n, h, w, c)), (p.empty((kh, kw)), (kh, kw))],
        p.fill(shape),
        shape,
        "    %r = arith.maxsi %a0, %o : i32\n",
    )


def elementwise(p: Program) -> None:
    """Of two values of one shape, or a value and a vector along its last axis."""
    picked = p.pick()
    assert picked is not None
    value, shape = picked
    dims = [f"d{i}" for i in range(len(shape))]
    same = [v for v in p.values if v[1] == shape]
    other = same[p.number(0, len(same) - 1)]
    second = affine(len(shape), *dims)
    if p.number(0, 2) == 0 and shape:
        other = p.constant(shape[-1:]), shape[-1:]
        second = affine(len(shape), dims[-1])
    op = ["addi", "subi", "maxsi"][p.number(0, 2)]
    index = ""
    if shape and p.number(0, 3) == 0:
        index = (
            f"    %i = linalg.index {p.number(0, len(shape) - 1)} : index\n"
            "    %j = arith.index_cast %i : index to i32\n"
            "    %q = arith.muli %s, %j : i32\n"
        )
    last = "%q" if index else "%s"
    p.generic(
        [affine(len(shape), *dims), second, affine(len(shape), *dims)],
        "p" * len(shape),
        [(value, shape), other],
        p.empty(shape),
        shape,
        f"    %s = arith.{op} %a0, %a1 : i32\n{index}"
        f"    %r = arith.addi {last}, %a0 : i32\n",
    )


def reduce(p: Program) -> None:
    """A sum over some axes, sometimes kept as axes of length one."""
    picked = p.pick()
    assert picked is not None
    value, shape = picked
    if not shape:
        return
    gone = [p.number(0, 1) == 1 for _ in shape]
    keep = p.number(0, 1) == 1
    results = [
        "0" if drop else f"d{i}" for i, drop in enumerate(gone) if keep or not drop
    ]
    result = tuple(
        1 if drop else n
        for n, drop in zip(shape, gone, strict=True)
        if keep or not drop
    )
    dims = [f"d{i}" for i in range(len(shape))]
    p.generic(
        [affine(len(shape), *dims), affine(len(shape), *results)],
        "".join("pr"[drop] for drop in gone),
        [(value, shape)],
        p.fill(result),
        result,
        "    %r = arith.addi %a0, %o : i32\n",
    )


def transpose(p: Program) -> None:
    picked = p.pick()
    assert picked is not None
    value, shape = picked
    order = [int(i) for i in p.random.permutation(len(shape))]
    result = tuple(shape[i] for i in order)
    dims = [f"d{i}" for i in range(len(shape))]
    p.generic(
        [affine(len(shape), *dims), affine(len(shape), *(f"d{i}" for i in order))],
        "p" * len(shape),
        [(value, shape)],
        p.empty(result),
        result,
        "    %r = arith.addi %a0, %a0 : i32\n",
    )


def padded(p: Program, value: str, shape: Shape) -> tuple[str, Shape]:
    """One element around rows and columns."""
    n, h, w, c = shape
    result = n, h + 2, w + 2, c
    name = p.add(
        f"tensor.pad {value} low[0, 1, 1, 0] high[0, 1, 1, 0] {{\n"
        "  ^bb0(%i0: index, %i1: index, %i2: index, %i3: index):\n"
        f"    tensor.yield %c0 : i32\n  }} : {tensor(shape)} to {tensor(result)}",
        result,
    )
    return name, result


def residual(p: Program) -> None:
    """A convolution that keeps the shape, the sum with its input, and padding again."""
    if (picked := p.pick(4)) is None:
        return
    value, shape = picked
    c = shape[3]
    start = p.fill(shape)
    total = p.generic(
        [
            affine(7, "d0", "d1 + d4", "d2 + d5", "d6"),
            affine(7, "d4", "d5", "d6", "d3"),
            affine(7, "d0", "d1", "d2", "d3"),
        ],
        "pppprrr",
        [padded(p, value, shape), (p.constant((3, 3, c, c)), (3, 3, c, c))],
        start,
        shape,
        MULTIPLY_ADD,
    )
    p.values.pop()  # nobody else reads the sum
    same = affine(4, "d0", "d1", "d2", "d3")
    result = p.generic(
        [same] * 3,
        "pppp",
        [(total, shape), (value, shape)],
        p.empty(shape),
        shape,
        "    %r = arith.addi %a0, %a1 : i32\n",
    )
    if p.number(0, 2):
        padded(p, result, shape)


def concatenate(p: Program) -> None:
    picked = p.pick()
    assert picked is not None
    value, shape = picked
    if not shape:
        return
    axis = p.number(0, len(shape) - 1)
    rest = shape[:axis] + shape[axis + 1 :]
    others = [
        (n, s)
        for n, s in p.values
        if len(s) == len(shape) and s[:axis] + s[axis + 1 :] == rest
    ]
    parts = [(value, shape), others[p.number(0, len(others) - 1)]]
    whole = (*shape[:axis], sum(s[axis] for _, s in parts), *shape[axis + 1 :])
    result, at = p.empty(whole), 0
    for name, part in parts:
        offsets = [0] * len(shape)
        offsets[axis] = at
        at += part[axis]
        new = p.name()
        p.line(
            f"{new} = tensor.insert_slice {name} into {result}{offsets} {list(part)} "
            f"{[1] * len(shape)} : {tensor(part)} into {tensor(whole)}"
        )
        result = new
    p.values.append((result, whole))


def cut(p: Program) -> None:
    picked = p.pick()
    assert picked is not None
    value, shape = picked
    if not shape:
        return
    strides = [p.number(1, 2) for _ in shape]
    offsets = [p.number(0, n - 1) for n in shape]
    sizes = tuple(
        p.number(1, (n - o - 1) // s + 1)
        for n, o, s in zip(shape, offsets, strides, strict=True)
    )
    p.add(
        f"tensor.extract_slice {value}{offsets} {list(sizes)} {strides} : "
        f"{tensor(shape)} to {tensor(sizes)}",
        sizes,
    )


def pad(p: Program) -> None:
    picked = p.pick()
    assert picked is not None
    value, shape = picked
    if not shape:
        return
    low, high = ([p.number(0, 2) for _ in shape] for _ in "lh")
    result = tuple(a + n + b for a, n, b in zip(low, shape, high, strict=True))
    args = ", ".join(f"%i{i}: index" for i in range(len(shape)))
    p.add(
        f"tensor.pad {value} low{low} high{high} {{\n  ^bb0({args}):\n"
        f"    tensor.yield %c1 : i32\n  }} : {tensor(shape)} to {tensor(result)}",
        result,
    )


def collapse(p: Program) -> None:
    picked = p.pick()
    assert picked is not None
    value, shape = picked
    if not shape:
        return
    p.add(
        f"tensor.collapse_shape {value} [{list(range(len(shape)))}] : "
        f"{tensor(shape)} into {tensor((prod(shape),))}",
        (prod(shape),),
    )


def expand(p: Program) -> None:
    if (picked := p.pick(1)) is None:
        return
    value, (n,) = picked
    divisors = [d for d in range(1, n + 1) if n % d == 0]
    d = divisors[p.number(0, len(divisors) - 1)]
    shape = (1, d, n // d, 1)
    p.add(
        f"tensor.expand_shape {value} [[0, 1, 2, 3]] output_shape {list(shape)} : "
        f"{tensor((n,))} into {tensor(shape)}",
        shape,
    )


STEPS = (
    *(conv, conv, pool, elementwise, elementwise, elementwise, reduce, transpose),
    *(concatenate, concatenate, cut, pad, collapse, expand),
    *(residual, residual, residual),
)
"""What a program is made of; what stands here more often comes about more often."""


def random_program(seed: int, length: int = 7) -> str:
    """The text of a module with a function `@run`."""
    p = Program(np.random.default_rng(seed))
    p.argument((1, p.number(3, 7), p.number(3, 6), p.number(1, 3)))
    p.argument((p.number(2, 5), p.number(2, 5)))
    for _ in range(length):
        STEPS[p.number(0, len(STEPS) - 1)](p)
    small = [v for v in p.values if prod(v[1]) < 4000]
    chosen = [p.values[-1]] + [
        small[p.number(0, len(small) - 1)] for _ in range(p.number(0, 3))
    ]
    arguments = ", ".join(f"{n}: {tensor(s)}" for n, s in p.arguments)
    types = ", ".join(tensor(s) for _, s in chosen)
    names = ", ".join(n for n, _ in chosen)
    return "\n".join(
        [
            f"func.func @run({arguments}) -> ({types}) {{",
            "  %c0 = arith.constant 0 : i32",
            "  %c1 = arith.constant 7 : i32",
            *p.lines,
            f"  func.return {names} : {types}",
            "}",
        ]
    )
