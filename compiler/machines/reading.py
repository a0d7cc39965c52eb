"""
A machine description as a nested table, the same in TOML, in DLTI and in a manifest.

`machine_from_table` checks it and `machine_table` writes it back.
"""

from __future__ import annotations

import re
from itertools import pairwise

from ..errors import DeployError
from .checked_table import CheckedTable, Table, Value
from .description import BYTE_DOTS, RISCV_ISA, Dma, Level, Machine, Stack
from .simulators import NAME, read_runners, runners_value

LEVEL_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
RISCV_VECTOR_REGISTERS = 32
FEWEST_REGISTERS = 16
"""Of computers that do not say how many they have."""
ABIS = {32: ("ilp32", "ilp32f", "ilp32d"), 64: ("lp64", "lp64f", "lp64d")}


def machine_from_table(name: str, table: Table) -> Machine:
    """The machine that a table describes; raises `DeployError` naming the wrong key."""
    top = CheckedTable(f"machine {name}", table)
    name = top.string("name", default=name)
    if not NAME.fullmatch(name):
        top.refuse("name", f"expected letters, digits, '.', '_' and '-', got {name!r}")
    levels = _levels(top.table("levels"))
    names = [level.name for level in levels]
    stack = top.table("stack")
    roles = top.table("roles")
    runners, simulators = read_runners(top)
    registers, fma = _native_vectors(top)
    machine = Machine(
        name=name,
        description=top.string("description", default=""),
        isa=top.string("isa"),
        abi=top.string("abi", default=""),
        vlen=top.integer("vlen", default=0),
        vector_registers=registers,
        fma=fma,
        cflags=top.strings("cflags"),
        runners=runners,
        default_runner=top.choice("default_runner", runners),
        levels=levels,
        stack=Stack(stack.choice("level", names), stack.integer("size", minimum=1)),
        io_level=roles.choice("io", names),
        weights_level=roles.choice("weights", names),
        code_level=roles.choice("code", names),
        compiler=_compiler(top),
        simulators=simulators,
    )
    for part in (stack, roles, top):
        part.finish()
    _check_machine(machine, top)
    return machine


def _compiler(top: CheckedTable) -> tuple[str, ...]:
    """The words of a command; none where the key is absent."""
    words = top.strings("compiler")
    if "compiler" in top.values and not words:
        top.refuse("compiler", "expected the words of a command, got none")
    return words


def _native_vectors(top: CheckedTable) -> tuple[int, bool]:
    """What a RISC-V ISA says by itself: vector registers, fused multiply-adds."""
    if top.values.get("isa") != "native":
        return RISCV_VECTOR_REGISTERS, False
    registers = top.integer("vector_registers", minimum=1, default=FEWEST_REGISTERS)
    return registers, top.boolean("fma", default=False)


def _levels(table: CheckedTable) -> tuple[Level, ...]:
    """The levels in the order they are written."""
    for name in table.values:
        if not LEVEL_NAME.fullmatch(name):
            table.refuse(name, "expected a level name of letters, digits and '_'")
    if not table.values:
        table.refuse("", "expected at least one level")
    return tuple(_level(name, table.table(name)) for name in table.values)


def _level(name: str, table: CheckedTable) -> Level:
    """One level, checked by itself."""
    base = None
    if table.values.get("base") != "linker":
        base = table.integer("base")
    table.taken.add("base")
    level = Level(
        name=name,
        size=table.integer("size", minimum=1),
        base=base,
        align=table.power_of_two("align"),
        access=table.choice("access", ("rw", "ro")),
        kernels=table.boolean("kernels"),
        dma=_dma(table.optional_table("dma")),
    )
    table.finish()
    if base is not None and base % level.align:
        table.refuse("base", f"expected a multiple of align {level.align}, got {base}")
    return level


def _dma(table: CheckedTable | None) -> Dma | None:
    """The hop to the neighbour, checked by itself."""
    if table is None:
        return None
    dma = Dma(
        neighbour=table.string("neighbour"),
        setup_cycles=table.integer("setup_cycles"),
        bytes_per_cycle=table.integer("bytes_per_cycle", minimum=1),
        asynchronous=table.boolean("asynchronous"),
    )
    table.finish()
    return dma


def _check_machine(machine: Machine, top: CheckedTable) -> None:
    """What no key can know by itself."""
    _check_isa(machine, top)
    _check_places(machine, top)
    _check_neighbours(machine, top)
    if machine.is_native != (machine.runners == ("native",)):
        top.refuse("runners", "expected native alone for isa native, and only there")
    places = (("stack.level", machine.stack.level), ("roles.io", machine.io_level))
    for key, name in places:
        if not machine.level(name).writable:
            top.refuse(key, f"expected a level with access rw, got {name!r}")
    _check_ways(machine, top)


def _check_isa(machine: Machine, top: CheckedTable) -> None:
    """ISA, ABI and vector length belong together."""
    if machine.vlen & (machine.vlen - 1):
        top.refuse("vlen", f"expected a power of two or 0, got {machine.vlen}")
    if machine.is_native:
        return
    if not RISCV_ISA.fullmatch(machine.isa):
        expected = "expected native or a RISC-V ISA such as rv32imac"
        top.refuse("isa", f"{expected}, got {machine.isa!r}")
    abis = ABIS[machine.xlen]
    if machine.abi not in abis:
        expected = ", ".join(abis)
        top.refuse("abi", f"expected one of {expected}, got {machine.abi!r}")
    _check_float_abi(machine, top)
    if machine.has_byte_dots and "v" not in machine.extensions:
        top.refuse("isa", f"expected v in it for {BYTE_DOTS}, got {machine.isa!r}")
    has_v = "v" in machine.extensions
    if machine.vlen and not has_v:
        top.refuse("vlen", f"expected 0, since isa has no v, got {machine.vlen}")
    if has_v and not machine.vlen:
        top.refuse("vlen", f"expected bits, since isa has v, got {machine.vlen}")
    extensions = machine.isa.split("_")[1:]
    if machine.vlen > 128 and f"zvl{machine.vlen}b" not in extensions:
        top.refuse("isa", f"expected zvl{machine.vlen}b in it, got {machine.isa!r}")


def _check_float_abi(machine: Machine, top: CheckedTable) -> None:
    """What an ABI passes in registers for floats, the ISA must have."""
    floats = machine.abi[-1:]
    has_it = "v" in machine.extensions or floats in machine.extensions
    if floats in ("f", "d") and not has_it:
        got = f"{machine.isa!r} and {machine.abi!r}"
        top.refuse("abi", f"expected {floats} in isa for it, got {got}")


def _check_places(machine: Machine, top: CheckedTable) -> None:
    """Either the linker places every level, or none, and no two overlap."""
    placed = [level for level in machine.levels if level.base is not None]
    if len(placed) != (0 if machine.is_native else len(machine.levels)):
        top.refuse("levels", "expected base linker for isa native, else an address")
    by_address = sorted(placed, key=lambda level: level.base or 0)
    for level in placed:
        if (level.base or 0) + level.size > 1 << machine.xlen:
            got = f"base {level.base:#x} and size {level.size:#x}"
            reason = f"expected an end within {machine.xlen} bits of address, got {got}"
            top.refuse(f"levels.{level.name}.size", reason)
    for low, high in pairwise(by_address):
        if (low.base or 0) + low.size > (high.base or 0):
            top.refuse(
                f"levels.{high.name}.base", f"the level overlaps level {low.name!r}"
            )


def _check_neighbours(machine: Machine, top: CheckedTable) -> None:
    """Each hop leads outwards to a level that exists, so there are no cycles."""
    for index, level in enumerate(machine.levels):
        outer = [other.name for other in machine.levels[index + 1 :]]
        if level.dma is None or level.dma.neighbour in outer:
            continue
        got = level.dma.neighbour
        expected = f"expected a level written below {level.name!r}, got {got!r}"
        top.refuse(f"levels.{level.name}.dma.neighbour", expected)


def _check_ways(machine: Machine, top: CheckedTable) -> None:
    """Kernels have a level to work in, and data of closed levels can get there."""
    near = next((v for v in machine.levels if v.writable and v.kernels), None)
    if near is None:
        top.refuse("levels", "expected one with access rw and kernels = true, got none")
    for name in dict.fromkeys((machine.io_level, machine.weights_level)):
        if not machine.level(name).kernels:
            _check_way(machine, near.name, name, top)


def _check_way(machine: Machine, near: str, far: str, top: CheckedTable) -> None:
    """Transfers lead from `far`, which is closed to kernels, to `near` and back."""
    there, back = _outwards(machine, far), _outwards(machine, near)
    meeting = next((name for name in there if name in back), None)
    if meeting is None:
        last = back[-1]
        expected = f"expected a way to level {far!r}, which is closed to kernels"
        top.refuse(f"levels.{last}.dma.neighbour", f"{expected}, got none")
    way = [*there[: there.index(meeting) + 1], *back[: back.index(meeting)]]
    for name in way:
        if name != far and not machine.level(name).writable:
            expected = f"expected rw between levels {far!r} and {near!r}, got 'ro'"
            top.refuse(f"levels.{name}.access", expected)


def check_stack(machine: Machine) -> None:
    """
    Raises `DeployError` when the stack alone is larger than its level.

    Not part of reading: sizes may be set otherwise, to find out what it takes.
    """
    stack, level = machine.stack, machine.level(machine.stack.level)
    if stack.size > level.size:
        reason = f"expected at most {level.size}, the size of {level.name!r}"
        node = f"machine {machine.name}"
        raise DeployError(f"stack.size: {reason}, got {stack.size}", node=node)


def _outwards(machine: Machine, name: str) -> list[str]:
    """The level, its neighbour, the neighbour of that one, and so on."""
    way = [name]
    while (dma := machine.level(way[-1]).dma) is not None:
        way.append(dma.neighbour)
    return way


def machine_table(machine: Machine) -> Table:
    """The description as a nested table; `machine_from_table` gives it back exactly."""
    return {
        "name": machine.name,
        "description": machine.description,
        "isa": machine.isa,
        "abi": machine.abi,
        "vlen": machine.vlen,
        **_native_table(machine),
        "cflags": machine.cflags,
        **({"compiler": machine.compiler} if machine.compiler else {}),
        "runners": runners_value(machine.runners, machine.simulators),
        "default_runner": machine.default_runner,
        "levels": {level.name: _level_table(level) for level in machine.levels},
        "stack": {"level": machine.stack.level, "size": machine.stack.size},
        "roles": {
            "io": machine.io_level,
            "weights": machine.weights_level,
            "code": machine.code_level,
        },
    }


def _native_table(machine: Machine) -> Table:
    """What only native machines say."""
    if not machine.is_native:
        return {}
    return {"vector_registers": machine.vector_registers, "fma": machine.fma}


def _level_table(level: Level) -> Table:
    """One level, the way it is written."""
    table: dict[str, Value] = {
        "base": "linker" if level.base is None else level.base,
        "size": level.size,
        "align": level.align,
        "access": level.access,
        "kernels": level.kernels,
    }
    if level.dma is not None:
        table["dma"] = vars(level.dma)
    return table
