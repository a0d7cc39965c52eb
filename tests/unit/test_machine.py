"""Machine descriptions: what is read, what is refused, what travels on the module."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deployopt.errors import DeployError, UsageError
from deployopt.machine import (
    MACHINES_DIR,
    Machine,
    attach,
    has_machine,
    load_machine,
    machine_from_table,
    machine_names,
    machine_of,
    machine_table,
)
from deployopt.machines.reading import check_stack
from xdsl.context import Context
from xdsl.dialects.builtin import Builtin, ModuleOp
from xdsl.dialects.dlti import DLTI
from xdsl.parser import Parser

BUILT_IN = (
    "host",
    "rv32imc",
    "rv32imfc",
    "rv64gc",
    "rv64gcv",
    "rv64gcv-vlen256",
    "scratchpad",
    "scratchpad-64k",
)

SCRATCHPAD = """
isa = "rv64gcv"
abi = "lp64d"
vlen = 128
runners = ["spike"]
default_runner = "spike"
stack = {level = "L2", size = 4096}
roles = {io = "L3", weights = "L3", code = "L3"}

[levels]
L1 = {base = 0x80000000, size = 0x20000, align = 16, access = "rw", kernels = true}
L2 = {base = 0x81000000, size = 0x180000, align = 16, access = "rw", kernels = false}
L3 = {base = 0x82000000, size = 0x1000000, align = 64, access = "rw", kernels = false}

[hops]
L1 = {neighbour = "L2", setup_cycles = 20, bytes_per_cycle = 8, asynchronous = true}
L2 = {neighbour = "L3", setup_cycles = 100, bytes_per_cycle = 4, asynchronous = false}
"""


def scratchpad() -> dict[str, Any]:
    """A description with all there is: three levels, two hops."""
    table = tomllib.loads(SCRATCHPAD)
    for name, hop in table.pop("hops").items():
        table["levels"][name]["dma"] = hop
    return table


def through_text(machine: Machine) -> Machine:
    """The machine after it was attached, printed and parsed."""
    module = ModuleOp([])
    attach(module, machine)
    ctx = Context()
    ctx.load_dialect(Builtin)
    ctx.load_dialect(DLTI)
    parsed = Parser(ctx, str(module)).parse_module()
    parsed.verify()
    return machine_of(parsed)


def test_the_built_in_machines_have_their_names():
    assert machine_names() == BUILT_IN


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_machines_survive_the_module(name: str):
    machine = load_machine(name)
    assert machine.name == name
    assert through_text(machine) == machine
    assert machine_from_table(name, machine_table(machine)) == machine


def test_a_machine_with_all_there_is_survives_the_module():
    machine = machine_from_table("scratchpad", scratchpad())
    assert through_text(machine) == machine
    hop = machine.level("L1").dma
    assert hop is not None
    assert (hop.neighbour, hop.setup_cycles, hop.asynchronous) == ("L2", 20, True)
    assert [level.name for level in machine.levels if level.kernels] == ["L1"]


@pytest.mark.parametrize("name", BUILT_IN)
def test_bare_metal_levels_lie_where_all_simulators_have_memory(name: str):
    for level in load_machine(name).levels:
        if level.base is not None:
            assert level.base >= 0x80000000
            assert level.base + level.size <= 0x80000000 + (64 << 20)


def test_what_follows_from_the_isa():
    facts = {
        name: (m.xlen, m.has_fpu, m.has_vectors, m.has_fma)
        for name in BUILT_IN
        for m in [load_machine(name, {"fma": "true"} if name == "host" else None)]
    }
    assert facts == {
        "host": (64, True, True, True),
        "rv32imc": (32, False, False, False),
        "rv32imfc": (32, True, False, True),
        "rv64gc": (64, True, False, True),
        "rv64gcv": (64, True, True, True),
        "rv64gcv-vlen256": (64, True, True, True),
        "scratchpad": (64, True, True, True),
        "scratchpad-64k": (64, True, True, True),
    }
    assert load_machine("rv64gcv").extensions == "imafdcv"


@pytest.mark.parametrize(("name", "near"), [("", 128), ("-64k", 64)])
def test_a_scratchpad_has_three_levels(name: str, near: int):
    machine = load_machine(f"scratchpad{name}")
    sizes = {level.name: (level.size >> 10, level.kernels) for level in machine.levels}
    assert sizes == {"L1": (near, True), "L2": (1536, False), "L3": (16384, False)}
    hops = [(v.name, v.dma.neighbour) for v in machine.levels if v.dma is not None]
    assert hops == [("L1", "L2"), ("L2", "L3")]
    assert (machine.isa, machine.vlen, machine.stack.level) == ("rv64gcv", 128, "L2")
    roles = machine.io_level, machine.weights_level, machine.code_level
    assert roles == ("L3", "L3", "L3")
    assert machine.level("L3").base == 0x80000000


def test_a_scratchpad_has_room_to_be_made_larger():
    machine = load_machine("scratchpad", {"L1.size": "0x800000", "L2.size": "8388608"})
    assert machine.level("L1").size == machine.level("L2").size == 8 << 20


def test_flags_name_the_isa_and_forbid_contraction():
    flags = load_machine("rv64gcv-vlen256").compiler_flags
    assert {"-march=rv64gcv_zvl256b", "-mabi=lp64d", "-ffp-contract=off"} < set(flags)
    assert not [f for f in load_machine("host").compiler_flags if "mabi" in f]


def test_compilers_do_not_gather_elements_into_vectors():
    flags = {"-fno-tree-vectorize", "-fno-tree-slp-vectorize"}
    names = "rv64gcv", "rv64gc", "host"
    has = [flags < set(load_machine(name).compiler_flags) for name in names]
    assert has == [True, False, False]


def test_dot_products_of_bytes_are_asked_for_by_version():
    plain = load_machine("rv64gcv")
    machine = load_machine("rv64gcv", {"isa": "rv64gcv_zvqdotq"})
    assert (plain.has_byte_dots, machine.has_byte_dots) == (False, True)
    more = set(machine.compiler_flags) - set(plain.compiler_flags)
    wanted = "-menable-experimental-extensions", "-march=rv64gcv_zvqdotq0p0"
    assert more == {*wanted, "-mrvv-vector-bits=128"}


def test_an_attached_machine_can_be_replaced():
    module = ModuleOp([])
    assert not has_machine(module)
    attach(module, load_machine("host"))
    attach(module, load_machine("rv32imc"))
    assert has_machine(module)
    assert machine_of(module).name == "rv32imc"


def test_a_module_without_a_machine_is_refused():
    with pytest.raises(DeployError, match="expected a module with one machine"):
        machine_of(ModuleOp([]))


def test_overrides_replace_single_figures():
    overrides = {
        "ram.size": "65536",
        "stack.size": "0x800",
        "default_runner": "qemu",
    }
    machine = load_machine("rv32imc", overrides)
    assert machine.level("ram").size == 65536
    assert machine.stack.size == 2048
    assert machine.default_runner == "qemu"
    assert machine.level("flash").size == load_machine("rv32imc").level("flash").size


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("L9.size", "1", "unknown key 'L9', expected one of"),
        ("ram.sise", "1", "unknown key 'sise', expected one of base, size"),
        ("ram", "1", "expected the path of a single figure"),
        ("ram.size.more", "1", "expected the path of a single figure"),
        ("cflags", "-O3", "expected the path of a single figure"),
        ("ram.size", "64k", "expected an integer, got '64k'"),
        ("ram.kernels", "yes", "expected true or false, got 'yes'"),
    ],
)
def test_wrong_overrides_are_wrong_usage(key: str, text: str, message: str):
    with pytest.raises(UsageError, match=f"^--set {key}={text}: {message}"):
        load_machine("rv32imc", {key: text})


def test_an_override_is_checked_like_the_file():
    with pytest.raises(
        DeployError, match=r"levels\.ram\.size: expected an integer of"
    ) as e:
        load_machine("rv32imc", {"ram.size": "-1"})
    assert e.value.exit_status == 1


@pytest.mark.parametrize("name", ["rv64", "", "rv64gc.tom", "../host", "no/such.toml"])
def test_an_unknown_machine_is_wrong_usage(name: str):
    with pytest.raises(UsageError, match=r"unknown machine|no such machine file"):
        load_machine(name)


def test_a_file_describes_a_machine(tmp_path: Path):
    path = tmp_path / "board.toml"
    built_in = Path(load_machine.__code__.co_filename).parent / "machines/rv32imc.toml"
    path.write_text(built_in.read_text())
    assert load_machine(path).name == "board"
    path.write_text('name = "other"\n' + built_in.read_text())
    assert load_machine(str(path)).name == "other"
    path.write_text("isa = ")
    with pytest.raises(DeployError, match="not valid TOML"):
        load_machine(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(DeployError, match="not valid TOML"):
        load_machine(path)


def test_a_byte_order_mark_is_no_text(tmp_path: Path):
    built_in = (MACHINES_DIR / "rv64gc.toml").read_bytes()
    path = tmp_path / "rv64gc.toml"
    path.write_bytes(b"\xef\xbb\xbf" + built_in)
    assert load_machine(path) == load_machine("rv64gc")


def test_a_stack_larger_than_its_level_is_told_when_a_file_is_checked():
    check_stack(load_machine("rv64gc"))
    machine = load_machine("rv64gc", {"stack.size": "0x4000000"})
    with pytest.raises(DeployError, match=r"stack\.size: expected at most 33554432"):
        check_stack(machine)


def setting(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Changes one key of a description; None removes it."""

    def change(table: dict[str, Any]) -> None:
        *outer, key = path.split("/")
        for part in outer:
            table = table[part]
        table[key] = value
        if value is None:
            del table[key]

    return change


WRONG: list[tuple[str, Any, str]] = [
    ("isa", None, "isa: expected a string, but the key is missing"),
    ("isa", "x86", "isa: expected native or a RISC-V ISA such as rv32imac, got 'x86'"),
    ("isa", "rv64q", "isa: expected native or a RISC-V ISA such as rv32imac, got 'rv6"),
    ("isa", 64, "isa: expected a string, got 64"),
    ("isa", "rv64gc", "vlen: expected 0, since isa has no v, got 128"),
    ("abi", "ilp32", "abi: expected one of lp64, lp64f, lp64d, got 'ilp32'"),
    ("vlen", 96, "vlen: expected a power of two or 0, got 96"),
    ("vlen", 0, "vlen: expected bits, since isa has v, got 0"),
    ("isa", "rv64gc_zvqdotq", "isa: expected v in it for zvqdotq, got 'rv64gc_zvqd"),
    ("vlen", 256, "isa: expected zvl256b in it, got 'rv64gcv'"),
    ("speed", 1, "speed: unknown key, expected one of"),
    ("name", "a b", "name: expected letters, digits"),
    ("cflags", "-O3", "cflags: expected a list of strings, got '-O3'"),
    ("cflags", [1], "cflags: expected a list of strings, got 1 in it"),
    ("cflags", ["a\nb"], "cflags: expected printable text, got 'a\\nb' in it"),
    ("isa", "rv64imac", "abi: expected d in isa for it, got 'rv64imac' and 'lp64d'"),
    ("compiler", [], "compiler: expected the words of a command, got none"),
    ("levels/L3/size", 1 << 64, "levels.L3.size: expected an end within 64 bits of"),
    ("description", "a\x1b[31m", "description: expected printable text"),
    ("runners", ["gdb"], "runners: expected any of native, spike, qemu, got 'gdb'"),
    ("runners", ["native"], "default_runner: expected one of native, got 'spike'"),
    ("default_runner", "qemu", "default_runner: expected one of spike, got 'qemu'"),
    ("levels", {}, "levels: expected at least one level"),
    ("levels", 3, "levels: expected a table, got 3"),
    ("levels", None, "levels: expected a table, but the key is missing"),
    ("levels/L-1", {}, "levels.L-1: expected a level name"),
    ("levels/L1/size", 0, "levels.L1.size: expected an integer of at least 1, got 0"),
    ("levels/L1/size", 10**20, "levels.L1.size: expected an integer up to 2^64, got 1"),
    ("levels/L1/size", True, "levels.L1.size: expected an integer, got True"),
    ("levels/L1/align", 24, "levels.L1.align: expected a power of two, got 24"),
    ("levels/L1/base", 8, "levels.L1.base: expected a multiple of align 16, got 8"),
    ("levels/L1/base", "linker", "levels: expected base linker for isa native"),
    ("levels/L1/base", "top", "levels.L1.base: expected an integer, got 'top'"),
    ("levels/L1/access", "wo", "levels.L1.access: expected one of rw, ro, got 'wo'"),
    ("levels/L1/kernels", 1, "levels.L1.kernels: expected true or false, got 1"),
    ("levels/L1/colour", 1, "levels.L1.colour: unknown key"),
    ("levels/L2/base", 0x80010000, "levels.L2.base: the level overlaps level 'L1'"),
    ("levels/L1/dma/neighbour", "L9", "levels.L1.dma.neighbour: expected a level wri"),
    ("levels/L2/dma/neighbour", "L1", "levels.L2.dma.neighbour: expected a level wri"),
    ("levels/L1/dma", None, "levels.L1.dma.neighbour: expected a way to level 'L3', "),
    ("levels/L2/dma", None, "levels.L2.dma.neighbour: expected a way to level 'L3', "),
    ("levels/L1/kernels", False, "levels: expected one with access rw and kernels ="),
    ("levels/L1/dma/bytes_per_cycle", 0, "levels.L1.dma.bytes_per_cycle: expected an"),
    ("levels/L1/dma/speed", 0, "levels.L1.dma.speed: unknown key"),
    ("stack/level", "L9", "stack.level: expected one of L1, L2, L3, got 'L9'"),
    ("stack/colour", 1, "stack.colour: unknown key"),
    (
        "levels/L2/access",
        "ro",
        "stack.level: expected a level with access rw, got 'L2'",
    ),
    ("levels/L3/access", "ro", "roles.io: expected a level with access rw, got 'L3'"),
    ("roles/weights", None, "roles.weights: expected a string, but the key is missing"),
]


@pytest.mark.parametrize(("path", "value", "message"), WRONG)
def test_a_wrong_description_is_refused_by_its_key(path: str, value: Any, message: str):
    table = scratchpad()
    machine_from_table("board", table)
    setting(path, value)(table)
    with pytest.raises(DeployError) as e:
        machine_from_table("board", table)
    assert str(e.value).startswith(f"machine board: {message}")


def test_what_is_open_to_kernels_needs_no_way():
    table = scratchpad()
    for name in ("L2", "L3"):
        table["levels"][name]["kernels"] = True
    for name in ("L1", "L2"):
        del table["levels"][name]["dma"]
    assert not machine_from_table("board", table).levels[0].dma


def test_data_cannot_pass_through_a_level_that_is_only_read():
    table = scratchpad()
    table["stack"]["level"] = "L1"
    table["levels"]["L2"]["access"] = "ro"
    with pytest.raises(DeployError, match=r"levels\.L2\.access: expected rw between"):
        machine_from_table("board", table)
    table["roles"] = {"io": "L1", "weights": "L2", "code": "L3"}
    machine_from_table("board", table)


def test_native_machines_run_natively():
    table = dict(machine_table(load_machine("host")))
    table["runners"] = ["native", "spike"]
    with pytest.raises(DeployError, match="runners: expected native alone"):
        machine_from_table("host", table)
