"""Loops over segments, which carry values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import gcd
from typing import TypeAlias

from xdsl.dialects import scf
from xdsl.dialects.builtin import IndexType
from xdsl.ir import Attribute, Block, SSAValue

from .blocks import Segment
from .elements import Elements
from .indices import LinearIndex
from .moves import Values
from .scopes import Scope

Fill: TypeAlias = Callable[[Scope, LinearIndex, Values], Values]
"""Builds the inside of a loop: the scope, the index, what is carried."""


@dataclass
class Loops:
    """Builds loops around what makes elements."""

    elements: Elements

    def rounds(
        self,
        scope: Scope,
        name: str,
        segment: Segment,
        carried: Values,
        fill: Fill,
    ) -> Values:
        """One segment: a loop, or without one if it is a single block."""
        if segment.rounds == 1:
            return fill(scope, LinearIndex(segment.start), carried)
        value = self.elements.constants.value
        first, end, step = map(value, (segment.start, segment.stop, segment.size))
        unit = gcd(segment.start, segment.size)
        bounds = segment.start, segment.stop - segment.size, unit
        return self.loop(scope, name, (first, end, step), bounds, carried, fill)

    def loop(
        self,
        scope: Scope,
        name: str,
        rounds: tuple[SSAValue, SSAValue, SSAValue],
        bounds: tuple[int, int, int],
        carried: Values,
        fill: Fill,
    ) -> Values:
        """A loop from its first index to its last one, all multiples of the third."""
        types: list[Attribute] = [IndexType(), *(value.type for value in carried)]
        block = Block(arg_types=types)
        index, *inside = block.args
        index.name_hint = name
        inner = scope.within(block)
        variable = self.elements.variable(index, *bounds)
        results = fill(inner, LinearIndex(0, ((variable, 1),)), list(inside))
        inner.place(scf.YieldOp(*results))
        loop = scf.ForOp(*rounds, carried, block)
        scope.place(loop)
        for value in (*inside, *loop.results):
            value.name_hint = "acc"
        return list(loop.results)
