"""How the report writes numbers."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10

KIBI = 1024
TIMES = "×"


def bytes_text(size: int) -> str:
    """Bytes for a glance: `800 B`, `12.5 KiB`, `1.25 MiB`."""
    if size < KIBI:
        return f"{size} B"
    if size < KIBI * KIBI:
        return f"{short(size / KIBI, 1)} KiB"
    return f"{short(size / KIBI / KIBI, 2)} MiB"


def exact_bytes(size: int) -> str:
    """Bytes to the byte, with the rounded figure when that helps."""
    exact = f"{size:,} B"
    return exact if size < KIBI else f"{exact} ({bytes_text(size)})"


def short(number: float, digits: int) -> str:
    """A number without zeros at its end."""
    text = f"{number:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def count_text(number: float) -> str:
    """A count for a glance: `800`, `12.5 k`, `1.25 M`."""
    for limit, unit, digits in ((1e9, "G", 2), (1e6, "M", 2), (1e4, "k", 1)):
        if number >= limit:
            scale = 1e3 if unit == "k" else limit
            return f"{short(number / scale, digits)} {unit}"
    return f"{number:,.0f}"


def percent(part: float, whole: float) -> str:
    """`part` of `whole`; small shares are not rounded to nothing."""
    if not (part and whole):
        return "0 %"
    share = 100 * part / whole
    return f"{short(share, 0 if share >= 10 else 1)} %" if share >= 0.1 else "< 0.1 %"


def ratio(part: float, whole: float) -> str:
    """How many times `whole` goes into `part`."""
    if not whole:
        return "–" if part else f"1 {TIMES}"
    times = part / whole
    return f"{times:,.0f} {TIMES}" if times >= 100 else f"{times:.2f} {TIMES}"


def round_step(number: float) -> float:
    """The next larger one of 1, 2, 5 times a power of ten."""
    power = 10.0 ** floor(log10(max(number, 1e-9)))
    return next(f * power for f in (1, 2, 5, 10) if f * power >= number * 0.999)


def numbers_text(numbers: Sequence[int], most: int = 12) -> str:
    """Numbers with runs written as `3–5`; what is too long ends in `…`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    parts = [str(a) if a == b else f"{a}–{b}" for a, b in runs]
    return ", ".join(parts[:most]) + (" …" if len(parts) > most else "")
