"""Where the sections of a 64-bit ELF file stand."""

from __future__ import annotations

import struct
from pathlib import Path

SECTION_HEADER = "<2I4Q2I2Q"


def sections(path: Path) -> dict[str, tuple[int, int]]:
    """Address and size of each section, by its name."""
    data = path.read_bytes()
    assert data[:5] == b"\x7fELF\x02", "not a 64-bit ELF file"
    (table,) = struct.unpack_from("<Q", data, 40)
    entry_size, count, names_at = struct.unpack_from("<3H", data, 58)
    headers = [
        struct.unpack_from(SECTION_HEADER, data, table + number * entry_size)
        for number in range(count)
    ]
    names = headers[names_at][4]
    return {text(data, names + h[0]): (h[3], h[5]) for h in headers}


def text(data: bytes, start: int) -> str:
    """The zero-terminated text at `start`."""
    return data[start : data.index(b"\0", start)].decode()
