"""Who is told that a run, or a node in it, starts and finishes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from ..errors import DeployError
from ..execution.steps import program_steps


@dataclass(frozen=True)
class Event:
    """What starts or finishes: runs of one call, or a step of the program."""

    name: str
    """Of the program, or of the ONNX node that the step computes."""
    op: str
    """The ONNX operator; empty for runs."""
    unit: str
    """What `count` counts: `instructions` or `ns`."""
    count: int | None = None
    """What it took; none at the start."""


Listener: TypeAlias = Callable[[Event], object]


@dataclass
class Callbacks:
    """Who is told, in the order in which they were added."""

    start: list[Listener] = field(default_factory=list[Listener])
    finish: list[Listener] = field(default_factory=list[Listener])

    def __bool__(self) -> bool:
        return bool(self.start or self.finish)

    def add(self, start: Listener | None, finish: Listener | None) -> None:
        """Adds those that are given; raises `DeployError` for what is no function."""
        for name, listener in (("start", start), ("finish", finish)):
            if listener is not None and not callable(listener):
                got = type(listener).__name__
                raise DeployError(f"expected a function, got {got}", node=name)
        self.start += [start] if start is not None else []
        self.finish += [finish] if finish is not None else []

    def started(self, event: Event) -> None:
        """Tells everyone about a start."""
        for listener in self.start:
            listener(event)

    def finished(self, event: Event, count: int) -> None:
        """Tells everyone about an end."""
        for listener in self.finish:
            listener(replace(event, count=count))


@dataclass
class StepCallbacks:
    """
    Tells `callbacks` about steps, from inside the program.

    What a listener raises cannot go through the program: it is kept, nobody is told any
    more, and `settle` raises it after the run.
    """

    callbacks: Callbacks = field(default_factory=Callbacks)
    events: Sequence[Event] = ()
    """What each step is."""
    failure: BaseException | None = None

    def start(self, step: int) -> None:
        """Before a step."""
        self._guarded(lambda: self.callbacks.started(self.events[step]))

    def finish(self, step: int, count: int) -> None:
        """After a step."""
        self._guarded(lambda: self.callbacks.finished(self.events[step], count))

    def _guarded(self, tell: Callable[[], None]) -> None:
        if self.failure is not None:
            return
        try:
            tell()
        except BaseException as error:
            self.failure = error

    def settle(self) -> None:
        """Raises what a listener raised in the run that has ended."""
        failure, self.failure = self.failure, None
        if failure is not None:
            raise failure


def step_events(manifest: dict[str, Any], unit: str) -> list[Event]:
    """What each step of a program is."""
    operators: dict[str, str] = manifest["nodes"]
    return [
        Event(step["name"], operators.get(step["name"], ""), unit)
        for step in program_steps(manifest)
    ]
