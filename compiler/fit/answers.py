"""Verdicts for several machines, as many at a time as this computer has cores."""

from __future__ import annotations

import os
import signal
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from ..api import fit
from ..machine import Machine
from .verdicts import Verdict


def answers(
    model: str | Path,
    machines: Sequence[Machine],
    dims: Mapping[str, int],
    options: Mapping[str, Any] | None = None,
) -> Generator[Verdict]:
    """
    A verdict for each machine, in their order, each as soon as it is there.

    Raises `DeployError` for a model that is refused.
    """
    ask = partial(answer, model, dims, options)
    workers = min(len(machines), os.cpu_count() or 1)
    if workers < 2:
        yield from map(ask, machines)
        return
    with ProcessPoolExecutor(workers, initializer=leave_interrupts) as pool:
        try:
            yield from pool.map(ask, machines)
        finally:
            pool.shutdown(cancel_futures=True)


def answer(
    model: str | Path,
    dims: Mapping[str, int],
    options: Mapping[str, Any] | None,
    machine: Machine,
) -> Verdict:
    """What a worker does."""
    return fit(model, machine, dims, options)


def leave_interrupts() -> None:
    """Lets only the process that a person has started answer to an interrupt."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
