"""How long a run takes, measured several times."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import UsageError

NANOSECONDS = 1e-9
MILLISECONDS = 1e-3
GROWTH = 1.2
"""A repeat that was too short gets so much more than what would just be enough."""


@dataclass(frozen=True)
class Benchmark:
    """What was measured."""

    unit: str
    """Of all numbers here: `s` (seconds), or `instructions`."""
    samples: tuple[float, ...]
    """One per repeat: the mean of its runs."""
    number: int
    """Runs in each repeat."""

    @property
    def mean(self) -> float:
        """Of the samples."""
        return statistics.fmean(self.samples)

    @property
    def median(self) -> float:
        """Of the samples."""
        return statistics.median(self.samples)

    @property
    def std(self) -> float:
        """Standard deviation of the samples, as of a whole population."""
        return statistics.pstdev(self.samples)

    @property
    def min(self) -> float:
        """The smallest sample."""
        return min(self.samples)

    @property
    def max(self) -> float:
        """The largest sample."""
        return max(self.samples)

    def __str__(self) -> str:
        names = ("mean", "median", "std", "min", "max")
        values = ", ".join(f"{name} {getattr(self, name):.6g}" for name in names)
        return f"{values} {self.unit}"


@dataclass(frozen=True)
class Schedule:
    """How often is run, and how long is waited."""

    repeat: int
    """Samples."""
    number: int
    """Runs of a sample, at least."""
    min_repeat_ms: float
    """What a sample lasts at least, by this computer's clock."""
    warmup: int
    """Runs before the first sample, which do not count."""
    cooldown_ms: float
    """What is waited between two samples."""

    def __post_init__(self) -> None:
        """Raises `UsageError` for what cannot be."""
        least = {"repeat": 1, "number": 1, "warmup": 0}
        for name, value in vars(self).items():
            kinds = int if name in least else (int, float)
            fits = isinstance(value, kinds) and not isinstance(value, bool)
            if not fits or not least.get(name, 0) <= value < math.inf:
                what = "an integer" if name in least else "a number"
                reason = f"expected {what} from {least.get(name, 0)} on, got {value!r}"
                raise UsageError(reason, node=name)


def measured(
    schedule: Schedule, unit: str, totals: Callable[[int], list[int]]
) -> Benchmark:
    """
    Runs by a schedule.

    `totals` runs so often and tells what each run took, in `unit`: nanoseconds become
    seconds here.
    """
    scale = NANOSECONDS if unit == "ns" else 1.0
    if schedule.warmup:
        totals(schedule.warmup)
    number = enough(schedule, totals)
    samples: list[float] = []
    for repeat in range(schedule.repeat):
        if repeat and schedule.cooldown_ms:
            time.sleep(schedule.cooldown_ms * MILLISECONDS)
        samples.append(statistics.fmean(totals(number)) * scale)
    return Benchmark("s" if unit == "ns" else unit, tuple(samples), number)


def enough(schedule: Schedule, totals: Callable[[int], list[int]]) -> int:
    """Runs that last as long as a repeat should."""
    wanted = schedule.min_repeat_ms * MILLISECONDS
    number = schedule.number
    while wanted:
        before = time.perf_counter()
        totals(number)
        spent = time.perf_counter() - before
        if spent >= wanted:
            break
        number = max(number + 1, int(number * min(10.0, GROWTH * wanted / spent)))
    return number
