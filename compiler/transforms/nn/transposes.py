"""Rewrites that leave fewer transposes, shared by the passes that move them."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from typing_extensions import override
from xdsl.dialects.builtin import IntegerAttr, i64
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.pattern_rewriter import (
    PatternRewriter,
    RewritePattern,
    op_type_rewrite_pattern,
)

from ...dialects import nn
from ...interpreters.builtin import dtype_of
from ...rewriting import replace
from .arrays import constant, constant_array
from .bodies import location_of
from .permutations import (
    Permutation,
    channels_first,
    compose,
    inverse,
    is_identity,
    keeps_order,
)


def permutation_of(op: nn.TransposeOp) -> Permutation:
    """The permutation as plain ints."""
    return tuple(op.permutation.get_values())


def nbytes(value: SSAValue) -> int:
    """The size of a tensor in bytes."""
    return prod(nn.shape_of(value)) * dtype_of(value.type).itemsize


def turns_forth(op: Operation) -> bool:
    """Whether `op` moves the channels from the end to where ONNX has them."""
    return isinstance(op, nn.TransposeOp) and permutation_of(op) == (
        channels_first(len(nn.shape_of(op.result)))
    )


def turns_back(op: Operation) -> bool:
    """Whether `op` moves the channels to the end."""
    return isinstance(op, nn.TransposeOp) and permutation_of(op) == inverse(
        channels_first(len(nn.shape_of(op.result)))
    )


class DropIdentity(RewritePattern):
    """A transpose that moves nothing => its operand, reshaped where the shape moves."""

    @override
    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.TransposeOp, rewriter: PatternRewriter) -> None:
        permutation = permutation_of(op)
        if is_identity(permutation):
            rewriter.replace(op, [], [op.input])
        elif keeps_order(nn.shape_of(op.input), permutation):
            replace(rewriter, op, nn.ReshapeOp(op.input, nn.shape_of(op.result)))


class Compose(RewritePattern):
    """A transpose of a transpose => one transpose."""

    @override
    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.TransposeOp, rewriter: PatternRewriter) -> None:
        inner = op.input.owner
        if not isinstance(inner, nn.TransposeOp):
            return
        permutation = compose(permutation_of(inner), permutation_of(op))
        new = nn.TransposeOp(inner.input, permutation)
        replace(rewriter, op, new, merged=[inner])


class TransposeConstant(RewritePattern):
    """A transposed constant => a constant."""

    @override
    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.TransposeOp, rewriter: PatternRewriter) -> None:
        if (array := constant_array(op.input)) is None:
            return
        moved = array.transpose(permutation_of(op))
        element_type = nn.tensor_type(op.result).element_type
        new = constant(moved, element_type)
        new.location = location_of(op.input)
        replace(rewriter, op, new)


class HoistAboveDequantize(RewritePattern):
    """A transpose of dequantised integers => dequantised, transposed smaller ones."""

    @override
    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.TransposeOp, rewriter: PatternRewriter) -> None:
        inner = op.input.owner
        if not isinstance(inner, nn.DequantizeOp) or not op.input.has_one_use():
            return
        if vanishes_below(op) or nbytes(inner.input) >= nbytes(op.input):
            return
        moved = nn.TransposeOp(inner.input, permutation_of(op))
        moved.location = op.location
        new = nn.DequantizeOp.create(
            operands=[moved.result],
            result_types=op.result_types,
            properties=moved_quantization(inner, permutation_of(op)),
            attributes=dict(inner.attributes),
            regions=[],
        )
        new.location = inner.location
        replace(rewriter, op, [moved, new])


def vanishes_below(op: nn.TransposeOp) -> bool:
    """Whether one of the transposes behind `op` undoes it, or there is nothing else."""
    users = [use.operation for use in op.result.uses]
    found = [user for user in users if isinstance(user, nn.TransposeOp)]
    undone = (compose(permutation_of(op), permutation_of(one)) for one in found)
    return len(found) == len(users) or any(map(is_identity, undone))


def moved_quantization(
    op: nn.QuantizationOp, permutation: Sequence[int]
) -> dict[str, Attribute]:
    """The properties of `op` when its operand is permuted."""
    properties = dict(op.properties)
    if op.axis is not None:
        place = list(permutation).index(op.axis.value.data)
        properties["axis"] = IntegerAttr(place, i64)
    return properties


CANCELLING: tuple[RewritePattern, ...] = (
    DropIdentity(),
    Compose(),
    TransposeConstant(),
    HoistAboveDequantize(),
)
"""Patterns that only ever remove, shrink or turn transposes into reshapes."""


def only_user(value: SSAValue) -> Operation | None:
    """The one operation that uses `value`, however often; None when there are more."""
    users = [use.operation for use in value.uses]
    return users[0] if users and all(user is users[0] for user in users) else None
