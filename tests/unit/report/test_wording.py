"""How numbers are written."""

from __future__ import annotations

import pytest
from deployopt.report import wording


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1 KiB"),
        (12800, "12.5 KiB"),
        (83160, "81.2 KiB"),
        (1572864, "1.5 MiB"),
    ],
)
def test_bytes(size: int, text: str):
    assert wording.bytes_text(size) == text


def test_counts():
    found = [wording.count_text(n) for n in (0, 9999, 12501632, 786560, 3e9)]
    assert found == ["0", "9,999", "12.5 M", "786.6 k", "3 G"]


def test_shares():
    parts = [(1, 3), (2, 100), (1, 100000), (0, 0), (64, 64)]
    found = [wording.percent(*part) for part in parts]
    assert found == ["33 %", "2 %", "< 0.1 %", "0 %", "100 %"]


def test_nothing_of_something_is_no_small_share():
    assert wording.percent(0, 7) == "0 %"


def test_ratios():
    found = [wording.ratio(*pair) for pair in ((3, 2), (5000, 2), (0, 0), (5, 0))]
    assert found == ["1.50 ×", "2,500 ×", "1 ×", "–"]


def test_runs_of_numbers():
    assert wording.numbers_text([0, 1, 2, 5, 7, 8]) == "0–2, 5, 7–8"
    assert wording.numbers_text(range(0, 100, 2), 3) == "0, 2, 4 …"


@pytest.mark.parametrize(
    ("number", "step"), [(0.3, 0.5), (1, 1), (1.2, 2), (17.9, 20), (51, 100)]
)
def test_round_steps(number: float, step: float):
    assert wording.round_step(number) == pytest.approx(step)
