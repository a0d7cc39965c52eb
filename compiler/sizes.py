"""
The sizes of memory levels that would do where a machine lacks memory.

A size is only named when a build with it went through, and one with a step less did
not.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from .analysis.levels import levels_of_machine
from .analysis.weights_form import WeightsForm
from .errors import MemoryShortage, Shortage
from .fitting import Effort, Fitting
from .machine import Machine
from .remedy import Remedy
from .searching import smallest_size

LARGEST_LEVEL = 1 << 31
"""Bytes; no level is tried at a larger size."""


def with_remedy(
    fitting: Fitting, machine: Machine, error: MemoryShortage
) -> MemoryShortage:
    """`error`, which `machine` is refused with, and the sizes that would work."""
    fitting.tried |= {(machine, effort): error for effort in Effort}
    lacking = error.shortage
    weights = WeightsForm.of(fitting.module)
    if fitting.plan is not None:
        hint = "so says the plan"
    elif weights.address is not None and lacking.level == machine.weights_level:
        hint = f"the weights have to stand at {weights.address:#x}"
    else:
        hint = str(remedy_of(fitting, machine, lacking))
    return MemoryShortage(lacking, node=error.node, op_type=error.op_type, hint=hint)


def remedy_of(fitting: Fitting, machine: Machine, lacking: Shortage) -> Remedy:
    """What to change about the sizes of levels."""
    level = lacking.level
    size = sufficient_size(fitting, machine, level, lacking=lacking)
    if size is not None:
        return Remedy(level, (), {level: size})
    wide, others = widened(fitting, machine, level)
    sizes = {} if wide is None else narrowed(fitting, wide, [level, *others])
    return Remedy(level, others, sizes)


def widened(
    fitting: Fitting, machine: Machine, level: str
) -> tuple[Machine | None, tuple[str, ...]]:
    """
    The machine with `level` as large as can be, and so the others that lack then.

    None in its place when even that does not suffice.
    """
    names = [level]
    while True:
        machine = with_size(machine, names[-1], largest_size(machine, names[-1]))
        error = fitting.lacks(machine, Effort.QUICK)
        if error is None:
            return machine, tuple(names[1:])
        if error.shortage.level in names:
            return None, tuple(names[1:])
        names.append(error.shortage.level)


def narrowed(fitting: Fitting, machine: Machine, names: list[str]) -> dict[str, int]:
    """The smallest sizes of several levels, one after the other."""
    sizes: dict[str, int] = {}
    for name in names:
        size = sufficient_size(fitting, machine, name)
        assert size is not None, "the machine suffices as it is"
        sizes[name] = size
        machine = with_size(machine, name, size)
    return sizes


def sufficient_size(
    fitting: Fitting,
    machine: Machine,
    level: str,
    *,
    lacking: Shortage | None = None,
    used: int = 1,
    effort: Effort = Effort.WHOLE,
) -> int | None:
    """
    The smallest size of `level`, in steps of its alignment, that suffices.

    It is above the one of `lacking`, if given, and near what is `used`, where
    nothing moves. None when no size suffices. Moving transfers makes no level too
    small (`analysis/room.py`), so that is left to the last trial, if asked for.
    """
    step, limit = machine.level(level).align, largest_size(machine, level)

    def lack(size: int, *, effort: Effort) -> int | None:
        fitting.progress(f"fit {level} {size}")
        error = fitting.lacks(with_size(machine, level, size), effort)
        if error is None:
            return None
        own = error.shortage.level == level
        return error.shortage.needed if own else limit

    low, hint = 0, step
    if lacking is not None:
        low, hint = lacking.size // step * step, lacking.needed
    quick, settled, whole = (partial(lack, effort=effort) for effort in Effort)
    if levels_of_machine(machine).is_flat:
        return smallest_size(whole, low, max(hint, used), step, limit)
    size = smallest_size(quick, low, hint, step, limit)
    size = smallest_size(settled, low, size or limit, step, limit)
    if size is None or effort is Effort.SETTLED:
        return size
    return smallest_size(whole, size - step, size, step, limit)


def with_size(machine: Machine, level: str, size: int) -> Machine:
    """`machine` with another size of one level."""
    levels = tuple(
        replace(one, size=size) if one.name == level else one for one in machine.levels
    )
    return replace(machine, levels=levels)


def largest_size(machine: Machine, level: str) -> int:
    """The bytes up to the next level, or to the end of what can be addressed."""
    facts = machine.level(level)
    if facts.base is None:
        return LARGEST_LEVEL
    above = [one.base for one in machine.levels if (one.base or 0) > facts.base]
    end = min((base for base in above if base is not None), default=1 << machine.xlen)
    return min(end - facts.base, LARGEST_LEVEL) // facts.align * facts.align
