"""
What is decided about the kernels of a driver, as attributes have it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from xdsl.dialects.tensor import EmptyOp
from xdsl.ir import SSAValue

from ...dialects.deploy import KernelOp
from ...machine import Machine
from ...rewriting import node_names
from ..plans import KernelPlan
from ..structured import loop_ranges
from .costs import Place, Tiling
from .driver_model import DriverModel, Tensor
from .floors import Floors
from .kernel_model import KernelModel
from .moves import Choice, Way
from .outer_levels import levels_of_tensors
from .residency import Decision
from .segments import Exact, Segments

Add = Callable[[str, str, int], None]
"""Told of bytes that move from one level to another."""


@dataclass
class Plans:
    """Puts decisions in words."""

    model: DriverModel
    machine: Machine
    decisions: Sequence[Decision]
    segments: Segments
    far: dict[int, str] = field(init=False)
    """The level of each tensor that is not kept near."""

    def __post_init__(self) -> None:
        self.far = levels_of_tensors(self.model, self.machine, self.decisions)

    def residents(self) -> frozenset[SSAValue]:
        """The arguments that are brought near once."""
        return frozenset(
            self.model.tensors[number].value
            for decision in self.decisions
            for number, place in decision.way.choice.decided
            if self.model.tensors[number].is_argument
            and place in (Place.NEAR, Place.PADDED)
        )

    def wholes(self) -> Iterator[tuple[EmptyOp, str]]:
        """What wholes of parts begin as that are not kept near, with their level."""
        for number, level in self.far.items():
            for start in self.model.tensors[number].starts:
                yield start, level

    def kernels(self) -> Iterator[tuple[KernelOp, KernelPlan]]:
        """Each kernel with what is decided about it."""
        known: dict[int, Place] = {}
        for decision in self.decisions:
            choice = decision.way.choice
            known.update(choice.decided)
            steps = self.model.steps[choice.first : choice.last + 1]
            chain = choice.first if len(steps) > 1 else None
            for step in steps[:-1]:
                kernel = step.kernel.op
                yield kernel, KernelPlan(node_names(kernel.location), chain=chain)
            yield steps[-1].kernel.op, self._root(decision, chain, known)

    def _root(
        self, decision: Decision, chain: int | None, known: Mapping[int, Place]
    ) -> KernelPlan:
        """What is decided about the last kernel of a chain."""
        choice = decision.way.choice
        kernel = self.model.steps[choice.last].kernel
        sizes = dict(choice.tiling.sizes)
        order = choice.tiling.order
        made = self.model.steps[choice.last].makes
        level = next((self.far[t.number] for t in made if t.number in self.far), None)
        return KernelPlan(
            node_names(kernel.op.location),
            chain=chain,
            level=level,
            tile=root_sizes(kernel, sizes) if sizes else None,
            order=order if order != tuple(sorted(order)) else None,
            reduction=_reduction_sizes(kernel, sizes),
            cost=self._cost(decision, known),
        )

    def _cost(self, decision: Decision, known: Mapping[int, Place]) -> dict[str, Any]:
        """What is predicted, for readers."""
        choice, cost = decision.way.choice, decision.way.cost
        exact = self.segments.exactly(choice.first, choice.last, choice.tiling)
        hops = self._hops(choice, exact, known)
        found: dict[str, Any] = {
            "bytes": {f"{a}->{b}": n for (a, b), n in sorted(hops.items()) if n},
            "lower_bound": self._least(choice),
            "transfers": cost.steps - exact.runs,
            "runs": exact.runs,
            "near": choice.tiling.near,
        }
        if cost.work:
            found["repeated"] = cost.work
        if decision.runner_up is not None and decision.runner_up_total is not None:
            found["runner_up"] = self._runner_up(decision)
        return found

    def _least(self, choice: Choice) -> int:
        """The bytes that have to move however these kernels run."""
        numbers = range(choice.first, choice.last + 1)
        floors = Floors(self.model, self.segments)
        inputs = sum(
            floors.touched(tensor, choice.first)
            for tensor in self._first_read(choice)
            if not self.model.levels.is_open(tensor.level or "")
        )
        return inputs + sum(map(floors.own_floor, numbers))

    def _first_read(self, choice: Choice) -> list[Tensor]:
        """The arguments that nobody has read before."""
        decided = (self.model.tensors[number] for number, _ in choice.decided)
        return [tensor for tensor in decided if tensor.is_argument]

    def _runner_up(self, decision: Decision) -> dict[str, Any]:
        """What would have come next, and why it did not."""
        way, total = decision.runner_up, decision.runner_up_total
        assert way is not None, "there is another way"
        assert total is not None, "it leads to the end"
        best = decision.total
        differences = (
            ("bytes", total.bytes - best.bytes),
            ("instructions", total.instructions - best.instructions),
            ("steps", total.steps - best.steps),
            ("repeated iterations", total.work - best.work),
        )
        key, more = next((one for one in differences if one[1] > 0), ("bytes", 0))
        reason = f"{more} more {key} in all" if more else "the same cost, tried later"
        return {"choice": self._words(way), "bytes": way.cost.bytes, "reason": reason}

    def _words(self, way: Way) -> str:
        """A way in a few words."""
        choice = way.choice
        count = choice.last - choice.first + 1
        words = [f"chain of {count}"] if count > 1 else []
        words.append(_tile_words(choice.tiling))
        for number, place in choice.decided:
            tensor = self.model.tensors[number]
            what = "input" if tensor.is_argument else "result"
            words.append(f"{what} {place.value}")
        return ", ".join(words)

    def _hops(
        self, choice: Choice, exact: Exact, known: Mapping[int, Place]
    ) -> dict[tuple[str, str], int]:
        """The bytes that move over each hop."""
        levels, found = self.model.levels, dict[tuple[str, str], int]()

        def add(source: str, destination: str, count: int) -> None:
            for hop in pairwise(levels.path(source, destination)):
                found[hop] = found.get(hop, 0) + count

        for window, count in exact.windows:
            tensor = window.source.tensor
            level = window.source.level
            if tensor is not None:
                place = known[tensor.number]
                level = self._level(tensor) if place is Place.FAR else None
            if level is not None and not levels.is_open(level):
                add(level, levels.near, count)
        for number, place in choice.decided:
            self._whole(self.model.tensors[number], place, add)
        return found

    def _level(self, tensor: Tensor) -> str:
        return self.far.get(tensor.number) or tensor.level or self.model.levels.near

    def _whole(self, tensor: Tensor, place: Place, add: Add) -> None:
        """Tells of what moves besides windows: results, and inputs that stay."""
        levels, count = self.model.levels, tensor.bytes
        near = place is not Place.FAR
        if tensor.is_argument:
            if near and place is not Place.OPEN:
                add(self._level(tensor), levels.near, count)
            return
        home = levels.near if near else self._level(tensor)
        if not near:
            add(levels.near, home, count)
        if tensor.inserted:
            add(levels.caller, home, tensor.inserted)
        if tensor.returned_padded:
            add(levels.near, levels.caller, tensor.returned_padded)
            if not near:
                add(home, levels.near, tensor.bytes)
        if tensor.returned:
            add(home, levels.caller, tensor.returned)


def root_sizes(kernel: KernelModel, sizes: Mapping[int, int]) -> tuple[int, ...]:
    """A size per loop of the root."""
    assert kernel.root is not None, "a kernel without a root is not cut"
    return tuple(sizes.get(loop, 0) for loop in range(len(loop_ranges(kernel.root))))


def _reduction_sizes(
    kernel: KernelModel, sizes: Mapping[int, int]
) -> tuple[int, ...] | None:
    """A size per loop of what accumulates, when that is not the root and is cut."""
    apart = kernel.reducer is not None and kernel.reducer is not kernel.root
    if not apart or not kernel.reductions & sizes.keys():
        return None
    return tuple(sizes.get(loop, 0) for loop in kernel.reducer_loops)


def _tile_words(tiling: Tiling) -> str:
    """A tiling in a few words."""
    if not tiling.sizes:
        return "whole"
    sizes = ", ".join(f"d{loop} by {size}" for loop, size in tiling.sizes)
    return f"cut {sizes}"
