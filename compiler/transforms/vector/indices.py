"""
Indices of elements as sums: what a loop counts times a factor, and a constant.

Two indices that are equal are recognised as equal, and what is known of the loops tells
within which bounds an index stays. A vector's elements are told apart by its lanes: the
index of lane `l` is that of lane 0 plus `lane * l`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias, cast

from xdsl.ir import SSAValue
from xdsl.ir.affine import (
    AffineBinaryOpExpr,
    AffineBinaryOpKind,
    AffineConstantExpr,
    AffineDimExpr,
    AffineExpr,
    AffineMap,
)

from .affine import Append, Index, IndexConstants, added, multiplied


@dataclass(frozen=True, eq=False)
class Variable:
    """What a loop counts, or an index that is no sum; there is one of each number."""

    number: int
    """Variables come in a sum by their numbers."""
    value: SSAValue
    low: int
    high: int
    """The greatest value."""
    unit: int = 1
    """What all its values are multiples of."""


class LinearIndex(NamedTuple):
    """A sum of variables times their factors, a constant, and a part for each lane."""

    constant: int = 0
    terms: tuple[tuple[Variable, int], ...] = ()
    lane: int = 0

    def plus(self, other: LinearIndex) -> LinearIndex:
        """The sum of both."""
        if not other.terms and not other.lane:
            return self.shifted(other.constant)
        factors = dict(self.terms)
        for variable, factor in other.terms:
            factors[variable] = factors.get(variable, 0) + factor
        terms = sorted(factors.items(), key=lambda term: term[0].number)
        return LinearIndex(
            self.constant + other.constant,
            tuple((variable, factor) for variable, factor in terms if factor),
            self.lane + other.lane,
        )

    def times(self, factor: int) -> LinearIndex:
        """The index `factor` times."""
        if not factor:
            return LinearIndex()
        terms = tuple((variable, own * factor) for variable, own in self.terms)
        return LinearIndex(self.constant * factor, terms, self.lane * factor)

    def shifted(self, distance: int) -> LinearIndex:
        """`self + distance`."""
        return LinearIndex(self.constant + distance, self.terms, self.lane)

    def of_lane(self, lane: int) -> LinearIndex:
        """The index of one lane."""
        return LinearIndex(self.constant + self.lane * lane, self.terms)

    def bounds(self, lanes: int) -> tuple[int, int]:
        """The least and the greatest value that it may have in any lane."""
        low = high = self.constant
        ends = [(v.low * f, v.high * f) for v, f in self.terms]
        for one, other in [*ends, (0, self.lane * (lanes - 1))]:
            low, high = low + min(one, other), high + max(one, other)
        return low, high


Indices: TypeAlias = tuple[LinearIndex, ...]


class Point(NamedTuple):
    """Where elements are: an index per loop or per axis, for so many lanes."""

    indices: Indices
    lanes: int = 1

    @staticmethod
    def at(indices: Sequence[LinearIndex], lanes: int) -> Point:
        """A point that is one element for all lanes if they do not differ in it."""
        differs = any(index.lane for index in indices)
        return Point(tuple(indices), lanes if differs else 1)

    def of_lane(self, lane: int) -> Point:
        """One lane of it."""
        return Point(tuple(index.of_lane(lane) for index in self.indices))


Opaque: TypeAlias = Callable[[AffineBinaryOpExpr, LinearIndex, int], LinearIndex]
"""Divides an index that is no multiple of the divisor."""


def substituted(
    expr: AffineExpr, dims: Sequence[LinearIndex], opaque: Opaque
) -> LinearIndex:
    """`expr` with `dims` in place of its dimensions."""
    if type(expr) is AffineDimExpr:
        return dims[expr.position]
    if type(expr) is AffineConstantExpr:
        return LinearIndex(expr.value)
    binary = cast(AffineBinaryOpExpr, expr)
    whole = multiple(binary, dims, opaque)
    if whole is not None:
        return whole
    a = substituted(binary.lhs, dims, opaque)
    b = substituted(binary.rhs, dims, opaque)
    if binary.kind is AffineBinaryOpKind.Add:
        return a.plus(b)
    if binary.kind is AffineBinaryOpKind.Mul:
        is_constant = not a.terms and not a.lane
        return b.times(a.constant) if is_constant else a.times(b.constant)
    assert not b.terms, "affine expressions divide by constants"
    return divided(binary, a, b.constant, opaque)


def multiple(
    expr: AffineBinaryOpExpr, dims: Sequence[LinearIndex], opaque: Opaque
) -> LinearIndex | None:
    """
    `(x floordiv n) * m` where `x mod n` is known and `n` divides `m`; else None.

    It is `(x - x mod n) * (m / n)`: a sum, though the quotient is none.
    """
    quotient, factor = expr.lhs, expr.rhs
    if (
        expr.kind is not AffineBinaryOpKind.Mul
        or not isinstance(factor, AffineConstantExpr)
        or not isinstance(quotient, AffineBinaryOpExpr)
        or quotient.kind is not AffineBinaryOpKind.FloorDiv
        or not isinstance(quotient.rhs, AffineConstantExpr)
        or factor.value % quotient.rhs.value
    ):
        return None
    by = quotient.rhs.value
    index = substituted(quotient.lhs, dims, opaque)
    rest = remainder(index, by)
    return None if rest is None else index.shifted(-rest).times(factor.value // by)


def remainder(index: LinearIndex, by: int) -> int | None:
    """What is left of `index` divided by a constant; None when that varies."""
    if index.lane or any(factor * v.unit % by for v, factor in index.terms):
        return None
    return index.constant % by


def divided(
    expr: AffineBinaryOpExpr, index: LinearIndex, by: int, opaque: Opaque
) -> LinearIndex:
    """`index` divided by a constant, rounded up or down, or the remainder."""
    kind = expr.kind
    constant = {
        AffineBinaryOpKind.FloorDiv: index.constant // by,
        AffineBinaryOpKind.CeilDiv: -(-index.constant // by),
        AffineBinaryOpKind.Mod: index.constant % by,
    }[kind]
    if kind is AffineBinaryOpKind.Mod and remainder(index, by) is not None:
        return LinearIndex(constant)
    if index.lane or any(factor % by for _, factor in index.terms):
        return opaque(expr, index, by)
    terms = tuple((variable, factor // by) for variable, factor in index.terms)
    return LinearIndex(constant, terms)


def at(map_: AffineMap, dims: Sequence[LinearIndex], opaque: Opaque) -> Indices:
    """The indices that `map_` takes `dims` to."""
    return tuple(substituted(expr, dims, opaque) for expr in map_.results)


def materialized(
    index: LinearIndex, append: Append, constants: IndexConstants
) -> SSAValue:
    """The index of lane 0 as a value."""
    total: Index = 0
    for variable, factor in index.terms:
        part = multiplied(variable.value, factor, append, constants)
        total = added(total, part, append, constants)
    return constants.value(added(total, index.constant, append, constants))
