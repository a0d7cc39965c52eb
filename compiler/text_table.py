"""Rows of a table as lines of text."""

from __future__ import annotations

from collections.abc import Sequence

from .errors import printable

NO_NUMBER = "-"
"""What stands where there is none."""


def aligned(rows: Sequence[Sequence[str]], texts: int) -> list[str]:
    """Rows as lines; the first `texts` columns begin at the left, others end right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place < texts else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def shortened(text: str, most: int) -> str:
    """A name as it can be printed, its middle left out when it is too long."""
    text = printable(text)
    if len(text) <= most:
        return text
    end = (most - 1) // 2
    return f"{text[: most - 1 - end]}…{text[len(text) - end :]}"


def told_apart(texts: Sequence[str], most: int) -> list[str]:
    """Names as short as `shortened` makes them, but those that differ still do."""
    longest = max((len(printable(text)) for text in texts), default=0)
    for room in range(most, longest):
        short = [shortened(text, room) for text in texts]
        if len(set(short)) == len(set(texts)):
            return short
    return [printable(text) for text in texts]
