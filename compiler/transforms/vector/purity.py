"""Which operations only compute."""

from __future__ import annotations

from functools import cache

from xdsl.dialects import arith
from xdsl.ir import Operation
from xdsl.traits import MemoryEffect, NoMemoryEffect, RecursiveMemoryEffect

UNMARKED = (arith.ExtSIOp, arith.RemUIOp)
"""Operations that only compute, which xDSL does not say of them."""


def is_pure(op: Operation) -> bool:
    """Whether `op` only computes its results, without regions and memory."""
    return not op.regions and has_no_effect(type(op))


@cache
def has_no_effect(kind: type[Operation]) -> bool:
    """Whether operations of that kind do nothing beside what their regions do."""
    effects = [trait for trait in kind.traits if isinstance(trait, MemoryEffect)]
    none = NoMemoryEffect | RecursiveMemoryEffect
    is_marked = bool(effects) and all(isinstance(effect, none) for effect in effects)
    return is_marked or kind in UNMARKED
