"""The smallest size is found with few trials, and it and the one before are tried."""

from __future__ import annotations

import pytest
from deployopt.searching import smallest_size
from hypothesis import given
from hypothesis import strategies as st


class Trials:
    """Sizes from `least` on suffice; the guess is off by `error`."""

    def __init__(self, least: int, error: int = 0) -> None:
        self.least, self.error = least, error
        self.sizes: list[int] = []

    def __call__(self, size: int) -> int | None:
        self.sizes.append(size)
        return None if size >= self.least else max(self.least + self.error, 0)


def test_a_good_guess_takes_two_trials():
    trials = Trials(1000)
    assert smallest_size(trials, 512, 1000, 16, 1 << 31) == 1008
    assert trials.sizes == [1008, 992]


def test_the_step_before_a_lower_end_is_not_tried():
    trials = Trials(1000)
    assert smallest_size(trials, 992, 1000, 16, 1 << 31) == 1008
    assert trials.sizes == [1008]


def test_nothing_suffices():
    trials = Trials(5000)
    assert smallest_size(trials, 0, 100, 16, 4096) is None
    assert trials.sizes[-1] == 4096


def test_a_guess_far_too_high_takes_few_trials():
    trials = Trials(70000)
    assert smallest_size(trials, 1024, 1 << 31, 16, 1 << 31) == 70000
    assert len(trials.sizes) < 40


@given(
    least=st.integers(1, 1 << 20),
    error=st.integers(-(1 << 16), 1 << 16),
    step=st.sampled_from([1, 8, 48, 64]),
    low=st.integers(0, 1 << 10),
)
def test_it_suffices_and_one_step_less_does_not(
    least: int, error: int, step: int, low: int
):
    trials = Trials(least, error)
    below = min(low * step, (least - 1) // step * step)
    found = smallest_size(trials, below, least + error, step, step << 30)
    assert found == -(-least // step) * step
    assert found in trials.sizes
    assert found - step in (*trials.sizes, below)
    assert len(trials.sizes) < 60


@pytest.mark.parametrize("gaps", [{96, 112, 128}, {160}])
def test_what_is_found_is_true_even_where_more_can_be_worse(gaps: set[int]):
    tried: dict[int, bool] = {}

    def lack(size: int) -> int | None:
        tried[size] = size >= 64 and size not in gaps
        return None if tried[size] else size + 16

    found = smallest_size(lack, 0, 256, 16, 4096)
    assert found is not None
    assert tried[found]
    assert not tried[found - 16]
