"""Conversions lane by lane in C."""

from __future__ import annotations

from xdsl.dialects import arith
from xdsl.dialects.builtin import IntegerType, VectorType
from xdsl.ir import Operation

from ....analysis.bounds import bounds
from ....dialects import deploy
from ..expressions import Expression, binary, call
from ..types import vector_name
from .dispatch import (
    E,
    as_result,
    as_unsigned,
    element_bits,
    is_mask,
    lane_count,
    name_of,
    vector,
)

FROM_FLOAT = ("fptosi", "fptoui")


@vector.register(arith.ExtFOp)
@vector.register(arith.TruncFOp)
def _(op: Operation, a: E) -> Expression:
    return converted(op, a)


@vector.register
def _(op: arith.BitcastOp, a: E) -> Expression:
    return as_result(a, op)


def converted(op: Operation, a: E) -> Expression:
    """Each lane of `a` as a number of the result's type."""
    return call("DEPLOY_CONVERT", E(name_of(op.results[0], op)), a)


@vector.register
def _(op: deploy.VcastOp, a: E) -> Expression:
    kind = op.kind.data
    if kind in FROM_FLOAT:
        return from_float(op, a)
    if is_mask(op.result):
        return as_result(binary(binary(a, "&", E("1")), "!=", E("0")), op)
    if kind in ("extui", "uitofp"):
        if is_mask(op.input):
            return converted(op, binary(a, "&", E("1")))
        a = as_unsigned(op.input, a, op)
    return converted(op, a)


def from_float(op: deploy.VcastOp, a: E) -> Expression:
    """Integers of floats."""
    function, bits = whole_way(op) or ("", 0)
    assert bits, "only what has a form is evaluated"
    type = VectorType(IntegerType(bits), [lane_count(op.result)])
    value = call(function, E(vector_name(type, op)), a)
    return value if bits == element_bits(op.result) else converted(op, value)


def has_form(op: Operation) -> bool:
    """Whether `op`, if it makes integers of floats, can do so on whole vectors."""
    if not isinstance(op, deploy.VcastOp) or op.kind.data not in FROM_FLOAT:
        return True
    return not is_mask(op.result) and whole_way(op) is not None


def whole_way(op: deploy.VcastOp) -> tuple[str, int] | None:
    """
    The macro that makes integers of floats, and how many bits they have.

    None when it is done lane by lane.
    """
    source, target = element_bits(op.input), element_bits(op.result)
    known, is_signed = bounds(op.input), op.kind.data == "fptosi"
    for bits in (source // 2, source):
        least = 1 - 2 ** (bits - 1) if is_signed else 0
        if bits >= min(target, source) and known.within(least, 2 ** (bits - 1) - 1):
            return ("DEPLOY_INTEGRAL" if known.whole else "DEPLOY_CHOPPED"), bits
    is_same = source == target or (source == 32 and target < 32)
    return ("DEPLOY_SATURATED", source) if is_same and is_signed else None
