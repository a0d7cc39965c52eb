"""
What depends on the other entries of a line: running sums, the largest in order.

Each entry of dimension `axis` meets all of them, which are dimension `axis + 1` then.
"""

from __future__ import annotations

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import i32, i64
from xdsl.ir import SSAValue

from ....dialects import nn
from ....dialects.nn.quantization_meanings import integer_limits
from ..calls import Call
from .comparisons import BOOL, chosen, compared, elementwise
from .operator import NUMBERS, Operator
from .reductions import reduced
from .selecting import entry_numbers
from .shaping import reshaped


def beside(call: Call, axis: int, last: bool) -> SSAValue:
    """The first operand with another dimension, of size 1, before `axis` or behind."""
    shape = list(call.shape(0))
    shape.insert(axis + last, 1)
    return reshaped(call, call.value(0), shape)


def order(call: Call, axis: int, predicate: str) -> SSAValue:
    """Whether the number of the entry met is `lt`, `le`, … the entry's own."""
    size, rank = call.shape(0)[axis], call.rank() + 1
    mine, other = (entry_numbers(call, size, place, rank) for place in (axis, axis + 1))
    return compared(call, other, mine, predicate)


def cumulative_sum(call: Call) -> SSAValue:
    """Each entry is the sum of those before it: a sum over a triangle."""
    axis = call.axis(int(call.constant(1, "axis").item()), call.rank())
    predicate = "g" if call.integer("reverse", 0) else "l"
    predicate += "t" if call.integer("exclusive", 0) else "e"
    zero = call.literal(0, call.type(0).element_type)
    values = beside(call, axis, last=False)
    terms = chosen(call, order(call, axis, predicate), values, zero)
    total = reduced(call, terms, "sum", [axis + 1])
    return reshaped(call, total, call.shape(0))


def ranks(call: Call, axis: int) -> SSAValue:
    """How many entries come before each one: those beyond it, and earlier equals."""
    mine, other = (beside(call, axis, last=last) for last in (True, False))
    predicate = "gt" if call.integer("largest", 1) else "lt"

    def before(beyond: SSAValue, equal: SSAValue, earlier: SSAValue) -> SSAValue:
        return arith.OrIOp(beyond, arith.AndIOp(equal, earlier).result).result

    sides = [compared(call, other, mine, predicate), compared(call, other, mine, "eq")]
    first = elementwise(call, [*sides, order(call, axis, "lt")], BOOL, before)
    return reduced(call, call.add(nn.CastOp(first, i32)), "sum", [axis + 1])


def top_k(call: Call) -> list[SSAValue]:
    """The first `k` in order, and where they stand; the first among equals."""
    axis, rank = call.axis(call.integer("axis", -1), call.rank()), call.rank() + 1
    size, element = call.shape(0)[axis], call.type(0).element_type
    (count,) = call.listed("k", 1) or [0]
    if not 0 < count <= size:
        call.refuse(f"k must be 1 to {size}, got {count}")
    hit = compared(
        call, ranks(call, axis), entry_numbers(call, count, axis + 1, rank), "eq"
    )
    least = -np.inf if nn.is_float(element) else integer_limits(element)[0]
    number = entry_numbers(call, size, axis, rank)
    shape = [*call.shape(0)[:axis], count, *call.shape(0)[axis + 1 :]]

    def found(value: SSAValue, other: SSAValue) -> SSAValue:
        largest = reduced(call, chosen(call, hit, value, other), "max", [axis])
        return reshaped(call, largest, shape)

    where = found(number, call.literal(0, i32))
    values = found(beside(call, axis, last=True), call.literal(least, element))
    return [values, call.add(nn.CastOp(where, i64))]


ORDERING: dict[str, Operator] = {
    "CumSum": Operator(cumulative_sum, "float32, int32, int64", "constant axis"),
    "TopK": Operator(top_k, NUMBERS, "constant k"),
}
