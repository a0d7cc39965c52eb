"""
What an instruction of RISC-V is, as far as counting needs to know.

Field positions are those of the unprivileged specification: base, C and V extensions.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

LOAD, STORE, VECTOR = 0x07, 0x27, 0x57
BRANCH, JUMP_REGISTER, JUMP = 0x63, 0x67, 0x6F
SCALAR_WIDTHS = (1, 2, 3, 4)
"""Of loads and stores of float registers, which share their opcodes with vectors."""
CONFIGURE = 7
"""`funct3` of what sets the vector type."""
MEMORY_BITS = {0: 8, 5: 16, 6: 32, 7: 64}
WHOLE_REGISTERS = 8
UNIT_STRIDE = 0
INDEXED = (1, 3)
EIGHTHS = (8, 16, 32, 64, 8, 1, 2, 4)
"""LMUL times 8, by the three bits of the vector type that say so."""
TYPE_BITS = 6
"""Of a vector type: LMUL and the element width, without the policies."""


class Kind(Enum):
    """What is told apart."""

    SCALAR = "scalar"
    ARITHMETIC = "vector arithmetic"
    LOAD = "vector load"
    STORE = "vector store"
    CONFIGURE = "vector type"
    CONFIGURE_REGISTER = "vector type in a register"


@dataclass(frozen=True)
class Flow:
    """Where an instruction goes."""

    target: int | None = None
    """The address that it may jump to, where that stands in it."""
    falls_through: bool = True
    """Whether the next instruction may come after it, perhaps after a call."""
    is_call: bool = False


def length(parcel: int) -> int:
    """Bytes of the instruction that begins with these 16 bits."""
    return 4 if parcel & 3 == 3 else 2


def bits(word: int, high: int, low: int) -> int:
    """Bits `high` to `low` of a word."""
    return word >> low & (1 << high - low + 1) - 1


def kind(word: int) -> Kind:
    """What an instruction is."""
    opcode, width = bits(word, 6, 0), bits(word, 14, 12)
    if opcode == VECTOR and width == CONFIGURE:
        in_register = bits(word, 31, 30) == 2
        return Kind.CONFIGURE_REGISTER if in_register else Kind.CONFIGURE
    if opcode == VECTOR:
        return Kind.ARITHMETIC
    if opcode in (LOAD, STORE) and width not in SCALAR_WIDTHS:
        return Kind.LOAD if opcode == LOAD else Kind.STORE
    return Kind.SCALAR


def vector_type(word: int) -> int:
    """The type that `vsetvli` or `vsetivli` sets: LMUL and element width."""
    return bits(word, 20 + TYPE_BITS - 1, 20)


def is_strided(word: int) -> bool:
    """Whether a vector load or store is strided or indexed."""
    return bits(word, 27, 26) != UNIT_STRIDE


def registers(word: int, vtype: int) -> int:
    """
    Vector registers that one vector instruction works on, under a vector type.

    A group of less than a register counts as one; widening and narrowing ones count
    their wide side, accesses to segments every field.
    """
    if kind(word) is Kind.ARITHMETIC:
        return _whole(EIGHTHS[vtype & 7] << _widens(word))
    return _whole(_memory_eighths(word, vtype)) * (bits(word, 31, 29) + 1)


def _whole(eighths: int) -> int:
    """Registers of a group."""
    return max(1, eighths // 8)


def _memory_eighths(word: int, vtype: int) -> int:
    """LMUL times 8 of the data of a load or store."""
    mode = bits(word, 27, 26)
    if mode == UNIT_STRIDE and bits(word, 24, 20) == WHOLE_REGISTERS:
        return 8
    eighths = EIGHTHS[vtype & 7]
    if mode in INDEXED:
        return eighths
    element = 8 << (vtype >> 3 & 7)
    return eighths * MEMORY_BITS[bits(word, 14, 12)] // element


def _widens(word: int) -> bool:
    """Whether one side of the instruction has twice the group of the vector type."""
    form, function = bits(word, 14, 12), bits(word, 31, 26)
    if form in (0, 3, 4):  # vnsrl, vnsra, vnclipu, vnclip
        return 0x2C <= function <= 0x2F
    if form == 1 and function == 0x12:  # vfwcvt, vfncvt
        return 8 <= bits(word, 19, 15) < 24
    return function >= 0x30  # all that widen in the multiply and float forms


def flow(word: int, at: int, xlen: int) -> Flow:
    """Where the instruction at this address goes."""
    if length(word) == 2:
        return _compressed_flow(word, at, xlen)
    opcode, link = bits(word, 6, 0), bits(word, 11, 7)
    if opcode == BRANCH:
        return Flow(at + _branch_offset(word))
    if opcode == JUMP:
        return Flow(is_call=True) if link else Flow(at + _jump_offset(word), False)
    if opcode == JUMP_REGISTER:
        return Flow(is_call=True) if link else Flow(falls_through=False)
    return Flow()


def _compressed_flow(word: int, at: int, xlen: int) -> Flow:
    """The same of 16 bits."""
    match bits(word, 1, 0), bits(word, 15, 13):
        case 1, 1 if xlen == 32:  # c.jal
            return Flow(is_call=True)
        case 1, 5:  # c.j
            return Flow(at + _short_jump_offset(word), False)
        case 1, (6 | 7):  # c.beqz, c.bnez
            return Flow(at + _short_branch_offset(word))
        case 2, 4 if bits(word, 6, 2) == 0 and bits(word, 11, 7):  # c.jr, c.jalr
            calls = bool(bits(word, 12, 12))
            return Flow(falls_through=calls, is_call=calls)
        case _:
            return Flow()


def _gathered(word: int, places: tuple[int, ...]) -> int:
    """A signed, even number whose bits stand at `places`, from the highest to bit 1."""
    number = -bits(word, places[0], places[0])
    for place in places[1:]:
        number = number << 1 | bits(word, place, place)
    return number << 1


def _branch_offset(word: int) -> int:
    return _gathered(word, (31, 7, *range(30, 24, -1), *range(11, 7, -1)))


def _jump_offset(word: int) -> int:
    return _gathered(word, (31, *range(19, 11, -1), 20, *range(30, 20, -1)))


def _short_jump_offset(word: int) -> int:
    return _gathered(word, (12, 8, 10, 9, 6, 7, 2, 11, 5, 4, 3))


def _short_branch_offset(word: int) -> int:
    return _gathered(word, (12, 6, 5, 2, 11, 10, 4, 3))
