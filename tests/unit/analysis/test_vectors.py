"""What is in all lanes, and how many lanes are whole."""

from __future__ import annotations

from deployopt.analysis.vectors import scalar_of, whole_lanes
from xdsl.dialects import arith, vector
from xdsl.dialects.builtin import FloatAttr, VectorType, f32


def test_lanes_are_part_of_the_next_power_of_two():
    assert [whole_lanes(lanes) for lanes in (1, 2, 3, 4, 5, 8, 9)] == [
        *(1, 2, 4, 4, 8, 8, 16)
    ]


def test_what_is_in_all_lanes_is_found():
    number = arith.ConstantOp(FloatAttr(1.0, f32))
    lanes = vector.BroadcastOp(number.result, VectorType(f32, [4]))
    rows = vector.BroadcastOp(lanes.vector, VectorType(f32, [2, 4]))
    assert scalar_of(rows.vector) is number.result
    assert scalar_of(number.result) is number.result
    different = arith.AddfOp(lanes.vector, lanes.vector)
    assert scalar_of(different.result) is different.result
