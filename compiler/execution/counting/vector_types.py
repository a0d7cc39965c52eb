"""
Which vector type is set where an instruction stands.

The type is followed along every path of a function, from each instruction that sets it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .decoding import TYPE_BITS, Kind, flow, kind, length, registers, vector_type

TYPES = 1 << TYPE_BITS
AFTER_RESET = 0
UNKNOWN = 1 << TYPES
"""The mark of a type that the function's caller, or one that it called, has set."""


@dataclass(frozen=True)
class Code:
    """The instructions of a function, by address."""

    words: Mapping[int, int]
    xlen: int


def disassembled(data: bytes, start: int, xlen: int) -> Code:
    """The instructions of a function that stands at `start`, one after the other."""
    words: dict[int, int] = {}
    offset = 0
    while offset + 2 <= len(data):
        size = length(int.from_bytes(data[offset : offset + 2], "little"))
        words[start + offset] = int.from_bytes(data[offset : offset + size], "little")
        offset += size
    return Code(words, xlen)


def vector_types(code: Code) -> dict[int, int]:
    """
    The types that may be set before each instruction that is reached.

    They are a set in one number: bit `t` stands for type `t`, and `UNKNOWN` for one
    from outside of the function.
    """
    if not code.words:
        return {}
    entry = next(iter(code.words))
    before = {entry: UNKNOWN}
    work = [entry]
    while work:
        at = work.pop()
        word = code.words[at]
        going = flow(word, at, code.xlen)
        after = UNKNOWN if going.is_call else _after(word, before[at])
        following = at + length(word) if going.falls_through else None
        for target in (going.target, following):
            if target is None or target not in code.words:
                continue
            joined = before.get(target, 0) | after
            if joined != before.get(target):
                before[target] = joined
                work.append(target)
    return before


def _after(word: int, types: int) -> int:
    """The types that may be set after an instruction."""
    match kind(word):
        case Kind.CONFIGURE:
            return 1 << vector_type(word)
        case Kind.CONFIGURE_REGISTER:
            return UNKNOWN
        case _:
            return types


def most_registers(word: int, types: int) -> tuple[int, bool]:
    """
    The registers an instruction works on at most, and whether that is certain.

    A type from outside counts as the one after a reset, where a group is one register.
    """
    known = [vtype for vtype in range(TYPES) if types >> vtype & 1]
    from_outside = not types or bool(types & UNKNOWN)
    counted = [*known, AFTER_RESET] if from_outside else known
    possible = range(TYPES) if from_outside else known
    most = max(registers(word, vtype) for vtype in counted)
    return most, len({registers(word, vtype) for vtype in possible}) == 1
