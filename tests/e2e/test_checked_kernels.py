"""Kernels that touch what they may not, and stacks that run over, are named."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path

import deployopt
import numpy as np
import pytest
from deployopt.artifact.artifact import Artifact
from deployopt.errors import DeployError, UsageError
from deployopt.execution.tensors import Array
from deployopt.machine import Dma, Level, Machine, load_machine
from staged_program import (
    POISON,
    RIGHT,
    SCALE,
    STAGED,
    SUM,
    X,
    built,
    changed,
    is_right,
    run,
)
from tiny_model import need

DIGITS = Path(__file__).parents[2] / "examples/digits/digits_int8.onnx"

STORE = "o[31] = (int32_t)((uint32_t)p + (uint32_t)p);"

STRAYS = {
    "kernel_reads_l2": (
        (SUM, SUM.replace("x1", "x2")),
        r"sum \(Add\): staged_kernel_1_sum \(step 10\) reads address 0x82010000 at pc "
        r"0x\w+: level L2, byte 65536 \(x2\), where kernels may not go",
    ),
    "kernel_writes_the_caller": (
        (SUM, SUM.replace("z1", "z")),
        r"sum \(Add\): .* writes address 0x80\w+ at .*: level L3, byte \d+ \(z\), "
        "where kernels may not go",
    ),
    "kernel_reads_weights": (
        (SCALE, SCALE.replace("w1", "staged_weights.factor")),
        r"scale \(Mul\): .* reads address 0x80\w+ at .*: level L3, byte \d+ "
        r"\(factor\), where kernels may not go",
    ),
    "one_byte_past_everything": (
        (SCALE, f"{SCALE} ((volatile uint8_t *)y1)[128] = 0;"),
        r"scale \(Mul\): .* writes address 0x83000200 at pc 0x\w+: level L1, byte 512, "
        "outside of every buffer",
    ),
    "one_byte_before_everything": (
        (SCALE, f"{SCALE} ((volatile uint8_t *)x1)[-1] = 0;"),
        r"scale \(Mul\): .* writes address 0x82ffffff at pc 0x\w+: in no level",
    ),
    "a_tile_one_row_too_large": (
        ("for (int32_t i = 0; i < 32; i++)", "for (int32_t i = 0; i < 40; i++)"),
        r"scale \(Mul\): .* writes address 0x83000200 at pc .* outside of every buffer",
    ),
    "one_byte_past_the_stack": (
        (SUM, f"{SUM} *(volatile char *)0x8200ffff = 0; *(char *)0x82010000 = 0;"),
        r"sum \(Add\): .* writes address 0x82010000 at .*: level L2, byte 65536 \(x2\)",
    ),
    "kernel_writes_where_nothing_lives": (
        (STORE, f"{STORE} ((volatile uint8_t *)a)[200] = 1;"),
        r"sum \(Add\): .* writes where no live buffer is, at 0x830000c8: level L1, "
        "byte 200$",
    ),
    "kernel_writes_what_is_dead": (
        (SCALE, f"{SCALE} ((volatile uint8_t *)x1)[129] = 1;"),
        r"scale \(Mul\): .* writes where no live buffer is, at 0x83000081: level L1",
    ),
    "illegal_instruction": (
        (SUM, f'{SUM} __asm__ volatile(".4byte 0xffffffff");'),
        r"sum \(Add\): staged_kernel_1_sum \(step 10\) traps: cause 2 at pc 0x\w+$",
    ),
    "kernel_tries_machine_mode": (
        (SUM, f'{SUM} __asm__ volatile("csrw pmpcfg0, zero");'),
        r"sum \(Add\): .* traps: cause 2 at pc",
    ),
}


@pytest.mark.parametrize("runner", ["spike", "qemu"])
@pytest.mark.parametrize("name", STRAYS)
def test_a_stray_access_is_named(name: str, runner: str):
    change, message = STRAYS[name]
    with pytest.raises(DeployError, match=message) as error:
        run(changed(change), runner)
    assert error.value.exit_status == 1
    assert "\n" not in str(error.value)


def test_without_checks_a_stray_read_goes_unseen():
    change, _ = STRAYS["kernel_reads_l2"]
    assert is_right(run(changed(change), checked=False))


def test_a_halo_off_by_one_reads_poison():
    change = ("const int32_t p = a[31];", "const int32_t p = a[32];")
    values = run(changed(change))
    assert values["z"][31] == np.int32(np.uint32(2 * 0xA5A5A5A5 % (1 << 32)))
    assert (values["z"][:31] == RIGHT["z"][:31]).all()


def test_what_a_kernel_does_not_fill_is_poison():
    values = run(changed((STORE, "(void)p;")))
    assert values["z"][31] == POISON
    assert (values["z"][:31] == RIGHT["z"][:31]).all()


STACK_USER = """
static DEPLOY_NOINLINE int deeper(int n, volatile int *above) {
    volatile int here[64];
    here[0] = n + above[0];
    return n == 0 ? 0 : deeper(n - 1, here) + here[0];
}
"""


READS_WEIGHTS = (SCALE, SCALE.replace("w1", "staged_weights.factor"))


FACTOR = (
    ('@w : memref<32xi32, "L3">', '@w : memref<32xi32, "flash">'),
    ('%l3: memref<128xi8, "L3">', '%l3: memref<128xi8, "flash">'),
    (
        'memref<128xi8, "L3"> to memref<32xi32, "L3">',
        'memref<128xi8, "flash"> to memref<32xi32, "flash">',
    ),
    (
        '%w, %w2 : memref<32xi32, "L3">, memref<32xi32, "L2">',
        '%w, %w2 : memref<32xi32, "flash">, memref<32xi32, "L2">',
    ),
)
"""The weights of the program in another level."""


def short_machine() -> Machine:
    """Levels as of the scratchpad around a 32-bit core without vectors."""
    return replace(load_machine("scratchpad"), isa="rv32imc", abi="ilp32", vlen=0)


@pytest.mark.parametrize("runner", ["spike", "qemu"])
def test_a_core_of_32_bits_is_watched_too(runner: str):
    folder = built(short_machine(), STAGED.read_text())
    assert is_right(run(Artifact(folder), runner, hal="deferred"))
    with pytest.raises(DeployError, match=r"level L3, byte \d+ \(factor\), where ker"):
        run(changed(READS_WEIGHTS, folder=folder), runner)
    change, message = STRAYS["one_byte_past_everything"]
    with pytest.raises(DeployError, match=message):
        run(changed(change, folder=folder), runner)


@pytest.mark.parametrize("runner", ["spike", "qemu"])
@pytest.mark.parametrize("name", ["scratchpad", "short"])
def test_weights_beside_code_in_locked_memory_are_closed(name: str, runner: str):
    machine = short_machine() if name == "short" else load_machine(name)
    flash = Level("flash", 1 << 20, 0x80000000, 16, "ro", kernels=False, dma=None)
    way = Dma("flash", 100, 1, asynchronous=False)
    far = replace(machine.level("L3"), base=0x80200000, dma=way)
    near = machine.levels[:2]
    machine = replace(
        machine,
        levels=(*near, far, flash),
        weights_level="flash",
        code_level="flash",
    )
    text = STAGED.read_text()
    for old, new in FACTOR:
        text = text.replace(old, new)
    folder = built(machine, text)
    assert is_right(run(Artifact(folder), runner, hal="eager"))
    with pytest.raises(DeployError, match=r"level flash, byte \d+ \(factor\), where k"):
        run(changed(READS_WEIGHTS, folder=folder), runner)


@pytest.mark.parametrize("runner", ["spike", "qemu"])
def test_a_stack_that_runs_over_between_kernels_is_told(runner: str):
    large = "volatile int large[20000]; large[x[0]] = 0; z[0] = large[x[1]];"
    start = "DEPLOY_TRANSFER_BEGIN(0);"
    message = {
        "spike": "writes address 0x81f.* in no level; if the stack ran over: --set",
        "qemu": "begins 1.* bytes below the stack of 65536 bytes; --set stack.size=131",
    }
    with pytest.raises(DeployError, match=message[runner]):
        run(changed((start, f"{large} {start}")), runner)


def test_a_stack_that_is_used_to_its_end_is_refused():
    use = f"{SUM} *(volatile char *)0x82000000 = 0;"
    with pytest.raises(DeployError, match="stack of 65536 bytes is used to its end"):
        run(changed((SUM, use)))


@pytest.mark.parametrize("runner", ["spike", "qemu"])
def test_a_stack_that_runs_over_in_a_kernel_traps(runner: str):
    changes = (
        ("/* scale */", f"{STACK_USER}/* scale */"),
        (SUM, f"z1[0] = deeper(1000, z1); {SUM}"),
    )
    message = (
        r"sum \(Add\): .* writes address 0x81ff\w+ at pc 0x\w+: in no level; if the "
        "stack ran over: --set stack.size=131072"
    )
    with pytest.raises(DeployError, match=message):
        run(changed(*changes), runner)


def test_the_high_water_of_the_stack_is_told():
    artifact = changed(
        ("/* scale */", f"{STACK_USER}/* scale */"),
        (SUM, f"z1[0] = deeper(100, z1); {SUM}"),
    )
    need(artifact.machine, "spike")
    with artifact.session("spike", checked=True) as session:
        session(x=X)
        assert 25600 < session.checks()["stack"]["used"] < 40000


def test_the_whole_is_refused_on_this_computer():
    artifact = deployopt.compile(DIGITS)
    with pytest.raises(UsageError, match="a checked run wants a machine that protects"):
        artifact.session(checked=True)
    with pytest.raises(
        UsageError, match="expected a hal of sync, deferred, eager, got"
    ):
        artifact.session(hal="lazy")


@functools.cache
def digits(name: str) -> Artifact:
    """The digits for a machine."""
    return deployopt.compile(DIGITS, name, options={"name": "digits"})


@functools.cache
def digit(runner: str, name: str) -> Array:
    """What a machine makes of a random image, without checks."""
    with digits(name).session(runner) as session:
        (found,) = session(image=IMAGE).values()
    return found


IMAGE = np.random.default_rng(1).standard_normal((1, 1, 8, 8)).astype(np.float32)


@pytest.mark.parametrize("hal", ["sync", "deferred", "eager"])
@pytest.mark.parametrize("runner", ["spike", "qemu"])
@pytest.mark.parametrize("name", ["rv32imc", "rv64gcv"])
def test_a_flat_model_runs_checked(name: str, runner: str, hal: str):
    need(load_machine(name), runner)
    with digits(name).session(runner, checked=True, hal=hal) as checked:
        (got,) = checked(image=IMAGE).values()
    expected = digit(runner, name)
    np.testing.assert_array_equal(got, expected)
