"""A place where operations of a kernel are appended, and what is known there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from xdsl.builder import Builder
from xdsl.dialects import scf, vector
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.ir.affine import AffineBinaryOpKind
from xdsl.rewriter import InsertPoint

from ...rewriting import locate
from .indices import LinearIndex, Point, Variable
from .widening import is_vector, vector_of

Element: TypeAlias = tuple[SSAValue | Operation, Point]
"""A buffer's element, or what an operation makes of one point of its loops."""

Quotient: TypeAlias = tuple[AffineBinaryOpKind, LinearIndex, int]
"""An index divided by a number."""


@dataclass
class Scope:
    """A place where operations are appended, and the elements already made there."""

    builder: Builder
    source: Operation
    """The operation whose location new ones take."""
    made: dict[Element, tuple[SSAValue, ...]] = field(
        default_factory=dict[Element, tuple[SSAValue, ...]]
    )
    """The elements that have been loaded or computed."""
    indices: dict[LinearIndex, SSAValue] = field(
        default_factory=dict[LinearIndex, SSAValue]
    )
    """The indices that are values."""
    quotients: dict[Quotient, Variable] = field(
        default_factory=dict[Quotient, Variable]
    )
    spread: dict[tuple[SSAValue, int], SSAValue] = field(
        default_factory=dict[tuple[SSAValue, int], SSAValue]
    )
    """The scalars that are in every lane of a vector of so many."""
    inside: set[tuple[LinearIndex, int]] = field(
        default_factory=set[tuple[LinearIndex, int]]
    )
    """The indices known to be below a bound, and not negative."""
    outside: set[tuple[LinearIndex, int]] = field(
        default_factory=set[tuple[LinearIndex, int]]
    )
    """Those known to be negative, or not below it."""

    def append(self, op: Operation) -> SSAValue:
        """Appends `op`, which has a result."""
        self.place(op)
        return op.results[0]

    def place(self, op: Operation) -> None:
        """Appends `op`."""
        self.builder.insert(locate(op, self.source.location))

    def copy(self, op: Operation, mapper: dict[SSAValue, SSAValue]) -> None:
        """Appends `op` on other operands, and notes its results."""
        cloned = op.clone if op.regions else op.clone_without_regions
        self.place(cloned(mapper))

    def in_lanes(self, value: SSAValue, lanes: int) -> SSAValue:
        """`value` in every lane of a vector, unless it is one or there is one lane."""
        if lanes == 1 or is_vector(value):
            return value
        if (value, lanes) not in self.spread:
            # There are many, made in a third of the time by `create`.
            types = [vector_of(value.type, lanes)]
            op = vector.BroadcastOp.create(operands=[value], result_types=types)
            self.spread[value, lanes] = self.append(op)
        return self.spread[value, lanes]

    def is_below(self, index: LinearIndex, bound: int, lanes: int) -> bool | None:
        """Whether `0 <= index < bound` in all lanes; None when it is not known."""
        low, high = index.bounds(lanes)
        if (low >= 0 and high < bound) or (index, bound) in self.inside:
            return True
        is_outside = high < 0 or low >= bound or (index, bound) in self.outside
        return False if is_outside else None

    def within(self, block: Block) -> Scope:
        """The end of `block`, where everything known so far holds."""
        return replace(self.fork(), builder=Builder(InsertPoint.at_end(block)))

    def fork(self) -> Scope:
        """The same place, for work whose elements are not kept."""
        return replace(
            self,
            made=dict(self.made),
            indices=dict(self.indices),
            quotients=dict(self.quotients),
            spread=dict(self.spread),
            inside=set(self.inside),
            outside=set(self.outside),
        )

    def on_behalf_of(self, source: Operation) -> Scope:
        """The same place, for operations that `source` stands for."""
        return replace(self, source=source)


def choice(
    scope: Scope,
    condition: SSAValue,
    types: Sequence[Attribute],
    inside: Callable[[Scope], list[SSAValue]],
    beside: Callable[[Scope], list[SSAValue]],
) -> list[SSAValue]:
    """One of two."""
    blocks = Block(), Block()
    for block, build in zip(blocks, (inside, beside), strict=True):
        inner = scope.within(block)
        inner.place(scf.YieldOp(*build(inner)))
    one, other = blocks
    op = scf.IfOp(condition, types, [one], [other])
    scope.place(op)
    for value in op.results:
        value.name_hint = "acc"
    return list(op.results)
