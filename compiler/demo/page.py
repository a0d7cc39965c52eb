"""What the demo prints, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from .digits import BRIGHTEST, MACHINE, Digit, Outcome

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[Any]

SHADES = " ░▒▓█"
BAR = 12
"""Characters of a full bar."""

Outcomes = Mapping[str, Outcome]
"""What each kind of program did; one column of a table per program."""


def page(digit: Digit, outcomes: Outcomes) -> Iterator[str]:
    """All that there is to see once the programs have run on `digit`."""
    seen = [f"{kind} says {verdict(o, digit.label)}" for kind, o in outcomes.items()]
    right = [*seen, "", *bars(outcomes["int8"].probabilities)]
    yield from ("", *indented(beside(picture(digit.pixels), right)))
    runner = next(iter(outcomes.values())).runner
    title = f"Instructions on {runner}, machine {MACHINE}:"
    yield from paragraph(title, layers(outcomes))
    yield from paragraph("Memory:", sizes(outcomes))
    for kind, outcome in outcomes.items():
        title = f"RAM of the {kind} program while it runs:"
        yield from paragraph(title, memory_map(outcome.memory))
    yield ""
    for kind, outcome in outcomes.items():
        compiling, running = outcome.seconds
        yield f"{kind}: compiled in {compiling:.1f} s, built and run in {running:.1f} s"


def paragraph(title: str, lines: list[str]) -> Iterator[str]:
    """A title and the lines under it."""
    yield from ("", title, "", *indented(lines))


def indented(lines: list[str]) -> Iterator[str]:
    """The lines, two columns further right."""
    return (f"  {line}".rstrip() for line in lines)


def picture(pixels: Array) -> list[str]:
    """The image in blocks, two characters per pixel, in a frame."""
    top = len(SHADES) - 1
    rows = [
        "".join(SHADES[round(int(pixel) * top / BRIGHTEST)] * 2 for pixel in row)
        for row in pixels
    ]
    edge = "─" * (2 * len(pixels[0]))
    return [f"┌{edge}┐", *(f"│{row}│" for row in rows), f"└{edge}┘"]


def bars(probabilities: Array) -> list[str]:
    """One line per class, with a bar for its probability."""
    return [
        f"{digit}  {'█' * round(float(p) * BAR):<{BAR}} {p:6.1%}"
        for digit, p in enumerate(probabilities)
    ]


def verdict(outcome: Outcome, label: int) -> str:
    """The class with the highest probability, and whether it is the right one."""
    found = int(outcome.probabilities.argmax())
    return f"{found} ({'right' if found == label else f'wrong, it is a {label}'})"


def layers(outcomes: Outcomes) -> list[str]:
    """Instructions per layer, one column per program."""
    order = max((outcome.nodes for outcome in outcomes.values()), key=len)
    counted = {c["name"] for outcome in outcomes.values() for c in outcome.costs}
    names = [name for name in order if name in counted]
    columns = [{c["name"]: c for c in outcome.costs} for outcome in outcomes.values()]
    wide = max(map(len, names))
    lines = ["layer".ljust(wide) + "".join(f"{kind:>12}" for kind in outcomes)]
    for name in names:
        counts = [column.get(name, {}).get("instructions") for column in columns]
        cells = "".join(f"{'-' if n is None else format(n, ','):>12}" for n in counts)
        lines.append(name.ljust(wide) + cells)
    totals = "".join(f"{outcome.instructions:>12,}" for outcome in outcomes.values())
    return [*lines, "together".ljust(wide) + totals]


def occupied(memory: dict[str, Any], level: str, *, reserved: bool) -> int:
    """Bytes of `level` up to the end of its last buffer, or those set aside."""
    if not reserved:
        return memory["claimed"][level]["peak"] - occupied(memory, level, reserved=True)
    return sum(
        buffer["size"]
        for buffer in memory["buffers"]
        if buffer["level"] == level and buffer.get("reserved")
    )


def sizes(outcomes: Outcomes) -> list[str]:
    """RAM and flash, one column per program."""
    rows = {
        "RAM: activations, input, output": ("ram", False),
        "RAM: set aside for stack and runtime": ("ram", True),
        "flash: weights and tables": ("flash", False),
    }
    wide = max(map(len, rows))
    lines = ["bytes".ljust(wide) + "".join(f"{kind:>12}" for kind in outcomes)]
    for title, (level, reserved) in rows.items():
        counts = [
            occupied(outcome.memory, level, reserved=reserved)
            for outcome in outcomes.values()
        ]
        lines.append(title.ljust(wide) + "".join(f"{count:>12,}" for count in counts))
    return lines


def memory_map(memory: dict[str, Any]) -> list[str]:
    """The buffers in RAM from the lowest address up, a bar for the steps they live."""
    end = len(memory["ops"])
    buffers = [
        buffer
        for buffer in memory["buffers"]
        if buffer["level"] == "ram" and not buffer.get("reserved")
    ]
    buffers.sort(key=lambda buffer: (buffer["offset"], buffer["start"]))
    wide = max(len(buffer["name"]) for buffer in buffers)
    base = min(buffer["offset"] for buffer in buffers)
    lines = [f"{'buffer'.ljust(wide)}  {'at':>6} {'bytes':>6}  steps 0 to {end - 1}"]
    for buffer in buffers:
        alive = range(buffer["start"], buffer["end"])
        bar = "".join("██" if step in alive else " ·" for step in range(end))
        place = f"{buffer['offset'] - base:>6} {buffer['size']:>6}"
        lines.append(f"{buffer['name'].ljust(wide)}  {place}  {bar}")
    return lines


def beside(left: list[str], right: list[str]) -> list[str]:
    """Two texts side by side."""
    wide = max(map(len, left)) + 4
    height = max(len(left), len(right))
    left, right = [[*text, *[""] * (height - len(text))] for text in (left, right)]
    return [(a.ljust(wide) + b).rstrip() for a, b in zip(left, right, strict=True)]
