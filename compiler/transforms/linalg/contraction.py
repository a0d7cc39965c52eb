"""How `nn` operations that compute are lowered: loops, index expressions, bodies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from xdsl.builder import Builder
from xdsl.dialects import arith, tensor
from xdsl.dialects.arith import IntegerOverflowAttr, IntegerOverflowFlag
from xdsl.dialects.builtin import IndexType, IntegerAttr, IntegerType, i32
from xdsl.ir import Attribute, Block, SSAValue
from xdsl.utils.hints import isa

from ...dialects import nn
from .structured import (
    Body,
    broadcast_index,
    constant,
    dims,
    elementwise,
    filled,
    generic,
    reshaped,
)

NSW = IntegerOverflowAttr([IntegerOverflowFlag.NSW])
"""Sums and products of narrower integers fit their type, so they cannot wrap."""

WRAPS = IntegerOverflowAttr([])
"""Sums of integers that have the type of the sum may leave it."""


def widened(
    builder: Builder, value: SSAValue, type: Attribute, unsigned: bool, zero: int
) -> SSAValue:
    """`value - zero` in the accumulator's type."""
    if not isa(type, IntegerType):
        return value
    if value.type != type:
        extend = arith.ExtUIOp if unsigned else arith.ExtSIOp
        value = builder.insert(extend(value, type)).result
    if zero:
        offset = constant(builder, zero, type)
        value = builder.insert(arith.SubiOp(value, offset, overflow=NSW)).result
    return value


def _sum(
    builder: Builder,
    lhs: SSAValue,
    rhs: SSAValue,
    overflow: IntegerOverflowAttr = NSW,
) -> SSAValue:
    if isa(lhs.type, IntegerType):
        return builder.insert(arith.AddiOp(lhs, rhs, overflow=overflow)).result
    return builder.insert(arith.AddfOp(lhs, rhs)).result


def _product(builder: Builder, lhs: SSAValue, rhs: SSAValue) -> SSAValue:
    if isa(lhs.type, IntegerType):
        return builder.insert(arith.MuliOp(lhs, rhs, overflow=NSW)).result
    return builder.insert(arith.MulfOp(lhs, rhs)).result


class Element(NamedTuple):
    """How an operand's element enters a sum or product."""

    unsigned: bool
    zero: int


def element(value: SSAValue, zero: IntegerAttr | None = None) -> Element:
    """How elements of an `nn` operand enter, less the zero point if there is one."""
    unsigned = nn.is_unsigned(nn.tensor_type(value).element_type)
    return Element(unsigned, 0 if zero is None else zero.value.data)


def multiply_accumulate(lhs: Element, rhs: Element) -> Body:
    """`acc + (lhs - zero) * (rhs - zero)`."""

    def body(builder: Builder, args: Sequence[SSAValue]) -> SSAValue:
        left, right, accumulator = args
        left = widened(builder, left, accumulator.type, *lhs)
        right = widened(builder, right, accumulator.type, *rhs)
        return _sum(builder, accumulator, _product(builder, left, right))

    return body


def accumulate(kind: str, element: Element) -> Body:
    """`acc + (element - zero)`, or the larger or smaller of the two."""

    def body(builder: Builder, args: Sequence[SSAValue]) -> SSAValue:
        value, accumulator = args[0], args[-1]
        if kind == "sum":
            overflow = WRAPS if value.type == accumulator.type else NSW
            value = widened(builder, value, accumulator.type, *element)
            return _sum(builder, accumulator, value, overflow)
        return _extreme(builder, kind, element.unsigned, accumulator, value)

    return body


MAXIMA = ("max", "maxnum")

FLOAT_EXTREMES = {
    "max": arith.MaximumfOp,
    "maxnum": arith.MaxnumfOp,
    "min": arith.MinimumfOp,
}


def _extreme(
    builder: Builder, kind: str, unsigned: bool, lhs: SSAValue, rhs: SSAValue
) -> SSAValue:
    if not isa(lhs.type, IntegerType):
        return builder.insert(FLOAT_EXTREMES[kind](lhs, rhs)).result
    largest = kind in MAXIMA
    if unsigned:
        op = arith.MaxUIOp if largest else arith.MinUIOp
    else:
        op = arith.MaxSIOp if largest else arith.MinSIOp
    return builder.insert(op(lhs, rhs)).result


def neutral(kind: str, type: Attribute, unsigned: bool) -> float:
    """What changes no accumulator of `kind`: 0, or the least or greatest element."""
    if kind == "sum":
        return 0
    if not isa(type, IntegerType):
        return float("-inf") if kind in MAXIMA else float("inf")
    width = type.width.data
    if unsigned:
        return 0 if kind in MAXIMA else (1 << width) - 1
    return -(1 << width - 1) if kind in MAXIMA else (1 << width - 1) - 1


def finished(
    op: nn.ProducerOp,
    builder: Builder,
    accumulator: SSAValue,
    extra: Sequence[SSAValue],
) -> SSAValue:
    """The accumulator, or a parallel generic that runs the epilogue on it."""
    if op.epilogue_block is None:
        return accumulator
    return _mapped(op.epilogue_block, builder, [accumulator, *extra])


def _mapped(block: Block, builder: Builder, inputs: Sequence[SSAValue]) -> SSAValue:
    """A parallel generic over the broadcast of `inputs` with the body of `block`."""
    shape = nn.broadcast_shapes(*map(nn.shape_of, inputs))
    assert shape is not None, "the verifier has checked that operands broadcast"
    last = block.last_op
    assert last is not None

    def body(inner: Builder, args: Sequence[SSAValue]) -> SSAValue:
        values: dict[SSAValue, SSAValue] = dict(zip(block.args, args, strict=False))
        for op in block.ops:
            if op is not last:
                inner.insert(op.clone(values))
        result = last.operands[0]
        return values.get(result, result)

    return elementwise(builder, inputs, shape, last.operands[0].type, body)


def elementwise_op(
    op: nn.ElementwiseOp, builder: Builder, args: Sequence[SSAValue]
) -> SSAValue:
    """One parallel generic with the same body."""
    result = _mapped(op.body.block, builder, args)
    return reshaped(builder, result, nn.shape_of(op.result))


def lookup(op: nn.LookupOp, builder: Builder, args: Sequence[SSAValue]) -> SSAValue:
    """One parallel generic whose body captures the table."""
    source, table = args

    def body(builder: Builder, args: Sequence[SSAValue]) -> SSAValue:
        byte = builder.insert(arith.ExtUIOp(args[0], i32)).result
        place = builder.insert(arith.IndexCastOp(byte, IndexType())).result
        result = nn.tensor_type(table).element_type
        return builder.insert(tensor.ExtractOp(table, place, result)).result

    shape, type = nn.shape_of(op.result), nn.tensor_type(table).element_type
    return elementwise(builder, [source], shape, type, body)


def matmul(op: nn.MatMulOp, builder: Builder, args: Sequence[SSAValue]) -> SSAValue:
    """Loops: batch, row, column; inner dimension. Batch broadcasts numpy-style."""
    lhs, rhs, *extra = args
    shape = nn.shape_of(op.result)
    *batch, row, column, inner = dims(len(shape) + 1)
    left = [*broadcast_index(nn.shape_of(lhs)[:-2], shape[:-2]), row, inner]
    right = [*broadcast_index(nn.shape_of(rhs)[:-2], shape[:-2]), inner, column]
    body = multiply_accumulate(
        element(op.lhs, op.lhs_zero_point), element(op.rhs, op.rhs_zero_point)
    )
    start = filled(builder, shape, 0, op.element_type)
    output = (start, [*batch, row, column])
    inputs = [(lhs, left), (rhs, right)]
    result = generic(builder, len(shape) + 1, inputs, output, body)
    return finished(op, builder, result, extra)


def reduce(op: nn.ReduceOp, builder: Builder, args: Sequence[SSAValue]) -> SSAValue:
    """Loops: every dimension of the input, and one of size 1 for each that stays."""
    source, *extra = args
    shape, axes = nn.shape_of(op.result), op.axes.get_values()
    rank = len(shape)
    kept = dict(zip(axes, dims(len(axes), rank), strict=True))
    result = [kept.get(axis, place) for axis, place in enumerate(dims(rank))]
    item = element(op.input, op.input_zero_point)
    type = nn.signless(op.element_type)
    start = filled(builder, shape, neutral(op.kind.data, type, item.unsigned), type)
    inputs = [(source, dims(rank))]
    body = accumulate(op.kind.data, item)
    value = generic(builder, rank + len(axes), inputs, (start, result), body)
    return finished(op, builder, value, extra)
