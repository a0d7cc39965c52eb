"""Reads what the project needs to know from an ELF file."""

from __future__ import annotations

import struct
from collections.abc import Iterator

MAGIC = b"\x7fELF"
CLASS_64 = 2
SECTION_HEADER = {1: "<10I", 2: "<2I4Q2I2Q"}
ALLOCATED = 0x2
EXECUTABLE = 0x4


def code_bytes(data: bytes) -> int:
    """Bytes of instructions in a little-endian ELF file; 0 for other formats."""
    wanted = ALLOCATED | EXECUTABLE
    return sum(size for flags, _, size in _sections(data) if flags & wanted == wanted)


def allocated(data: bytes) -> list[tuple[int, int]]:
    """Address and size in bytes of each section that a program has in memory."""
    found = ((at, size, flags) for flags, at, size in _sections(data))
    return [(at, size) for at, size, flags in found if flags & ALLOCATED and size]


def _sections(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Flags, address and size in bytes of each section."""
    if data[:4] != MAGIC:
        return
    elf_class = data[4]
    if elf_class == CLASS_64:
        (table,) = struct.unpack_from("<Q", data, 40)
        entry_size, count = struct.unpack_from("<2H", data, 58)
    else:
        (table,) = struct.unpack_from("<I", data, 32)
        entry_size, count = struct.unpack_from("<2H", data, 46)
    for index in range(count):
        header = struct.unpack_from(
            SECTION_HEADER[elf_class], data, table + index * entry_size
        )
        yield header[2], header[3], header[5]
