"""Faults that a watched run must find, planted into a program that has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import deployopt
import numpy as np
import pytest
from deployopt.artifact.artifact import Artifact
from deployopt.artifact.folder import folder_files
from deployopt.errors import DeployError, UsageError
from deployopt.machine import Dma, Level, Machine, attach, load_machine
from deployopt.universe import new_context
from numpy.typing import NDArray
from tiny_model import need
from xdsl.parser import Parser

STAGED = Path(__file__).parent / "staged" / "staged.mlir"
DIGITS = Path(__file__).parents[2] / "examples/digits/digits_int8.onnx"
SOURCE = "staged.c"
POISON = np.int32(np.uint32(0xA5A5A5A5))

Values: TypeAlias = dict[str, NDArray[Any]]

X = np.arange(1, 33, dtype=np.int32)
RIGHT = {"y": 3 * X, "z": X + np.append(X[1:], X[-1])}
TRAFFIC = {"L1->L2": 256, "L2->L1": 256, "L2->L3": 256, "L3->L2": 256}


def built(machine: Machine, text: str) -> Mapping[str, str]:
    """The folder of a lowered program."""
    context = new_context()
    module = Parser(context, text, str(STAGED)).parse_module()
    attach(module, machine)
    return folder_files(context, module, machine, "staged")


@pytest.fixture(scope="module")
def files() -> Mapping[str, str]:
    """The folder of the program without faults."""
    return built(load_machine("scratchpad"), STAGED.read_text())


def changed(files: Mapping[str, str], *changes: tuple[str, str]) -> Artifact:
    """The program with parts of its C replaced."""
    text = files[SOURCE]
    for old, new in changes:
        assert text.count(old) == 1, f"expected one {old!r}"
        text = text.replace(old, new)
    return Artifact({**files, SOURCE: text})


def wait(number: int) -> str:
    """A wait of the program."""
    return f"deploy_dma_wait(t{number});"


def run(
    artifact: Artifact, runner: str = "spike", checked: bool = True, hal: str = "sync"
) -> Values:
    """What the program gives for `X`."""
    need(artifact.machine, runner)
    with artifact.session(runner, checked=checked, hal=hal) as session:
        return session(x=X)


def is_right(values: Values) -> bool:
    """Whether both outputs are."""
    return all((values[name] == RIGHT[name]).all() for name in RIGHT)


@pytest.mark.parametrize("checked", [True, False])
@pytest.mark.parametrize("hal", ["sync", "deferred", "eager"])
@pytest.mark.parametrize("runner", ["spike", "qemu"])
def test_a_right_program_stays_right(
    runner: str, hal: str, checked: bool, files: Mapping[str, str]
):
    artifact = Artifact(files)
    need(artifact.machine, runner)
    with artifact.session(runner, profile=True, checked=checked, hal=hal) as session:
        assert is_right(session(x=X))
        found = session.checks()
        costs = {node["name"]: node for node in session.node_costs()}
    assert found["traffic"] == {"predicted": TRAFFIC, "measured": TRAFFIC}
    assert 100 < found["stack"]["used"] < found["stack"]["size"] == 65536
    assert set(costs) == {"scale", "sum"}


def test_several_runs_are_counted_together(files: Mapping[str, str]):
    artifact = Artifact(files)
    need(artifact.machine, "spike")
    with artifact.session("spike", checked=True) as session:
        first, second = session.run_many([{"x": X}, {"x": 2 * X}])
        assert is_right(dict(zip("yz", first, strict=True)))
        assert (second[0] == 6 * X).all()
        measured = session.checks()["traffic"]["measured"]
    assert measured == {pair: 2 * count for pair, count in TRAFFIC.items()}


SUM = "staged_kernel_1_sum(x1, z1);"
SCALE = "staged_kernel_0_scale(x1, w1, y1);"
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
def test_a_stray_access_is_named(name: str, runner: str, files: Mapping[str, str]):
    change, message = STRAYS[name]
    with pytest.raises(DeployError, match=message) as error:
        run(changed(files, change), runner)
    assert error.value.exit_status == 1
    assert "\n" not in str(error.value)


def test_without_checks_a_stray_read_goes_unseen(files: Mapping[str, str]):
    change, _ = STRAYS["kernel_reads_l2"]
    assert is_right(run(changed(files, change), checked=False))


def test_a_halo_off_by_one_reads_poison(files: Mapping[str, str]):
    change = ("const int32_t p = a[31];", "const int32_t p = a[32];")
    values = run(changed(files, change))
    assert values["z"][31] == np.int32(np.uint32(2 * 0xA5A5A5A5 % (1 << 32)))
    assert (values["z"][:31] == RIGHT["z"][:31]).all()


def test_what_a_kernel_does_not_fill_is_poison(files: Mapping[str, str]):
    values = run(changed(files, (STORE, "(void)p;")))
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
    files = built(short_machine(), STAGED.read_text())
    assert is_right(run(Artifact(files), runner, hal="deferred"))
    with pytest.raises(DeployError, match=r"level L3, byte \d+ \(factor\), where ker"):
        run(changed(files, READS_WEIGHTS), runner)
    change, message = STRAYS["one_byte_past_everything"]
    with pytest.raises(DeployError, match=message):
        run(changed(files, change), runner)


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
    files = built(machine, text)
    assert is_right(run(Artifact(files), runner, hal="eager"))
    with pytest.raises(DeployError, match=r"level flash, byte \d+ \(factor\), where k"):
        run(changed(files, READS_WEIGHTS), runner)


@pytest.mark.parametrize("runner", ["spike", "qemu"])
def test_a_stack_that_runs_over_between_kernels_is_told(
    runner: str, files: Mapping[str, str]
):
    large = "volatile int large[20000]; large[x[0]] = 0; z[0] = large[x[1]];"
    start = "DEPLOY_TRANSFER_BEGIN(0);"
    message = {
        "spike": "writes address 0x81f.* in no level; if the stack ran over: --set",
        "qemu": "begins 1.* bytes below the stack of 65536 bytes; --set stack.size=131",
    }
    with pytest.raises(DeployError, match=message[runner]):
        run(changed(files, (start, f"{large} {start}")), runner)


def test_a_stack_that_is_used_to_its_end_is_refused(files: Mapping[str, str]):
    use = f"{SUM} *(volatile char *)0x82000000 = 0;"
    with pytest.raises(DeployError, match="stack of 65536 bytes is used to its end"):
        run(changed(files, (SUM, use)))


@pytest.mark.parametrize("runner", ["spike", "qemu"])
def test_a_stack_that_runs_over_in_a_kernel_traps(
    runner: str, files: Mapping[str, str]
):
    changes = (
        ("/* scale */", f"{STACK_USER}/* scale */"),
        (SUM, f"z1[0] = deeper(1000, z1); {SUM}"),
    )
    message = (
        r"sum \(Add\): .* writes address 0x81ff\w+ at pc 0x\w+: in no level; if the "
        "stack ran over: --set stack.size=131072"
    )
    with pytest.raises(DeployError, match=message):
        run(changed(files, *changes), runner)


def test_the_high_water_of_the_stack_is_told(files: Mapping[str, str]):
    artifact = changed(
        files,
        ("/* scale */", f"{STACK_USER}/* scale */"),
        (SUM, f"z1[0] = deeper(100, z1); {SUM}"),
    )
    need(artifact.machine, "spike")
    with artifact.session("spike", checked=True) as session:
        session(x=X)
        assert 25600 < session.checks()["stack"]["used"] < 40000


OUT = "const deploy_dma_t t4 = deploy_dma_start_1d(y2, y1, 128);"
TRANSFER_FAULTS = {
    "missing_wait": (
        [(wait(6), "")],
        r"sum \(Add\): deploy_dma_start_1d \(step 13\) starts a transfer that nobody",
    ),
    "second_wait": (
        [(wait(6), wait(5))],
        r"sum \(Add\): deploy_dma_wait \(step 15\) waits again for a transfer",
    ),
    "unknown_wait": (
        [(wait(6), "deploy_dma_wait(77);")],
        r"sum \(Add\): deploy_dma_wait \(step 15\) waits for a transfer that was never",
    ),
    "source_reused_before_wait": (
        [(SUM, SUM.replace("z1", "y1"))],
        r"scale \(Mul\): deploy_dma_wait \(step 11\) waits for a transfer whose source "
        "has changed",
    ),
    "destination_written_before_wait": (
        [(OUT, f"{OUT} y2[5] = 0;")],
        r"scale \(Mul\): deploy_dma_wait \(step 11\) waits for a transfer whose "
        "destination has changed",
    ),
    "transfer_to_nowhere": (
        [(OUT, OUT.replace("y2", "(void *)0x8217fff0"))],
        r"scale \(Mul\): deploy_dma_start_1d \(step 9\) writes outside of every level, "
        "at 0x8217fff0: level L2, byte 1572848",
    ),
    "fewer_bytes": (
        [(OUT, OUT.replace("128", "64"))],
        "^L1->L2: expected transfers of 256 bytes, got 192$",
    ),
    "another_way": (
        [(OUT, OUT.replace("y2", "y"))],
        "^L1->L2: expected transfers of 256 bytes, got 128$",
    ),
}


@pytest.mark.parametrize("hal", ["deferred", "eager"])
@pytest.mark.parametrize("name", TRANSFER_FAULTS)
def test_a_wrong_transfer_is_named(name: str, hal: str, files: Mapping[str, str]):
    changes, message = TRANSFER_FAULTS[name]
    with pytest.raises(DeployError, match=message):
        run(changed(files, *changes), checked=False, hal=hal)


def test_what_is_read_before_its_wait_is_poison(files: Mapping[str, str]):
    early = changed(files, (wait(2), ""), (wait(7), wait(2) + wait(7)))
    assert is_right(run(early, checked=False, hal="eager"))
    values = run(early, checked=False, hal="deferred")
    assert (values["y"] == np.multiply(POISON, 3, dtype=np.int32)).all()


def test_what_was_sent_out_cannot_be_used_again(files: Mapping[str, str]):
    again = changed(files, (wait(5), f"{wait(5)} y[0] = y1[0];"))
    assert is_right(run(again, checked=False, hal="sync"))
    assert run(again, checked=False, hal="eager")["y"][0] == POISON


def test_the_whole_is_refused_on_this_computer():
    artifact = deployopt.compile(DIGITS)
    with pytest.raises(UsageError, match="a checked run wants a machine that protects"):
        artifact.session(checked=True)
    with pytest.raises(
        UsageError, match="expected a hal of sync, deferred, eager, got"
    ):
        artifact.session(hal="lazy")


@pytest.mark.parametrize("hal", ["sync", "deferred", "eager"])
@pytest.mark.parametrize("name", ["rv32imc", "rv64gcv"])
@pytest.mark.parametrize("runner", ["spike", "qemu"])
def test_a_flat_model_runs_checked(runner: str, name: str, hal: str):
    artifact = deployopt.compile(DIGITS, name, options={"name": "digits"})
    need(artifact.machine, runner)
    image = np.random.default_rng(1).standard_normal((1, 1, 8, 8)).astype(np.float32)
    with (
        artifact.session(runner) as plain,
        artifact.session(runner, checked=True, hal=hal) as checked,
    ):
        (expected,) = plain(image=image).values()
        (got,) = checked(image=image).values()
    np.testing.assert_array_equal(got, expected)
