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
    """A name as it can be printed, its end left out when it is too long."""
    text = printable(text)
    return text if len(text) <= most else f"{text[: most - 1]}…"
