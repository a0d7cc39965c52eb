"""
Whether buffers fit: the packing as a job shop, for OR-Tools' CP-SAT.

With lifetimes fixed, a buffer is a task of length `size`, and every largest set of
buffers that live together is a machine that does one task at a time. What decides is
the branching: always the lowest place that is left, in a static order. Run-times have
heavy tails, so many orders get short slices of CP-SAT's deterministic time, which does
not depend on the machine or its load.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from itertools import count, islice
from math import gcd
from typing import TYPE_CHECKING, Any

from .greedy import greedy
from .orders import WORDS, ordered, sections_of, weights_of
from .requests import Request, aligned, independent_parts, peak

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

SECOND = 0.02
"""CP-SAT's deterministic time that takes about a second."""

FIRST_SLICE = 0.7
"""Deterministic seconds that each order gets in the first round."""

GROWTH = 3.5
"""How much longer the slices of each round are than those before."""

ABREAST = 2
"""Attempts that run side by side, on every machine, for the same result everywhere."""

LEAST = 0.01
"""Deterministic seconds that every attempt takes at least."""


def has_solver() -> bool:
    """Whether OR-Tools is installed."""
    try:
        return find_spec("ortools") is not None
    except ValueError:  # hidden: `sys.modules["ortools"] = None`
        return False


@dataclass
class Allowance:
    """Deterministic seconds that a search may still take."""

    seconds: float
    told: Callable[[float], None] = field(default=lambda taken: None)
    """Told what was taken after each slice."""

    def take(self, seconds: float) -> None:
        """Takes from what is left."""
        self.seconds -= seconds
        self.told(seconds)

    def part(self, fraction: float) -> Allowance:
        """A part of what is left; what it takes is taken here too."""
        return Allowance(self.seconds * fraction, self.take)


@dataclass(frozen=True)
class Answer:
    """What a search found out."""

    offsets: tuple[int, ...] | None = None
    """Offsets that fit, in the order of the requests."""
    impossible: bool = False
    """Whether there are proven to be none."""
    order: str = ""
    """The order that found it."""

    @property
    def is_final(self) -> bool:
        """Whether it says what is the case."""
        return self.impossible or self.offsets is not None


@dataclass(frozen=True)
class Packing:
    """Requests that are to fit into `capacity` bytes; all have steps in common."""

    requests: Sequence[Request]
    capacity: int

    @cached_property
    def sections(self) -> list[list[int]]:
        """The largest sets of requests that are live together."""
        return sections_of(self.requests)

    @cached_property
    def weights(self) -> dict[str, list[int]]:
        """What orders are made of."""
        return weights_of(self.requests, self.sections)

    @cached_property
    def align(self) -> int:
        """What all offsets are multiples of."""
        return gcd(*(request.align for request in self.requests))

    @cached_property
    def unit(self) -> int:
        """The bytes that are counted as one."""
        if len({request.align for request in self.requests}) > 1:
            return self.align
        return gcd(*(aligned(request.size, self.align) for request in self.requests))

    def length(self, request: Request) -> int:
        """The units that a request takes where another one is behind it."""
        return aligned(request.size, self.align) // self.unit

    def model(self, order: Sequence[int]) -> tuple[cp_model.CpModel, list[Any]]:
        """The packing for CP-SAT, and the offsets in units that it looks for."""
        from ortools.sat.python import cp_model

        model = cp_model.CpModel()
        places = [self.place(model, request) for request in self.requests]
        pairs = list(zip(self.requests, places, strict=True))
        intervals = [
            model.new_fixed_size_interval_var(place, self.length(request), "")
            for request, place in pairs
        ]
        for section in self.sections:
            if len(section) > 1:
                model.add_no_overlap([intervals[i] for i in section])
        for lower, higher in equal_pairs(self.requests):
            length = self.length(self.requests[lower])
            model.add(places[lower] + length <= places[higher])
        lowest, first = cp_model.CHOOSE_LOWEST_MIN, cp_model.SELECT_MIN_VALUE
        model.add_decision_strategy([places[i] for i in order], lowest, first)
        return model, places

    def place(self, model: cp_model.CpModel, request: Request) -> cp_model.IntVar:
        """The offset of a request in units; a multiple of its alignment."""
        last = (self.capacity - request.size) // self.unit
        place = model.new_int_var(0, last, "")
        step = request.align // self.unit
        if step > 1:
            model.add(place == step * model.new_int_var(0, last // step, ""))
        return place

    def search(self, allowance: Allowance) -> Answer:
        """Tries all orders in turn, in slices that grow, until one finds out."""
        if any(request.size > self.capacity for request in self.requests):
            return Answer(impossible=True)
        attempts = slices()
        with ThreadPoolExecutor(ABREAST) as pool:
            while allowance.seconds >= LEAST:
                most = allowance.seconds / ABREAST
                batch = [
                    Attempt(self, word, seed, min(seconds, most))
                    for word, seed, seconds in islice(attempts, ABREAST)
                ]
                answer = first_answer(batch, pool, allowance)
                if answer.is_final:
                    return answer
        return Answer()


@dataclass
class Attempt:
    """A search in one order, for so many deterministic seconds."""

    packing: Packing
    word: str
    seed: int
    seconds: float
    taken: float = LEAST
    """Deterministic seconds that it took."""
    solver: cp_model.CpSolver | None = None
    """While it runs."""
    unwanted: bool = False

    def run(self) -> Answer:
        """What it finds out."""
        from ortools.sat.python import cp_model

        packing, solver = self.packing, cp_model.CpSolver()
        model, places = packing.model(ordered(self.word, packing.weights, self.seed))
        set_parameters(solver.parameters, self.seconds * SECOND)
        self.solver = solver
        if self.unwanted:
            return Answer()
        status = solver.solve(model)
        self.taken = max(LEAST, solver.deterministic_time / SECOND)
        if status == cp_model.INFEASIBLE:
            return Answer(impossible=True)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return Answer()
        offsets = tuple(solver.value(place) * packing.unit for place in places)
        return Answer(offsets, order=self.word)

    def stop(self) -> None:
        """Lets it end soon."""
        self.unwanted = True
        if self.solver is not None:
            self.solver.stop_search()


def first_answer(
    batch: Sequence[Attempt], pool: ThreadPoolExecutor, allowance: Allowance
) -> Answer:
    """
    Runs attempts side by side; the answer of the first one in their order.

    Not of the one that is done first: that would depend on the load of the machine.
    """
    running = [pool.submit(attempt.run) for attempt in batch]
    try:
        for attempt, future in zip(batch, running, strict=True):
            answer = future.result()
            allowance.take(attempt.taken)
            if answer.is_final:
                return answer
        return Answer()
    finally:
        for attempt in batch:
            attempt.stop()


def set_parameters(parameters: Any, deterministic_time: float) -> None:
    """What CP-SAT is told about how to search."""
    from ortools.sat.python import cp_model

    parameters.num_workers = 1
    parameters.cp_model_presolve = False  # finds nothing here and takes a tenth
    parameters.linearization_level = 0
    parameters.search_branching = cp_model.FIXED_SEARCH
    parameters.use_new_integer_conflict_resolution = True
    parameters.max_deterministic_time = deterministic_time
    parameters.catch_sigint_signal = False  # or an interrupt would only end a slice


def equal_pairs(requests: Sequence[Request]) -> Iterator[tuple[int, int]]:
    """Pairs of equal requests: which one is lower does not matter."""
    latest: dict[tuple[int, ...], int] = {}
    for index, request in enumerate(requests):
        kind = (request.start, request.end, request.size, request.align)
        if kind in latest:
            yield latest[kind], index
        latest[kind] = index


def slices() -> Iterator[tuple[str, int, float]]:
    """
    Order, seed and deterministic seconds of each attempt, without an end.

    A round gives every order a slice, then every order shaken one of half that length.
    """
    seconds, seeds = FIRST_SLICE, count(1)
    while True:
        yield from ((word, 0, seconds) for word in WORDS)
        yield from ((word, next(seeds), seconds / 2) for word in WORDS)
        seconds *= GROWTH


def fit(requests: Sequence[Request], capacity: int, allowance: Allowance) -> Answer:
    """Offsets that fit into `capacity` bytes, where greedy planners find none."""
    offsets = [0] * len(requests)
    order = ""
    sized = [index for index, request in enumerate(requests) if request.size]
    parts = independent_parts([requests[index] for index in sized])
    for part in sorted(parts, key=len):
        indices = [sized[i] for i in part]
        members = [requests[index] for index in indices]
        found = Answer(lowest := greedy(members, enough=capacity))
        if peak(members, lowest) > capacity:
            found = Packing(members, capacity).search(allowance)
        if found.offsets is None:
            return found
        order = found.order or order
        for index, offset in zip(indices, found.offsets, strict=True):
            offsets[index] = offset
    return Answer(tuple(offsets), order=order)
