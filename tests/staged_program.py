"""
A small program with three levels and transfers that run while kernels do.

`staged.mlir` beside the end-to-end tests says what stands where; tests change its C.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from deployopt.artifact.artifact import Artifact
from deployopt.artifact.folder import folder_contents
from deployopt.machine import Machine, attach, load_machine
from deployopt.universe import new_context
from numpy.typing import NDArray
from tiny_model import need
from xdsl.parser import Parser

STAGED = Path(__file__).parent / "e2e" / "staged" / "staged.mlir"
SOURCE = "staged.c"
POISON = np.int32(np.uint32(0xA5A5A5A5))

Values: TypeAlias = dict[str, NDArray[Any]]

X = np.arange(1, 33, dtype=np.int32)
RIGHT = {"y": 3 * X, "z": X + np.append(X[1:], X[-1])}
TRAFFIC = {"L1->L2": 256, "L2->L1": 256, "L2->L3": 256, "L3->L2": 256}

SUM = "staged_kernel_1_sum(x1, z1);"
SCALE = "staged_kernel_0_scale(x1, w1, y1);"
"""The calls of the two kernels."""


def built(machine: Machine, text: str) -> Mapping[str, str]:
    """The folder of a lowered program."""
    context = new_context()
    module = Parser(context, text, str(STAGED)).parse_module()
    attach(module, machine)
    return folder_contents(context, module, machine, "staged").files


@cache
def files() -> Mapping[str, str]:
    """The folder of the program without faults."""
    return built(load_machine("scratchpad"), STAGED.read_text())


def changed(
    *changes: tuple[str, str], folder: Mapping[str, str] | None = None
) -> Artifact:
    """The program with parts of its C replaced."""
    folder = files() if folder is None else folder
    text = folder[SOURCE]
    for old, new in changes:
        assert text.count(old) == 1, f"expected one {old!r}"
        text = text.replace(old, new)
    return Artifact({**folder, SOURCE: text})


def wait(number: int) -> str:
    """A wait of the program."""
    return f"deploy_dma_wait(t{number});"


def run(
    artifact: Artifact, runner: str = "spike", checked: bool = True, hal: str = "sync"
) -> Values:
    """What the program gives for `X`."""
    need(artifact.machine, runner)
    with artifact.session(runner, checked=checked, hal=hal) as session:
        return session(x=X)


def is_right(values: Values) -> bool:
    """Whether both outputs are."""
    return all((values[name] == RIGHT[name]).all() for name in RIGHT)
