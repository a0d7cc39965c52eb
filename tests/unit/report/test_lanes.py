"""The rows above the maps."""

from __future__ import annotations

from deployopt.report.chart import Row
from deployopt.report.lanes import decision_text, tracks
from deployopt.report.view import make_report
from report_files import Table, manifest, plan


def rows(table: Table) -> dict[str, Row]:
    return {row.title: row for row in make_report(table, plan()).rows}


def test_rows():
    titles = ["nodes", "core", "L3 → L2", "L2 → L1", "L1 → L2", "L2 → L3"]
    assert list(rows(manifest())) == [*titles, "L1", "L2", "L3"]


def test_nodes_are_runs_of_steps():
    """Steps 0 to 9 and from 11 on are of conv, step 10 of add."""
    items = rows(manifest())["nodes"].items
    assert [item.label for item in items] == ["conv", "add", "conv"]
    assert [item.look for item in items] == ["node tone0", "node tone1", "node tone0"]
    assert items[1].related == ("s10",)


def test_loops():
    table = manifest()
    for step in table["memory"]["ops"][6:9]:
        step["repeat"] = 5
    (loop,) = rows(table)["loops"].items
    assert (loop.label, dict(loop.facts)["steps"]) == ("5 ×", "6–8")


def test_transfers_beside_each_other():
    """The input is under way in steps 0 to 4, the weights begin in 2."""
    table = manifest()
    table["memory"]["ops"][1]["starts"] = [2]
    table["memory"]["ops"][4]["starts"] = [0]
    row = rows(table)["L3 → L2"]
    places = [(item.key, item.bottom, item.height) for item in row.items]
    assert places == [("s0", 50, 50), ("s2", 0, 50)]


def test_tracks():
    assert tracks([(0, 2), (2, 4), (3, 9), (4, 5)]) == [0, 0, 1, 0]
    assert tracks([(0, 9)] * 6) == [0, 1, 2, 3, 3, 3]


def test_decisions_in_one_line():
    assert decision_text([2, 0, 1]) == "2, 0, 1"
    assert decision_text({"bytes": {"L2->L1": 3}, "a\n": True}) == (
        "bytes L2->L1 3, a\\n True"
    )
