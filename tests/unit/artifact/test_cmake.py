"""What is written for CMake."""

from __future__ import annotations

from dataclasses import replace

import pytest
from deployopt.artifact.cmake import cmake_files, options, target_name
from deployopt.machine import load_machine


@pytest.mark.parametrize(
    ("flags", "written"),
    [
        (["-O2", "-march=rv64gcv"], '"SHELL:-O2 -march=rv64gcv"'),
        (["-Xclang", "a", "-Xclang", "b"], '"SHELL:-Xclang a -Xclang b"'),
        (['-DTEXT="a b"'], """"SHELL:'-DTEXT=\\"a b\\"'\""""),
        (["-DX=$;"], """"SHELL:'-DX=\\$\\;'\""""),
    ],
)
def test_flags_are_one_argument(flags: list[str], written: str):
    assert options(flags) == written


@pytest.mark.parametrize(
    ("name", "target"),
    [("digits", "digits"), ("test", "model_test"), ("m", "model_m"), ("Test", "Test")],
)
def test_targets_that_mean_something_else(name: str, target: str):
    assert target_name(name) == target
    files = cmake_files(name, [f"{name}.c"], load_machine("host"), 1)
    assert f"add_library({target} STATIC" in files[f"{name}Config.cmake"]
    assert (
        f"add_library(deployopt::{name} ALIAS {target})" in files[f"{name}Config.cmake"]
    )


def test_sources_are_those_at_the_top():
    names = ["n.c", "n.h", "n_weights.S", "n_weights.bin", "example/main.c"]
    machine = replace(load_machine("rv32imc"), cflags=("-mtune=size",))
    files = cmake_files("n", names, machine, 7)
    package = files["nConfig.cmake"]
    sources = [f"${{CMAKE_CURRENT_LIST_DIR}}/{name}" for name in ("n.c", "n_weights.S")]
    listing = "\n  ".join(sources)
    assert f"STATIC\n  {listing})" in package
    assert "-march=rv32imc -mabi=ilp32 -mtune=size -ffunction-sections" in package
    assert "INTERFACE_DEPLOYOPT_RUNTIME 7\n" in package
    assert "project(n C ASM)" in files["CMakeLists.txt"]


@pytest.mark.parametrize(("machine", "is_told"), [("rv64gcv", True), ("rv64gc", False)])
def test_clang_is_told_what_gcc_does_not_know(machine: str, is_told: bool):
    package = cmake_files("n", ["n.c"], load_machine(machine), 1)["nConfig.cmake"]
    told = (
        '"SHELL:$<$<C_COMPILER_ID:Clang>:-Xclang -target-feature '
        '-Xclang +use-postra-scheduler>")'
    )
    assert (told in package) == is_told
