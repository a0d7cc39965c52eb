"""
From what was asked for (`fuse,tile{sizes=8,8},cse`) to the passes that will run.

A named phase brings the phases it needs before it. On a module with `deploy.phase`,
that is everything not finished yet; on a hand-written one, everything from the first
phase whose operations occur in it. A phase that is finished already is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.passes import ModulePass, PassPipeline
from xdsl.utils.arg_spec import ArgSpec, parse_pipeline
from xdsl.utils.exceptions import ArgSpecParseError

from .errors import DeployError, UsageError, one_line
from .pipeline import PHASE_ATTRIBUTE, PHASE_NAMES, PHASES, FinishPhasePass, Phase

Passes = Mapping[str, Callable[[], type[ModulePass]]]
"""Pass name -> function that imports the pass."""

NAMED = PHASE_NAMES[1:]
"""The phases that can be asked for; the first one is done by reading the model."""


def parse_requests(text: str, passes: Passes) -> tuple[ArgSpec, ...]:
    """
    The comma list `text` as names with options, each of them known and well formed.

    Raises `UsageError`.
    """
    try:
        requests = tuple(parse_pipeline(text))
    except ArgSpecParseError as error:
        raise UsageError(parse_complaint(error), node=f"-p '{text}'") from None
    for request in requests:
        check_request(request, passes)
    return requests


def parse_complaint(error: ArgSpecParseError) -> str:
    """What is wrong and in which column, from xDSL's picture of the mistake."""
    _, place, *_, complaint = str(error).strip().splitlines()
    column = place.rpartition(":")[2]
    return f"{complaint.strip().lower()}, at column {column}"


def check_request(request: ArgSpec, passes: Passes) -> None:
    """Raises `UsageError` for an unknown name or an option that does not fit."""
    if request.name in NAMED:
        phase_passes(phase_called(request.name), request, passes)
    elif request.name in passes:
        build_pass(request, passes)
    else:
        known = [*NAMED, *passes]
        raise UsageError("unknown pass", node=request.name, hint=like(request, known))


def like(request: ArgSpec, known: Iterable[str]) -> str | None:
    """A hint with the known name nearest to the one that was asked for."""
    from difflib import get_close_matches

    near = get_close_matches(request.name, known, n=1)
    return f"did you mean '{near[0]}'?" if near else None


def phase_called(name: str) -> Phase:
    """The phase with this name, which exists."""
    return PHASES[PHASE_NAMES.index(name)]


def build_pass(spec: ArgSpec, passes: Passes) -> ModulePass:
    """The pass that `spec` describes; raises `UsageError` if its options do not fit."""
    try:
        return passes[spec.name]().from_spec(spec)
    except ValueError as error:
        raise UsageError(one_line(str(error)), node=spec.name) from None


def phase_passes(
    phase: Phase, request: ArgSpec | None, passes: Passes
) -> tuple[ModulePass, ...]:
    """
    The passes of `phase`; each option of `request` goes to all of them that have it.

    Raises `UsageError` for an option that none of them has.
    """
    specs = [spec for text in phase.passes for spec in parse_pipeline(text)]
    given = request.normalize_parameter_names().parameters if request else {}
    unknown = set(given)
    built: list[ModulePass] = []
    for spec in specs:
        known = given.keys() & passes[spec.name]().__dataclass_fields__.keys()
        options = {name: value for name, value in given.items() if name in known}
        parameters = spec.normalize_parameter_names().parameters | options
        built.append(build_pass(ArgSpec(spec.name, parameters), passes))
        unknown -= known
    if unknown:
        message = f"no pass of this phase has an option '{min(unknown)}'"
        raise UsageError(message, node=phase.name)
    return tuple(built)


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
        shown = (p for p in self.passes if not isinstance(p, FinishPhasePass))
        return [str(one.spec()) for one in shown]


def resolve(
    requests: Iterable[ArgSpec],
    module: ModuleOp | None,
    passes: Passes,
    *,
    strict: bool = False,
) -> Resolution:
    """
    The passes that `requests` mean for `module` (None: for a freshly imported model).

    `strict` raises `DeployError` instead of adding a phase or leaving one out.
    """
    finished = 0 if module is None else finished_phase(module)
    resolution = Resolution()
    for request in requests:
        if request.name not in NAMED:
            resolution.passes.append(build_pass(request, passes))
            continue
        last = PHASE_NAMES.index(request.name)
        if finished is not None:
            first = finished + 1
        else:
            assert module is not None
            first = min(first_needed(module), last)
        if remark := difference(request.name, PHASE_NAMES[first:last], first > last):
            resolution.remarks.append(remark)
        for phase in PHASES[first : last + 1]:
            own = request if phase.name == request.name else None
            resolution.passes += phase_passes(phase, own, passes)
            resolution.passes.append(FinishPhasePass(phase.name))
        finished = max(last, finished or 0)
    if strict and resolution.remarks:
        raise DeployError(resolution.remarks[0], hint="--strict runs what is asked for")
    return resolution


def difference(name: str, added: tuple[str, ...], done: bool) -> str | None:
    """How what will run differs from what was asked for, in one line."""
    if done:
        return f"'{name}' is finished already and is left out"
    if added:
        names = ", ".join(f"'{phase}'" for phase in added)
        return f"'{name}' needs {names} first"
    return None


def run(
    ctx: Context, module: ModuleOp, text: str, passes: Passes, *, verified: bool = True
) -> list[str]:
    """
    Runs what `text` asks for on `module`, and verifies what has become of it.

    Between passes `deployopt` verifies; here it would be a third of the time. Returns
    the remarks. Raises `DeployError`, or xDSL's `DiagnosticException`.
    """
    resolution = resolve(parse_requests(text, passes), module, passes)
    PassPipeline(tuple(resolution.passes)).apply(ctx, module)
    if verified:
        module.verify()
    return resolution.remarks
