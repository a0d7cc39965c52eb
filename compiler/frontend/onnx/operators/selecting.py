"""Positions of elements: what is the largest, and what has a given number."""

from __future__ import annotations

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import i32, i64
from xdsl.ir import SSAValue

from ....dialects import nn
from ..calls import Call, Handler
from .comparisons import BOOL, chosen, compared, elementwise
from .operator import ALL, NUMBERS, Operator
from .reductions import reduced, without_ones
from .shaping import reshaped


def entry_numbers(call: Call, size: int, axis: int, rank: int) -> SSAValue:
    """The numbers of the entries of dimension `axis`, as int32."""
    shape = [size if place == axis else 1 for place in range(rank)]
    return call.literal(np.arange(size, dtype=np.int32).reshape(shape))


def _extreme(call: Call, kind: str, axis: int) -> SSAValue:
    """
    Where along `axis` the maximum or minimum stands, as int32, with size 1.

    The first place among equals, or the last where the node says so. A line that has
    a NaN gives an entry there is, no particular one.
    """
    value, size = call.value(0), call.shape(0)[axis]
    best = reduced(call, value, kind, [axis])
    places = entry_numbers(call, size, axis, call.rank())
    last = bool(call.integer("select_last_index", 0))
    none = call.literal(0 if last else size - 1, i32)
    found = chosen(call, compared(call, value, best, "eq"), places, none)
    return reduced(call, found, "max" if last else "min", [axis])


def arg_extreme(kind: str) -> Handler:
    """The handler of the place of the `max` or `min` along a dimension."""

    def handle(call: Call) -> SSAValue:
        axis = call.axis(call.integer("axis", 0), call.rank())
        place = call.add(nn.CastOp(_extreme(call, kind, axis), i64))
        return without_ones(call, place, [axis])

    return handle


def hardmax(call: Call) -> SSAValue:
    """1 at the first maximum; before opset 13, of all dimensions from `axis` on."""
    shape, element = call.shape(0), call.type(0).element_type
    rank = len(shape)
    axis = call.axis(call.integer("axis", -1 if call.version >= 13 else 1), rank)
    if call.version < 13 and axis != rank - 1:
        call.refuse(f"axis must be the last, {rank - 1}, before opset 13, got {axis}")
    place = _extreme(call, "max", axis)
    hit = compared(call, entry_numbers(call, shape[axis], axis, rank), place, "eq")
    return call.add(nn.CastOp(hit, element))


def _either(a: SSAValue, b: SSAValue) -> SSAValue:
    return arith.OrIOp(a, b).result


def one_hot(call: Call) -> SSAValue:
    """The second value where a place has the number that stands there."""
    depth = int(call.constant(1, "depth").item())
    off, on = call.constant(2, "values")
    indices, rank = call.value(0), call.rank() + 1
    axis = call.axis(call.integer("axis", -1), rank)
    shape = list(call.shape(0))
    shape.insert(axis, 1)
    if depth < 1:
        call.refuse(f"depth must be positive, got {depth}")
    number = reshaped(call, call.add(nn.CastOp(indices, i32)), shape)
    from_end = call.add(nn.AddOp(number, call.literal(depth, i32)))
    places = entry_numbers(call, depth, axis, rank)
    hits = [compared(call, places, place, "eq") for place in (number, from_end)]
    hit = elementwise(call, hits, BOOL, _either)
    return chosen(call, hit, call.literal(on), call.literal(off))


def triangle(call: Call) -> SSAValue:
    """The upper or lower triangle of the last two dimensions, zero elsewhere."""
    rows, columns = call.shape(0)[-2:]
    shift = int(call.constant(1, "k").item()) if call.has(1) else 0
    upper = bool(call.integer("upper", 1))
    lower = np.tri(rows, columns, shift - 1 if upper else shift, dtype=np.bool_)
    kept = call.literal(~lower if upper else lower)
    zero = call.literal(0, call.type(0).element_type)
    return chosen(call, kept, call.value(0), zero)


SELECTING: dict[str, Operator] = {
    "ArgMax": Operator(arg_extreme("max"), NUMBERS),
    "ArgMin": Operator(arg_extreme("min"), NUMBERS),
    "Hardmax": Operator(hardmax),
    "OneHot": Operator(one_hot, ALL, "constant depth and values"),
    "Trilu": Operator(triangle, ALL, "constant k"),
}
