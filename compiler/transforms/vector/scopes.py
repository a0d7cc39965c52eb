"""A place where scalar operations of a kernel are appended, and what is known there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeAlias

from xdsl.builder import Builder
from xdsl.ir import Block, Operation, SSAValue
from xdsl.rewriter import InsertPoint

from ...rewriting import locate
from .affine import Index
from .guards import Guard, Loop, Test

Indices: TypeAlias = tuple[Index, ...]

Tests: TypeAlias = tuple[Test, ...]


class MadeTest(NamedTuple):
    """A list of tests as operations."""

    outcome: SSAValue
    """Whether all outcomes are yes."""
    place: Index
    """The last index."""


@dataclass
class Scope:
    """A place where operations are appended, and the elements already made there."""

    builder: Builder
    source: Operation
    """The operation whose location new ones take."""
    made: dict[tuple[Operation, Indices], tuple[SSAValue, ...]] = field(
        default_factory=dict[tuple[Operation, Indices], tuple[SSAValue, ...]]
    )
    loops: dict[Loop, SSAValue] = field(default_factory=dict[Loop, SSAValue])
    """The index of each loop around."""
    made_tests: dict[Tests, MadeTest] = field(default_factory=dict[Tests, MadeTest])
    """The tests already made; each list of them is one test, of its last index."""
    safe: dict[Tests, SSAValue] = field(default_factory=dict[Tests, SSAValue])
    """The last index of tests where their outcome is yes, else an index that exists."""
    settled: dict[Guard, bool] = field(default_factory=dict[Guard, bool])
    """Where a guarded read goes here: into the part (True) or beside it (False)."""
    divided: set[Guard] = field(default_factory=set[Guard])
    """The guards for which this is where not all reads are in the part."""
    clips: dict[Loop, tuple[SSAValue, SSAValue]] = field(
        default_factory=dict[Loop, tuple[SSAValue, SSAValue]]
    )
    """The first round, and the one behind the last, of loops that are cut here."""

    def append(self, op: Operation) -> SSAValue:
        """Appends `op`, which has a result."""
        self.place(op)
        return op.results[0]

    def place(self, op: Operation) -> None:
        """Appends `op`."""
        self.builder.insert(locate(op, self.source.location))

    def inside(self, block: Block) -> Scope:
        """The end of `block`, where everything known so far holds."""
        return replace(
            self,
            builder=Builder(InsertPoint.at_end(block)),
            made=dict(self.made),
            loops=dict(self.loops),
            made_tests=dict(self.made_tests),
            safe=dict(self.safe),
            settled=dict(self.settled),
            divided=set(self.divided),
            clips=dict(self.clips),
        )

    def on_behalf_of(self, source: Operation) -> Scope:
        """The same place, for operations that `source` stands for."""
        return replace(self, source=source)


Body: TypeAlias = Callable[[Scope, Indices, tuple[SSAValue, ...]], Sequence[SSAValue]]
"""Fills a loop nest: scope, indices, carried values -> the next carried values."""
