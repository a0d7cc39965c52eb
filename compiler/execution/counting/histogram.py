"""How often each instruction of an image is executed, as Spike counts it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import DeployError
from ...machine import Machine
from ..execute import COUNT_BYTES, DEFAULT_TIMEOUT, inputs_file
from ..runners import find_runner, run_image
from ..tensors import Inputs

RUNNER = "spike"
HEAD = re.compile(r"^PC Histogram size:(\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Inference:
    """What one inference executes."""

    instructions: int
    """By the program's own count, from the call to its return."""
    histogram: Mapping[int, int]
    """
    Address -> how often the instruction there is executed.

    Spike counts those that access a control register twice; none of them is a vector
    instruction.
    """


def count_inference(
    folder: Path,
    machine: Machine,
    image: Path,
    inputs: Inputs,
    timeout: float = DEFAULT_TIMEOUT,
) -> Inference:
    """
    Runs an image of the folder once and counts.

    The histogram is what a run executes more than the same run that does all but call
    the program. Raises `DeployError` when the program fails.
    """
    (counts, instructions), (idle, _) = (
        _run(machine, image, inputs_file(folder, [inputs], idle=idle), timeout)
        for idle in (False, True)
    )
    return Inference(instructions, difference(counts, idle))


def difference(run: Mapping[int, int], idle: Mapping[int, int]) -> dict[int, int]:
    """What a run counts more than an idle one."""
    return {
        at: count - idle.get(at, 0)
        for at, count in sorted(run.items())
        if count > idle.get(at, 0)
    }


def _run(
    machine: Machine, image: Path, data: bytes, timeout: float
) -> tuple[dict[int, int], int]:
    """What Spike counts in a run of an image, and what the program itself counts."""
    runner = find_runner(machine, RUNNER)
    with tempfile.TemporaryDirectory(prefix="deployopt-") as scratch:
        Path(scratch, "inputs.bin").write_bytes(data)
        text = run_image(machine, runner, image, Path(scratch), timeout, ["-g"])
        written = Path(scratch, "outputs.bin").read_bytes()
    return parsed(text, machine.xlen), int.from_bytes(written[-COUNT_BYTES:], "little")


def parsed(text: str, bits: int) -> dict[int, int]:
    """
    The histogram at the end of what Spike prints: lines of address and count.

    Addresses have so many bits; Spike prints their sign in those above.
    """
    found = list(HEAD.finditer(text))
    if not found:
        raise DeployError(f"{RUNNER}: expected a histogram of addresses, got none")
    head = found[-1]
    counts = _counts(text[head.end() :].splitlines(), (1 << bits) - 1)
    if len(counts) != int(head[1]):
        raise DeployError(
            f"{RUNNER}: expected a histogram of {head[1]} addresses, got {len(counts)}"
        )
    return counts


def _counts(lines: Sequence[str], mask: int) -> dict[int, int]:
    """The lines that are an address and a count."""
    pairs = (line.split() for line in lines)
    return {int(pair[0], 16) & mask: int(pair[1]) for pair in pairs if len(pair) == 2}
