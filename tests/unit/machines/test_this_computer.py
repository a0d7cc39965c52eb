"""What is found out about a processor, and where it goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from deployopt.machine import (
    Machine,
    load_machine,
    machine_from_table,
    machine_table,
)
from deployopt.machines import this_computer
from deployopt.machines.this_computer import Vectors, processor_flags, vectors_of

SERVER = "processor\t: 0\nflags\t\t: fpu sse2 avx2 fma avx512f\n"
OLDER = SERVER.replace(" avx512f", "")


@pytest.fixture
def processor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that says what the processor has."""
    path = tmp_path / "cpuinfo"
    monkeypatch.setattr(this_computer, "PROCESSORS", path)
    monkeypatch.setattr(this_computer.platform, "machine", lambda: "x86_64")
    return path


def found(machine: Machine) -> tuple[int, int, bool]:
    """Of a machine what depends on the computer."""
    return machine.vlen, machine.vector_registers, machine.has_fma


@pytest.mark.parametrize(
    ("name", "flags", "expected"),
    [
        ("x86_64", "sse2 avx2 fma avx512f", Vectors(512, 32, True)),
        ("AMD64", "sse2 avx avx2 fma", Vectors(256, 16, True)),
        ("x86_64", "sse2 avx", Vectors(128, 16, False)),
        ("aarch64", "fp asimd", Vectors(128, 32, True)),
        ("arm64", "", Vectors(128, 32, True)),
        ("riscv64", "", Vectors(128, 16, False)),
    ],
)
def test_processors(name: str, flags: str, expected: Vectors):
    assert vectors_of(name, frozenset(flags.split())) == expected


def test_only_what_all_cores_have_counts():
    assert processor_flags(SERVER + "\n" + OLDER) == processor_flags(OLDER)
    assert "fma" in processor_flags(OLDER)
    assert processor_flags("") == frozenset()


def test_the_host_has_what_this_computer_has(processor: Path):
    assert found(load_machine("host")) == (128, 16, False)
    processor.write_text(SERVER)
    assert found(load_machine("host")) == (512, 32, True)
    processor.write_text(OLDER)
    assert found(load_machine("host")) == (256, 16, True)


def test_what_is_set_counts(processor: Path):
    processor.write_text(SERVER)
    machine = load_machine("host", {"vlen": "256", "fma": "false"})
    assert found(machine) == (256, 32, False)


def test_a_description_stays_what_it_was_elsewhere(processor: Path):
    processor.write_text(SERVER)
    machine = load_machine("host")
    processor.write_text(OLDER)
    assert machine_from_table("host", machine_table(machine)) == machine


def test_a_description_may_say_less(processor: Path):
    processor.write_text(SERVER)
    table = dict(machine_table(load_machine("host")))
    del table["fma"], table["vector_registers"]
    assert found(machine_from_table("host", table)) == (512, 16, False)


def test_the_widest_registers_are_used(processor: Path):
    processor.write_text(SERVER)
    assert "-mprefer-vector-width=512" in load_machine("host").compiler_flags
    processor.write_text(OLDER)
    flags = load_machine("host").compiler_flags
    assert not any("vector-width" in flag for flag in flags)
