"""The cheapest cut, against all of them."""

from __future__ import annotations

from itertools import product

from deployopt.analysis.cuts import SINK, SOURCE, Network
from hypothesis import given
from hypothesis import strategies as st

NODES = 5
ENDS = st.sampled_from([SOURCE, SINK, *range(NODES)])
JOINS = st.lists(st.tuples(ENDS, ENDS, st.integers(0, 9), st.integers(0, 9)))


def price(joins: list[tuple[int, int, int, int]], with_source: set[int]) -> int:
    side = with_source | {SOURCE}
    return sum(
        there * (one in side and other not in side)
        + back * (other in side and one not in side)
        for one, other, there, back in joins
    )


@given(JOINS)
def test_no_cut_costs_less(joins: list[tuple[int, int, int, int]]):
    network = Network()
    for join in joins:
        network.join(*join)
    chosen = network.with_source()
    sides = [
        {node for node, taken in enumerate(choice) if taken}
        for choice in product((False, True), repeat=NODES)
    ]
    least = min(price(joins, side) for side in sides)
    assert price(joins, chosen) == least
    assert all(chosen <= side for side in sides if price(joins, side) == least)


def test_at_a_tie_nothing_is_with_the_source():
    network = Network()
    network.join(SOURCE, 0, 3)
    network.join(0, SINK, 3)
    assert network.with_source() == set()
