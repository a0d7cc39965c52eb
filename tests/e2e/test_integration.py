"""The folder in other people's builds: several in one program, in C++, in Zephyr."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cmake_program import cmake
from deployopt.execution.build import build_program
from deployopt.execution.execute import execute
from deployopt.execution.runtime_files import runtime_dir
from deployopt.execution.toolchain import zig_program
from deployopt.machine import Level, Machine, load_machine
from elf import sections, symbols
from tiny_model import need
from two_models import INPUTS, MODELS, compiled, expected, join

RUNTIME = re.compile(
    r"deploy_\w+|__deploy_\w+|main|_start|tohost|fromhost|mem(cpy|move|set|cmp)"
)


MACHINES = {
    **{name: load_machine(name) for name in ("host", "rv64gcv")},
    "three levels": replace(load_machine("scratchpad"), weights_level="L2"),
}


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_several_models_are_one_program(machine: Machine, tmp_path: Path):
    need(machine, machine.default_runner)
    join(tmp_path, machine)
    result = execute(tmp_path, machine, None, [INPUTS])
    wanted = [*expected("affine"), *expected("again"), *expected("switch")]
    for found, value in zip(result.outputs[0], wanted, strict=True):
        np.testing.assert_allclose(found, value, rtol=1e-5)
    if machine.is_native:
        return
    image = build_program(tmp_path, machine)
    own = tuple(f"{name}_" for name in MODELS)
    others = [name for name in symbols(image) if not name.startswith(own)]
    assert [name for name in others if not RUNTIME.fullmatch(name)] == []
    if len(machine.levels) == 3:
        check_levels(image, machine)


def check_levels(image: Path, machine: Machine) -> None:
    """What the linker script does not know by name stands in its level all the same."""
    others = [compiled(name, machine).manifest for name in ("again", "switch")]
    arenas = [a for part in others for a in part["arenas"] if a["name"] == "t_L1"]
    address, size = sections(image)[".level.L1"]
    assert len(arenas) == 2
    assert size >= sum(arena["bytes"] for arena in arenas)
    assert_inside(machine.level("L1"), address, size)
    address, size = sections(image)[".weights.L2"]
    assert symbols(image)["again_weights"] == address
    assert_inside(machine.level("L2"), address, size)


def assert_inside(level: Level, address: int, size: int) -> None:
    assert level.base is not None
    assert level.base <= address < address + size <= level.base + level.size


CPP_COMPILERS = ["g++", "clang++", "zig c++"]

USER = """
#include "affine.h"
#include "switch.h"
#include "affine.h"
#include "switch.h"
int (*first)(const float *, float *) = affine_run;
int (*second)(const struct affine_arenas *, const float *, float *) = affine_run_in;
int (*third)(const float *, const float *, const bool *, bool *, float *, bool *) =
    switch_run;
"""

PLATFORM = """
#include "deploy.h"
#include "deploy_harness.h"
#include "deploy_io.h"
#include "deploy_library.h"
DEPLOY_ALIGN(64) DEPLOY_SECTION(".bss.level.L1") static uint8_t shared[64];
uint8_t *arena(void) { return shared; }
extern "C" deploy_dma_t deploy_dma_start_1d(void *, const void *, size_t) { return 1; }
"""


def compiler_words(name: str) -> list[str]:
    """The command of a compiler; skips, visibly, where it is not installed."""
    first, *rest = name.split()
    program = zig_program() if first == "zig" else shutil.which(first)
    if program is None:
        pytest.skip(f"{first} is not installed")
    return [program, *rest]


@pytest.mark.parametrize("compiler", CPP_COMPILERS)
@pytest.mark.parametrize("standard", ["c++11", "c++20"])
def test_headers_are_cpp(compiler: str, standard: str, tmp_path: Path):
    strict = ["-Wall", "-Wextra", "-Wpedantic", "-pedantic-errors", "-Werror"]
    for name in ("affine", "switch"):
        (tmp_path / f"{name}.h").write_text(compiled(name, "host").files[f"{name}.h"])
    for text, folder in ((USER, tmp_path), (PLATFORM, runtime_dir() / "include")):
        source = tmp_path / "user.cpp"
        source.write_text(text)
        words = [f"-std={standard}", *strict, f"-I{folder}", "-c", str(source)]
        command = [*compiler_words(compiler), *words, "-o", str(tmp_path / "user.o")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


def compiled_with_c(folder: Path, text: str) -> str:
    """What a C compiler has against a source."""
    (folder / "user.c").write_text(text)
    words = ["-std=c11", "-fsyntax-only", f"-I{folder}", str(folder / "user.c")]
    command = [*compiler_words("gcc"), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr


def older(header: str) -> str:
    """A header of an older runtime."""
    return re.sub(r"(RUNTIME_VERSION (?:!= )?)\d+", r"\g<1>0", header)


def test_programs_of_two_versions_are_refused(tmp_path: Path):
    files = {**compiled("affine", "host").files, **compiled("switch", "host").files}
    for name in (
        "affine.h",
        "switch.h",
        "deploy.h",
        "deploy_float.h",
        "deploy_vector.h",
        "deploy_dots.h",
    ):
        (tmp_path / name).write_text(files[name])
    both = '#include "affine.h"\n#include "switch.h"\n#include "deploy.h"\n'
    assert compiled_with_c(tmp_path, both) == ""
    for name in ("switch.h", "deploy.h"):
        (tmp_path / name).write_text(older(files[name]))
        message = f'#error "{name} is .*made for'
        assert re.search(message, compiled_with_c(tmp_path, both))
        (tmp_path / name).write_text(files[name])


PAIR = """
#include "affine.h"
#include "again.h"
int main(void) {
    static float x[256], y[256];
    return affine_run(x, y) | again_run(x, y);
}
"""


@pytest.mark.parametrize("compiler", ["gcc", "clang", "zig cc"])
def test_objects_of_two_versions_are_refused(compiler: str, tmp_path: Path):
    """Also where no source includes both headers: by the linker, of what is shared."""
    command = compiler_words(compiler)
    machine = load_machine("scratchpad", {"isa": "rv64gc", "vlen": "0"})

    def built(folder: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
        line = [*command, "-std=c11", "-O1", *words]
        return subprocess.run(line, cwd=folder, capture_output=True, text=True)

    def objects(folder: Path) -> list[Path]:
        for source in sorted(folder.glob("*.c")):
            done = built(folder, "-c", source)
            assert (done.returncode, done.stderr) == (0, "")
        return sorted(folder.glob("*.o"))

    folders = [tmp_path / name for name in ("affine", "again")]
    for folder in folders:
        compiled(folder.name, machine).save(folder)
    (tmp_path / "main.c").write_text(PAIR)
    headers = [f"-I{folder}" for folder in folders]
    made = [one for folder in folders for one in objects(folder)]
    assert built(tmp_path, *headers, "main.c", *made).returncode == 0
    for header in (folders[1] / "deploy.h", folders[1] / "again.h"):
        header.write_text(older(header.read_text()))
    objects(folders[1])
    (folders[1] / "again.h").write_text(compiled("again", machine).files["again.h"])
    refused = built(tmp_path, *headers, "main.c", *made)
    assert refused.returncode != 0
    assert "deploy_runtime_version" in refused.stderr


ZEPHYR = r"""
foreach(name zephyr_include_directories zephyr_library_named zephyr_library_sources
    zephyr_library_compile_options)
  cmake_language(EVAL CODE "
    function(${name})
      foreach(word IN LISTS ARGN)
        message(\"${name}: \${word}\")
      endforeach()
    endfunction()")
endforeach()
include(${MODULE}/zephyr/CMakeLists.txt)
"""


def test_a_module_of_zephyr(tmp_path: Path):
    yaml = pytest.importorskip("yaml")
    artifact = compiled("affine", "scratchpad")
    artifact.save(tmp_path / "affine")
    files = artifact.files
    about = yaml.safe_load(files["zephyr/module.yml"])
    place = {"cmake": "zephyr", "kconfig": "zephyr/Kconfig"}
    assert about == {"name": "affine", "build": place}
    symbol = re.findall(
        r"^config (\w+)\n\tbool ", files["zephyr/Kconfig"], re.MULTILINE
    )
    assert symbol == ["DEPLOYOPT_AFFINE"]
    assert zephyr_calls(tmp_path, "") == []
    names = ["affine.c", "affine_weights.c", "deploy_dma.c"]
    folder = tmp_path / "affine"
    assert zephyr_calls(tmp_path, "CONFIG_DEPLOYOPT_AFFINE") == [
        f"zephyr_include_directories: {folder}/zephyr/..",
        "zephyr_library_named: deployopt_affine",
        *(f"zephyr_library_sources: {folder}/zephyr/../{name}" for name in names),
        "zephyr_library_compile_options: SHELL:-std=c11 -O2 -ffp-contract=off "
        "-fno-tree-vectorize -fno-tree-slp-vectorize",
    ]


def zephyr_calls(folder: Path, chosen: str) -> list[str]:
    """The functions of Zephyr that the module calls, with each of their arguments."""
    script = folder / "zephyr.cmake"
    script.write_text(ZEPHYR)
    words = [f"-DMODULE={folder / 'affine'}", f"-D{chosen or 'OTHER'}=y"]
    return cmake(*words, "-P", script).splitlines()
