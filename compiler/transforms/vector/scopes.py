"""A place where operations of a kernel are appended, and what is known there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeAlias

from xdsl.builder import Builder
from xdsl.ir import Block, Operation, SSAValue
from xdsl.ir.affine import AffineBinaryOpKind
from xdsl.rewriter import InsertPoint

from ...rewriting import locate
from .indices import LinearIndex, Point, Variable

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
            inside=set(self.inside),
            outside=set(self.outside),
        )

    def on_behalf_of(self, source: Operation) -> Scope:
        """The same place, for operations that `source` stands for."""
        return replace(self, source=source)
