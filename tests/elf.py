"""Where the sections and the symbols of a 64-bit ELF file stand."""

from __future__ import annotations

import struct
from pathlib import Path

SECTION_HEADER = "<2I4Q2I2Q"
SYMBOL = "<I2BH2Q"
SYMBOL_TABLE = 2
LOCAL = UNDEFINED = 0


def sections(path: Path) -> dict[str, tuple[int, int]]:
    """Address and size of each section, by its name."""
    data = path.read_bytes()
    headers = header_table(data)
    (names_at,) = struct.unpack_from("<H", data, 62)
    names = headers[names_at][4]
    return {text(data, names + h[0]): (h[3], h[5]) for h in headers}


def symbols(path: Path) -> dict[str, int]:
    """Address of each defined symbol that other objects see, by its name."""
    data = path.read_bytes()
    places = header_table(data)
    table = next(h for h in places if h[1] == SYMBOL_TABLE)
    names = places[table[6]][4]
    found: dict[str, int] = {}
    for start in range(table[4], table[4] + table[5], struct.calcsize(SYMBOL)):
        name, info, _, section, value, _ = struct.unpack_from(SYMBOL, data, start)
        if info >> 4 != LOCAL and section != UNDEFINED:
            found[text(data, names + name)] = value
    return found


def header_table(data: bytes) -> list[tuple[int, ...]]:
    """The headers of all sections."""
    assert data[:5] == b"\x7fELF\x02", "not a 64-bit ELF file"
    (table,) = struct.unpack_from("<Q", data, 40)
    entry_size, count = struct.unpack_from("<2H", data, 58)
    return [
        struct.unpack_from(SECTION_HEADER, data, table + number * entry_size)
        for number in range(count)
    ]


def text(data: bytes, start: int) -> str:
    """The zero-terminated text at `start`."""
    return data[start : data.index(b"\0", start)].decode()
