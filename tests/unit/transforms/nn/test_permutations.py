"""Permutations and reshapes of plain shapes against numpy."""

from __future__ import annotations

from math import prod

import numpy as np
from deployopt.transforms.nn.permutations import (
    compose,
    exchange,
    groups,
    inverse,
    keeps_order,
    permuted,
)
from hypothesis import given
from hypothesis import strategies as st

shapes = st.lists(st.sampled_from([1, 1, 2, 3, 4, 6]), min_size=1, max_size=5)


@st.composite
def permutations(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """A shape and a permutation of its dimensions."""
    shape = draw(shapes)
    return shape, draw(st.permutations(range(len(shape))))


@st.composite
def reshapes(draw: st.DrawFn, size: int) -> list[int]:
    """A shape of `size` elements."""
    shape: list[int] = []
    while size > 1:
        divisors = [d for d in range(2, size + 1) if size % d == 0]
        shape.append(draw(st.sampled_from(divisors)))
        size //= shape[-1]
    for place in draw(st.lists(st.integers(0, len(shape)), max_size=2)):
        shape.insert(place, 1)
    return shape


@given(permutations())
def test_inverse_undoes(case: tuple[list[int], list[int]]):
    _, permutation = case
    assert compose(permutation, inverse(permutation)) == tuple(range(len(permutation)))


@given(permutations(), st.data())
def test_compose_is_one_after_the_other(
    case: tuple[list[int], list[int]], data: st.DataObject
):
    shape, first = case
    then = data.draw(st.permutations(range(len(shape))))
    x = np.arange(prod(shape)).reshape(shape)
    two = x.transpose(first).transpose(then)
    np.testing.assert_array_equal(x.transpose(compose(first, then)), two)
    assert permuted(permuted(shape, first), then) == two.shape


@given(permutations())
def test_keeps_order_is_a_reshape(case: tuple[list[int], list[int]]):
    shape, permutation = case
    moved = np.arange(prod(shape)).reshape(shape).transpose(permutation)
    in_order = bool((moved.ravel() == np.arange(prod(shape))).all())
    assert keeps_order(shape, permutation) == in_order


@given(permutations(), st.data())
def test_exchange_does_the_same(case: tuple[list[int], list[int]], data: st.DataObject):
    shape, permutation = case
    target = data.draw(reshapes(prod(shape)))
    x = np.arange(prod(shape)).reshape(shape)
    wanted = x.transpose(permutation).reshape(target)
    swapped = exchange(shape, permutation, target)
    if swapped is not None:
        got = x.reshape(swapped.shape).transpose(swapped.permutation)
        np.testing.assert_array_equal(got, wanted)


def test_exchange_of_a_channel_shuffle():
    shape, permutation = exchange((1, 8, 8, 12), (0, 3, 1, 2), (1, 3, 4, 8, 8)) or (
        (),
        (),
    )
    assert shape == (1, 8, 8, 3, 4)
    assert permutation == (0, 3, 4, 1, 2)


def test_exchange_refuses_what_merges_moved_dimensions():
    assert exchange((2, 4, 3), (0, 2, 1), (2, 12)) is None


def test_groups_are_the_smallest():
    found = groups((2, 6, 1, 4), (2, 3, 2, 2, 2))
    assert found == [((0,), (0,)), ((1,), (1, 2)), ((2,), ()), ((3,), (3, 4))]
