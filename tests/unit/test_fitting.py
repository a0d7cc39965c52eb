"""What is refused for want of memory says which sizes would do, and they do."""

from __future__ import annotations

import re
from pathlib import Path

import deployopt
import pytest
from deployopt.errors import MemoryShortage
from deployopt.machine import MACHINES_DIR, Machine, load_machine
from deployopt.sizes import largest_size, with_size
from small_models import convolution

SETTING = re.compile(r"--set (\w+)\.size=(\d+)")


def refused(machine: Machine) -> MemoryShortage:
    with pytest.raises(MemoryShortage) as caught:
        deployopt.compile(convolution(), machine)
    return caught.value


def with_sizes(machine: Machine, sizes: dict[str, int]) -> Machine:
    for level, size in sizes.items():
        machine = with_size(machine, level, size)
    return machine


def sizes_of(error: MemoryShortage) -> dict[str, int]:
    return {level: int(size) for level, size in SETTING.findall(str(error))}


@pytest.mark.parametrize(
    ("machine", "sizes"),
    [
        ("rv64gc", {"ram": 66000}),
        ("rv64gc", {"ram": 16}),
        ("rv32imc", {"flash": 1}),
        ("rv32imc", {"flash": 1, "ram": 8000}),
        ("host", {"ram": 65703}),
        ("scratchpad-64k", {"L2": 60000}),
        ("scratchpad-64k", {"L1": 64}),
        ("scratchpad", {"L3": 100}),
    ],
)
def test_the_sizes_suffice_and_one_step_less_does_not(
    machine: str, sizes: dict[str, int]
):
    small = with_sizes(load_machine(machine), sizes)
    found = sizes_of(refused(small))
    assert found.keys() == sizes.keys()
    fitting = with_sizes(small, found)
    deployopt.compile(convolution(), fitting)
    for level, size in found.items():
        step = fitting.level(level).align
        refused(with_size(fitting, level, size - step))


def test_one_line_names_node_level_and_bytes():
    error = refused(load_machine("rv64gc", {"ram.size": "66000"}))
    assert error.node is not None
    assert error.op_type is not None
    assert error.shortage.level == "ram"
    assert error.shortage.size == 66000
    assert error.shortage.asked > error.shortage.available
    pattern = (
        r"\w+ \(\w+\): memory level 'ram' of 66000 bytes must have \d+ free, got \d+; "
        r"the smallest size that works is (\d+) bytes: --set ram\.size=\1"
    )
    assert re.fullmatch(pattern, str(error))


def test_both_levels_are_short():
    small = with_sizes(load_machine("rv64gc"), {"flash": 16, "ram": 66000})
    assert "no size of flash alone works, ram is short too" in str(refused(small))


def test_nothing_helps_where_the_next_level_is_in_the_way(tmp_path: Path):
    text = (MACHINES_DIR / "rv64gc.toml").read_text()
    close = text.replace("base = 0x80000000", "base = 0x81fffff0")
    path = tmp_path / "close.toml"
    path.write_text(close.replace("size = 0x02000000", "size = 16"))
    machine = with_size(load_machine(path), "ram", 1 << 20)
    assert largest_size(machine, "flash") == 16
    error = refused(machine)
    assert str(error).endswith("no size of flash works")


def test_the_largest_size_of_a_level():
    machine = load_machine("rv64gc")
    assert largest_size(machine, "flash") == 0x02000000
    assert largest_size(load_machine("rv32imc"), "ram") <= 1 << 31
    assert largest_size(load_machine("host"), "ram") == 1 << 31
