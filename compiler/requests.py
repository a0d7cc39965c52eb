"""
What `-p` takes: names of passes and phases, with options, looked up in the table.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

from xdsl.ir import Operation
from xdsl.passes import ModulePass
from xdsl.utils.arg_spec import ArgSpec, parse_pipeline
from xdsl.utils.exceptions import ArgSpecParseError

from .errors import DeployError, UsageError, one_line
from .pipeline import PHASE_NAMES, PHASES, Phase
from .properties import Property, effects_of, ordered

Table = Mapping[str, Callable[[], type[ModulePass]]]
"""Pass name -> function that imports the pass."""


class Passes(dict[str, Callable[[], type[ModulePass]]]):
    """A table of passes, and what plugins add besides, to phases and dialects."""

    def __init__(
        self,
        passes: Table,
        added: Sequence[tuple[str, str]] = (),
        operations: Sequence[type[Operation]] = (),
    ) -> None:
        super().__init__(passes)
        self.added = tuple(added)
        """Pairs of a phase and a pass that a plugin adds to it."""
        self.operations = tuple(operations)
        """Operations that plugins add."""


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
    type_ = passes[spec.name]()
    if not spec.parameters and all(map(has_default, dataclasses.fields(type_))):
        return type_()  # or the types of options would be looked up, each time anew
    try:
        return type_.from_spec(spec)
    except ValueError as error:
        raise UsageError(one_line(str(error)), node=spec.name) from None


def has_default(field: dataclasses.Field[object]) -> bool:
    """Whether an option may be left out."""
    missing = dataclasses.MISSING
    return field.default is not missing or field.default_factory is not missing


def phase_passes(
    phase: Phase, request: ArgSpec | None, passes: Passes
) -> tuple[ModulePass, ...]:
    """
    The passes of `phase`; each option of `request` goes to all of them that have it.

    They stand as in the table, but for what their needs demand. Raises `UsageError` for
    an option that none of them has.
    """
    given = request.normalize_parameter_names().parameters if request else {}
    unknown = set(given)
    built: list[ModulePass] = []
    for spec in specs_of(phase, passes):
        known = given.keys() & passes[spec.name]().__dataclass_fields__.keys()
        options = {name: value for name, value in given.items() if name in known}
        parameters = spec.normalize_parameter_names().parameters | options
        built.append(build_pass(ArgSpec(spec.name, parameters), passes))
        unknown -= known
    if unknown:
        message = f"no pass of this phase has an option '{min(unknown)}'"
        raise UsageError(message, node=phase.name)
    return tuple(ordered(built, established_before(phase, passes)))


def established_before(phase: Phase, passes: Passes) -> set[Property]:
    """What the phases before `phase` establish."""
    before = PHASES[: PHASES.index(phase)]
    specs = [spec for earlier in before for spec in specs_of(earlier, passes)]
    made = {p for one in specs for p in effects_of(passes[one.name]()).establishes}
    return made.union(*(earlier.establishes for earlier in before))


def specs_of(phase: Phase, passes: Passes) -> list[ArgSpec]:
    """The passes of `phase` as the table has them, then those of plugins."""
    texts = (*phase.passes, *(name for at, name in passes.added if at == phase.name))
    return [spec for text in texts for spec in specs_in(text)]


@cache
def specs_in(text: str) -> tuple[ArgSpec, ...]:
    """The passes that a line of the table names: the same for every module."""
    return tuple(parse_pipeline(text))


def phase_of(name: str) -> int:
    """The place of the first phase with pass `name`; behind all where none has it."""
    places = (n for n, p in enumerate(PHASES) if name in map(pass_name, p.passes))
    return next(places, len(PHASES))


def pass_name(text: str) -> str:
    """The name in `name{options}`."""
    return text.partition("{")[0]


def establisher(need: Property, passes: Passes) -> tuple[int, ArgSpec]:
    """The first pass of the table that establishes `need`, and its phase's place."""
    for place, phase in enumerate(PHASES):
        for spec in specs_of(phase, passes):
            if need in effects_of(passes[spec.name]()).establishes:
                return place, spec
    raise DeployError(f"no pass establishes '{need}'")
