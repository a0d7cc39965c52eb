"""
From what was asked for (`fuse,tile{sizes=8,8},cse`) to the passes that will run.

A named phase brings the phases it needs before it. On a module with `deploy.phase`,
that is everything not finished yet; on a hand-written one, everything from the first
phase whose operations occur in it. A phase that is finished already is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.passes import ModulePass, PassPipeline
from xdsl.utils.arg_spec import ArgSpec

from .errors import DeployError
from .pipeline import PHASE_ATTRIBUTE, PHASE_NAMES, PHASES, FinishPhasePass, Phase
from .properties import Property, effects_of
from .requests import (
    NAMED,
    Passes,
    build_pass,
    establisher,
    parse_requests,
    phase_of,
    phase_passes,
    specs_of,
)
from .state import State, WriteStatePass, written_state
from .verifying import verify


def finished_phase(module: ModuleOp) -> int | None:
    """
    The place in the table of the last phase `module` went through; None by hand.

    Raises `DeployError` for a name that is not in the table.
    """
    attribute = module.attributes.get(PHASE_ATTRIBUTE)
    if attribute is None:
        return None
    name = attribute.data if isinstance(attribute, StringAttr) else str(attribute)
    if name not in PHASE_NAMES:
        known = ", ".join(PHASE_NAMES)
        raise DeployError(
            f"expected one of {known}, got '{name}'", node=PHASE_ATTRIBUTE
        )
    return PHASE_NAMES.index(name)


def first_needed(module: ModuleOp) -> int:
    """The place of the first phase whose operations a hand-written `module` holds."""
    needs = len(PHASES)
    for op in module.walk():
        working = (i for i, phase in enumerate(PHASES[:needs]) if phase.works_on(op))
        needs = next(working, needs)
    return needs


@dataclass
class Resolution:
    """The passes that will run, and what to tell about them."""

    passes: list[ModulePass] = field(default_factory=list[ModulePass])
    """In order, with a `FinishPhasePass` at the end of every phase."""

    remarks: list[str] = field(default_factory=list[str])
    """What was added or left out, one line each."""

    def lines(self) -> list[str]:
        """The passes as text, one `pass{options}` each."""
        silent = FinishPhasePass | WriteStatePass
        shown = (p for p in self.passes if not isinstance(p, silent))
        return [str(one.spec()) for one in shown]


@dataclass
class Resolver:
    """Follows a module through the passes that are asked for."""

    passes: Passes
    module: ModuleOp | None
    """The module at the start; None for a freshly imported model."""
    finished: int | None
    """The place of the last finished phase; None for a module written by hand."""
    state: State
    """What holds of the module; nothing is known of one written by hand."""
    resolution: Resolution = field(default_factory=Resolution)

    @staticmethod
    def of(module: ModuleOp | None, passes: Passes) -> Resolver:
        """At the start, with `module` or, for None, with a freshly imported model."""
        finished = 0 if module is None else finished_phase(module)
        state = None if module is None else written_state(module)
        if state is None:
            state = state_after(finished, passes)
        return Resolver(passes, module, finished, state)

    def request(self, request: ArgSpec) -> None:
        """Adds what `request` means, and says what had to come before."""
        if request.name in NAMED:
            self.named_phase(request)
            return
        one = build_pass(request, self.passes)
        self.remark(difference(request.name, self.provide(one)))
        self.add(one)

    def named_phase(self, request: ArgSpec) -> None:
        """Adds the phase that `request` names, and those before it."""
        last = PHASE_NAMES.index(request.name)
        if self.finished is not None:
            first = self.finished + 1
        else:
            assert self.module is not None, "an imported one has finished a phase"
            first = min(first_needed(self.module), last)
        added = [phase.name for phase in PHASES[first:last]]
        self.remark(difference(request.name, added, is_done=first > last))
        for phase in PHASES[first : last + 1]:
            self.phase(phase, request if phase.name == request.name else None)

    def remark(self, text: str | None) -> None:
        """Remembers what to tell, if there is something."""
        if text is not None:
            self.resolution.remarks.append(text)

    def phase(self, phase: Phase, request: ArgSpec | None = None) -> None:
        """Adds a whole phase."""
        place = PHASE_NAMES.index(phase.name)
        for one in phase_passes(phase, request, self.passes):
            for need in self.state.missing(effects_of(one)):
                self.refuse_ended(one, need, beyond=place)
            self.add(one)
        self.state.establish(phase.establishes)
        self.resolution.passes.append(FinishPhasePass(phase.name))
        self.finished = max(place, self.finished or 0)

    def add(self, one: ModulePass) -> None:
        """Adds one pass."""
        self.resolution.passes.append(one)
        self.state.follow(one.name, effects_of(one))

    def provide(self, one: ModulePass) -> list[str]:
        """Adds what `one` needs and has not got; returns the names, in order."""
        added: list[str] = []
        for need in effects_of(one).needs:
            if not self.state.holds(need):
                self.refuse_ended(one, need)
                added += self.establish(need, before=one.name)
        return added

    def establish(self, need: Property, before: str) -> list[str]:
        """
        Adds what establishes `need`; returns the names, in order.

        That is a whole phase where pass `before` is of a later one. Nothing is added to
        a module written by hand.
        """
        if self.finished is None:
            return []
        place, spec = establisher(need, self.passes)
        last = place if place < phase_of(before) else place - 1
        phases = PHASES[self.finished + 1 : last + 1]
        for phase in phases:
            self.phase(phase)
        names = [phase.name for phase in phases]
        if self.state.holds(need):
            return names
        one = build_pass(spec, self.passes)
        names += [*self.provide(one), one.name]
        self.add(one)
        return names

    def refuse_ended(self, one: ModulePass, need: Property, beyond: int = -1) -> None:
        """Raises `DeployError` when `need` was ended, by a pass behind that phase."""
        by = self.state.ended_by.get(need)
        if by is not None and phase_of(by) > beyond:
            reason = f"needs '{need}', which '{by}' has ended"
            raise DeployError(reason, node=one.name, hint=f"run it before '{by}'")

    def finish(self) -> Resolution:
        """What has been asked for, with the state written where a phase is open."""
        if self.finished is not None:
            is_between = self.state == state_after(self.finished, self.passes)
            state = None if is_between else self.state
            self.resolution.passes.append(WriteStatePass(state))
        return self.resolution


def state_after(finished: int | None, passes: Passes) -> State:
    """What holds when that many phases are finished; nothing is known for None."""
    state = State()
    for phase in PHASES[: 0 if finished is None else finished + 1]:
        for spec in specs_of(phase, passes):
            state.follow(spec.name, effects_of(passes[spec.name]()))
        state.establish(phase.establishes)
    return state


def resolve(
    requests: Iterable[ArgSpec],
    module: ModuleOp | None,
    passes: Passes,
    *,
    strict: bool = False,
) -> Resolution:
    """
    The passes that `requests` mean for `module` (None: for a freshly imported model).

    Raises `DeployError` for a pass that needs what another one has ended; with `strict`
    also instead of adding or leaving out something.
    """
    resolver = Resolver.of(module, passes)
    for request in requests:
        resolver.request(request)
    resolution = resolver.finish()
    if strict and resolution.remarks:
        raise DeployError(resolution.remarks[0], hint="--strict runs what is asked for")
    return resolution


def difference(name: str, added: Sequence[str], *, is_done: bool = False) -> str | None:
    """How what will run differs from what was asked for, in one line."""
    if is_done:
        return f"'{name}' is finished already and is left out"
    if added:
        names = ", ".join(f"'{one}'" for one in added)
        return f"'{name}' needs {names} first"
    return None


def run(
    ctx: Context,
    module: ModuleOp,
    text: str,
    passes: Passes,
    *,
    until: Property | None = None,
    verified: bool = True,
) -> list[str]:
    """
    Runs what `text` asks for on `module`, and verifies what has become of it.

    It ends before the first pass that would end property `until`. Between passes
    `deployopt` verifies; here it would be a third of the time. Returns the remarks.
    Raises `DeployError`, or xDSL's `DiagnosticException`.
    """
    resolution = resolve(parse_requests(text, passes), module, passes)
    wanted = takewhile(lambda one: until not in effects_of(one).ends, resolution.passes)
    PassPipeline(tuple(wanted)).apply(ctx, module)
    if verified:
        verify(module)
    return resolution.remarks
