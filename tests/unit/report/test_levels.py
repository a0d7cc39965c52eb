"""What stands in a level, and how it is drawn."""

from __future__ import annotations

from itertools import pairwise

import pytest
from deployopt.report.chart import Axes
from deployopt.report.costs import Costs
from deployopt.report.labels import Labels
from deployopt.report.levels import LevelFigures, covered, level_figures
from deployopt.report.maps import Maps, level_lines
from deployopt.report.program import Buffer, read_program
from deployopt.report.scale import scale_of, ticks
from deployopt.report.timeline import simulate
from report_files import STEPS, Table, buffer, manifest, plan


def levels() -> dict[str, LevelFigures]:
    return {f.name: f for f in level_figures(read_program(manifest(), plan()))}


def test_parts_add_up_to_the_peak():
    parts = {
        name: {part.text: part.bytes for part in level.parts}
        for name, level in levels().items()
    }
    assert parts == {
        "L1": {"working buffers": 700},
        "L2": {"working buffers": 600, "stack": 96, "alignment": 16},
        "L3": {"caller's buffers": 400, "weights": 200, "runtime": 64},
    }


def test_live():
    """x1 lives from 3, w1 from 6 to 8, conv from 8 to 11, add in 10."""
    near = levels()["L1"]
    assert near.live == (0, 0, 0, 400, 400, 400, 600, 600, 700, 500, 548, 100, 0, 0)
    assert near.fullest == 8
    assert levels()["L2"].live[:3] == (496, 496, 696)


def still(name: str, offset: int, size: int, *, pinned: bool) -> Buffer:
    return Buffer(name, size, "ram", offset, 0, 4, pinned, not pinned)


def level(*buffers: Buffer, size: int = 1 << 20) -> LevelFigures:
    peak = max(buffer.top for buffer in buffers)
    return LevelFigures("ram", size, peak, peak, buffers, (), (0, 0, 0, 0))


MOVING = Buffer("a", 100, "ram", 900, 1, 3, False, False)
STACK = still("(stack)", 0, 900, pinned=False)


def test_a_large_stack_is_cut_short():
    scale = scale_of(level(STACK, MOVING))
    heights = [scale.at(address) for address in (0, 900, 950, 1000)]
    assert heights == pytest.approx([0, 0.16, 0.58, 1])
    assert [stretch.is_short for stretch in scale.stretches] == [True, False]


def test_negative_small_or_alone():
    low = Buffer("a", 900, "ram", 100, 1, 3, False, False)
    small = scale_of(level(still("(stack)", 0, 100, pinned=False), low))
    assert small.at(100) == pytest.approx(0.1)
    alone = scale_of(level(STACK))
    assert [stretch.is_short for stretch in alone.stretches] == [False]
    assert alone.at(450) == pytest.approx(0.5)


def test_the_end_of_a_level_is_drawn_when_near():
    assert scale_of(level(STACK, MOVING, size=1200)).end == 1200
    assert scale_of(level(STACK, MOVING, size=1400)).end == 1000


def test_ticks_keep_apart():
    found = ticks(scale_of(level(STACK, MOVING)), 0.05)
    assert (0.0, "0 B") in found
    assert "900 B" in [text for _, text in found]
    heights = sorted(height for height, _ in found)
    assert all(b - a >= 0.05 for a, b in pairwise(heights))


def test_covered():
    assert covered([MOVING, STACK]) == [(0, 1000)]
    assert covered([still("p", 16, 4, pinned=True), MOVING]) == [(16, 20), (900, 1000)]


def maps() -> Maps:
    program = read_program(manifest(), plan())
    costs = Costs(program)
    axes = Axes(simulate(program, costs), program.horizon)
    return Maps(program, axes, Labels(program))


def test_a_block_on_both_axes():
    """conv lives in the steps 8 to 11 of 14, from 400 to 1435 of 1505 cycles."""
    row = maps().row(levels()["L1"])
    (conv,) = [item for item in row.items if item.title == "conv"]
    place = [100 * 8 / 14, 100 * 12 / 14, 100 * 400 / 1505, 100 * 1435 / 1505]
    assert list(conv.place) == pytest.approx(place, abs=1e-3)
    assert (conv.bottom, conv.height) == pytest.approx((75, 12.5))
    assert conv.related == ("s8", "s9")
    facts = dict(conv.facts)
    assert facts["live"] == "steps 8–11"
    assert facts["addresses"] == "600 … 699"
    assert (facts["written by"], facts["read by"]) == ("conv (step 8)", "conv (step 9)")


def maps_lines(figures: LevelFigures) -> list[str]:
    return [line.look for line in level_lines(figures, scale_of(figures))]


def test_lines():
    rows = {name: maps().row(level) for name, level in levels().items()}
    assert [line.look for line in rows["L1"].lines] == ["peak", "size"]
    assert rows["L1"].lines[0].text == "peak = lower bound 700 B"
    close = LevelFigures("ram", 1010, 1000, 1000, (STACK, MOVING), (), (0, 0, 0, 0))
    assert maps_lines(close) == ["peak under", "size"]
    looks = [line.look for line in rows["L2"].lines]
    assert looks == ["peak", "bound"]
    assert rows["L2"].lines[0].text == "peak 712 B, 2.3 % above"
    heights = [line.bottom for line in rows["L2"].lines]
    assert heights == pytest.approx([100, 100 * 696 / 712], abs=1e-3)


def test_small_constants_are_one_block():
    constants = [still(f"p{n}", 4 * n, 4, pinned=True) for n in range(5)]
    program = read_program(with_buffers(*constants, MOVING), plan())
    row = Maps(program, maps().axes, Labels(program)).row(level(*constants, MOVING))
    assert row.items[0].label == "5 × weights"
    assert dict(row.items[0].facts)["which are"] == "p0, p1, p2, p3, p4"


def with_buffers(*buffers: Buffer) -> Table:
    """The manifest with more buffers, in L3."""
    table = manifest()
    for b in buffers:
        more = buffer(b.name, "L3", b.offset, b.size, 0, STEPS, pinned=b.pinned)
        table["memory"]["buffers"].append(more)
    return table
