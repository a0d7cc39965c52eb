"""Runs a compiled model: inputs in, run, outputs out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ..errors import DeployError
from ..execution.build import code_size
from ..execution.checks import Checks
from ..execution.tensors import (
    Array,
    RunResult,
    Tensor,
    arrays_of,
    empty,
    filled,
    fitting,
    place,
)
from .benchmark import Benchmark, Schedule, measured
from .callbacks import Listener
from .running import Running

if TYPE_CHECKING:
    from .artifact import Artifact


class Session:
    """
    Runs one artifact on one runner, inside a `with` block.

    Values are checked, never cast: an array must have the dtype and the shape that
    `inputs` states. A session may be used by several threads: they take turns. Several
    sessions run at once.
    """

    result: RunResult | None
    """Counts and console text of the last run."""

    def __init__(
        self, artifact: Artifact, runner: str | None, profile: bool, checks: Checks
    ) -> None:
        self._running = Running(artifact, runner, profile, checks)
        self._values: dict[str, Array] = {}
        self.result = None

    def __repr__(self) -> str:
        return f"<Session of {self.artifact.name} on {self.runner}>"

    def __enter__(self) -> Self:
        self._running.open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._running.close()

    @property
    def artifact(self) -> Artifact:
        """What is run: another one once parameters have been loaded."""
        return self._running.artifact

    @property
    def runner(self) -> str:
        """The name of the runner."""
        return self._running.runner

    @property
    def inputs(self) -> tuple[Tensor, ...]:
        """Name, dtype and shape of each input, in the graph's order."""
        return self._running.inputs

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        """The same of each output."""
        return self._running.outputs

    # To run.

    def set_input(self, key: str | int, array: Array) -> None:
        """
        Gives input `key` (name or index) a copy of `array` for the next runs.

        Raises `DeployError` when there is no such input, or dtype or shape differ.
        """
        tensor = self.inputs[place(self.inputs, key, "input")]
        fitting(tensor, array)
        self._values[tensor.name] = filled(tensor, empty(tensor), array)

    def run(self) -> None:
        """Runs the model once; every input must have been set."""
        self.result = self._running.run([self._given()])

    def run_async(self) -> Future[dict[str, Array]]:
        """
        Runs the model once, on the inputs as they are now, without waiting.

        The result of the future is every output by name. Runs of one session follow one
        another; leaving the `with` block waits for them.
        """
        return self._running.submit(partial(self._outputs_for, self._given()))

    def run_many(self, inputs: Sequence[Mapping[str, Array]]) -> list[list[Array]]:
        """Runs the model once per entry, in one start of the runner."""
        if isinstance(inputs, Mapping):
            raise DeployError("expected a list of runs, got the inputs of one")
        runs = [arrays_of(self.inputs, given) for given in inputs]
        self.result = result = self._running.run(runs)
        return [list(outputs) for outputs in result.outputs]

    def get_output(self, key: str | int, out: Array | None = None) -> Array:
        """
        Output `key` (name or index) of the last run; `out` is filled and returned.

        Raises `DeployError` before the first run, or when `out` does not fit.
        """
        if self.result is None:
            raise DeployError("run the session before asking for an output")
        number = place(self.outputs, key, "output")
        value = self.result.outputs[-1][number]
        return value.copy() if out is None else filled(self.outputs[number], out, value)

    def __call__(self, **arrays: Array) -> dict[str, Array]:
        """Sets all inputs by name, runs, and returns every output by name."""
        for tensor in self.inputs:
            if tensor.name not in arrays:
                raise DeployError("this input must be given", node=tensor.name)
        for name, array in arrays.items():
            self.set_input(name, array)
        return self._outputs_for(self._given())

    def add_callbacks(
        self,
        start: Listener | None = None,
        finish: Listener | None = None,
        *,
        nodes: bool = False,
    ) -> None:
        """
        Calls `start` and `finish` with an event at both ends of each run.

        With `nodes`, of each step of the program, which names its ONNX node. Raises
        `UsageError` where steps are not known while they run: in simulators.
        """
        self._running.add_callbacks(start, finish, nodes)

    # To change parameters.

    def load_params(self, params: str | Path | Mapping[str, Array]) -> None:
        """
        Runs with other values of initializers from now on.

        `params` has arrays by the names of initializers, or is an npz file of such. The
        model is compiled again with the same plan. Raises `DeployError` when there is
        no such initializer, or dtype or shape differ; then nothing changes.
        """
        from .arrays import read_npz

        values = params if isinstance(params, Mapping) else read_npz(params)
        self._change(self.artifact.with_params(values))

    def share_params(self, other: Session) -> None:
        """
        Runs with the parameters of `other` from now on: both use the same image.

        There is one copy of the weights then. What `other` loads later is its own
        again. Raises `DeployError` for a session of another model or machine.
        """
        self.artifact.check_same_program(getattr(other, "artifact", other))
        self._change(other.artifact)

    def _change(self, artifact: Artifact) -> None:
        self._running.change(artifact)
        self.result = None

    # To measure.

    def benchmark(
        self,
        repeat: int = 5,
        number: int = 10,
        min_repeat_ms: float = 0,
        warmup: int = 1,
        cooldown_ms: float = 0,
    ) -> Benchmark:
        """
        What a run takes, on the inputs that are set: `repeat` samples.

        A sample is the mean of `number` runs, of more where these take less than
        `min_repeat_ms` milliseconds. `warmup` runs come before and do not count;
        `cooldown_ms` milliseconds pass between samples. Seconds on this computer,
        executed instructions in simulators.
        """
        schedule = Schedule(repeat, number, min_repeat_ms, warmup, cooldown_ms)
        given = self._given()
        running = self._running
        return measured(schedule, running.unit, partial(running.totals, given))

    def profile(
        self, file: str | Path | None = None, format: str = "json"
    ) -> dict[str, Any]:
        """
        What each ONNX node cost in the last run, or in one that is made for it.

        With `file`, writes it there: as JSON, or with format `trace` for Chrome's
        `about:tracing` and Perfetto. Raises `UsageError` for another format, or one
        without a file.
        """
        from .profile import check_format, profile_table, write_profile

        check_format(format, file)
        if self.result is None or not self.result.is_counted:
            self.result = self._running.run([self._given()], counted=True)
        table = profile_table(self.artifact, self.runner, self.result) | self.checks()
        if file is not None:
            steps = self.result.steps[-1]
            write_profile(file, format, self.artifact.manifest, table, steps)
        return table

    def node_costs(self) -> list[dict[str, Any]]:
        """
        What each ONNX node cost in the last run; empty when steps were not counted.

        `instructions` counts what the runner's unit says: nanoseconds if native.
        """
        if self.result is None or not self.result.is_counted:
            return []
        return self.artifact.node_costs(self.result.steps[-1])

    def code_bytes(self) -> int:
        """Machine code of the model's own sources; builds them once more."""
        return code_size(self._running.folder, self.artifact.machine)

    def checks(self) -> dict[str, Any]:
        """
        What the checks counted in the last run; empty when nothing was watched.

        `stack` has `size` and `used` in bytes, `traffic` the bytes moved between
        levels, as `predicted` and as `measured`.
        """
        if self.result is None or self.result.report is None:
            return {}
        report = self.result.report
        predicted = self.artifact.manifest["traffic"]
        return {
            "stack": {"size": report.stack_size, "used": report.stack_used},
            "traffic": {"predicted": predicted, "measured": dict(report.traffic)},
        }

    # To look inside.

    def debug_get_output(self, name: str, out: Array | None = None) -> Array:
        """
        The value of any tensor of the ONNX model, for the inputs that are set.

        One that the program does not keep is computed by another build, in which it is
        an output. `out` is filled and returned. Raises `DeployError` when there is no
        such tensor, when `out` does not fit, or when the model is not known.
        """
        value = self._running.inspection.value(name, self._given())
        tensor = Tensor(name, value.dtype, value.shape)
        return value if out is None else filled(tensor, out, value)

    def dump(self, folder: str | Path, format: str = "npz") -> None:
        """
        Writes what each ONNX node reads and makes, for the inputs that are set.

        `format` is `npz`, `txt` or `bin`; `dump.json` in the folder says what stands
        where. An older dump is replaced. Raises `DeployError`.
        """
        from .dump import check_dump, write_dump

        check_dump(folder, format)
        inspection = self._running.inspection
        values = inspection.values(inspection.graph.read_and_made, self._given())
        write_dump(folder, inspection.graph, values, format)

    # What the methods share.

    def _given(self) -> dict[str, Array]:
        """The inputs that are set, which must be all."""
        for tensor in self.inputs:
            if tensor.name not in self._values:
                raise DeployError("this input has not been set", node=tensor.name)
        return {tensor.name: self._values[tensor.name] for tensor in self.inputs}

    def _outputs_for(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """Runs on these inputs: every output by name."""
        self.result = result = self._running.run([values])
        names = [tensor.name for tensor in self.outputs]
        copies = [value.copy() for value in result.outputs[-1]]
        return dict(zip(names, copies, strict=True))
