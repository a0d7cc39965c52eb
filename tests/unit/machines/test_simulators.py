"""Runners and compilers that a description brings along."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from deployopt.errors import DeployError
from deployopt.execution.runners import find_runner
from deployopt.execution.toolchain import find_toolchain
from deployopt.machine import (
    MACHINES_DIR,
    Machine,
    Simulator,
    attach,
    load_machine,
    machine_from_table,
    machine_of,
    machine_table,
)
from deployopt.machines.simulators import at_home
from deployopt.machines.summary import summary
from xdsl.dialects.builtin import ModuleOp

OWN: dict[str, Any] = {
    "command": ["sim", "--isa={isa}_zicntr", "-x{xlen}", "--vlen", "{vlen}", "{elf}"],
    "interface": "htif",
    "counter": "cycles",
}


def described(runners: object, **changes: object) -> dict[str, Any]:
    """A built-in machine with other runners."""
    text = (MACHINES_DIR / "rv64gcv.toml").read_text(encoding="utf-8")
    return tomllib.loads(text) | {"runners": runners} | changes


def with_own(**changes: object) -> Machine:
    return machine_from_table("board", described({"spike": {}, "mysim": OWN | changes}))


def test_a_runner_of_ones_own():
    machine = with_own()
    assert machine.runners == ("spike", "mysim")
    (own,) = machine.simulators
    assert own == Simulator("mysim", tuple(OWN["command"]), "htif", "cycles")
    figures = {"elf": "a b.elf", "isa": "rv64gcv", "xlen": "64", "vlen": "128"}
    assert own.words(figures) == [
        *("sim", "--isa=rv64gcv_zicntr", "-x64", "--vlen", "128", "a b.elf")
    ]


def test_what_is_left_out():
    table = described({"mysim": {"command": ["sim", "{elf}"]}}, default_runner="mysim")
    machine = machine_from_table("board", table)
    (own,) = machine.simulators
    assert (own.interface, own.counter) == ("detect", "instructions")
    runner = find_runner(machine)
    assert (runner.unit, runner.defines) == ("instructions", ())


def test_what_an_image_is_told():
    runner = find_runner(with_own(), "mysim")
    assert runner.unit == "cycles"
    assert runner.defines == ("DEPLOY_IO_HTIF", "DEPLOY_COUNT_CYCLES")
    forced = find_runner(with_own(interface="semihosting"), "mysim")
    assert forced.defines[0] == "DEPLOY_IO_SEMIHOSTING"


@pytest.mark.parametrize("runners", [{"spike": {}, "mysim": OWN}, ["spike"]])
def test_tables_and_modules_give_it_back(runners: object):
    table = described(runners, compiler=["gcc", "-mtune=x"])
    machine = machine_from_table("board", table)
    assert machine_from_table("board", machine_table(machine)) == machine
    module = ModuleOp([])
    attach(module, machine)
    assert machine_of(module) == machine


def test_programs_beside_the_file():
    table = described({"a": {"command": ["./sim", "./x"]}}, compiler=["../bin/cc"])
    found: Mapping[str, Any] = at_home(table, Path("/opt/boards"))
    assert found["runners"] == {"a": {"command": ["/opt/boards/sim", "./x"]}}
    assert found["compiler"] == ["/opt/bin/cc"]


@pytest.mark.parametrize("odd", [[], [3], ["spike"], "./sim", 7, {}])
def test_odd_values_are_left_to_the_check(odd: object):
    table: Mapping[str, Any] = {"runners": {"a": odd, "b": {"command": odd}}}
    assert at_home(table, Path("/opt")) == table


WRONG: list[tuple[object, str]] = [
    ({"my sim": OWN}, "runners.my sim: expected a name of letters, digits"),
    ({"spike": OWN}, "runners.spike: expected an empty table, since this runner"),
    ({"mysim": {}}, "runners.mysim.command: expected a list of words, or one of"),
    ({"mysim": 3}, "runners.mysim: expected a table, got 3"),
    (
        {"mysim": OWN | {"command": "sim {elf}"}},
        "runners.mysim.command: expected a list of strings, got 'sim {elf}'",
    ),
    (
        {"mysim": OWN | {"command": ["sim", 3]}},
        "runners.mysim.command: expected a list of strings, got 3 in it",
    ),
    (
        {"mysim": OWN | {"command": []}},
        "runners.mysim.command: expected a program and {elf} behind it, got []",
    ),
    (
        {"mysim": OWN | {"command": ["sim"]}},
        "runners.mysim.command: expected a program and {elf} behind it, got ['sim'",
    ),
    (
        {"mysim": OWN | {"command": ["{elf}"]}},
        "runners.mysim.command: expected a program and {elf} behind it, got ['{elf",
    ),
    (
        {"mysim": OWN | {"command": ["sim", "{image}", "{elf}"]}},
        "runners.mysim.command: expected any of {elf}, {isa}, {xlen}, {vlen}, got ",
    ),
    (
        {"mysim": OWN | {"interface": "uart"}},
        "runners.mysim.interface: expected one of detect, htif, semihosting, got ",
    ),
    (
        {"mysim": OWN | {"counter": "joules"}},
        "runners.mysim.counter: expected one of instructions, cycles, got 'joules'",
    ),
    (
        {"mysim": OWN | {"speed": 3}},
        "runners.mysim.speed: unknown key, expected one of command, counter, inter",
    ),
    ({"mysim": OWN}, "default_runner: expected one of mysim, got 'spike'"),
    (["mysim"], "runners: expected any of native, spike, qemu, got 'mysim'"),
    ({"native": {}}, "default_runner: expected one of native, got 'spike'"),
    ("spike", "runners: expected a list of strings, got 'spike'"),
]


@pytest.mark.parametrize(("runners", "message"), WRONG)
def test_wrong_runners_invalid(runners: object, message: str):
    with pytest.raises(DeployError) as caught:
        machine_from_table("board", described(runners))
    assert str(caught.value).startswith(f"machine board: {message}")


@pytest.mark.parametrize("compiler", ["gcc", [3], 3, {"gcc": {}}])
def test_wrong_compilers_invalid(compiler: object):
    with pytest.raises(DeployError, match="machine board: compiler: expected a list"):
        machine_from_table("board", described(["spike"], compiler=compiler))


def test_a_native_machine_has_no_simulator_invalid():
    text = (MACHINES_DIR / "host.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text) | {"runners": {"native": {}, "mysim": OWN}, "vlen": 128}
    table |= {"vector_registers": 16, "fma": False}
    with pytest.raises(DeployError, match="runners: expected native alone"):
        machine_from_table("board", table)


def test_a_program_that_is_not_there(tmp_path: Path):
    runner = find_runner(with_own(), "mysim")
    with pytest.raises(DeployError) as caught:
        runner.command(with_own(), tmp_path / "x.elf", tmp_path)
    text = "sim is not installed; it is the command of runner mysim"
    assert str(caught.value) == text


def test_a_compiler_that_does_not_work(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("DEPLOYOPT_CC", raising=False)
    table = described(["spike"], compiler=["no-such-compiler", "-x"])
    with pytest.raises(DeployError) as caught:
        find_toolchain(machine_from_table("board", table))
    assert str(caught.value) == (
        "machine board: compiler: the compiler cannot build for machine board; "
        "it is no-such-compiler -x, which says: "
        "[Errno 2] No such file or directory: 'no-such-compiler'"
    )


def test_what_has_been_understood():
    table = described({"spike": {}, "mysim": OWN}, compiler=["gcc"])
    table |= {"default_runner": "mysim", "description": "a board\x1b"}
    with pytest.raises(DeployError, match="description: expected printable text"):
        machine_from_table("board", table)
    machine = machine_from_table("board", table | {"description": "a board"})
    assert list(summary(machine)) == [
        "board: a board",
        "  rv64gcv, lp64d, vectors of 128 bits",
        "  level  access       bytes        from  align  kernels  transfers",
        "  ram    rw      33,554,432  0x82000000     16      yes          -",
        "  flash  ro      33,554,432  0x80000000     16      yes          -",
        "  stack: 65,536 bytes of ram",
        "  inputs and outputs in ram, constants in flash, code in flash",
        "  compiler: gcc",
        "  runner mysim (cycles, htif): sim --isa={isa}_zicntr -x{xlen} --vlen {vlen}"
        " {elf}",
        "  runner spike",
    ]


def test_transfers_are_told():
    text = "\n".join(summary(load_machine("scratchpad")))
    assert "L2: 32 + n/8, async" in text
    assert "looked for" in text
    assert "from the linker" not in "\n".join(summary(load_machine("host")))
