"""
Handwritten digits, classified on a simulated RISC-V machine without operating system.

The network is compiled for the machine `rv64gcv` twice, in float32 and in int8, and
both programs run on one image.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import DeployError, UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..machine import Machine

    Array: TypeAlias = NDArray[Any]

MACHINE = "rv64gcv"
MODELS = {"float32": "digits.onnx", "int8": "digits_int8.onnx"}
IMAGES = "test.npz"
DEFAULT_IMAGE = 145

BRIGHTEST = 16
"""The value of a pixel that is all ink."""

PACKAGE_DIR = Path(__file__).resolve().parent.parent
INSTALL_HINT = "pip install 'deployopt[run]' brings a C compiler and a simulator"


@dataclass(frozen=True)
class Digit:
    """One of the test images: 8x8 pixels from 0 to `BRIGHTEST`, and what was meant."""

    pixels: Array
    label: int

    @property
    def image(self) -> Array:
        """What the network takes, float32[1, 1, 8, 8] from 0 to 1."""
        import numpy as np

        return (self.pixels / np.float32(BRIGHTEST)).astype(np.float32)[None, None]


@dataclass(frozen=True)
class Outcome:
    """What one program said, what it cost and what it occupies."""

    probabilities: Array
    costs: list[dict[str, Any]]
    memory: dict[str, Any]
    nodes: list[str]
    """The network's nodes in order."""
    seconds: tuple[float, float]
    """To compile, and to build and run."""
    runner: str

    @property
    def instructions(self) -> int:
        """All that the layers took."""
        return sum(cost["instructions"] for cost in self.costs)


def digits_dir() -> Path:
    """The networks and images: inside an installed package, else beside it."""
    installed = PACKAGE_DIR / "_examples"
    folder = installed if installed.is_dir() else PACKAGE_DIR.parent / "examples"
    return folder / "digits"


def load_digit(index: int) -> tuple[Digit, int]:
    """
    The test image of that number, and how many there are.

    Raises `UsageError` when there is none.
    """
    import numpy as np

    with np.load(digits_dir() / IMAGES) as data:
        images, labels = data["images"], data["labels"]
    count = len(labels)
    if not 0 <= index < count:
        raise UsageError(f"expected 0 to {count - 1}, got {index}", node="INDEX")
    return Digit(images[index, 0], int(labels[index])), count


def find_runner_here(machine: Machine) -> str:
    """
    The first runner of `machine` that is installed.

    Raises `DeployError`, with what to install, when there is none or no C compiler.
    """
    from ..execution.runners import runner_available
    from ..execution.toolchain import find_toolchain

    here = [name for name in machine.runners if runner_available(machine, name)]
    lacking = [] if here else [f"found none of {', '.join(machine.runners)}"]
    try:
        find_toolchain(machine)
    except DeployError as error:
        lacking.append(str(error) if error.node else error.reason)
    if lacking:
        raise DeployError(" and ".join(lacking), node="demo", hint=INSTALL_HINT)
    return here[0]


def run(name: str, digit: Digit, machine: Machine, runner: str) -> Outcome:
    """Compiles one of the networks, runs it on `digit` and reads back the result."""
    from ..api import compile

    start = time.monotonic()
    artifact = compile(digits_dir() / name, machine)
    compiled = time.monotonic()
    with artifact.session(runner, profile=True) as session:
        result = session(image=digit.image)["probabilities"][0]
        costs = session.node_costs()
    manifest = artifact.manifest
    seconds = (compiled - start, time.monotonic() - compiled)
    nodes = list(manifest["nodes"])
    return Outcome(result, costs, manifest["memory"], nodes, seconds, runner)
