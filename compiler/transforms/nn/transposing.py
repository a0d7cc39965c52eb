"""How each operation works on operands whose dimensions are in another order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import singledispatch

from xdsl.dialects.builtin import IntegerAttr, TensorType, i64
from xdsl.ir import Attribute, Operation, SSAValue

from ...dialects import nn
from ...dialects.nn.base import int_array
from .bodies import scalar_operands
from .permutations import Permutation, inverse, keeps_order, permuted
from .transposes import moved_quantization


def padded_shape(value: SSAValue, rank: int) -> tuple[int, ...]:
    """The shape of an operand that broadcasts to `rank` dimensions."""
    shape = nn.shape_of(value)
    return (1,) * (rank - len(shape)) + shape


def pulled_back(value: SSAValue, permutation: Permutation) -> list[Operation]:
    """
    Operations whose last result, permuted, broadcasts as `value` does.

    None are needed for a single element. An operand of lower rank stays one where its
    leading dimensions have one element.
    """
    given = nn.shape_of(value)
    shape = padded_shape(value, len(permutation))
    back = inverse(permutation)
    target = permuted(shape, back)
    if given != shape:
        target = trimmed(target)
    if len(given) < 2 and all(size == 1 for size in given):
        return []
    if keeps_order(shape, back):
        return [nn.ReshapeOp(value, target)]
    ops: list[Operation] = []
    if given != shape:
        value = _append(ops, nn.ReshapeOp(value, shape))
    value = _append(ops, nn.TransposeOp(value, back))
    if nn.shape_of(value) != target:
        _append(ops, nn.ReshapeOp(value, target))
    return ops


def _append(ops: list[Operation], op: Operation) -> SSAValue:
    ops.append(op)
    return op.results[0]


def trimmed(shape: Sequence[int]) -> tuple[int, ...]:
    """A shape without leading dimensions of one element, which broadcast alike."""
    kept = list(shape)
    while len(kept) > 1 and kept[0] == 1:
        kept.pop(0)
    return tuple(kept)


def place_operands(op: Operation) -> tuple[SSAValue, ...]:
    """
    The operands that have to be permuted when the result of `op` is.

    Empty for an operation that a permutation cannot go through.
    """
    match op:
        case nn.ElementwiseOp() | nn.NamedElementwiseOp() | nn.ConcatOp():
            return tuple(op.operands)
        case nn.ReduceOp():
            return (op.input, *scalar_operands(op))
        case (
            nn.PadOp()
            | nn.SliceOp()
            | nn.GatherOp()
            | nn.QuantizeOp()
            | nn.DequantizeOp()
            | nn.LookupOp()
        ):
            return (op.input,)
        case _:
            return ()


def moved(
    op: Operation, permutation: Permutation, operands: Mapping[SSAValue, SSAValue]
) -> Operation:
    """
    `op` on operands before a permutation: its result, permuted, is what it was.

    `operands` gives for each of `place_operands` the one to take instead.
    """
    result = nn.tensor_type(op.results[0])
    shape = permuted(result.get_shape(), inverse(permutation))
    return type(op).create(
        operands=[operands.get(value, value) for value in op.operands],
        result_types=[TensorType(result.element_type, shape)],
        properties={**op.properties, **moved_properties(op, permutation)},
        attributes=dict(op.attributes),
        regions=[region.clone() for region in op.regions],
    )


@singledispatch
def moved_properties(
    op: Operation, permutation: Permutation
) -> Mapping[str, Attribute]:
    """The properties that name dimensions, for operands before the permutation."""
    return {}


def _axis(axis: IntegerAttr, permutation: Permutation) -> Mapping[str, Attribute]:
    return {"axis": IntegerAttr(permutation[axis.value.data], i64)}


@moved_properties.register
def _(op: nn.ConcatOp, permutation: Permutation) -> Mapping[str, Attribute]:
    return _axis(op.axis, permutation)


@moved_properties.register
def _(op: nn.GatherOp, permutation: Permutation) -> Mapping[str, Attribute]:
    return _axis(op.axis, permutation)


@moved_properties.register
def _(op: nn.QuantizationOp, permutation: Permutation) -> Mapping[str, Attribute]:
    return moved_quantization(op, inverse(permutation))


@moved_properties.register
def _(op: nn.ReduceOp, permutation: Permutation) -> Mapping[str, Attribute]:
    axes = sorted(permutation[axis] for axis in op.axes.get_values())
    return {"axes": int_array(axes)}


@moved_properties.register
def _(op: nn.PadOp, permutation: Permutation) -> Mapping[str, Attribute]:
    back = inverse(permutation)
    return {
        "low": int_array(permuted(op.low.get_values(), back)),
        "high": int_array(permuted(op.high.get_values(), back)),
    }


@moved_properties.register
def _(op: nn.SliceOp, permutation: Permutation) -> Mapping[str, Attribute]:
    back = inverse(permutation)
    return {
        "starts": int_array(permuted(op.starts.get_values(), back)),
        "steps": int_array(permuted(op.steps.get_values(), back)),
    }
