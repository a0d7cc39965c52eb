"""The two axes, and what has room on them."""

from __future__ import annotations

import pytest
from deployopt.report.chart import Axes, Item, Place, runs
from deployopt.report.timeline import Timeline

AXES = Axes(Timeline((0, 10, 10, 40, 50), (), ()), 4)


def test_places():
    """Steps are as wide as each other; step 1 takes no time."""
    assert AXES.of_steps(1, 3) == Place(25, 75, 20, 80)
    assert AXES.of_steps(0, 4) == Place(0, 100, 0, 100)
    assert AXES.of_times(1, 2, 15, 20) == Place(25, 50, 30, 40)


def test_what_ends_behind_the_last_step_ends_with_it():
    assert AXES.of_steps(3, 9) == Place(75, 100, 80, 100)


@pytest.mark.parametrize(
    ("place", "is_wide"),
    [
        (Place(0, 0.4, 0, 0.4), False),
        (Place(0, 0.4, 0, 5), True),
        (Place(0, 5, 0, 0.4), True),
    ],
)
def test_labels_where_there_is_room(place: Place, is_wide: bool):
    assert Item("k", "data", "a", "a", place, ()).is_wide == is_wide


def test_runs():
    assert runs("aabca") == [(0, 2), (2, 3), (3, 4), (4, 5)]
    assert runs("") == []
