"""
Tables of buffers, in the CSV format of MiniMalloc.

`id,lower,upper,size`: a buffer needs `size` bytes in steps `[lower, upper)`. Columns
may stand in any order; `alignment` is optional; what else there is stays as it is, but
for `offset`, which is written. In the old form, `start,end`, the last step is included.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..analysis.planning import Request
from ..errors import DeployError
from ..writing import whole_file

OTHER_NAMES = {
    "buffer": "id",
    "buffer_id": "id",
    "start": "lower",
    "begin": "lower",
    "end": "upper",
}
"""Other names of columns."""

NEEDED = ("id", "lower", "upper", "size")
"""The columns that must be there."""

TOO_LARGE = 2**48
"""Numbers must be below this, so that sums are exact everywhere."""


@dataclass(frozen=True)
class BufferTable:
    """The buffers of a file, and its text cell by cell."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    requests: tuple[Request, ...]
    """One per row."""

    def write(self, name: str, offsets: Sequence[int]) -> None:
        """Writes the table to file `name`, with a last column of offsets."""
        kept = [n for n, column in enumerate(self.header) if column != "offset"]
        with whole_file(name) as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow([*(self.header[n] for n in kept), "offset"])
            for row, offset in zip(self.rows, offsets, strict=True):
                writer.writerow([*(row[n] for n in kept), offset])


def read_buffer_table(name: str) -> BufferTable:
    """The table in file `name`; raises `DeployError` with the line that is wrong."""
    lines = rows_of(name)
    place, header = next(lines, (f"{name}:1", ()))
    columns = columns_of(header, place)
    rows: list[tuple[str, ...]] = []
    requests: dict[str, Request] = {}
    for place, row in lines:
        if len(row) != len(header):
            message = f"expected {len(header)} cells, got {len(row)}"
            raise DeployError(message, node=place)
        cells = dict(zip(columns, row, strict=True))
        request = request_of(cells, place, int("end" in header))
        if request.name in requests:
            raise DeployError(f"id '{request.name}' is there twice", node=place)
        requests[request.name] = request
        rows.append(row)
    return BufferTable(header, tuple(rows), tuple(requests.values()))


def rows_of(name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The place and the cells of each line that is not empty."""
    try:
        with open(name, encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            for row in reader:
                if row:
                    yield f"{name}:{reader.line_num}", tuple(c.strip() for c in row)
    except (csv.Error, UnicodeDecodeError):
        raise DeployError("expected a CSV file in UTF-8", node=name) from None


def columns_of(header: Sequence[str], place: str) -> list[str]:
    """The columns by the names they have here; raises `DeployError`."""
    columns = [OTHER_NAMES.get(column, column) for column in header]
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        message = f"expected columns {', '.join(NEEDED)}, got no {missing[0]}"
        raise DeployError(message, node=place)
    twice = [name for name in columns if columns.count(name) > 1]
    if twice:
        raise DeployError(f"column '{twice[0]}' is there twice", node=place)
    return columns


def request_of(cells: dict[str, str], place: str, beyond: int) -> Request:
    """The buffer of a row; raises `DeployError`."""
    if cells.get("gaps"):
        raise DeployError("a buffer must be live without gaps", node=place)
    lower, upper, size = (number(cells, name, place) for name in NEEDED[1:])
    align = number(cells, "alignment", place) if cells.get("alignment") else 1
    if upper + beyond <= lower:
        message = f"expected lower to be below upper, got {lower} and {upper}"
        raise DeployError(message, node=place)
    if align == 0:
        raise DeployError("alignment must be positive, got 0", node=place)
    return Request(cells["id"], size, align, lower, upper + beyond)


def number(cells: dict[str, str], name: str, place: str) -> int:
    """The number in a cell; raises `DeployError`."""
    text = cells[name]
    if not (text.isascii() and text.isdigit()):
        message = f"{name} must be a number that is not negative, got '{text}'"
        raise DeployError(message, node=place)
    value = int(text[:20])
    if value >= TOO_LARGE:
        raise DeployError(f"{name} must be below {TOO_LARGE}, got {text}", node=place)
    return value
