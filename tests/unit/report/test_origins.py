"""What each buffer is for, and what of the traffic had to be."""

from __future__ import annotations

from deployopt.report.costs import Costs
from deployopt.report.nodes import hop_totals, idle_nodes, node_rows
from deployopt.report.origins import Moved, roles, traffic
from deployopt.report.program import Program, read_program
from report_files import Table, manifest, plan

IN, DEEPER, OUT, FURTHER = ("L2", "L1"), ("L3", "L2"), ("L1", "L2"), ("L2", "L3")


def program(table: Table) -> Program:
    return read_program(table, plan())


def test_roles():
    assert roles(program(manifest())) == {
        "(stack)": "stack",
        "(runtime)": "runtime",
        "w": "weights",
        "conv.x2": "data",
        "conv.w2": "weights-copy",
        "conv.x1": "data",
        "conv.w1": "weights-copy",
        "conv": "data",
        "add": "data",
        "conv.y2": "data",
        "x": "input",
        "y": "output",
    }


def test_what_a_kernel_writes_is_no_copy():
    table = manifest()
    table["memory"]["ops"][8]["writes"] = ["conv", "conv.w1"]
    assert roles(program(table))["conv.w1"] == "data"


def test_all_must_move_once():
    assert traffic(program(manifest())) == {
        "conv": {
            DEEPER: Moved(600, 600),
            IN: Moved(600, 600),
            OUT: Moved(100, 100),
            FURTHER: Moved(100, 100),
        }
    }


def test_what_moves_again_is_more_than_the_least():
    table = manifest()
    table["memory"]["ops"][6]["repeat"] = 3
    assert traffic(program(table))["conv"][IN] == Moved(400 + 3 * 200, 600)


def test_weights_that_two_nodes_fetch_are_owed_by_the_first():
    table = manifest()
    again = dict(table["memory"]["ops"][6], step=14, name="add")
    wait = dict(table["memory"]["ops"][7], step=15, name="add", starts=[14])
    table["memory"]["ops"] += [again, wait]
    assert traffic(program(table))["add"] == {IN: Moved(200, 0)}


def test_what_is_put_aside_owes_nothing():
    """`add` is made near, and no output: that it goes outwards is choice."""
    table = manifest()
    table["memory"]["ops"][9]["reads"] = ["add"]
    table["memory"]["ops"][12]["reads"] = ["conv.x2"]
    assert traffic(program(table))["conv"][OUT] == Moved(100, 0)


def test_a_part_owes_no_more_than_it_moves():
    table = manifest()
    table["memory"]["ops"][0]["bytes"] = 300
    assert traffic(program(table))["conv"][DEEPER] == Moved(500, 500)


def test_rows():
    net = program(manifest())
    conv, add = node_rows(net, Costs(net))
    assert (conv.name, conv.operator, conv.fused) == ("conv", "Conv", ("relu",))
    assert (conv.macs, conv.limit, conv.taken) == (4000, 1000, 1000)
    assert conv.steps == (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13)
    assert (add.name, add.steps, add.limit, add.taken) == ("add", (10,), 0, 10)
    assert hop_totals(net, [conv, add])[DEEPER] == Moved(600, 600)
    assert idle_nodes(net) == ["flat"]
