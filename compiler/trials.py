"""
Trying phases `tile` and `lower` for levels of many sizes, as far as sizes matter.

Few passes look at the sizes of levels. What the others make of a module is made once:
where a choice of tiles for another size is the one of a trial before, all that follows
is known, up to the offsets, or to where transfers move.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby, takewhile
from typing import Protocol, TypeVar, runtime_checkable

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass, PassPipeline
from xdsl.utils.exceptions import DiagnosticException

from .errors import MemoryShortage, Shortage, refusal
from .machine import Machine, attach
from .requests import Passes, parse_requests
from .resolution import resolve

Lowered = TypeVar("Lowered")

OFFSETS = "memory-assign-offsets"
"""The last pass that looks at sizes: behind it no level is found too small."""

ATTEMPTS = 3
"""How often the tiles are chosen anew, smaller, because their offsets did not fit."""

SIZED = frozenset({"linalg-choose-tiles", OFFSETS})
"""All of them, where no transfer moves and nothing is planned by hand."""

MOVES = "memory-pipeline-transfers"
"""The pass before which it does not matter whether transfers move."""

PLAIN = "lower{ahead=0}"
"""Phase `lower` where transfers stay where they are, which is found out fast."""


@runtime_checkable
class Checking(Protocol):
    """A pass that can refuse a module without changing it."""

    def check(self, module: ModuleOp) -> None:
        """Refuses what would be refused, as the pass does."""
        ...


@dataclass
class Known:
    """What trials have made so far, for those that follow."""

    phases: dict[str, tuple[ModulePass, ...]] = field(
        default_factory=dict[str, tuple[ModulePass, ...]]
    )
    """The passes of phases: they know what they have decided before."""
    modules: dict[tuple[ModulePass, ...], list[tuple[ModuleOp, ModuleOp]]] = field(
        default_factory=dict[tuple[ModulePass, ...], list[tuple[ModuleOp, ModuleOp]]]
    )
    """What passes that look at no sizes have made of which modules."""


@dataclass
class Trials:
    """Trials of one module on machines that differ in nothing but sizes of levels."""

    ctx: Context
    module: ModuleOp
    """As it is before phase `tile`."""
    passes: Passes
    """Every pass that may run; those of plugins may look at sizes."""
    known: Known = field(default_factory=Known)

    def tiled(self, machine: Machine, room: int | None) -> ModuleOp:
        """
        The module after phase `tile`, for reading; tiles take at most `room` bytes.

        Raises `DeployError`.
        """
        limit = "" if room is None else f"{{near_bytes={room}}}"
        passes = self._phase(self.module, f"tile{limit}")
        return self._run(self.module, machine, passes)

    def place(self, tiled: ModuleOp, machine: Machine) -> None:
        """Finds all of it an offset, transfers being in place; raises `DeployError`."""
        passes = self._phase(tiled, PLAIN)
        sizeless = before(passes, OFFSETS)
        module = self._run(tiled, machine, sizeless)
        offsets = passes[len(sizeless)]
        assert isinstance(offsets, Checking), "the pass is ours"
        attach(module, machine)
        try:
            offsets.check(module)
        except DiagnosticException as error:
            raise refusal(error) from error

    def lowered(self, tiled: ModuleOp, machine: Machine) -> ModuleOp:
        """The module after phase `lower`, which is new; raises `DeployError`."""
        passes = self._phase(tiled, "lower")
        alike = before(passes, MOVES)
        module = self._run(tiled, machine, alike)
        return self._made(module, machine, passes[len(alike) :])

    def _run(
        self, module: ModuleOp, machine: Machine, passes: Sequence[ModulePass]
    ) -> ModuleOp:
        sized = SIZED.union(name for _, name in self.passes.added)
        staying = len(before(passes, MOVES))

        def kind(numbered: tuple[int, ModulePass]) -> tuple[bool, bool]:
            number, one = numbered
            return one.name in sized, number < staying

        for (is_sized, _), group in groupby(enumerate(passes), key=kind):
            found = tuple(one for _, one in group)
            make = self._made if is_sized else self._shared
            module = make(module, machine, found)
        return module

    def _phase(self, module: ModuleOp, text: str) -> tuple[ModulePass, ...]:
        """The passes of a phase of `module`."""
        phases = self.known.phases
        if text not in phases:
            requests = parse_requests(text, self.passes)
            phases[text] = tuple(resolve(requests, module, self.passes).passes)
        return phases[text]

    def _shared(
        self, module: ModuleOp, machine: Machine, passes: tuple[ModulePass, ...]
    ) -> ModuleOp:
        known = self.known.modules.setdefault(passes, [])
        for given, made in known:
            if given is module or is_alike(given, module):
                return made
        made = self._made(module, machine, passes)
        known.append((module, made))
        return made

    def _made(
        self, module: ModuleOp, machine: Machine, passes: Sequence[ModulePass]
    ) -> ModuleOp:
        made = module.clone()
        attach(made, machine)
        try:
            PassPipeline(tuple(passes)).apply(self.ctx, made)
        except DiagnosticException as error:
            raise refusal(error) from error
        return made


def before(passes: Sequence[ModulePass], name: str) -> tuple[ModulePass, ...]:
    """The passes before the one of that name."""
    return tuple(takewhile(lambda one: one.name != name, passes))


def settled(
    tile: Callable[[int | None], ModuleOp],
    lower: Callable[[ModuleOp, int], Lowered],
    near: str | None,
) -> Lowered:
    """
    What `lower` makes, at the first attempt at which it fits, of what `tile` gives.

    The latter is told the bytes of level `near` that tiles may take; without such a
    level there is one attempt. Raises `MemoryShortage`.
    """
    first: MemoryShortage | None = None
    room: int | None = None
    for attempt in range(ATTEMPTS):
        try:
            module = tile(room)
        except MemoryShortage as error:
            raise first or error from error
        try:
            return lower(module, attempt)
        except MemoryShortage as error:
            first = first or error
            if error.shortage.level != near:
                raise first from error
            room = smaller_room(room, error.shortage, attempt)
    assert first is not None, "every attempt but the last one raised"
    raise first


def smaller_room(room: int | None, lacking: Shortage, attempt: int) -> int:
    """The bytes for the next choice of tiles, after one whose plan was too large."""
    had = lacking.available if room is None else room
    excess = lacking.asked - lacking.available
    return max(had - (excess << attempt), 1)


def is_alike(one: ModuleOp, other: ModuleOp) -> bool:
    """Whether two modules differ at most in what stands on them, as the machine."""
    return one.body.is_structurally_equivalent(other.body)
