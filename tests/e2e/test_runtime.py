"""The runtime under a hand-written model, on every machine and runner."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest
from deployopt.errors import DeployError, UsageError
from deployopt.execution.build import build_program, code_size
from deployopt.execution.execute import execute
from deployopt.execution.runtime_files import platform_files, runtime_dir
from deployopt.execution.tensors import RunResult
from deployopt.machine import load_machine, machine_names
from numpy.typing import NDArray
from tiny_model import complete, need

Arrays: TypeAlias = dict[str, NDArray[Any]]

SIMULATED = [name for name in machine_names() if name != "host"]
PLACES = [
    ("host", "native"),
    *((name, runner) for name in SIMULATED for runner in ("spike", "qemu")),
]

EDGES = [
    *(0.0, -0.0, 1.0, 2.0, 4.0, 0.25, 3.0, -1.0, np.inf, -np.inf, np.nan),
    *(0.5, 1.5, 2.5, 3.5, -0.5, -1.5, -2.5, -3.5, 0.499999, -0.499999),
    *(2147483520.0, 2147483648.0, -2147483648.0, -2147483904.0, 4294967040.0),
    *(4294967296.0, 1e19, -1e19, -0.75, 8388607.5, 8388608.0, -8388607.5),
]


def edges(dtype: type[np.floating[Any]], seed: int) -> NDArray[Any]:
    """64 numbers: what rounding, roots and conversions get wrong, then random ones."""
    limits = np.finfo(dtype)
    extremes = [limits.max, limits.tiny, limits.smallest_subnormal]
    near = [limits.tiny * 0.75, 1 + limits.eps, 1 - limits.epsneg, 4 - 2 * limits.eps]
    known = np.array([*EDGES, *extremes, *near], dtype)
    exponents = np.random.default_rng(seed).uniform(-30, 30, 64 - len(known))
    return np.concatenate([known, np.exp2(exponents).astype(dtype)])


def inputs(seed: int) -> Arrays:
    """The arrays of one run."""
    small = np.random.default_rng(seed).integers(-128, 128, (4, 16), np.int8)
    return {
        "x": edges(np.float32, seed),
        "wide": edges(np.float64, seed),
        "small": small,
    }


def cast(x: NDArray[Any], dtype: Any) -> NDArray[Any]:
    """Towards zero; what does not fit becomes the nearest number, NaN becomes 0."""
    limits = np.iinfo(dtype)
    values = [
        0
        if np.isnan(value)
        else limits.max
        if value >= float(limits.max)
        else limits.min
        if value <= float(limits.min)
        else int(value)
        for value in x.tolist()
    ]
    return np.array(values, dtype)


def rounded(x: NDArray[Any]) -> NDArray[Any]:
    """Down, up, towards zero, to nearest even."""
    return np.stack([np.floor(x), np.ceil(x), np.trunc(x), np.round(x)])


def reference(data: Arrays, calls: int) -> list[NDArray[Any]]:
    """What the model computes, in numpy."""
    x, wide = data["x"], data["wide"]
    slope = np.tile(np.array([2.0, -0.5, 1.0 / 3.0, 1e-30], np.float32), 16)
    products = data["small"].astype(np.int64).reshape(-1) * 1431655765
    scaled = np.clip(products >> 30, -128, 127).astype(np.int8)
    divisors = np.arange(3, 67)
    quotients = np.abs(products) // divisors * np.sign(products)
    with np.errstate(all="ignore"):
        return [
            slope * x + x[::-1],
            np.stack([np.sqrt(x)] * 2),
            rounded(x),
            np.stack([np.sqrt(wide)] * 2),
            rounded(wide),
            np.stack([cast(x, np.int32), cast(x, np.uint32).view(np.int32)]),
            np.stack([cast(wide, np.int64), cast(wide, np.uint64).view(np.int64)]),
            scaled.reshape(4, 16),
            np.array([7 + calls + quotients.sum()], np.int64),
        ]


def run(folder: Path, name: str, runner: str, profile: bool = False) -> RunResult:
    """Two runs of the model."""
    machine = load_machine(name)
    need(machine, runner)
    complete(folder, machine)
    return execute(folder, machine, runner, [inputs(1), inputs(2)], profile)


@pytest.mark.parametrize(("name", "runner"), PLACES)
def test_every_place_computes_the_same(name: str, runner: str, tmp_path: Path):
    result = run(tmp_path, name, runner)
    assert len(result.outputs) == 2
    for calls, (seed, outputs) in enumerate(zip((1, 2), result.outputs, strict=True)):
        for ours, theirs in zip(
            outputs, reference(inputs(seed), calls + 1), strict=True
        ):
            assert ours.dtype == theirs.dtype
            np.testing.assert_array_equal(ours, theirs)
            zeros = theirs == 0
            np.testing.assert_array_equal(
                np.signbit(ours[zeros]), np.signbit(theirs[zeros])
            )


@pytest.mark.parametrize("name", SIMULATED)
def test_simulators_agree_to_the_bit_and_instruction(name: str, tmp_path: Path):
    spike = run(tmp_path / "spike", name, "spike", profile=True)
    qemu = run(tmp_path / "qemu", name, "qemu", profile=True)
    for ours, theirs in zip(spike.outputs, qemu.outputs, strict=True):
        assert [a.tobytes() for a in ours] == [a.tobytes() for a in theirs]
    assert spike.steps == qemu.steps
    assert spike.totals == qemu.totals
    assert spike.unit == qemu.unit == "instructions"


@pytest.mark.parametrize(("name", "runner"), [("rv64gc", "spike"), ("host", "native")])
def test_profile_counts_every_step(name: str, runner: str, tmp_path: Path):
    result = run(tmp_path, name, runner, profile=True)
    for steps, total in zip(result.steps, result.totals, strict=True):
        assert len(steps) == 8
        # A clock of this computer may stand still for as long as a short step takes.
        assert all(count > 0 for count in steps) or runner == "native"
        assert 0 < sum(steps) < total


def test_an_empty_step_counts_next_to_nothing_and_a_longer_one_more(tmp_path: Path):
    machine = load_machine("rv64gc")
    need(machine, "spike")
    complete(tmp_path, machine)
    source = (tmp_path / "tiny.c").read_text()
    twice = "    tiny_kernel_cast(x, casts);\n"
    source = source.replace(twice, twice * 2).replace(
        "    tiny_kernel_saxpy(x, saxpy);\n", ""
    )
    (tmp_path / "tiny.c").write_text(source)
    changed = execute(tmp_path, machine, "spike", [inputs(1)], True).steps[0]
    before = run(tmp_path / "before", "rv64gc", "spike", True).steps[0]
    assert changed[0] <= 4
    assert abs(changed[5] - 2 * before[5]) < 20


def test_without_profile_there_are_no_steps(tmp_path: Path):
    result = run(tmp_path, "rv32imc", "spike")
    assert result.steps == ((), ())
    assert result.totals[0] > 0


@pytest.mark.parametrize("runner", ["spike", "qemu"])
def test_no_inputs_file_means_one_run_on_zeros(
    runner: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    machine = load_machine("rv32imfc")
    need(machine, runner)
    complete(tmp_path, machine)
    monkeypatch.setattr(Path, "write_bytes", keep_inputs_back(Path.write_bytes))
    with pytest.raises(DeployError, match="wrote no outputs"):
        execute(tmp_path, machine, runner, [inputs(1)])


def keep_inputs_back(write: Callable[[Path, bytes], int]) -> Callable[..., int]:
    """`Path.write_bytes` that loses one file."""

    def written(path: Path, data: bytes) -> int:
        return 0 if path.name == "inputs.bin" else write(path, data)

    return written


TRAPS = {
    "load outside of memory": ("*(volatile int *)0xf0000000u;", 5),
    "store outside of memory": ("*(volatile int *)0xf0000000u = 1;", 7),
    "store to read-only memory": ("*(volatile int *)0x80000000u = 1;", 7),
    "illegal instruction": ('__asm__(".4byte 0xffffffff");', 2),
    "stack overflow": ("return deeper(0);", 7),
}

TRAPPING = """
#include <stdint.h>
int deeper(int n);
int deeper(int n) {
    volatile int here[64];
    here[0] = n;
    return n < 0 ? 0 : deeper(n + 1) + here[0];
}
int main(void) { BODY return 0; }
"""


@pytest.mark.parametrize("runner", ["spike", "qemu"])
@pytest.mark.parametrize("name", ["rv64gc", "rv32imc"])
@pytest.mark.parametrize("trap", TRAPS)
def test_traps_end_the_program(trap: str, name: str, runner: str, tmp_path: Path):
    machine = load_machine(name)
    need(machine, runner)
    body, cause = TRAPS[trap]
    complete(tmp_path, machine)
    (tmp_path / "example/main.c").write_text(TRAPPING.replace("BODY", body))
    message = rf"exit status 121: trap: cause 0x0+{cause} at pc 0x0*80[0-9a-f]{{6}}, "
    with pytest.raises(DeployError, match=message):
        execute(tmp_path, machine, runner, [inputs(1)])


RESTARTING = """
#include <stdint.h>
static volatile uint32_t zeros[8];
static volatile uint32_t values[3] = {7, 8, 9};
void _start(void);
int main(void) {
    uintptr_t seen;
    __asm__ volatile("csrrwi %0, mscratch, 1" : "=r"(seen));
    uint32_t good = values[0] == 7 && values[2] == 9 && zeros[0] == 0 && zeros[7] == 0;
    values[0] = values[2] = zeros[0] = zeros[7] = UINT32_MAX;
    if (!seen) {
        _start();
    }
    return good ? 42 : 43;
}
"""


@pytest.mark.parametrize("name", ["rv64gc", "rv32imc"])
def test_a_restarted_program_finds_its_first_values(name: str, tmp_path: Path):
    machine = load_machine(name)
    need(machine, "spike")
    complete(tmp_path, machine)
    (tmp_path / "example/main.c").write_text(RESTARTING)
    with pytest.raises(DeployError, match="exit status 42: "):
        execute(tmp_path, machine, "spike", [inputs(1)])


@pytest.mark.parametrize(("name", "runner"), [*PLACES[:1], *PLACES[1:3]])
def test_a_failure_of_the_program_is_reported(name: str, runner: str, tmp_path: Path):
    machine = load_machine(name)
    need(machine, runner)
    complete(tmp_path, machine)
    source = (tmp_path / "tiny.c").read_text()
    (tmp_path / "tiny.c").write_text(source.replace("return 0;", "return 3;"))
    with pytest.raises(DeployError, match=r"exit status 1: .*reported a failure"):
        execute(tmp_path, machine, runner, [inputs(1)])


@pytest.mark.parametrize("runner", ["spike", "qemu"])
def test_a_program_without_end_is_stopped(runner: str, tmp_path: Path):
    machine = load_machine("rv64gc")
    need(machine, runner)
    complete(tmp_path, machine)
    (tmp_path / "example/main.c").write_text("int main(void) { for (;;) {} }\n")
    with pytest.raises(DeployError, match=f"{runner}: no result after 2 seconds"):
        execute(tmp_path, machine, runner, [inputs(1)], timeout=2)


@pytest.mark.parametrize("runner", ["spike", "qemu"])
def test_runs_in_the_memory_that_it_needs(runner: str, tmp_path: Path):
    machine = load_machine("rv32imc", {"ram.size": "40960", "flash.size": "0x10000"})
    need(machine, runner)
    complete(tmp_path, machine)
    result = execute(tmp_path, machine, runner, [inputs(1)])
    np.testing.assert_array_equal(result.outputs[0][7], reference(inputs(1), 1)[7])


def test_too_little_memory_is_refused_by_the_linker(tmp_path: Path):
    machine = load_machine("rv32imc", {"ram.size": "20480"})
    need(machine, "spike")
    complete(tmp_path, machine)
    with pytest.raises(DeployError, match="will not fit in region 'ram'"):
        build_program(tmp_path, machine)


def test_a_build_is_kept_until_a_source_changes(tmp_path: Path):
    machine = load_machine("host")
    need(machine, "native")
    complete(tmp_path / "folder", machine)
    first = build_program(tmp_path / "folder", machine)
    built = first.stat().st_mtime_ns
    complete(tmp_path / "elsewhere", machine)
    assert build_program(tmp_path / "elsewhere", machine) == first
    assert first.stat().st_mtime_ns == built
    assert build_program(tmp_path / "folder", machine, profile=True) != first
    with (tmp_path / "folder/tiny.h").open("a") as header:
        header.write("/* changed */\n")
    assert build_program(tmp_path / "folder", machine) != first


def test_what_programs_share_is_compiled_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    machine = load_machine("host")
    need(machine, "native")
    monkeypatch.setenv("DEPLOYOPT_CACHE_DIR", str(tmp_path / "cache"))
    complete(tmp_path / "folder", machine)

    def built(changed: str) -> int:
        """Objects that were compiled for a program with another such file."""
        before = set((tmp_path / "cache").rglob("object.o"))
        with (tmp_path / "folder" / changed).open("a") as file:
            file.write("/* changed */\n")
        program = build_program(tmp_path / "folder", machine)
        assert program.is_file()
        return len(set((tmp_path / "cache").rglob("object.o")) - before)

    assert built("tiny.c") == 2  # harness.c and io.c
    assert built("tiny.c") == 0
    assert built("example/harness.c") == 0  # it is the folder's own now
    assert built("deploy.h") == 0


def test_code_size_counts_the_model_alone(tmp_path: Path):
    machine = load_machine("rv64gc")
    need(machine, "spike")
    complete(tmp_path, machine)
    size = code_size(tmp_path, machine)
    (tmp_path / "example/more.c").write_text("int more(int x) { return x * x; }\n")
    assert 200 < size == code_size(tmp_path, machine) < 20000
    (tmp_path / "more.c").write_text("int more(int x) { return x * x; }\n")
    assert size < code_size(tmp_path, machine) < size + 32


def test_compiler_errors_are_one_line(tmp_path: Path):
    machine = load_machine("host")
    need(machine, "native")
    complete(tmp_path, machine)
    (tmp_path / "broken.c").write_text("int x = y;\n")
    with pytest.raises(DeployError, match=r"the C compiler failed: .*broken\.c:1") as e:
        execute(tmp_path, machine, None, [inputs(1)])
    assert "\n" not in str(e.value)


def wrong_inputs() -> dict[str, tuple[Any, str]]:
    """Inputs that are refused, and how."""
    good = inputs(1)
    x: NDArray[Any] = good["x"]
    return {
        "dtype": (
            good | {"x": x.astype(np.float64)},
            r"x: expected float32 of shape \[64\], got float64 of shape \[64\]",
        ),
        "shape": (good | {"x": x.reshape(8, 8)}, r"got float32 of shape \[8, 8\]"),
        "name": (
            {"y": x} | {k: v for k, v in good.items() if k != "x"},
            "x: expected an array for this input",
        ),
        "number": ([x], "expected 3 inputs, got 1"),
    }


@pytest.mark.parametrize("case", wrong_inputs())
def test_wrong_inputs_are_refused(case: str, tmp_path: Path):
    machine = load_machine("host")
    complete(tmp_path, machine)
    data, message = wrong_inputs()[case]
    with pytest.raises(DeployError, match=message):
        execute(tmp_path, machine, None, [data])


def test_a_runner_of_another_machine_is_wrong_usage(tmp_path: Path):
    machine = load_machine("host")
    with pytest.raises(UsageError, match="runs on native, got runner 'spike'"):
        execute(tmp_path, machine, "spike", [])


def test_platform_files_are_complete_and_text():
    for name in machine_names():
        files = platform_files(load_machine(name))
        assert "deploy.h" in files
        assert not [path for path in files if path.count("/") > 1]
        assert not [path for path, text in files.items() if re.search("@[A-Z]", text)]
    assert (runtime_dir() / "include/deploy.h").is_file()


def test_a_machine_without_read_only_code_protects_nothing():
    machine = replace(load_machine("rv64gc"), code_level="ram")
    script = platform_files(machine)["platform/link.ld"]
    assert "__deploy_read_only_start = 0x82000000;" in script
    assert "__deploy_read_only_end = 0x82000000;" in script
