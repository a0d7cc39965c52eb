"""The table of sizes against bytes moved."""

from __future__ import annotations

import deployopt
import pytest
from deployopt import api
from deployopt.errors import MemoryShortage, UsageError
from deployopt.frontier import MOST_POINTS, Point, between, table, widest_gap
from deployopt.machine import load_machine
from deployopt.sizes import with_size
from small_models import convolution


def point(size: int, crossing: int) -> Point:
    return Point(size, {("L2", "L1"): crossing}, crossing, size)


def test_what_is_between_two_sizes():
    assert between(1024, 4096, 16) == 2048
    assert between(1024, 1040, 16) is None
    assert between(65536, 65536 + 4096 - 16, 16) is None
    assert between(1000, 1100, 48) == 1008


def test_the_gap_with_the_largest_drop_comes_first():
    points = [point(1024, 900), point(2048, 800), point(4096, 100), point(8192, 100)]
    assert widest_gap(points, 16) == 2896 // 16 * 16
    assert widest_gap(points[2:], 16) is None
    assert widest_gap([point(1024, 5), point(1040, 1)], 16) is None


def test_the_table_is_aligned():
    lines = table([point(1024, 12345), point(65536, 7)], "L1")
    assert [line.split() for line in lines[1:]] == [
        ["1024", "12345", "12345", "1024"],
        ["65536", "7", "7", "65536"],
    ]
    assert lines[0].split("  ")[1].strip() == "L2->L1"
    assert len({len(line) for line in lines}) == 1


def test_nothing_moves_on_a_flat_machine():
    (only,) = api.frontier(convolution(), "ram", "rv64gc")
    assert (only.moved, only.crossing) == ({}, 0)
    machine = with_size(load_machine("rv64gc"), "ram", only.size)
    peak = deployopt.compile(convolution(), machine).manifest["memory"]["claimed"]
    assert only.peak == peak["ram"]["peak"] <= only.size


def test_more_of_a_level_moves_no_more_bytes():
    machine = load_machine("scratchpad")
    points = api.frontier(convolution(), "L1", machine)
    sizes = [one.size for one in points]
    assert sizes == sorted(set(sizes))
    assert 0 < len(points) <= MOST_POINTS
    assert points[-1].crossing == min(one.crossing for one in points)
    for one in (points[0], points[-1]):
        manifest = deployopt.compile(
            convolution(), with_size(machine, "L1", one.size)
        ).manifest
        moved = {f"{a}->{b}": n for (a, b), n in one.moved.items()}
        assert manifest["traffic"] == moved
        assert manifest["memory"]["claimed"]["L1"]["peak"] == one.peak
    with pytest.raises(MemoryShortage):
        deployopt.compile(convolution(), with_size(machine, "L1", sizes[0] - 16))


@pytest.mark.parametrize("key", ["name", "plan", "tuned", "weights_address"])
def test_options_without_a_use_invalid(key: str):
    message = f"a frontier takes no option '{key}', expected one of fuse, io_layout,"
    with pytest.raises(UsageError, match=message):
        api.frontier(convolution(), "ram", "rv64gc", options={key: "x"})
