"""
The ways to run a few kernels that follow each other, each found once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

from xdsl.dialects.tensor import PadOp
from xdsl.ir import SSAValue

from .chain_walk import chain_of
from .chains import Chain, Window, may_chain
from .costs import Place, Tiling
from .cut_loops import loop_sets, loop_tiles
from .driver_model import DriverModel, Source, Step
from .frontiers import Frontier
from .grid import Grid
from .instructions import added, uncut
from .kernel_model import Access
from .ranges import LoopTiles, tiles_of
from .tiling import Costing
from .touched import touched_bytes

Case: TypeAlias = tuple[int, tuple[Place, ...], Place, int]
"""The kind of a chain, where its windows and results are, and a weight."""


@dataclass(frozen=True)
class Exact:
    """What one tiling of a chain moves and does."""

    windows: tuple[tuple[Window, int], ...]
    """Each window with the bytes of it that are brought."""
    runs: int
    """How many kernels run."""


@dataclass
class Segments:
    """Costs of chains of kernels of a driver, found once for all that are alike."""

    model: DriverModel
    align: int
    points: int
    """Most candidates of one grid."""
    vector_bytes: int = 0
    """Of a vector register; 0 without."""
    kinds: dict[tuple[object, ...], int] = field(
        default_factory=dict[tuple[object, ...], int]
    )
    """What a chain looks like -> its kind."""
    known: dict[tuple[int, int], int | None] = field(
        default_factory=dict[tuple[int, int], int | None]
    )
    """First and last kernel -> kind; None where they make no chain."""
    grids: dict[int, list[Costing]] = field(default_factory=dict[int, list[Costing]])
    frontiers: dict[Case, list[Frontier]] = field(
        default_factory=dict[Case, list[Frontier]]
    )
    whole: dict[Case, Frontier] = field(default_factory=dict[Case, Frontier])
    single: dict[int, Costing] = field(default_factory=dict[int, Costing])
    exact: dict[int, tuple[bool, ...]] = field(
        default_factory=dict[int, tuple[bool, ...]]
    )
    known_touched: dict[tuple[int, Access], int] = field(
        default_factory=dict[tuple[int, Access], int]
    )

    def kind(self, first: int, last: int) -> int | None:
        """A number that chains share which cost the same; None for no chain."""
        if (first, last) not in self.known:
            possible = first == last or may_chain(self.model, first, last)
            possible = possible and self.is_allowed(first, last)
            self.known[first, last] = self._kind(first, last) if possible else None
        return self.known[first, last]

    def is_allowed(self, first: int, last: int) -> bool:
        """Whether what somebody has decided agrees with this chain."""
        given = [step.kernel.given for step in self.model.steps]
        inside = given[first : last + 1]
        if any(g.level is not None or g.sizes is not None for g in inside[:-1]):
            return False
        if first == last and given[first].chain is None:
            return True
        around = {g.chain for g in (*given[first - 1 : first], *given[last + 1 :][:1])}
        chains = {g.chain for g in inside}
        return len(chains) == 1 and (chains == {None} or not chains & around)

    def given_last(self, first: int) -> int:
        """The last kernel of the chain that somebody has decided from `first` on."""
        given = [step.kernel.given.chain for step in self.model.steps]
        last = first
        while given[first] is not None and given[last + 1 : last + 2] == [given[first]]:
            last += 1
        return last

    def _kind(self, first: int, last: int) -> int | None:
        steps = self.model.steps[first : last + 1]
        makers = {t.number: n for n, step in enumerate(steps) for t in step.makes}
        pads: dict[PadOp, int] = {}
        values: dict[SSAValue, int] = {}
        look = tuple(
            (
                step.kernel.shape,
                tuple(_look(s, makers, pads) for _, s in step.reads),
                tuple(_number(step, read, values) for read in step.reads),
            )
            for step in steps
        )
        kind = self.kinds.setdefault(look, len(self.kinds))
        if kind not in self.grids:
            self.grids[kind] = list(self._costings(steps))
        return kind if self.grids[kind] else None

    def _costings(self, steps: Sequence[Step]) -> Iterator[Costing]:
        root = steps[-1].kernel
        for loops in loop_sets(steps):
            tiles = loop_tiles(root, loops, self.points, self.vector_bytes)
            chain = chain_of(steps, tiles)
            if chain is not None:
                yield self._costing(steps, tiles, chain)

    def _costing(
        self, steps: Sequence[Step], tiles: dict[int, LoopTiles], chain: Chain
    ) -> Costing:
        root = steps[-1].kernel
        grid = Grid(tiles, root.reductions & tiles.keys())
        base = sum(step.kernel.work for step in steps)
        count = len(steps)
        kernels = [step.kernel for step in reversed(steps)]
        more = added(
            list(zip(kernels, chain.loops, strict=True)), grid, self.vector_bytes
        )
        return Costing(grid, chain, root, self.align, count, base, more)

    @cached_property
    def instructions(self) -> float:
        """Of all kernels when none is cut, about."""
        kernels = (step.kernel for step in self.model.steps)
        return sum(uncut(kernel, self.vector_bytes) for kernel in kernels)

    def tiling(
        self,
        first: int,
        last: int,
        places: Sequence[Place],
        result: Place,
        free: int,
        weight: int = 0,
    ) -> Tiling | None:
        """
        The cheapest tiling of a chain that takes at most `free` near bytes.

        An instruction counts as `weight` parts of a byte.
        """
        kind = self.kind(first, last)
        if kind is None:
            return None
        key = kind, tuple(places), result, weight
        costings = self.grids[kind]
        if key not in self.frontiers:
            self.frontiers[key] = [c.frontier(places, result, weight) for c in costings]
        found = [
            costing.tiling(frontier, number, weight)
            for costing, frontier in zip(costings, self.frontiers[key], strict=True)
            if (number := frontier.cheapest(free)) is not None
        ]
        return min(found, key=lambda tiling: tiling.cost, default=None)

    def least_near(self, first: int, last: int, places: Sequence[Place]) -> int:
        """The near bytes of a chain that is cut the finest."""
        kind = self.kind(first, last)
        costings = [] if kind is None else self.grids[kind]
        found = [c.frontier(places, Place.FAR).near for c in costings]
        return min((int(near[0]) for near in found if len(near)), default=0)

    def sources(self, first: int, last: int) -> tuple[Source, ...]:
        """Where the windows of a chain come from, in their order."""
        steps = self.model.steps[first : last + 1]
        inner = {t.number for step in steps[:-1] for t in step.makes}
        return tuple(
            source
            for step in reversed(steps)
            for _, source in step.reads
            if source.tensor is None or source.tensor.number not in inner
        )

    def uncut(
        self, number: int, places: Sequence[Place], result: Place, free: int
    ) -> Tiling | None:
        """One kernel as it is, if it takes at most `free` near bytes."""
        costing = self._single(number)
        key = number, tuple(places), result, 0
        if key not in self.whole:
            self.whole[key] = costing.frontier(places, result)
        found = self.whole[key].cheapest(free)
        return None if found is None else costing.tiling(self.whole[key], found)

    def _single(self, number: int) -> Costing:
        if number not in self.single:
            step = self.model.steps[number]
            chain = chain_of([step], {})
            assert chain is not None, "what is not cut has one part"
            self.single[number] = self._costing([step], {}, chain)
        return self.single[number]

    def exactly(self, first: int, last: int, tiling: Tiling) -> Exact:
        """What a chain that is cut like this moves and does."""
        steps = self.model.steps[first : last + 1]
        root = steps[-1].kernel
        tiles = {loop: tiles_of(root.extents[loop], [n]) for loop, n in tiling.sizes}
        chain = chain_of(steps, tiles)
        assert chain is not None, "what was chosen is possible"
        costing = self._costing(steps, tiles, chain)
        count = len(tiling.order)
        orders = costing.grid.orders()
        order = orders[[own[:count] for own in orders].index(tiling.order)]
        bytes_ = (costing.brought(window, order)[0] for window in chain.windows)
        windows = zip(chain.windows, (int(n.item()) for n in bytes_), strict=True)
        return Exact(tuple(windows), int(costing.runs.item()))

    def read_whole(self, number: int) -> tuple[bool, ...]:
        """For each operand of a kernel, whether all of its source is read."""
        if number not in self.exact:
            windows = self._single(number).chain.windows
            reads = self.model.steps[number].reads
            self.exact[number] = tuple(
                window.read.static * window.element in (0, self.touched(number, *read))
                for window, read in zip(windows, reads, strict=True)
            )
        return self.exact[number]

    def touched(self, number: int, access: Access, source: Source) -> int:
        """The bytes of an operand's source that kernel `number` reads at least once."""
        key = number, access
        if key not in self.known_touched:
            kernel = self.model.steps[number].kernel
            self.known_touched[key] = touched_bytes(kernel, access, source)
        return self.known_touched[key]


def _look(
    source: Source, makers: Mapping[int, int], pads: dict[PadOp, int]
) -> tuple[object, ...]:
    """What costs depend on of where an operand comes from."""
    maker = None if source.tensor is None else makers.get(source.tensor.number)
    pad = source.pad
    if pad is None:
        return maker, None
    number = pads.setdefault(pad.op, len(pads))
    return maker, (number, pad.low, pad.source, pad.bytes, pad.direct)


def _number(
    step: Step, read: tuple[Access, Source], values: dict[SSAValue, int]
) -> int:
    """Which of the values of a chain an operand is, or its padding's source."""
    access, source = read
    value = step.kernel.op.operands[access.operand]
    value = value if source.pad is None else source.pad.op.source
    return values.setdefault(value, len(values))
