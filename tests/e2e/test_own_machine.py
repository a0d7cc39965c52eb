"""A machine of the user's own, in a folder of its own, with a runner of its own."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from deployopt.execution.device_tree import device_tree
from deployopt.execution.runners import SPIKE_HINT, find_program
from deployopt.execution.toolchain import zig_program
from deployopt.machine import MACHINES_DIR, load_machine
from tiny_model import need
from tool import Call

SIMULATOR = """#!/bin/sh
# A simulator that takes the image in a way of its own.
test "$1" = --image || exit 9
echo run >> '{folder}/log'
exec '{spike}' --isa=rv64gc_zicntr --priv=mu --dtb='{folder}/board.dtb' \\
    -m0x80000000:0x4000000 "$2"
"""
RUNNER = """
[runners.spike]

[runners.mysim]
command = ["./mysim", "--image", "{elf}"]
"""


def description(*more: str) -> str:
    """A built-in machine as a file of one's own, whose runners are in a table."""
    text = (MACHINES_DIR / "rv64gc.toml").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^(default_)?runners? = .*\n", "", text)
    text = re.sub(r"(?m)^default_runner = .*\n", "", text)
    return 'default_runner = "mysim"\n' + text + RUNNER + "\n".join(more)


@pytest.fixture
def board(tmp_path: Path) -> Path:
    """A description with a simulator beside it, which is a script around Spike."""
    folder = tmp_path / "boards of mine"
    folder.mkdir()
    (folder / "board.toml").write_text(description(), encoding="utf-8")
    machine = load_machine("rv64gc")
    need(machine, "spike")
    (folder / "board.dtb").write_bytes(device_tree(machine, "rv64gc_zicntr"))
    spike = find_program("spike", SPIKE_HINT)
    script = folder / "mysim"
    script.write_text(SIMULATOR.format(folder=folder, spike=spike), encoding="utf-8")
    script.chmod(0o755)
    return folder / "board.toml"


@pytest.mark.spike
def test_models_are_checked_on_ones_own_runner(call: Call, small: Path, board: Path):
    status, text, error = call("check", small, "--machine", board, "--dim", "N=1")
    assert (status, error) == (0, "")
    assert text.endswith("right\n")
    assert (board.parent / "log").read_text() == "run\n"


@pytest.mark.spike
@pytest.mark.parametrize("interface", ["detect", "htif"])
def test_counts_are_those_of_spike(
    call: Call, small: Path, board: Path, interface: str
):
    board.write_text(description(f'interface = "{interface}"'), encoding="utf-8")
    words = ("run", small, "--machine", board, "--dim", "N=1", "--runner")
    own, built_in = (call(*words, name)[1:] for name in ("mysim", "spike"))
    assert own[0] == built_in[0]
    assert own[1].endswith(" instructions on mysim\n")
    assert own[1].replace("mysim", "spike") == built_in[1]


@pytest.mark.spike
def test_cycles_are_counted(call: Call, small: Path, board: Path):
    board.write_text(description('counter = "cycles"'), encoding="utf-8")
    status, _, error = call("run", small, "--machine", board, "--dim", "N=1")
    assert status == 0
    assert re.search(r"; [1-9]\d* cycles on mysim\n", error)


@pytest.mark.spike
def test_a_folder_knows_its_runner(call: Call, small: Path, board: Path):
    """The description travels with the folder, wherever that is run."""
    folder = small.parent / "out"
    words = ("--machine", board, "--dim", "N=1", "-q", "-o", folder)
    assert call("build", small, *words) == (0, "", "")
    assert call("run", folder, "--profile", small.parent / "p.json", "-q")[0] == 0
    assert (board.parent / "log").read_text() == "run\n"


@pytest.mark.spike
@pytest.mark.skipif(zig_program() is None, reason="ziglang is not installed")
def test_a_compiler_of_ones_own(
    call: Call, small: Path, board: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("DEPLOYOPT_CC", raising=False)
    zig = board.parent / "zig-of-mine"
    zig.write_text(f'#!/bin/sh\nexec "{zig_program()}" "$@"\n', encoding="utf-8")
    zig.chmod(0o755)
    text = 'compiler = ["./zig-of-mine", "cc"]\n' + description()
    board.write_text(text, encoding="utf-8")
    assert call("check", small, "--machine", board, "--dim", "N=1", "-q")[0] == 0
    board.write_text(text.replace("of-mine", "of-yours"), encoding="utf-8")
    status, _, error = call("check", small, "--machine", board, "--dim", "N=1", "-q")
    assert status == 1
    assert error.startswith("error: machine board: compiler: the compiler cannot build")


def test_a_right_description_is_shown(call: Call, tmp_path: Path):
    path = tmp_path / "board.toml"
    path.write_text(description(), encoding="utf-8")
    status, text, error = call("machines", path)
    assert (status, error) == (0, "")
    assert text.startswith("board: 64-bit RISC-V with float and double, no vectors\n")
    assert f"runner mysim (instructions, detect): {tmp_path}/mysim --image" in text
    assert call("machines", path, "-q") == (0, "", "")
    assert call("machines", "rv32imc")[1].startswith("rv32imc: ")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('access = "rw"', 'access = "wr"', "levels.ram.access: expected one of rw, ro"),
        ("align = 16", "align = 12", "levels.ram.align: expected a power of two, got"),
        ('isa = "rv64gc"', "isa = 64", "isa: expected a string, got 64"),
        ('"{elf}"', '"{efl}"', "runners.mysim.command: expected any of {elf}, {isa}"),
        ("[stack]", "[stacks]", "stack: expected a table, but the key is missing"),
        ("[roles]", "[roles]\nspeed = 3", "roles.speed: unknown key, expected one of"),
        ('"mysim"\n', '"qemu"\n', "default_runner: expected one of spike, mysim, got"),
    ],
)
def test_what_is_wrong_is_told_by_key_invalid(
    call: Call, tmp_path: Path, old: str, new: str, message: str
):
    path = tmp_path / "board.toml"
    text = description()
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    status, text, error = call("machines", path)
    assert (status, text) == (1, "")
    assert error.startswith(f"error: machine board: {message}")
    assert error.count("\n") == 1


def test_what_is_no_description_invalid(call: Call, tmp_path: Path):
    path = tmp_path / "board.toml"
    path.write_text("levels = [", encoding="utf-8")
    status, _, error = call("machines", path)
    assert status == 1
    assert error.startswith(f"error: {path}: not valid TOML: ")
    status, _, error = call("machines", tmp_path / "none.toml")
    assert status == 2
    assert error == f"error: {tmp_path}/none.toml: no such machine file\n"
    assert call("machines", "z80")[0] == 2


def test_a_runner_that_is_not_there_invalid(call: Call, small: Path, tmp_path: Path):
    path = tmp_path / "board.toml"
    path.write_text(description(), encoding="utf-8")
    need(load_machine("rv64gc"), "spike")
    status, _, error = call("run", small, "--machine", path, "--dim", "N=1")
    assert status == 1
    expected = f"error: {tmp_path}/mysim is not installed; it is the command of runner"
    assert error.startswith(expected)


def test_a_runner_that_fails_is_told_invalid(call: Call, small: Path, tmp_path: Path):
    path = tmp_path / "board.toml"
    path.write_text(description(), encoding="utf-8")
    need(load_machine("rv64gc"), "spike")
    script = tmp_path / "mysim"
    script.write_text(f"#!{sys.executable}\nraise SystemExit('no licence')\n")
    script.chmod(0o755)
    status, _, error = call("run", small, "--machine", path, "--dim", "N=1")
    assert (status, error) == (1, "error: mysim: exit status 1: no licence\n")
