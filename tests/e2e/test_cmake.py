"""The folder as a package of CMake: on this computer, and on bare metal."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from cmake_program import cmake
from deployopt.execution.runners import find_runner, run_image
from deployopt.execution.toolchain import Toolchain, find_toolchain
from deployopt.machine import load_machine
from elf import symbols
from tiny_model import need
from two_models import compiled, expected, inputs_of

pytestmark = pytest.mark.slow

NUMBER = re.compile(r"-?[\d.]+(?:e[-+]\d+)?")

PROJECT = """
cmake_minimum_required(VERSION 3.13)
project(app C CXX)
add_subdirectory(affine)
add_subdirectory(again)
find_package(affine CONFIG REQUIRED PATHS affine NO_DEFAULT_PATH)
find_package(switch CONFIG REQUIRED)
add_executable(app main.cpp)
target_link_libraries(app PRIVATE deployopt::affine deployopt::again deployopt::switch)
target_link_options(app PRIVATE -Wl,--gc-sections)
"""

MAIN = """
#include <cstdio>
#include "affine.h"
#include "again.h"
#include "switch.h"

static constexpr int larger(int a, int b) { return a > b ? a : b; }

/* Two models take turns in one arena. */
alignas(64) static uint8_t ram[larger(affine_ARENA_RAM_BYTES, again_ARENA_RAM_BYTES)];

int main() {
    static float x[16], y[10];
    for (int i = 0; i < 16; i++) {
        x[i] = static_cast<float>(i) / 4 - 2;
    }
    const affine_arenas first = {ram};
    const again_arenas second = {ram};
    const float left[6] = {1, -2, 3, 0, 5, -6}, right[6] = {0, 2, 3, -1, 4, 6};
    const bool known[3] = {true, false, true};
    float change[6];
    bool greater[6], unknown[3];
    int bad = affine_run_in(&first, x, y) |
              switch_run(left, right, known, greater, change, unknown);
    for (float value : y) std::printf("%.9g ", value);
    bad |= again_run_in(&second, x, y);
    for (float value : y) std::printf("%.9g ", value);
    for (bool value : greater) std::printf("%d ", value);
    for (float value : change) std::printf("%.9g ", value);
    for (bool value : unknown) std::printf("%d ", value);
    return bad;
}
"""


def numbers(text: str) -> list[float]:
    return [float(number) for number in NUMBER.findall(text)]


def flat(*names: str) -> list[float]:
    """All outputs of programs, by the reference."""
    outputs = [value.ravel() for name in names for value in expected(name)]
    return np.concatenate(outputs).astype(np.float64).tolist()


def test_several_folders_in_a_project(tmp_path: Path):
    if not (shutil.which("g++") or shutil.which("clang++")):
        pytest.skip("no C++ compiler")
    for name in ("affine", "again", "elsewhere/switch"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        compiled(name.split("/")[-1], "host").save(tmp_path / name)
    (tmp_path / "CMakeLists.txt").write_text(PROJECT)
    (tmp_path / "main.cpp").write_text(MAIN)
    build = tmp_path / "build"
    prefix = f"-DCMAKE_PREFIX_PATH={tmp_path / 'elsewhere/switch'}"
    strict = "-DCMAKE_CXX_FLAGS=-std=c++11 -Wall -Wextra -Wpedantic -Werror"
    cmake("-S", tmp_path, "-B", build, prefix, strict)
    cmake("--build", build)
    done = subprocess.run([build / "app"], capture_output=True, text=True, check=True)
    np.testing.assert_allclose(
        numbers(done.stdout), flat("affine", "again", "switch"), rtol=1e-5
    )
    kept = set(symbols(build / "app"))
    assert {"affine_run_in", "again_run_in", "switch_run"} <= kept
    assert not {"affine_run", "again_run"} & kept, "nobody calls them"
    refusals(tmp_path, build)


def refusals(project: Path, build: Path) -> None:
    """What does not go together is refused before anything is compiled."""
    config = project / "again/againConfig.cmake"
    text = config.read_text()
    config.write_text(re.sub(r"(INTERFACE_DEPLOYOPT_RUNTIME) \d+", r"\1 0", text))
    printed = cmake(build, fails=True)
    assert 'INTERFACE_DEPLOYOPT_RUNTIME property of "again" does' in one_line(printed)
    config.write_text(text)
    lists = project / "CMakeLists.txt"
    shutil.copytree(project / "again", project / "other")
    lists.write_text(PROJECT.replace("y(again)", "y(again)\nadd_subdirectory(other)"))
    printed = one_line(cmake(build, fails=True))
    assert f"{project}/other: expected the target again for itself, got" in printed
    lists.write_text(
        "cmake_minimum_required(VERSION 3.13)\nproject(app NONE)\n"
        "find_package(switch CONFIG REQUIRED)\n"
    )
    shutil.rmtree(build)
    prefix = f"-DCMAKE_PREFIX_PATH={project / 'elsewhere/switch'}"
    printed = one_line(cmake("-S", project, "-B", build, prefix, fails=True))
    assert "expected a project with language C, got none" in printed


def one_line(text: str) -> str:
    return " ".join(text.split())


TOOLCHAIN = """
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv64)
set(CMAKE_C_COMPILER {compiler})
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_EXE_LINKER_FLAGS_INIT "{linking}")
"""

COMPILER = """#!/bin/sh
for word in "$@"; do
    shift
    case "$word" in
    {dropped}) ;;
    *) set -- "$@" "$word" ;;
    esac
done
exec env {environment} {command} "$@"
"""


def toolchain_file(folder: Path, toolchain: Toolchain) -> Path:
    """What tells CMake of a compiler for bare metal, which may be zig's."""
    program = toolchain.command[0]
    is_zig = "zig" in Path(program).name
    compiler = folder / "compiler"
    environment = [f"{key}={value}" for key, value in toolchain.environment.items()]
    compiler.write_text(
        COMPILER.format(
            dropped="-march=*|-mabi=*|-mtune=*" if is_zig else "-none",
            environment=shlex.join(environment),
            command=shlex.join(toolchain.command),
        )
    )
    compiler.chmod(0o755)
    text = TOOLCHAIN.format(compiler=compiler, linking=shlex.join(toolchain.link_flags))
    if is_zig:
        for tool in ("ar", "ranlib"):
            script = folder / tool
            script.write_text(f'#!/bin/sh\nexec {program} {tool} "$@"\n')
            script.chmod(0o755)
            text += f"set(CMAKE_{tool.upper()} {script})\n"
    (folder / "toolchain.cmake").write_text(text)
    return folder / "toolchain.cmake"


FIRMWARE = """
cmake_minimum_required(VERSION 3.13)
project(firmware C ASM)
find_package(affine CONFIG REQUIRED)
add_subdirectory(${SWITCH} switch)
file(GLOB platform ${SWITCH}/platform/*.c ${SWITCH}/platform/*.S)
add_executable(firmware main.c ${platform})
target_include_directories(firmware PRIVATE ${SWITCH}/platform)
target_compile_options(firmware PRIVATE $<TARGET_PROPERTY:switch,COMPILE_OPTIONS>)
target_link_libraries(firmware PRIVATE deployopt::affine deployopt::switch)
target_link_options(firmware PRIVATE -nostdlib -static -T ${SWITCH}/platform/link.ld)
"""

FIRMWARE_MAIN = """
#include "affine.h"
#include "deploy_io.h"
#include "switch.h"

static const float x[16] = {%s};
static float y[10], change[6];
static const bool known[3] = {true, false, true};
static bool greater[6], unknown[3];

int main(void) {
    int bad = affine_run(x, y) | switch_run(x, x + 6, known, greater, change, unknown);
    int32_t file = deploy_io_open("outputs.bin", 1);
    return bad | deploy_io_write(file, y, sizeof y) | deploy_io_close(file);
}
"""


@pytest.mark.spike
def test_bare_metal(tmp_path: Path):
    machine = load_machine("scratchpad")
    need(machine, "spike")
    tools = (
        f"-DCMAKE_TOOLCHAIN_FILE={toolchain_file(tmp_path, find_toolchain(machine))}"
    )
    for name in ("affine", "switch"):
        compiled(name, "scratchpad").save(tmp_path / name)
    alone = tmp_path / "alone"
    cmake("-S", tmp_path / "affine", "-B", alone, tools)
    cmake("--build", alone)
    runner = find_runner(machine, "spike")
    printed = run_image(machine, runner, alone / "affine_example", tmp_path, 60)
    assert "y: checksum" in printed
    cmake("--install", alone, "--prefix", tmp_path / "installed")
    project = tmp_path / "firmware"
    project.mkdir()
    (project / "CMakeLists.txt").write_text(FIRMWARE)
    x = inputs_of("affine")["x"].ravel()
    (project / "main.c").write_text(FIRMWARE_MAIN % ", ".join(map(str, x.tolist())))
    places = [
        f"-DSWITCH={tmp_path / 'switch'}",
        f"-Daffine_DIR={tmp_path / 'installed/lib/cmake/affine'}",
    ]
    cmake("-S", project, "-B", tmp_path / "build", tools, *places)
    cmake("--build", tmp_path / "build")
    image = tmp_path / "build/firmware"
    run_image(machine, runner, image, tmp_path, 60)
    found = np.fromfile(tmp_path / "outputs.bin", np.float32)
    np.testing.assert_allclose(found, flat("affine"), rtol=1e-5)
    assert {"affine_run", "switch_run", "deploy_dma_start_1d"} <= set(symbols(image))
