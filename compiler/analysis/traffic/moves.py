"""
The choices at one kernel: how many kernels run as one chain, how it is cut, and where
the tensors are kept about which that decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from ..access import may_share
from .costs import Cost, Place, Tiling
from .driver_model import DriverModel, Source, Step, Tensor
from .floors import Floors, Places
from .segments import Segments
from .tiling import rounded


@dataclass(frozen=True)
class Choice:
    """How some kernels that follow each other run."""

    first: int
    last: int
    tiling: Tiling
    decided: Places
    """The tensors about which this decides: results, and inputs read first here."""


@dataclass(frozen=True)
class Way:
    """One choice with what it costs and where it leads."""

    cost: Cost
    choice: Choice
    places: Places


@dataclass
class Moves:
    """All that can be done next."""

    model: DriverModel
    segments: Segments
    near: int
    """Bytes of the near level."""
    most_kernels: int
    """Kernels of one chain."""
    uncut: bool = False
    """Whether no kernel is to be cut."""
    has_far: bool = True
    """Whether there is a level for what is not kept near."""
    weight: int = 0
    """Parts of a byte that an instruction counts as."""

    @cached_property
    def floors(self) -> Floors:
        """What surely crosses the boundary, whatever is chosen."""
        return Floors(self.model, self.segments)

    def ways(self, number: int, places: Places) -> Iterator[Way]:
        """What can be done at kernel `number` when tensors are in these places."""
        known = dict(places)
        end = number + self.most_kernels
        if not self.uncut:
            end = max(end, self.segments.given_last(number) + 1)
        for last in range(number, min(end, len(self.model.steps))):
            if self._is_possible(number, last):
                yield from self._ways(number, last, known)

    def _is_possible(self, first: int, last: int) -> bool:
        """Whether these kernels can run as one chain."""
        if self.uncut:
            return self.segments.is_allowed(first, last)
        return self.segments.kind(first, last) is not None

    def _ways(self, first: int, last: int, known: Mapping[int, Place]) -> Iterator[Way]:
        """The ways to run these kernels as one chain."""
        sources = self._sources(first, last)
        inputs = {
            s.tensor.number: s.tensor
            for s in sources
            if s.tensor is not None and s.tensor.number not in known
        }
        results = self.model.steps[last].makes
        fresh = [t for t in results if t.number not in known]
        fixed = next((known[t.number] for t in results if t.number in known), None)
        options = [self._options(t) for t in inputs.values()]
        level = self.model.steps[last].kernel.given.level
        kinds = (fixed,) if fixed is not None else self._result_options(fresh, level)
        for *chosen, kind in product(*options, kinds):
            decided = {
                **dict(zip(inputs, chosen, strict=True)),
                **{t.number: self._kind(t, kind) for t in fresh},
            }
            way = self._way(first, last, sources, {**known, **decided}, decided, kind)
            if way is not None:
                yield way

    def _sources(self, first: int, last: int) -> tuple[Source, ...]:
        if self.uncut:
            return tuple(source for _, source in self.model.steps[first].reads)
        return self.segments.sources(first, last)

    def _options(self, tensor: Tensor) -> tuple[Place, ...]:
        """Where what the caller gives can be read."""
        padded = (Place.PADDED,) if tensor.pads else ()
        if tensor.level is None:
            return (Place.NEAR, *padded)
        if self.model.levels.is_open(tensor.level):
            return (Place.OPEN,)
        return (*(() if tensor.resident else (Place.FAR,)), Place.NEAR, *padded)

    def _result_options(
        self, results: Sequence[Tensor], level: str | None
    ) -> tuple[Place, ...]:
        """Where results can be; `level` is what somebody has decided."""
        padded = (Place.PADDED,) if any(t.pads for t in results) else ()
        needed = any(t.returned_padded for t in results)
        near = padded if needed else (Place.NEAR, *padded)
        if any(t.always_near for t in results):
            return near
        if level is None:
            return (*near, Place.FAR) if self.has_far else near
        return near if level == self.model.levels.near else (Place.FAR,)

    @staticmethod
    def _kind(tensor: Tensor, kind: Place) -> Place:
        return Place.NEAR if kind is Place.PADDED and not tensor.pads else kind

    def _way(
        self,
        first: int,
        last: int,
        sources: Sequence[Source],
        known: Mapping[int, Place],
        decided: Mapping[int, Place],
        result: Place,
    ) -> Way | None:
        """One combination of places, if it fits."""
        free = self.near - sum(
            self.held(self.model.tensors[n], place) for n, place in known.items()
        )
        windows = [self._place_of(source, known) for source in sources]
        tiling = self._tiling(first, last, windows, result, free, known)
        if tiling is None:
            return None
        cost = tiling.cost
        for number in decided:
            cost = cost.plus(self._once(self.model.tensors[number], known[number]))
        left = tuple(
            (n, place)
            for n, place in sorted(known.items())
            if self.model.tensors[n].last > last
        )
        choice = Choice(first, last, tiling, tuple(sorted(decided.items())))
        return Way(cost, choice, left)

    def _tiling(
        self,
        first: int,
        last: int,
        windows: Sequence[Place],
        result: Place,
        free: int,
        known: Mapping[int, Place],
    ) -> Tiling | None:
        """The cheapest tiling that fits."""
        whole = None
        if first == last and not self.model.steps[first].kernel.given.sizes:
            shared = self._shared(self.model.steps[first], known)
            whole = self.segments.uncut(first, windows, result, free + shared)
            least = self._moves_least(first, windows)
            if self.uncut or (whole is not None and least):
                return whole
        best = self.segments.tiling(first, last, windows, result, free, self.weight)
        found = [tiling for tiling in (whole, best) if tiling is not None]
        return min(found, key=lambda tiling: tiling.cost, default=None)

    def _moves_least(self, number: int, windows: Sequence[Place]) -> bool:
        """Whether of what is brought for a whole kernel all is read."""
        exact = self.segments.read_whole(number)
        pairs = zip(windows, exact, strict=True)
        return all(read or place is not Place.FAR for place, read in pairs)

    def _shared(self, step: Step, known: Mapping[int, Place]) -> int:
        """The bytes that a whole kernel saves because its result replaces an input."""
        if len(step.makes) != 1 or known[step.makes[0].number] is not Place.NEAR:
            return 0
        for access, source in step.reads:
            held = source.tensor
            if held is None or held.pads or held.last != step.number:
                continue
            near = known[held.number] is Place.NEAR
            if near and may_share(step.kernel.op, access.operand, 0):
                return rounded(step.makes[0].bytes, self.segments.align)
        return 0

    def _place_of(self, source: Source, known: Mapping[int, Place]) -> Place:
        if source.tensor is not None:
            return known[source.tensor.number]
        assert source.level is not None, "the level of a constant is known"
        return Place.OPEN if self.model.levels.is_open(source.level) else Place.FAR

    def held(self, tensor: Tensor, place: Place) -> int:
        """The near bytes that a tensor takes while it lives."""
        if place not in (Place.NEAR, Place.PADDED):
            return 0
        own = rounded(tensor.bytes, self.segments.align)
        if place is Place.NEAR:
            return own
        pads = [rounded(p.bytes, self.segments.align) for p in tensor.pads.values()]
        return sum(pads) + (own if tensor.is_argument else 0)

    def _once(self, tensor: Tensor, place: Place) -> Cost:
        """What it costs besides that a tensor is in its place."""
        bytes_ = tensor.inserted + tensor.returned_padded
        steps = int(tensor.inserted > 0) + int(tensor.returned_padded > 0)
        if tensor.returned_padded and place is Place.FAR:
            bytes_ += tensor.bytes
        if place in (Place.NEAR, Place.PADDED):
            levels = self.model.levels
            leaves = tensor.returned and levels.caller != levels.near
            bytes_ += tensor.returned * bool(leaves)
            bytes_ += tensor.bytes * tensor.is_argument
            steps += bool(leaves) + tensor.is_argument
        return Cost.of(bytes_, steps)
