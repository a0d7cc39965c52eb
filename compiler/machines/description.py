"""
The facts about a target that the compiler knows, and what follows from them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import DeployError
from .simulators import Simulator

RISCV_ISA = re.compile(r"rv(32|64)([ieg][a-z]*)(_[a-z0-9]+)*")
COMMON_FLAGS = ("-std=c11", "-O2", "-ffp-contract=off")
VECTOR_FLAGS = ("-fno-tree-vectorize", "-fno-tree-slp-vectorize")
"""Without these, compilers make vectors with a stride of elements that stand apart."""

TUNE = "-mtune="

ORDERING = ("-Xclang", "-target-feature", "-Xclang", "+use-postra-scheduler")
"""What makes clang order instructions once more when their registers are known."""

BYTE_DOTS = "zvqdotq"
"""The extension that adds four products of bytes to each lane of 32 bits."""
EXPERIMENTAL = {BYTE_DOTS: "0p0"}
"""Extensions that compilers want to be asked for by version."""

FLOAT_BITS = 32
"""Of a number of float32."""

WIDE = 512
WIDE_FLAGS = ("-mprefer-vector-width=512",)
"""Without these, compilers for x86 keep to halves of its widest registers."""


@dataclass(frozen=True)
class Dma:
    """The way from a level to its neighbour, the next one further from the core."""

    neighbour: str
    setup_cycles: int
    """Cycles that one transfer costs before its first byte moves."""
    bytes_per_cycle: int
    asynchronous: bool
    """Whether the core can go on while the transfer runs."""

    def cycles(self, count: int) -> int:
        """What one transfer of `count` bytes takes until all of them have moved."""
        return self.setup_cycles + -(-count // self.bytes_per_cycle)


@dataclass(frozen=True)
class Level:
    """One memory level."""

    name: str
    size: int
    """Bytes."""
    base: int | None
    """First address; None when the linker chooses it."""
    align: int
    """Bytes to which each buffer in this level is aligned."""
    access: str
    """`rw`, or `ro` for memory that is written only when the program is loaded."""
    kernels: bool
    """Whether kernels may touch this level."""
    dma: Dma | None
    """The hop to the neighbour; None for the level furthest from the core."""

    @property
    def writable(self) -> bool:
        """Whether the running program may write to this level."""
        return self.access == "rw"

    def aligned(self, offset: int, alignment: int) -> int:
        """The first offset, from `offset` on, whose address is such a multiple."""
        base = self.base or 0
        return -(-(base + offset) // alignment) * alignment - base


@dataclass(frozen=True)
class Stack:
    """The stack stands at the start of its level and grows down to it."""

    level: str
    size: int
    """Bytes reserved."""


@dataclass(frozen=True)
class Machine:
    """A target. Levels go from the core outwards."""

    name: str
    description: str
    isa: str
    """`native`, or a RISC-V ISA string such as `rv64gcv_zvl256b`."""
    abi: str
    vlen: int
    """Bits of a vector register; 0 without vectors."""
    vector_registers: int
    fma: bool
    """Of a native machine: whether it has fused multiply-adds."""
    cflags: tuple[str, ...]
    """C compiler flags besides those that follow from the ISA and ABI."""
    runners: tuple[str, ...]
    default_runner: str
    levels: tuple[Level, ...]
    stack: Stack
    io_level: str
    """Level of the caller's inputs and outputs."""
    weights_level: str
    """Level that holds constants when the program starts."""
    code_level: str
    """Level of the program text."""
    compiler: tuple[str, ...] = ()
    """The command of the C compiler; none where one is looked for."""
    simulators: tuple[Simulator, ...] = ()
    """Those of `runners` that the description brings along."""

    @property
    def is_native(self) -> bool:
        """Whether this is the computer the compiler runs on."""
        return self.isa == "native"

    @property
    def extensions(self) -> str:
        """The single-letter RISC-V extensions, `g` written out; empty when native."""
        match = RISCV_ISA.fullmatch(self.isa)
        return match[2].replace("g", "imafd") if match else ""

    @property
    def xlen(self) -> int:
        """Bits of an address."""
        return 32 if self.isa.startswith("rv32") else 64

    @property
    def has_fpu(self) -> bool:
        """Whether float32 arithmetic is done by instructions."""
        return self.is_native or "f" in self.extensions

    @property
    def has_fma(self) -> bool:
        """Whether `math.fma` on float32 is sure to be one instruction."""
        return self.fma if self.is_native else "f" in self.extensions

    @property
    def has_vectors(self) -> bool:
        """Whether there are vector registers (of `vlen` bits)."""
        return self.vlen > 0

    @property
    def has_riscv_vectors(self) -> bool:
        """Whether these are those of RISC-V."""
        return self.has_vectors and not self.is_native

    @property
    def float_lanes(self) -> int:
        """Numbers of float32 that one register of a vector has; 1 without."""
        return max(1, self.vlen // FLOAT_BITS)

    @property
    def has_byte_dots(self) -> bool:
        """Whether four products of bytes and their sum are one vector instruction."""
        return BYTE_DOTS in self.isa.split("_")[1:]

    @property
    def compiler_flags(self) -> tuple[str, ...]:
        """The flags for gcc or clang that meaning and speed depend on."""
        if self.is_native:
            wide = WIDE_FLAGS if self.vlen >= WIDE else ()
            return (*COMMON_FLAGS, *self.cflags, *wide)
        vectors = VECTOR_FLAGS if self.has_vectors else ()
        target = (*self._isa_flags, f"-mabi={self.abi}")
        return (*COMMON_FLAGS, *vectors, *target, *self.cflags)

    @property
    def clang_flags(self) -> tuple[str, ...]:
        """
        Flags for clang alone, where the machine names the core to order for.

        gcc orders instructions behind the choice of registers anyway. Clang does so
        for few cores, and adds to an address, before it has chosen, where a core in
        order waits for it.
        """
        named = [flag for flag in self.cflags if flag.startswith(TUNE)]
        is_riscv = not self.is_native
        return ORDERING if is_riscv and named and named[-1] != TUNE + "generic" else ()

    @property
    def _isa_flags(self) -> tuple[str, ...]:
        """The flags for gcc or clang that say what instructions there are."""
        if not self.has_byte_dots:
            return (f"-march={self.isa}",)
        parts = (part + EXPERIMENTAL.get(part, "") for part in self.isa.split("_"))
        # Its intrinsics are on vectors of a size that is only known with the last flag.
        fixed = f"-mrvv-vector-bits={self.vlen}"
        return ("-menable-experimental-extensions", f"-march={'_'.join(parts)}", fixed)

    def level(self, name: str) -> Level:
        """The level called `name`; a `DeployError` when there is none."""
        for level in self.levels:
            if level.name == name:
                return level
        names = ", ".join(level.name for level in self.levels)
        raise DeployError(
            f"expected one of the levels {names}, got {name!r}",
            node=f"machine {self.name}",
        )

    def link(self, source: str, target: str) -> Dma:
        """
        The DMA between two neighbours, or the one of a level for copies inside it.

        Raises `DeployError` when there is none.
        """
        for level in self.levels:
            if level.dma is None:
                continue
            ends = {level.name, level.dma.neighbour}
            if {source, target} == ends or (source == target and source in ends):
                return level.dma
        reason = f"expected a DMA between {source} and {target}, got none"
        raise DeployError(reason, node=f"machine {self.name}")
