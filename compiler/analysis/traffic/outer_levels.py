"""
The levels of tensors that are not kept near.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xdsl.dialects import arith
from xdsl.ir import SSAValue

from ...machine import Machine
from ..levels import MemoryLevels
from ..memory import Budget, budget_of, buffer_align
from ..planning import aligned
from .driver_model import DriverModel, Tensor, is_tensor, tensor_bytes
from .moves import Choice
from .residency import Decision
from .tiling import Place

FAR_ALIGN = 64
"""What tensors outside are rounded up to when it is asked whether they fit."""


def far_levels(machine: Machine, levels: MemoryLevels) -> tuple[str, ...]:
    """The closed levels that tensors can be kept in, the nearest one first."""
    return tuple(
        name
        for name in levels.outwards(levels.near)[1:]
        if machine.level(name).writable and not levels.is_open(name)
    )


def room(model: DriverModel, machine: Machine, name: str) -> int:
    """The bytes of a level that are not reserved, nor the caller's or constants."""
    budget: Budget = budget_of(model.function, name)
    taken = 0
    align = buffer_align(machine.level(name))
    for value in _fixed_in(model, name):
        taken += aligned(tensor_bytes(value), align)
    return max(budget.available(0) - taken, 0)


def _fixed_in(model: DriverModel, name: str) -> Iterator[SSAValue]:
    """The inputs, outputs and constants that stand in a level."""
    block = model.function.body.block
    if name == model.levels.caller:
        yield from filter(is_tensor, block.args)
        last = block.last_op
        assert last is not None, "a function ends with its results"
        yield from filter(is_tensor, last.operands)
    if name == model.levels.constants:
        for op in block.ops:
            if isinstance(op, arith.ConstantOp) and is_tensor(op.result):
                yield op.result


def levels_of_tensors(
    model: DriverModel, machine: Machine, decisions: Sequence[Decision]
) -> dict[int, str]:
    """
    The level of each tensor that is not kept near.

    Each gets the nearest level in which there is room while it lives, also for what
    passes through on its way near.
    """
    names = far_levels(machine, model.levels)
    capacity = {name: room(model, machine, name) for name in names}
    live = {v.name: _passing(model, decisions) for v in machine.levels}
    found: dict[int, str] = {}
    for decision in decisions:
        for number, place in decision.way.choice.decided:
            tensor = model.tensors[number]
            if place is Place.FAR and not tensor.is_argument:
                level = _given_level(model, decision.way.choice)
                level = level or _first_with_room(tensor, names, capacity, live)
                found[number] = level
                for step in range(tensor.born, min(tensor.last + 1, len(model.steps))):
                    live[level][step] += aligned(tensor.bytes, FAR_ALIGN)
    return found


def _given_level(model: DriverModel, choice: Choice) -> str | None:
    return model.steps[choice.last].kernel.given.level


def _passing(model: DriverModel, decisions: Sequence[Decision]) -> list[int]:
    """What may be on its way through a level during each kernel, at most."""
    found: list[int] = []
    for decision in decisions:
        choice = decision.way.choice
        arguments = sum(
            model.tensors[number].bytes
            for number, place in choice.decided
            if model.tensors[number].is_argument and place is not Place.FAR
        )
        found += [choice.tiling.near + arguments] * (choice.last + 1 - choice.first)
    return found


def _first_with_room(
    tensor: Tensor,
    names: Sequence[str],
    capacity: Mapping[str, int],
    live: Mapping[str, Sequence[int]],
) -> str:
    last = tensor.last + 1
    for name in names:
        most = max(live[name][tensor.born : last], default=0)
        if most + tensor.bytes <= capacity[name]:
            return name
    return names[-1]
