"""What tests of `deployc` share."""

from __future__ import annotations

from pathlib import Path

import deployopt
import pytest
from deployopt.machine import load_machine
from deployopt.tools.command import run_command
from deployopt.tools.deployc import deployc
from lowered import sanitized
from session_models import RUNNERS
from small_models import convolution
from tiny_model import need
from tool import Call
from vector_programs import MACHINES


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs `deployc`: status, standard output, standard error."""

    def run(*args: str | Path) -> tuple[int, str, str]:
        status = run_command(lambda: deployc([str(arg) for arg in args]))
        output = capsys.readouterr()
        return status, output.out, output.err

    return run


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A small network whose batch has the name N."""
    path = tmp_path / "small.onnx"
    path.write_bytes(convolution("N").SerializeToString())
    return path


@pytest.fixture(scope="module", params=RUNNERS)
def artifact(request: pytest.FixtureRequest) -> deployopt.Artifact:
    """The small network, for a machine of each runner."""
    found = deployopt.compile(convolution(), request.param)
    need(found.machine, found.machine.default_runner)
    return found


@pytest.fixture(scope="module")
def host() -> deployopt.Artifact:
    """The small network, for this computer."""
    return deployopt.compile(convolution())


@pytest.fixture(params=MACHINES)
def vector_machine(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> str:
    """The name of a machine; on this computer with one of its compilers."""
    if request.param not in ("gcc", "clang"):
        machine = load_machine(request.param)
        need(machine, machine.default_runner)
        return machine.name
    sanitized(monkeypatch, request.param)
    return "host"
