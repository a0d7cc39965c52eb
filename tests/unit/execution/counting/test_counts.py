"""Vector types along the paths of a function, and sums of what is executed."""

from __future__ import annotations

from pathlib import Path

import pytest
from assembled import assembled
from deployopt.errors import DeployError
from deployopt.execution.counting.counts import Counts, counted
from deployopt.execution.counting.histogram import difference, parsed
from deployopt.execution.counting.vector_types import Code, disassembled

START = 0x80000000


def code_of(lines: list[str], folder: Path) -> Code:
    return disassembled(assembled(lines, folder), START, 64)


def counts_of(lines: list[str], folder: Path, each: int = 1) -> Counts:
    """What the function executes when each instruction is executed so often."""
    code = code_of(lines, folder)
    return counted(code, dict.fromkeys(code.words, each))


def test_a_loop(tmp_path: Path):
    lines = [
        "vsetvli t0, a0, e32, m4, ta, ma",
        "1:",
        "vle32.v v8, (a1)",
        "vlse32.v v12, (a2), a3",
        "vfmacc.vf v8, fa0, v12",
        "vse32.v v8, (a1)",
        "bnez a0, 1b",
        "ret",
    ]
    code = code_of(lines, tmp_path)
    once, *body, end = code.words
    histogram = {once: 1, end: 1} | dict.fromkeys(body, 10)
    counts = counted(code, histogram)
    # 10 rounds of two loads, one operation and one store on four registers
    assert counts == Counts(52, 10, 20, 10, 160, 10, 0)
    assert counts.extra == 160 - 40
    assert counts.weighted == 52 + 120


def test_paths_that_disagree_count_the_most(tmp_path: Path):
    lines = [
        "vsetvli t0, a0, e32, m1, ta, ma",
        "beqz a1, 1f",
        "vsetvli t0, a0, e32, m4, ta, ma",
        "1:",
        "vadd.vv v8, v12, v16",
        "vl2re32.v v8, (a1)",
        "ret",
    ]
    # a whole register load is certain whatever the type
    assert counts_of(lines, tmp_path, 3) == Counts(18, 3, 3, 0, 18, 0, 3)


def test_paths_that_agree_are_certain(tmp_path: Path):
    lines = [
        "beqz a1, 1f",
        "vsetvli t0, a0, e32, m2, ta, ma",
        "j 2f",
        "1:",
        "vsetivli zero, 4, e32, m2, tu, mu",
        "2:",
        "vadd.vv v8, v12, v16",
        "ret",
    ]
    assert counts_of(lines, tmp_path) == Counts(6, 1, 0, 0, 2, 0, 0)


@pytest.mark.parametrize("middle", ["jalr a5", "vsetvl t0, a0, a1"])
def test_a_type_from_outside_is_one_register(tmp_path: Path, middle: str):
    lines = [
        "vsetvli t0, a0, e32, m2, ta, ma",
        middle,
        "vadd.vv v8, v12, v16",
        "vsetvli t0, a0, e32, m8, ta, ma",
        "vadd.vv v8, v16, v24",
        "ret",
    ]
    assert counts_of(lines, tmp_path) == Counts(6, 2, 0, 0, 9, 0, 1)


def test_what_is_behind_a_return_has_no_type(tmp_path: Path):
    lines = ["vsetvli t0, a0, e32, m2, ta, ma", "ret", "vadd.vv v8, v12, v16"]
    assert counts_of(lines, tmp_path) == Counts(3, 1, 0, 0, 1, 0, 1)


def test_histograms():
    text = "hello\nPC Histogram size:3\n80000000 1\n8000a0fc 20\n1000 4\n"
    run = parsed(text, 64)
    assert run == {0x80000000: 1, 0x8000A0FC: 20, 0x1000: 4}
    idle = {0x80000000: 1, 0x8000A0FC: 5, 0x2000: 9}
    assert difference(run, idle) == {0x1000: 4, 0x8000A0FC: 15}


def test_addresses_of_32_bits():
    text = "PC Histogram size:2\nffffffff80000000 3\n1000 4\n"
    assert parsed(text, 32) == {0x80000000: 3, 0x1000: 4}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hello\n", "spike: expected a histogram of addresses, got none"),
        (
            "PC Histogram size:2\n1000 4\n",
            "spike: expected a histogram of 2 addresses, got 1",
        ),
    ],
)
def test_histograms_that_are_not_whole(text: str, message: str):
    with pytest.raises(DeployError, match=message):
        parsed(text, 64)
