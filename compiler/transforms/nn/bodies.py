"""Scalar regions: putting one into another, and operations together with theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from xdsl.dialects.builtin import UNKNOWN_LOC, LocationAttr
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue

from ...dialects import nn

ScalarBodyOp: TypeAlias = nn.ElementwiseOp | nn.ProducerOp
"""An operation that computes each element of its result with a scalar region."""


def inline(body: Block, arguments: Sequence[SSAValue], end_of: Block) -> SSAValue:
    """Copies `body`, applied to `arguments`, to a block's end; what it yields."""
    values: dict[SSAValue, SSAValue] = dict(zip(body.args, arguments, strict=True))
    *inner, last = body.ops
    for op in inner:
        end_of.add_op(op.clone(values))
    yielded = last.operands[0]
    return values.get(yielded, yielded)


def finish(block: Block, result: SSAValue) -> Region:
    """The region of a block that yields `result`."""
    block.add_op(nn.YieldOp(result))
    return Region(block)


def body_of(op: ScalarBodyOp) -> Block | None:
    """The block of the scalar region, None where a producer has no epilogue."""
    return op.body.block if isinstance(op, nn.ElementwiseOp) else op.epilogue_block


def scalar_operands(op: ScalarBodyOp) -> tuple[SSAValue, ...]:
    """The operands whose elements are arguments of the scalar region."""
    if isinstance(op, nn.ElementwiseOp):
        return tuple(op.inputs)
    return tuple(op.epilogue_operands)


def leading_types(op: ScalarBodyOp) -> list[Attribute]:
    """The types of the region's arguments before those of the scalar operands."""
    if isinstance(op, nn.ElementwiseOp):
        return []
    return [nn.signless(op.element_type)]


def element_types(values: Sequence[SSAValue]) -> list[Attribute]:
    """The signless element types of tensors."""
    return [nn.signless(nn.tensor_type(value).element_type) for value in values]


def with_body(
    op: ScalarBodyOp,
    operands: Sequence[SSAValue],
    body: Region,
    result_type: Attribute | None = None,
) -> Operation:
    """`op` with other scalar operands, another body and maybe another result type."""
    main = op.operands[: len(op.operands) - len(scalar_operands(op))]
    return type(op).create(
        operands=[*main, *operands],
        result_types=[op.result.type if result_type is None else result_type],
        properties=dict(op.properties),
        attributes=dict(op.attributes),
        regions=[body],
    )


def location_of(value: SSAValue) -> LocationAttr:
    """The location of the operation that makes `value`."""
    return UNKNOWN_LOC if isinstance(value.owner, Block) else value.owner.location
