"""Reads what the project needs to know from an ELF file."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

MAGIC = b"\x7fELF"
CLASS_64 = 2
SECTION_HEADER = {1: "<10I", 2: "<2I4Q2I2Q"}
ALLOCATED = 0x2
EXECUTABLE = 0x4
SYMBOLS = 2
"""The type of the section with all symbols."""
SYMBOL = {1: "<3I2BH", 2: "<I2BH2Q"}
FUNCTION = 2


@dataclass(frozen=True)
class Function:
    """A function's name and where its code stands when the program runs."""

    name: str
    address: int
    size: int

    @property
    def end(self) -> int:
        """The first address behind it."""
        return self.address + self.size


def code_bytes(data: bytes) -> int:
    """Bytes of instructions in a little-endian ELF file; 0 for other formats."""
    wanted = ALLOCATED | EXECUTABLE
    return sum(s.size for s in _sections(data) if s.flags & wanted == wanted)


def allocated(data: bytes) -> list[tuple[int, int]]:
    """Address and size in bytes of each section that a program has in memory."""
    found = _sections(data)
    return [(s.address, s.size) for s in found if s.flags & ALLOCATED and s.size]


def functions(data: bytes) -> list[Function]:
    """The functions that have a size, by address; one for each address."""
    sections = list(_sections(data))
    found: dict[int, Function] = {}
    for table in (s for s in sections if s.kind == SYMBOLS):
        names = sections[table.link]
        for name, address, size in _function_symbols(data, table):
            start = names.offset + name
            text = data[start : data.index(b"\0", start)].decode(errors="replace")
            found.setdefault(address, Function(text, address, size))
    return [found[address] for address in sorted(found)]


def _function_symbols(data: bytes, table: _Section) -> Iterator[tuple[int, int, int]]:
    """Place of the name, address and size of each function in a table of symbols."""
    elf_class = data[4]
    form = struct.Struct(SYMBOL[elf_class])
    entries = data[table.offset : table.offset + table.size]
    for entry in form.iter_unpack(entries):
        if elf_class == CLASS_64:
            name, info, _, _, address, size = entry
        else:
            name, address, size, info, _, _ = entry
        if info & 0xF == FUNCTION and size:
            yield name, address, size


def code_at(data: bytes, function: Function) -> bytes:
    """The bytes of a function."""
    for section in _sections(data):
        offset = function.address - section.address
        if section.flags & EXECUTABLE and 0 <= offset < section.size:
            start = section.offset + offset
            return data[start : start + function.size]
    return b""


@dataclass(frozen=True)
class _Section:
    """What the header of a section says."""

    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int


def _sections(data: bytes) -> Iterator[_Section]:
    """The headers of all sections."""
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
        yield _Section(*header[1:7])
