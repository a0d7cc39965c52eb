"""Vectors made of scalars, and what is taken from them, in C."""

from __future__ import annotations

from typing import cast

from xdsl.dialects import arith
from xdsl.dialects import vector as vector_dialect
from xdsl.dialects.builtin import (
    DenseIntOrFPElementsAttr,
    IntegerType,
    ModuleOp,
    VectorType,
)
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.utils.hints import isa

from ....analysis.vectors import whole_lanes
from ....dialects.deploy.vector import Vector
from ..expressions import UNARY, Expression, call, cast_to, subscript, unary
from ..types import c_type, literal, refuse, width
from .dispatch import (
    E,
    is_mask,
    name_of,
    on_vectors,
    type_of,
    vector,
    vector_type,
)


def lane_counts(module: ModuleOp) -> list[int]:
    """How many lanes the vectors of a program have, also while they are reduced."""
    found: set[int] = set()
    for op in module.walk():
        if not on_vectors(op):
            continue
        types = (*op.operand_types, *op.result_types)
        vectors = [cast(Vector, type) for type in types if isinstance(type, VectorType)]
        lanes = {n for type in vectors for n in type.get_shape()}
        if isinstance(op, vector_dialect.ReductionOp):
            lanes |= {2**n for n in range(1, max(lanes).bit_length())}
        found |= lanes
    return sorted(found)


POWER_OF_TWO = "a vector must have a power of two lanes"


def is_whole(type: VectorType[Attribute]) -> bool:
    """Whether a vector has as many lanes as gcc wants: a power of two."""
    return type.get_shape()[0].bit_count() == 1


def vector_types(lanes: int) -> str:
    """What defines the C vectors of so many lanes."""
    if lanes.bit_count() == 1:
        return f"DEPLOY_VECTORS({lanes})"
    return f"DEPLOY_PART_VECTORS({lanes}, {whole_lanes(lanes)})"


def splat(result: SSAValue, a: E, op: Operation) -> Expression:
    """`a` in every lane of `result`."""
    if is_mask(result):
        a = unary("-", cast_to("int8_t", a))
    element = vector_type(result).element_type
    if isa(element, IntegerType) and width(element) < 32:
        a = cast_to("int8_t" if is_mask(result) else c_type(element, op), a)
    return call("DEPLOY_SPLAT", E(name_of(result, op)), a)


@vector.register
def _(op: arith.ConstantOp) -> Expression:
    attribute = op.value
    if not isa(attribute, DenseIntOrFPElementsAttr):
        return refuse(op, f"the C backend has no constant for {attribute}")
    elements = [literal(e, op) for e in attribute.get_attrs()]
    if len(set(elements)) == 1:
        return splat(op.result, E(elements[0], UNARY), op)
    if is_mask(op.result):
        elements = ["-1" if e == "1" else e for e in elements]
    return Expression(f"({type_of(op.result, op)}){{{', '.join(elements)}}}")


@vector.register
def _(op: vector_dialect.BroadcastOp, a: E) -> Expression:
    if op.source.type == op.vector.type:
        return a
    return splat(op.vector, a, op)


@vector.register
def _(op: vector_dialect.ExtractOp, a: E, *_: E) -> Expression:
    return subscript(a, E(str(position(op))))


def position(op: vector_dialect.ExtractOp | vector_dialect.InsertOp) -> int:
    """The lane that `op` takes or replaces."""
    positions = op.static_position.get_values()
    if op.dynamic_position or len(positions) != 1 or is_mask(op.operands[-1]):
        refuse(op, "one lane, of a number that is known, must be taken or replaced")
    return positions[0]


@vector.register
def _(op: vector_dialect.ShuffleOp, a: E, b: E) -> Expression:
    if is_mask(op.result):
        return refuse(op, "masks cannot be shuffled")
    if is_first(op):
        places = (E(str(lane)) for lane in op.mask.get_values())
        return call("DEPLOY_FIRST", E(name_of(op.result, op)), a, *places)
    # What has room for more lanes than it has numbers those of a second vector anew.
    lanes = op.mask.get_values()
    is_one = max(lanes) < vector_type(op.v1).get_shape()[0]
    read = () if is_one else op.operands
    if any(not is_whole(vector_type(value)) for value in read):
        return refuse(op, f"{POWER_OF_TWO} to be shuffled")
    name = name_of(op.result, op)
    more = whole_lanes(len(lanes)) - len(lanes)
    places = (E(str(number)) for number in (*lanes, *lanes[-1:] * more))
    found = call("__builtin_shufflevector", a, b, *places)
    if not more:
        return found
    return call("DEPLOY_FIRST", E(name), found, *(E(str(n)) for n in range(len(lanes))))


def is_first(op: vector_dialect.ShuffleOp) -> bool:
    """Whether the result is a part of a whole vector: its first lanes."""
    source, result = vector_type(op.v1), vector_type(op.result)
    lanes = result.get_shape()[0]
    if is_whole(result) or whole_lanes(lanes) != source.get_shape()[0]:
        return False
    return op.mask.get_values() == tuple(range(lanes))
