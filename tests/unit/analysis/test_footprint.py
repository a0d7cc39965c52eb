"""The footprint of a tile against the indices that its iterations really touch."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from deployopt.analysis.footprint import Offset, Span, all_of, footprint, linear
from xdsl.dialects.builtin import IndexType
from xdsl.dialects.test import TestOp
from xdsl.ir.affine import AffineExpr, AffineMap


def random_expr(random: np.random.Generator, loops: int) -> AffineExpr:
    expr: AffineExpr = AffineExpr.constant(int(random.integers(0, 9)))
    for loop in range(loops):
        expr = expr + AffineExpr.dimension(loop) * int(random.integers(-3, 4))
    return expr


@pytest.mark.parametrize("seed", range(40))
def test_exactly_what_is_touched(seed: int):
    random = np.random.default_rng(seed)
    loops = int(random.integers(1, 4))
    exprs = tuple(random_expr(random, loops) for _ in range(2))
    starts = [int(random.integers(0, 5)) for _ in range(loops)]
    sizes = [int(random.integers(1, 5)) for _ in range(loops)]
    spans = [
        Span(Offset(o), n, whole=False) for o, n in zip(starts, sizes, strict=True)
    ]
    map_ = AffineMap(loops, 0, exprs)
    found = footprint(map_, (999, 999), spans)
    assert found is not None
    axes, inside = found
    for axis, expr in enumerate(exprs):
        if axes[axis].whole:
            assert not expr.used_dims()
            continue
        points = product(*(range(n) for n in sizes))
        at = [p for p in points]
        real = [
            expr.eval([o + i for o, i in zip(starts, p, strict=True)], []) for p in at
        ]
        first = axes[axis].offset.constant
        assert (first, first + axes[axis].size - 1) == (min(real), max(real))
        local = [inside.results[axis].eval(list(p), []) for p in at]
        assert [first + n for n in local] == real


def test_a_loop_that_is_divided_cannot_be_cut():
    expr = AffineExpr.dimension(0) // 2
    map_ = AffineMap(1, 0, (expr,))
    assert footprint(map_, (4,), [Span(Offset(4), 4, whole=False)]) is None
    assert footprint(map_, (4,), [all_of(8)]) == ((all_of(4),), map_)
    assert linear(expr, 1) is None


def test_offsets_add_up():
    index = TestOp(result_types=[IndexType()]).results[0]
    offset = Offset(1, ((index, 2),))
    assert offset * 3 + Offset(4) == Offset(7, ((index, 6),))
    assert offset + offset * -1 == Offset()
    assert offset * 0 == Offset()
