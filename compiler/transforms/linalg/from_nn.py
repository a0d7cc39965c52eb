"""
Lowers every `nn` operation to structured operations on signless tensors.

Before: `%y = nn.reduce(%x) {kind = "sum", axes = array<i64: 1>} : …`
After:  `linalg.fill` into a `tensor.empty`, then a `linalg.generic` with a reduction
        loop, then, for an epilogue, a parallel one that reads the accumulator.

This is the last place that knows operators: one function each, and everything after it
works from indexing maps. Named elementwise operations and (de)quantisation must have
become `nn.elementwise` before.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch

from typing_extensions import override
from xdsl.builder import Builder
from xdsl.context import Context
from xdsl.dialects import arith, func
from xdsl.dialects.builtin import (
    DenseIntOrFPElementsAttr,
    FunctionType,
    ModuleOp,
    TensorType,
)
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.exceptions import PassFailedException
from xdsl.utils.hints import isa

from ...dialects import nn
from ...properties import Property
from ...rewriting import locate
from . import contraction, indexing, movement, window


def signless_type(type: Attribute) -> Attribute:
    """The type below `nn`: a tensor loses the signedness of its elements."""
    if not isa(type, TensorType[Attribute]):
        return type
    return TensorType(nn.signless(type.element_type), type.get_shape(), type.encoding)


@singledispatch
def lower(op: Operation, builder: Builder, operands: Sequence[SSAValue]) -> SSAValue:
    """
    Builds what `op` means and returns the value that replaces its result.

    `operands` are the lowered ones; the operation itself still has the types of `nn`.
    """
    message = f"{op.name} must have become nn.elementwise before it is lowered"
    op.emit_error(message, PassFailedException(message))


@lower.register
def _(op: nn.ConstantOp, builder: Builder, operands: Sequence[SSAValue]) -> SSAValue:
    type = signless_type(op.result.type)
    attribute = DenseIntOrFPElementsAttr(type, op.value.data)  # pyright: ignore
    return builder.insert(arith.ConstantOp(attribute)).result


lower.register(nn.ConvOp)(window.conv)
lower.register(nn.MatMulOp)(contraction.matmul)
lower.register(nn.PoolOp)(window.pool)
lower.register(nn.ReduceOp)(contraction.reduce)
lower.register(nn.ElementwiseOp)(contraction.elementwise_op)
lower.register(nn.LookupOp)(contraction.lookup)
lower.register(nn.ReshapeOp)(movement.reshape)
lower.register(nn.TransposeOp)(movement.transpose)
lower.register(nn.ConcatOp)(movement.concat)
lower.register(nn.SliceOp)(movement.slice_)
lower.register(nn.PadOp)(movement.pad)
lower.register(nn.GatherOp)(movement.gather)
lower.register(nn.TakeOp)(indexing.take)


def lower_block(block: Block) -> None:
    """Replaces every `nn` operation of `block`, first to last, keeping locations."""
    lowered = _signless_arguments(block)
    found = [op for op in block.ops if isinstance(op, nn.NNOp | nn.ConstantOp)]
    for op in found:
        before = op.prev_op
        operands = [lowered.get(value, value) for value in op.operands]
        result = lower(op, Builder(InsertPoint.before(op)), operands)
        _locate_between(block.first_op if before is None else before.next_op, op)
        if result.name_hint is None:
            result.name_hint = op.results[0].name_hint
        lowered[op.results[0]] = result
    for old, new in lowered.items():
        old.replace_uses_with_if(
            new, lambda use: not isinstance(use.operation, nn.NNOp)
        )
    for op in reversed(found):
        Rewriter.erase_op(op)
    for argument in block.args:
        if signless_type(argument.type) != argument.type:
            block.erase_arg(argument)


def _locate_between(new: Operation | None, op: Operation) -> None:
    while new is not None and new is not op:
        locate(new, op.location)
        new = new.next_op


def _signless_arguments(block: Block) -> dict[SSAValue, SSAValue]:
    """Puts a signless argument before each unsigned one; returns the pairs."""
    replaced: dict[SSAValue, SSAValue] = {}
    for argument in tuple(block.args):
        type = signless_type(argument.type)
        if type == argument.type:
            continue
        new = block.insert_arg(type, argument.index, argument.location)
        new.name_hint = argument.name_hint
        replaced[argument] = new
    return replaced


def lower_function(function: func.FuncOp) -> None:
    """Lowers a function's body and makes its type signless."""
    for block in function.body.blocks:
        lower_block(block)
    kind = function.function_type
    function.function_type = FunctionType.from_lists(
        _signless(kind.inputs.data), _signless(kind.outputs.data)
    )


def _signless(types: Sequence[Attribute]) -> list[Attribute]:
    return [signless_type(type) for type in types]


class LinalgFromNnPass(ModulePass):
    """Lowers every `nn` operation to structured operations on signless tensors."""

    name = "linalg-from-nn"
    needs = (
        Property.NETWORK,
        Property.GENERIC_ELEMENTWISE,
        Property.GENERIC_QUANTIZATION,
    )
    establishes = (Property.STRUCTURED, Property.FUNCTIONS, Property.WHOLE_PADS)
    ends = (Property.NETWORK,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for function in op.walk():
            if isinstance(function, func.FuncOp):
                lower_function(function)
