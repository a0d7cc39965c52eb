"""
The part of an operand that a tile of the loops touches.

Interval arithmetic on affine maps: strides, dilations and halos come out of the
coefficients. Inside the tile loops count from zero again, so the maps change too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.ir import SSAValue
from xdsl.ir.affine import (
    AffineBinaryOpExpr,
    AffineBinaryOpKind,
    AffineConstantExpr,
    AffineDimExpr,
    AffineExpr,
    AffineMap,
)


@dataclass(frozen=True)
class Offset:
    """`constant` plus each value times its factor."""

    constant: int = 0
    terms: tuple[tuple[SSAValue, int], ...] = ()

    def __add__(self, other: Offset) -> Offset:
        factors = dict(self.terms)
        for value, factor in other.terms:
            factors[value] = factors.get(value, 0) + factor
        terms = tuple((value, factor) for value, factor in factors.items() if factor)
        return Offset(self.constant + other.constant, terms)

    def __mul__(self, factor: int) -> Offset:
        if not factor:
            return Offset()
        terms = tuple((value, own * factor) for value, own in self.terms)
        return Offset(self.constant * factor, terms)


@dataclass(frozen=True)
class Span:
    """A range of indices of a loop or of an axis: `size` of them from `offset` on."""

    offset: Offset
    size: int
    whole: bool
    """Whether these are all there are."""
    depth: int = 0
    """How many of the tile loops around say which indices these are."""


def all_of(size: int) -> Span:
    """A whole loop or axis."""
    return Span(Offset(), size, whole=True)


@dataclass(frozen=True)
class Linear:
    """`constant` plus each loop times its factor."""

    constant: int
    factors: tuple[int, ...]


def linear(expr: AffineExpr, loops: int) -> Linear | None:
    """`expr` as a sum; None when it divides."""
    if isinstance(expr, AffineConstantExpr):
        return Linear(expr.value, (0,) * loops)
    if isinstance(expr, AffineDimExpr):
        return Linear(0, tuple(int(loop == expr.position) for loop in range(loops)))
    if not isinstance(expr, AffineBinaryOpExpr):
        return None
    left, right = linear(expr.lhs, loops), linear(expr.rhs, loops)
    if left is None or right is None:
        return None
    if expr.kind is AffineBinaryOpKind.Add:
        sums = (a + b for a, b in zip(left.factors, right.factors, strict=True))
        return Linear(left.constant + right.constant, tuple(sums))
    if expr.kind is AffineBinaryOpKind.Mul and not any(right.factors):
        by = right.constant
        return Linear(left.constant * by, tuple(by * a for a in left.factors))
    return None


def axis_span(
    expr: AffineExpr, size: int, loops: Sequence[Span]
) -> tuple[Span, AffineExpr] | None:
    """
    The indices of an axis of that size that `expr` reaches in a tile of the loops.

    Also returns `expr` inside the tile; None when it divides a loop that is cut.
    """
    if all(loops[loop].whole for loop in expr.used_dims()):
        return all_of(size), expr
    sums = linear(expr, len(loops))
    if sums is None:
        return None
    start = Offset(sums.constant)
    depth = max(loops[loop].depth for loop in expr.used_dims())
    extent, shift = 1, 0
    inside: AffineExpr = AffineExpr.constant(0)
    for loop, (factor, span) in enumerate(zip(sums.factors, loops, strict=True)):
        reach = abs(factor) * (span.size - 1)
        extent += reach
        start += span.offset * factor
        if factor < 0:
            start += Offset(-reach)
            shift += reach
        if factor:
            inside = inside + AffineExpr.dimension(loop) * factor
    return Span(start, extent, whole=False, depth=depth), inside + shift


def footprint(
    map_: AffineMap, shape: Sequence[int], loops: Sequence[Span]
) -> tuple[tuple[Span, ...], AffineMap] | None:
    """
    The part of an operand of this shape that a tile of the loops touches.

    Also returns the map inside the tile; None when the operand cannot be cut that way.
    """
    found = [
        axis_span(expr, size, loops)
        for expr, size in zip(map_.results, shape, strict=True)
    ]
    axes = [axis for axis in found if axis is not None]
    if len(axes) != len(found):
        return None
    inside = AffineMap(map_.num_dims, 0, tuple(expr for _, expr in axes))
    return tuple(span for span, _ in axes), inside
