"""
Classifies a handwritten digit on a simulated RISC-V machine without operating system.

    python demo.py [INDEX]

INDEX chooses one of the 360 test images. The network is compiled for the machine
`rv64gcv` twice, in float32 and in int8, and both programs run on Spike.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

import deployopt
import numpy as np

HERE = Path(__file__).parent

MACHINE = "rv64gcv"
MODELS = {"float32": "digits.onnx", "int8": "digits_int8.onnx"}
DEFAULT_IMAGE = 145

BRIGHTEST = 16
SHADES = " ░▒▓█"
BAR = 12
"""Characters of a full bar."""


class Outcome(NamedTuple):
    """What one program said, what it cost and what it occupies."""

    probabilities: np.ndarray
    costs: list[dict[str, Any]]
    memory: dict[str, Any]
    nodes: list[str]
    """The network's nodes in order."""
    seconds: tuple[float, float]
    """To compile, and to build and run."""

    @property
    def instructions(self) -> int:
        """All that the layers took."""
        return sum(cost["instructions"] for cost in self.costs)


def run(name: str, image: np.ndarray) -> Outcome:
    """Compiles one of the networks, runs it on `image` and reads back the result."""
    start = time.monotonic()
    artifact = deployopt.compile(HERE / name, machine=MACHINE)
    compiled = time.monotonic()
    with artifact.session(profile=True) as session:
        result = session(image=image)["probabilities"][0]
        costs = session.node_costs()
    manifest = artifact.manifest
    seconds = (compiled - start, time.monotonic() - compiled)
    nodes = list(manifest["nodes"])
    return Outcome(result, costs, manifest["memory"], nodes, seconds)


def picture(pixels: np.ndarray) -> list[str]:
    """The image in blocks, two characters per pixel, in a frame."""
    top = len(SHADES) - 1
    rows = [
        "".join(SHADES[round(int(pixel) * top / BRIGHTEST)] * 2 for pixel in row)
        for row in pixels
    ]
    edge = "─" * (2 * len(pixels[0]))
    return [f"┌{edge}┐", *(f"│{row}│" for row in rows), f"└{edge}┘"]


def bars(probabilities: np.ndarray) -> list[str]:
    """One line per class, with a bar for its probability."""
    return [
        f"{digit}  {'█' * round(float(p) * BAR):<{BAR}} {p:6.1%}"
        for digit, p in enumerate(probabilities)
    ]


def verdict(outcome: Outcome, label: int) -> str:
    """The class with the highest probability, and whether it is the right one."""
    found = int(outcome.probabilities.argmax())
    return f"{found} ({'right' if found == label else f'wrong, it is a {label}'})"


def layers(outcomes: dict[str, Outcome]) -> list[str]:
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


def sizes(outcomes: dict[str, Outcome]) -> list[str]:
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


def show(title: str, lines: list[str]) -> None:
    """Prints a paragraph."""
    print("\n".join([f"\n{title}", "", *(f"  {line}".rstrip() for line in lines)]))


def main() -> None:
    """Runs the demo; a refusal is one line and status 1."""
    sys.stdout.reconfigure(encoding="utf-8")
    data = np.load(HERE / "test.npz")
    count = len(data["labels"])
    index = sys.argv[1] if len(sys.argv) > 1 else str(DEFAULT_IMAGE)
    if not (index.isdecimal() and int(index) < count):
        sys.exit(f"error: INDEX: expected 0 to {count - 1}, got {index!r}")
    pixels, label = data["images"][int(index), 0], int(data["labels"][int(index)])
    image = (pixels / np.float32(BRIGHTEST)).astype(np.float32)[None, None]

    print(f"Test image {index} of {count}: somebody wrote a {label}.", flush=True)
    try:
        outcomes = {kind: run(name, image) for kind, name in MODELS.items()}
    except deployopt.DeployError as error:
        sys.exit(f"error: {error}")
    seen = [f"{kind} says {verdict(o, label)}" for kind, o in outcomes.items()]
    right = [*seen, "", *bars(outcomes["int8"].probabilities)]
    print("\n".join(["", *(f"  {line}" for line in beside(picture(pixels), right))]))

    show(f"Instructions on Spike, machine {MACHINE}:", layers(outcomes))
    show("Memory:", sizes(outcomes))
    for kind, outcome in outcomes.items():
        lines = memory_map(outcome.memory)
        show(f"RAM of the {kind} program while it runs:", lines)
    for kind, outcome in outcomes.items():
        compiling, running = outcome.seconds
        times = f"compiled in {compiling:.1f} s, built and run in {running:.1f} s"
        print(f"\n{kind}: {times}.", end="")
    print()


if __name__ == "__main__":
    main()
