"""Runs a compiled model: inputs in, run, outputs out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from ..errors import DeployError
from ..execution.build import code_size
from ..execution.checks import Checks
from ..execution.execute import RunResult, Tensor, execute, read_tensors
from ..execution.runners import find_runner

if TYPE_CHECKING:
    from .artifact import Artifact

Array: TypeAlias = NDArray[Any]


class Session:
    """
    Runs one artifact on one runner, inside a `with` block.

    Values are checked, never cast: an array must have the dtype and the shape that
    `inputs` states.
    """

    inputs: tuple[Tensor, ...]
    """Name, dtype and shape of each input, in the graph's order."""
    outputs: tuple[Tensor, ...]
    """The same of each output."""
    result: RunResult | None
    """Counts and console text of the last run."""

    def __init__(
        self, artifact: Artifact, runner: str | None, profile: bool, checks: Checks
    ) -> None:
        self._artifact = artifact
        self._machine = artifact.machine
        self._runner = find_runner(self._machine, runner).name
        checks.refuse_unfit(self._machine)
        self._checks = checks
        self._profile = profile
        self._stack = ExitStack()
        self._folder: Path | None = None
        self._values: dict[str, Array] = {}
        self.result = None

    def __enter__(self) -> Self:
        self._folder = self._stack.enter_context(self._artifact.unpacked())
        self.inputs = read_tensors(self._folder, "inputs")
        self.outputs = read_tensors(self._folder, "outputs")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._folder = None
        self._stack.close()

    @property
    def runner(self) -> str:
        """The name of the runner."""
        return self._runner

    def set_input(self, key: str | int, array: Array) -> None:
        """
        Gives input `key` (name or index) a copy of `array` for the next runs.

        Raises `DeployError` when there is no such input, or dtype or shape differ.
        """
        tensor = self.inputs[place(self.inputs, key, "input")]
        self._values[tensor.name] = checked(tensor, array).copy()

    def run(self) -> None:
        """Runs the model once; every input must have been set."""
        missing = [t.name for t in self.inputs if t.name not in self._values]
        if missing:
            raise DeployError("this input has not been set", node=missing[0])
        self.result = self._execute([self._values])

    def run_many(self, inputs: Sequence[Mapping[str, Array]]) -> list[list[Array]]:
        """Runs the model once per entry, in one start of the runner."""
        runs = [
            {t.name: checked(t, pick(t, given)) for t in self.inputs}
            for given in inputs
        ]
        self.result = self._execute(runs)
        return [list(outputs) for outputs in self.result.outputs]

    def get_output(self, key: str | int, out: Array | None = None) -> Array:
        """
        Output `key` (name or index) of the last run; `out` is filled and returned.

        Raises `DeployError` before the first run, or when `out` does not fit.
        """
        if self.result is None:
            raise DeployError("run the session before asking for an output")
        number = place(self.outputs, key, "output")
        value = self.result.outputs[-1][number]
        if out is None:
            return value.copy()
        np.copyto(checked(self.outputs[number], out), value)
        return out

    def __call__(self, **arrays: Array) -> dict[str, Array]:
        """Sets all inputs by name, runs, and returns every output by name."""
        for tensor in self.inputs:
            if tensor.name not in arrays:
                raise DeployError("this input must be given", node=tensor.name)
        for name, array in arrays.items():
            self.set_input(name, array)
        self.run()
        return {t.name: self.get_output(n) for n, t in enumerate(self.outputs)}

    def node_costs(self) -> list[dict[str, Any]]:
        """
        What each ONNX node cost in the last run; empty without `profile`.

        `instructions` counts what the runner's unit says: nanoseconds if native.
        """
        if self.result is None or not self._profile:
            return []
        return self._artifact.node_costs(self.result.steps[-1])

    def code_bytes(self) -> int:
        """Machine code of the model's own sources; builds them once more."""
        return code_size(self._open_folder(), self._machine)

    def checks(self) -> dict[str, Any]:
        """
        What the checks counted in the last run; empty when nothing was watched.

        `stack` has `size` and `used` in bytes, `traffic` the bytes moved between
        levels, as `predicted` and as `measured`.
        """
        if self.result is None or self.result.report is None:
            return {}
        report = self.result.report
        predicted = self._artifact.manifest["traffic"]
        return {
            "stack": {"size": report.stack_size, "used": report.stack_used},
            "traffic": {"predicted": predicted, "measured": dict(report.traffic)},
        }

    def _open_folder(self) -> Path:
        if self._folder is None:
            raise DeployError("a session runs inside its with block")
        return self._folder

    def _execute(self, runs: Sequence[Mapping[str, Array]]) -> RunResult:
        folder = self._open_folder()
        return execute(
            folder,
            self._machine,
            self._runner,
            runs,
            self._profile,
            checks=self._checks,
        )


def pick(tensor: Tensor, given: Mapping[str, Array]) -> Array:
    """The array for `tensor`."""
    if tensor.name not in given:
        raise DeployError("expected an array for this input", node=tensor.name)
    return given[tensor.name]


def place(tensors: Sequence[Tensor], key: str | int, what: str) -> int:
    """The number of the tensor called or numbered `key`."""
    names = [tensor.name for tensor in tensors]
    if isinstance(key, str) and key in names:
        return names.index(key)
    if isinstance(key, int) and 0 <= key < len(names):
        return key
    known = ", ".join(names) or "none"
    raise DeployError(f"expected one of the {what}s {known}, got {key!r}")


def checked(tensor: Tensor, array: Array) -> Array:
    """`array`, which must have the dtype and shape of `tensor`."""
    kind = type(cast(object, array))
    if not issubclass(kind, np.ndarray):
        reason = f"expected a numpy array, got {kind.__name__}"
        raise DeployError(reason, node=tensor.name)
    if array.dtype != tensor.dtype or array.shape != tensor.shape:
        expected = f"{tensor.dtype.name} of shape {list(tensor.shape)}"
        found = f"{array.dtype.name} of shape {list(array.shape)}"
        raise DeployError(f"expected {expected}, got {found}", node=tensor.name)
    return array
