"""
Every operator, compiled and run: on this computer, and without a float unit.

A few models are one program: a C compiler takes longer to start and to link than for
one of them.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence

import deployopt
import pytest
from agreement import case, disagreement, smallest_step
from deployopt.machine import load_machine
from lowered import outputs_of, sanitized
from models import BUILDERS, build, together
from tiny_model import need

NAMES = list(BUILDERS)
GROUPS = [NAMES[first : first + 8] for first in range(0, len(NAMES), 8)]

every_operator = pytest.mark.parametrize("names", GROUPS, ids=lambda names: names[0])


def wrong_outputs(names: Sequence[str], machine: str) -> list[str]:
    """What is wrong with the models of these names, compiled as one."""
    cases = [case(build(name)) for name in names]
    artifact = deployopt.compile(together([one.model for one in cases]), machine)
    found = outputs_of(artifact, [value for one in cases for value in one.inputs])
    wanted = [
        (name, array, smallest_step(one.model))
        for name, one in zip(names, cases, strict=True)
        for array in one.expected
    ]
    return [
        f"{name} {text}"
        for got, (name, array, step) in zip(found, wanted, strict=True)
        if (text := disagreement(got, array, step))
    ]


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("gcc"), reason="no gcc")
@every_operator
def test_on_this_computer(
    names: Sequence[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sanitized(monkeypatch, "gcc")
    assert wrong_outputs(names, "host") == []


@pytest.mark.slow
@pytest.mark.spike
@every_operator
def test_without_float_unit(names: Sequence[str]) -> None:
    need(load_machine("rv32imc"), "spike")
    assert wrong_outputs(names, "rv32imc") == []
