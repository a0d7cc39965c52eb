"""What is read from a folder, and what of it is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from deployopt.errors import DeployError
from deployopt.report.program import read_program, repetitions
from report_files import manifest, plan


def test_steps():
    program = read_program(manifest(), plan())
    kinds = "".join(step.kind[0] for step in program.steps)
    assert kinds == "swsswwswkskwsw"
    conv, add = program.steps[8], program.steps[10]
    assert (conv.macs, conv.tile, conv.elements) == (4000, (100,), 100)
    assert conv.decisions == {"tile": [100], "chain": 3}
    assert (add.name, add.nodes, add.tile) == ("add", ("add",), (40,))
    assert [program.steps[n].moved for n in (0, 1, 2)] == [400, 0, 200]
    assert program.steps[5].starts == (3,)


def test_levels_and_hops():
    program = read_program(manifest(), plan())
    assert program.inputs == ("x",)
    assert program.outputs == ("y",)
    hops = [("L3", "L2"), ("L2", "L1"), ("L1", "L2"), ("L2", "L3")]
    assert list(program.hops) == hops
    assert [program.is_inward(hop) for hop in hops] == [True, True, False, False]


def test_loops_of_the_plan_count_where_the_manifest_says_nothing():
    table, groups = manifest(), plan()
    del table["memory"]["ops"][8]["repeat"]
    groups["groups"][0]["loops"] = [[0, 8, 2], [0, 3, 1]]
    assert read_program(table, groups).steps[8].repeat == 12
    assert repetitions([]) == 1


def test_what_a_loop_needs_is_no_step():
    table = manifest()
    held = {"name": "(loop)", "step": 8, "reads": ["conv.x1"], "writes": []}
    table["memory"]["ops"].append({**held, "symbol": "net_run_in", "loop": True})
    assert read_program(table, plan()).steps == read_program(manifest(), plan()).steps


def test_a_plan_of_something_else_says_nothing():
    groups = plan()
    groups["groups"][0]["kernel"] = "other_kernel_0"
    assert read_program(manifest(), groups).steps[8].tile == ()


def test_names_are_made_printable():
    table = manifest()
    table["memory"]["ops"][10]["name"] = "a\x1b[31m\u202eb"
    assert read_program(table, plan()).steps[10].name == "a\\x1b[31m\\u202eb"


def lose_memory(table: dict[str, Any]) -> None:
    del table["memory"]


def text_for_size(table: dict[str, Any]) -> None:
    table["memory"]["buffers"][0]["size"] = "many"


def unknown_level(table: dict[str, Any]) -> None:
    table["memory"]["buffers"][0]["level"] = "L9"


def unknown_buffer(table: dict[str, Any]) -> None:
    table["memory"]["ops"][8]["reads"] = ["nothing"]


def unknown_hop(table: dict[str, Any]) -> None:
    table["memory"]["ops"][0]["from"] = "L9"


def lost_step(table: dict[str, Any]) -> None:
    del table["memory"]["ops"][3]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lose_memory, "expected what deployopt writes, got something else"),
        (text_for_size, "expected what deployopt writes, got something else"),
        (unknown_level, "buffer (stack): unknown level 'L9'"),
        (unknown_buffer, "step 8: unknown buffer 'nothing'"),
        (unknown_hop, "step 0: unknown levels"),
        (lost_step, "expected step 3, got 4"),
    ],
)
def test_damaged(damage: Callable[[dict[str, Any]], None], message: str):
    table = manifest()
    damage(table)
    with pytest.raises(DeployError) as refused:
        read_program(table, plan())
    assert message in str(refused.value)
    assert str(refused.value).startswith("manifest.json: ")
