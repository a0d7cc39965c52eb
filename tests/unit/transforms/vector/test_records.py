"""Which fields of records are loaded together, and what they count as."""

from __future__ import annotations

import pytest
from deployopt.transforms.vector.records import (
    Offsets,
    are_fields,
    are_records,
    is_record,
    offsets_of,
)

CHANNELS = (1, 2)


@pytest.mark.parametrize(
    ("taps", "size", "expected"),
    [
        # Three taps of two channels, two points from lane to lane: 0 to 5 in 2 + 4.
        ((2, 3), 4, Offsets(6, 6, 2, True)),
        ((2, 2), 4, Offsets(4, 4, 1, True)),
        # Every second point, four elements apart: one load for each.
        ((4, 3), 4, Offsets(10, 6, 3, True)),
    ],
)
def test_windows_of_two_channels(taps: tuple[int, int], size: int, expected: Offsets):
    found = offsets_of((CHANNELS, taps), size)
    assert found == expected
    assert are_fields(found, size)


def test_one_that_is_alone_is_no_field():
    # Five taps of one channel with a stride of four: the first one is by itself.
    assert not are_fields(offsets_of(((1, 5),), 4), 4)
    assert not are_fields(offsets_of(((2, 3),), 4), 4)


def test_fields_must_fill_a_record_to_begin_with():
    # A point of two channels is a half, and it is not known what is beside.
    assert not are_fields(offsets_of((CHANNELS,), 4), 4)
    assert are_fields(offsets_of((CHANNELS,), 2), 2)


def test_only_whole_records_are_stored():
    assert are_records(offsets_of((CHANNELS,), 2), 2)
    assert are_records(offsets_of((CHANNELS, (2, 3)), 2), 2)
    assert not are_records(offsets_of(((1, 3),), 2), 2)
    assert not are_records(offsets_of(((2, 2),), 2), 2)


def test_records_are_powers_of_two():
    assert [size for size in range(10) if is_record(size, 4)] == [2, 4]
    assert not any(is_record(size, 1) for size in range(10))
