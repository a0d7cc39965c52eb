"""What another operand of elementwise work becomes behind a reshape."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from math import prod
from typing import Any, TypeAlias

import numpy as np
import pytest
from deployopt.transforms.nn.clean_reshapes import regrouped
from numpy.typing import NDArray

Shape: TypeAlias = tuple[int, ...]
Array: TypeAlias = NDArray[Any]


def shapes(elements: int, rank: int) -> Iterator[Shape]:
    """Every shape of so many elements and dimensions."""
    if rank == 0:
        if elements == 1:
            yield ()
        return
    for size in (n for n in range(1, elements + 1) if elements % n == 0):
        for rest in shapes(elements // size, rank - 1):
            yield (size, *rest)


ALL = [shape for rank in range(4) for shape in shapes(12, rank)]


@pytest.mark.parametrize("whole", ALL, ids=str)
def test_broadcasting_and_reshaping_trade_places(whole: Shape):
    for source, kept in product(ALL, product((False, True), repeat=len(whole))):
        given = tuple(n if k else 1 for n, k in zip(whole, kept, strict=True))
        if (shape := regrouped(given, whole, source)) is not None:
            operand: Array = np.arange(prod(given)).reshape(given)
            before: Array = np.broadcast_to(operand, whole).reshape(source)
            after: Array = np.broadcast_to(operand.reshape(shape), source)
            np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize(
    ("given", "whole", "source", "expected"),
    [
        ((4, 6), (8, 4, 6), (8, 24), (1, 24)),
        ((8, 1, 1), (8, 4, 6), (8, 24), (8, 1)),
        ((24,), (8, 24), (8, 4, 6), (1, 4, 6)),
        ((3,), (2, 1, 3), (1, 2, 3, 1), (1, 1, 3, 1)),
        ((6,), (8, 4, 6), (8, 24), None),
        ((4, 1), (4, 6), (6, 4), None),
        ((), (), (1,), (1,)),
    ],
)
def test_an_operand(given: Shape, whole: Shape, source: Shape, expected: Shape | None):
    assert regrouped(given, whole, source) == expected
