"""What a session holds while it is open: a folder, executors, and a thread."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, TypeVar

from ..errors import DeployError
from ..execution.checks import Checks
from ..execution.executors import Executor, executor_for
from ..execution.runners import find_runner
from ..execution.tensors import Inputs, RunResult, Tensor, tensors_of
from .callbacks import Callbacks, Event, Listener, StepCallbacks, step_events

if TYPE_CHECKING:
    from .artifact import Artifact
    from .inspection import Inspection

T = TypeVar("T")


class Running:
    """Runs an artifact, one run at a time, between `open` and `close`."""

    artifact: Artifact
    runner: str
    """The name of the runner."""
    unit: str
    """What the runner counts: `instructions` or `ns`."""
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]

    def __init__(
        self, artifact: Artifact, runner: str | None, counted: bool, checks: Checks
    ) -> None:
        machine = artifact.machine
        self.artifact = artifact
        found = find_runner(machine, runner)
        checks.refuse_unfit(machine)
        self.runner, self.unit = found.name, found.unit
        self._machine = machine
        self._counted = counted
        self._checks = checks
        self._stack = ExitStack()
        self._lock = RLock()
        self._is_busy = False
        self._folder: Path | None = None
        self._executors: dict[bool, Executor] = {}
        self._inspection: Inspection | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._runs = Callbacks()
        self._steps = StepCallbacks()
        self._describe()

    # Its life.

    def open(self) -> None:
        """Makes it ready to run; raises `DeployError` when it is already."""
        if self._folder is not None:
            raise DeployError("expected a session that is not open, got an open one")
        self._prepare()
        self._thread = ThreadPoolExecutor(1, "deployopt")

    def _prepare(self) -> None:
        """Unpacks the artifact."""
        self._describe()
        self._folder = self._stack.enter_context(self.artifact.unpacked())

    def _describe(self) -> None:
        """Takes from the manifest what is asked for often."""
        manifest = self.artifact.manifest
        self.inputs = tensors_of(manifest, "inputs")
        self.outputs = tensors_of(manifest, "outputs")
        self._name = manifest["name"]
        self._steps.events = step_events(manifest, self.unit)

    def close(self) -> None:
        """Waits for what still runs, and gives everything back."""
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.shutdown()
        with self._alone():
            self._drop()

    def change(self, artifact: Artifact) -> None:
        """Runs another artifact from now on."""
        with self._alone():
            _ = self.folder
            self._drop()
            self.artifact = artifact
            self._prepare()

    def _drop(self) -> None:
        """Gives back what belongs to the artifact."""
        self._folder = self._inspection = None
        executors, self._executors = self._executors, {}
        with self._stack:
            for executor in executors.values():
                self._stack.callback(executor.close)

    @property
    def folder(self) -> Path:
        """The artifact's files; raises `DeployError` when it is not open."""
        if self._folder is None:
            raise DeployError("a session runs inside its with block")
        return self._folder

    @property
    def inspection(self) -> Inspection:
        """What looks inside."""
        from .inspection import Inspection

        _ = self.folder
        if self._inspection is None:
            self._inspection = Inspection(self.artifact, self.runner)
        return self._inspection

    # Runs.

    def run(self, runs: Sequence[Inputs], *, counted: bool = False) -> RunResult:
        """Runs once per entry; steps are counted if this or the session asks for it."""
        counted = counted or self._counted or bool(self._steps.callbacks)
        with self._alone():
            return self._told(runs, self._executor(counted))

    def totals(self, values: Inputs, runs: int) -> list[int]:
        """What each of some runs on the same inputs takes; nobody is told."""
        with self._alone():
            return self._executor(False).totals(values, runs)

    def submit(self, call: Callable[[], T]) -> Future[T]:
        """Does `call` in a thread of its own, behind those before it."""
        if self._thread is None:
            raise DeployError("a session runs inside its with block")
        return self._thread.submit(call)

    def _executor(self, counted: bool) -> Executor:
        """What runs the folder."""
        if counted not in self._executors:
            made = executor_for(
                self.folder, self._machine, self.runner, counted, self._checks
            )
            self._executors[counted] = made
            if counted and self._steps.callbacks:
                made.watch(self._steps.start, self._steps.finish)
        return self._executors[counted]

    @contextmanager
    def _alone(self) -> Generator[None]:
        """Keeps other threads waiting, and refuses what a callback must not do."""
        with self._lock:
            if self._is_busy:
                raise DeployError("a callback cannot use the session that calls it")
            self._is_busy = True
            try:
                yield
            finally:
                self._is_busy = False

    # Callbacks.

    def add_callbacks(
        self, start: Listener | None, finish: Listener | None, nodes: bool
    ) -> None:
        """Tells them about runs, or about the nodes in runs."""
        if not nodes:
            return self._runs.add(start, finish)
        with self._alone():
            self._executor(True).watch(self._steps.start, self._steps.finish)
            self._steps.callbacks.add(start, finish)

    def _told(self, runs: Sequence[Inputs], executor: Executor) -> RunResult:
        """Runs, and tells the callbacks."""
        event = Event(self._name, "", self.unit)
        self._runs.started(event)
        try:
            result = executor.run(runs)
        finally:
            self._steps.settle()
        self._runs.finished(event, sum(result.totals))
        return result
