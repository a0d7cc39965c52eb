"""What a watched program is told, and what its last words mean."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from deployopt.errors import DeployError, UsageError
from deployopt.execution.check_report import (
    MAGIC,
    check_traffic,
    explained,
    read_report,
)
from deployopt.execution.check_table import CheckTable, without
from deployopt.execution.checks import Checks, make_room, watched, with_room
from deployopt.machine import load_machine
from hypothesis import given
from hypothesis import strategies as st

Table: TypeAlias = dict[str, Any]
PAD = load_machine("scratchpad")
L1 = PAD.level("L1")


def buffer(name: str, offset: int, size: int, start: int, end: int) -> Table:
    """A buffer in L1."""
    place = {"level": "L1", "offset": offset, "size": size}
    return {"name": name, **place, "start": start, "end": end}


def op(symbol: str, reads: str, writes: str, repeat: int = 1, **more: Any) -> Table:
    """A step."""
    touched = {"reads": reads.split(), "writes": writes.split()}
    return {"name": "n", "symbol": symbol, "repeat": repeat, **touched, **more}


def table(buffers: list[Table], ops: list[Table]) -> CheckTable:
    """What is told about steps on the scratchpad."""
    numbered = [{**one, "step": number} for number, one in enumerate(ops)]
    memory = {"buffers": buffers, "ops": numbered, "inputs": [], "outputs": []}
    return CheckTable(PAD, {"memory": memory, "nodes": {"n": "Conv"}})


ranges = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(
    lambda ends: (min(ends), max(ends))
)


@given(ranges, st.lists(ranges, max_size=5))
def test_what_is_left_of_a_range(whole: tuple[int, int], parts: list[tuple[int, int]]):
    left = without(whole, parts)
    wanted = set(range(*whole)).difference(*(range(*part) for part in parts))
    assert sorted(wanted) == [n for part in left for n in range(*part)]
    assert all(start < end for start, end in left)


def test_what_no_live_buffer_holds_is_dead():
    found = table(
        [buffer("a", 0, 16, 0, 2), buffer("b", 32, 16, 1, 3), buffer("c", 0, 8, 2, 3)],
        [op("k", "", "a"), op("k", "a", "b"), op("k", "b", "c")],
    )
    assert found.dead(L1, 0) == [(16, 48)]
    assert found.dead(L1, 1) == [(16, 32)]
    assert found.dead(L1, 2) == [(8, 32)]


def test_what_a_step_fills_first_is_new_but_not_in_a_loop():
    buffers = [buffer("a", 0, 16, 0, 3), buffer("b", 16, 16, 0, 3)]
    found = table(
        [*buffers, buffer("c", 8, 16, 2, 3)],
        [op("k", "", "a"), op("k", "a", "b", repeat=4), op("k", "a b", "c")],
    )
    assert found.new(L1, 0) == [(0, 16), (16, 32)]
    assert found.new(L1, 1) == []
    # A buffer in the place of one that it is made from.
    assert found.new(L1, 2) == []


def test_what_is_made_in_place_of_an_input_is_not_poisoned():
    found = table(
        [buffer("a", 0, 16, 0, 2), buffer("b", 0, 32, 1, 2)],
        [op("k", "", "a"), op("k", "a", "b")],
    )
    assert found.new(L1, 1) == [(16, 32)]


def test_transfers_poison_nothing():
    moved = op("deploy_dma_start_1d", "", "a")
    found = table([buffer("a", 0, 16, 0, 2), buffer("b", 64, 8, 1, 2)], [moved])
    assert found.addresses(0, is_new=False) == []
    assert found.addresses(0, is_new=True) == []


def sent(after: list[Table], repeat: int = 1, before: str = "") -> bool:
    """Whether a buffer `a` that was sent out ends, before other steps."""
    ops = [
        op("k", before, "a", repeat),
        op("deploy_dma_start_1d", "a", "far", repeat),
        op("deploy_dma_wait", "a", "far", repeat, starts=[1]),
        *after,
    ]
    return table([buffer("a", 0, 16, 0, 9)], ops).source_ends(2)


def test_a_source_ends_when_nobody_reads_it_later():
    assert sent([])
    assert sent([op("k", "b", "a")])
    assert not sent([op("k", "b", "c"), op("k", "a", "c")])


def test_in_a_loop_what_comes_before_comes_after_too():
    assert sent([], repeat=4)
    assert not sent([], repeat=4, before="a")
    assert sent([], repeat=1, before="a")


def test_only_so_many_open_levels_can_be_told_apart():
    levels = tuple(
        replace(L1, name=name, base=0x80000000 + 0x100000 * number)
        for number, name in enumerate("abcdef")
    )
    machine = replace(
        PAD,
        levels=levels,
        stack=replace(PAD.stack, level="a"),
        io_level="a",
        weights_level="a",
        code_level="a",
    )
    memory: Table = {
        "buffers": [{**buffer(name, 0, 16, 0, 1), "level": name} for name in "abcdef"],
        "ops": [{**op("k", "", "a"), "step": 0}],
        "inputs": [],
        "outputs": [],
    }
    with pytest.raises(
        DeployError, match=r"at most 5 levels that kernels.* got 6 of 6"
    ):
        CheckTable(machine, {"memory": memory}).text()


def test_an_unknown_hal_and_a_native_machine_are_wrong_usage():
    with pytest.raises(UsageError, match=r"expected a hal of sync, .* got 'soon'"):
        Checks(hal="soon").refuse_unfit(PAD)
    with pytest.raises(UsageError, match="wants a machine that protects memory"):
        Checks(checked=True).refuse_unfit(load_machine("host"))
    Checks(hal="eager").refuse_unfit(load_machine("host"))


def test_a_folder_without_a_memory_section_is_refused(tmp_path: Path):
    (tmp_path / "manifest.json").write_text('{"memory": {"ops": []}}')
    with (
        pytest.raises(DeployError, match="says what each step does in memory, got Key"),
        watched(tmp_path, PAD, Checks(hal="sync")),
    ):
        pass


def test_the_room_stands_behind_all_levels(tmp_path: Path):
    machine = with_room(PAD, 3)
    room = machine.levels[-1]
    assert room.base == 0x83020000
    assert room.size >= 1 << 17
    script = tmp_path / "link.ld"
    script.write_text("MEMORY\n{\n}\n\nSECTIONS\n{\n    .bss : { *(.bss.*) }\n}\n")
    make_room(script, room)
    lines = script.read_text().splitlines()
    assert lines[2].startswith("    deploy_checks (rw) : ORIGIN = 0x83020000")
    assert lines[7].startswith("    .deploy_checks (NOLOAD)")
    script.write_text("SECTIONS {}")
    with pytest.raises(DeployError, match="a linker script that deployopt made"):
        make_room(script, room)


def report(used: int) -> bytes:
    """A `checks.bin` of three levels and two steps."""
    pairs = [0, 7, 0, 9, 0, 0, 0, 0, 0]
    numbers = [1024, used, 3, 2, *pairs, 9, 7]
    return MAGIC + np.array(numbers, "<u8").tobytes()


def moving(first: int, second: int, **traffic: int) -> Table:
    """A manifest of two transfers, one of them in a loop of three rounds."""
    ops = [
        op("deploy_dma_start_1d", "", "", repeat=3, bytes=first),
        op("deploy_dma_start_2d", "", "", bytes=second),
    ]
    pairs = {key.replace("_", "->"): moved for key, moved in traffic.items()}
    return {**table([], ops).manifest, "traffic": pairs}


def test_figures_are_read_and_compared():
    found = read_report(report(100), PAD)
    assert found.traffic == {"L1->L2": 7, "L2->L1": 9}
    assert (found.stack_used, found.step_bytes) == (100, [9, 7])
    check_traffic(found, moving(3, 7, L1_L2=7, L2_L1=9, L3_L2=0), 1)
    with pytest.raises(
        DeployError, match="L1->L2: expected transfers of 0 bytes, got 7"
    ):
        check_traffic(found, moving(3, 7, L2_L1=9), 1)
    with pytest.raises(
        DeployError, match="L3->L2: expected transfers of 5 bytes, got 0"
    ):
        check_traffic(found, moving(3, 7, L1_L2=7, L2_L1=9, L3_L2=5), 1)
    with pytest.raises(
        DeployError, match=r"n \(Conv\): .*_2d \(step 1\) moves 7 bytes, e"
    ):
        check_traffic(found, moving(3, 8, L1_L2=7, L2_L1=9), 1)
    with pytest.raises(DeployError, match=r"_1d \(step 0\) moves 9 bytes, expected 18"):
        check_traffic(found, moving(3, 7, L1_L2=7, L2_L1=9), 2)


def test_a_stack_without_a_byte_left_is_an_error():
    with pytest.raises(DeployError, match="stack of 1024 bytes is used to its end"):
        read_report(report(1024), PAD)


MANIFEST = table([buffer("a", 64, 16, 0, 1)], [op("net_kernel_0_n", "", "a")]).manifest
WORDS = {
    "monitor: in step 0\ntrap: cause 0x05 at pc 0x80000010, address 0x83000040\n": (
        "n (Conv): net_kernel_0_n (step 0) reads address 0x83000040 at pc 0x80000010: "
        "level L1, byte 64 (a), outside of every buffer"
    ),
    "trap: cause 0x07 at pc 0x80000010, address 0x1000\n": (
        "the program outside of its kernels writes address 0x1000 at pc 0x80000010: "
        "in no level"
    ),
    "trap: cause 0x01 at pc 0x82000000, address 0x82000000\n": (
        "the program outside of its kernels executes address 0x82000000 at pc "
        "0x82000000: level L2, byte 0, where kernels may not go"
    ),
    "monitor: in step 0\nmonitor: awaited again 3 0\n": (
        "n (Conv): net_kernel_0_n (step 0) waits again for a transfer that is done"
    ),
    "Segmentation fault\n": "None",
}


@pytest.mark.parametrize("words", WORDS)
def test_last_words_are_explained(words: str):
    assert str(explained(words, PAD, MANIFEST)) == WORDS[words]
