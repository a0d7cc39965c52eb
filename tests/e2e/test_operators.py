"""Every operator, compiled and run: on this computer, and without a float unit."""

from __future__ import annotations

import shutil

import deployopt
import pytest
from agreement import case, disagreement, smallest_step
from deployopt.errors import DeployError
from deployopt.execution.runners import runner_available
from deployopt.execution.toolchain import find_toolchain
from deployopt.machine import Machine, load_machine
from lowered import outputs_of, sanitized
from models import BUILDERS, build


def need(machine: Machine, runner: str) -> None:
    """Skips, visibly, where the runner or a compiler is not installed."""
    if not runner_available(machine, runner):
        pytest.skip(f"{runner} is not installed")
    try:
        find_toolchain(machine)
    except DeployError as error:
        pytest.skip(str(error))


def wrong_outputs(name: str, machine: str) -> list[str]:
    """What is wrong with the compiled model of this name."""
    known = case(build(name))
    got = outputs_of(deployopt.compile(known.model, machine), known.inputs)
    assert len(got) == len(known.expected)
    step = smallest_step(known.model)
    pairs = zip(got, known.expected, strict=True)
    return [text for pair in pairs if (text := disagreement(*pair, step))]


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("gcc"), reason="no gcc")
@pytest.mark.parametrize("name", BUILDERS)
def test_on_this_computer(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sanitized(monkeypatch, "gcc")
    assert not wrong_outputs(name, "host")


@pytest.mark.slow
@pytest.mark.spike
@pytest.mark.parametrize("name", BUILDERS)
def test_without_float_unit(name: str) -> None:
    need(load_machine("rv32imc"), "spike")
    assert not wrong_outputs(name, "rv32imc")
