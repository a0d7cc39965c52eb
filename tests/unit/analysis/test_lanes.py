"""Sums take what whole blocks of registers do, and what is left beside them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from deployopt.analysis.lanes import Sum, has_no_lanes, reads_apart
from xdsl.ir.affine import AffineExpr, AffineMap

D0, D1, D2 = map(AffineExpr.dimension, range(3))
LANES = 4
ROWS, COLUMNS, SUMS = range(3)


def product(rows: int, columns: int) -> Sum:
    """Of rows and columns, with lanes along the columns, and one round."""
    reads = ({ROWS: 1}, {SUMS: 1}), ({SUMS: 1}, {COLUMNS: 1})
    return Sum((rows, columns, 1), frozenset({SUMS}), (ROWS,), COLUMNS, reads)


def test_a_block_loads_a_vector_for_all_rows_and_a_row_for_all_lanes() -> None:
    # One block: 24 products, six rows, a vector of four registers from one address, 3.
    assert product(6, 16).instructions(LANES) == 24 + 6 + 4 + 1 + 3


def test_what_is_left_of_a_vector_is_as_much_as_all_of_it() -> None:
    full = product(6, 16).instructions(LANES)
    assert product(6, 13).instructions(LANES) == full
    assert product(6, 12).instructions(LANES) < full


def test_what_is_left_of_a_block_loads_again() -> None:
    # Three registers more in a block of their own: a vector of them, and all six rows.
    more = product(6, 28).instructions(LANES) - product(6, 16).instructions(LANES)
    assert more == 6 * 3 + 6 + 3 + 1 + 3


def test_more_rounds_take_as_many_times_more() -> None:
    once = product(6, 16)
    often = replace(once, extents=(6, 16, 10))
    assert often.instructions(LANES) == 10 * once.instructions(LANES)


def window(dilation: int) -> Sum:
    """Of three places: rows are places, lanes are channels of the result."""
    place, channel, tap = range(3)
    reads = ({place: 1, tap: dilation},), ({tap: 1}, {channel: 1})
    return Sum((6, 16, 3), frozenset({tap}), (place,), channel, reads)


@pytest.mark.parametrize(("dilation", "read"), [(1, 6 + 2), (2, 6 + 4), (9, 3 * 6)])
def test_rows_share_what_a_window_slides_over(dilation: int, read: int) -> None:
    block = 3 * (24 + 4 + 1 + 3) + read
    assert window(dilation).instructions(LANES) == pytest.approx(block)


def test_lanes_stand_side_by_side_along_one_axis_of_the_result() -> None:
    rows_by_rows = [AffineMap(3, 0, axes) for axes in ((D0, D2), (D1, D2), (D0, D1))]
    rows_by_columns = [rows_by_rows[0], AffineMap(3, 0, (D2, D1)), rows_by_rows[2]]
    turned = [*rows_by_columns[:2], AffineMap(3, 0, (D1, D0))]
    assert not reads_apart(rows_by_columns)
    assert reads_apart(turned)
    assert not has_no_lanes(turned)
    assert has_no_lanes(rows_by_rows)


def test_lanes_of_a_window_with_a_stride_stand_in_a_row() -> None:
    places = [AffineMap(3, 0, (D0, D1 * 2 + D2)), AffineMap(3, 0, (D0, D1))]
    assert reads_apart(places)
    assert not has_no_lanes(places)
