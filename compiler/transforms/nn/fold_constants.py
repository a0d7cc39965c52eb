"""
Evaluates operations on constants.

Before: `%t = nn.transpose(%w) …` of `%w = nn.constant dense<…>`
After:  `%t = nn.constant dense<…>`

What would make the module much larger is left for the machine: a result of more than
`limit` bytes is kept only when it is not larger than its operands together. Dequantised
constants are left alone, because integer arithmetic wants the integers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.interpreter import Interpreter
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)

from ...dialects import nn
from ...interpreters import register
from ...interpreters.builtin import dtype_of
from ...properties import Property
from ...rewriting import replace
from .arrays import Array, constant, constant_array

DEFAULT_LIMIT = 1 << 16
"""Bytes up to which a constant may outgrow its operands."""


def constants(op: nn.NNOp) -> list[Array] | None:
    """The values of the operands when all are constants and there are any."""
    arrays = [constant_array(value) for value in op.operands]
    known = [array for array in arrays if array is not None]
    return known if known and len(known) == len(arrays) else None


def is_worthwhile(result: SSAValue, operands: Sequence[Array], limit: int) -> bool:
    """Whether `result` is small, or no larger than `operands` together."""
    size = prod(nn.shape_of(result)) * dtype_of(result.type).itemsize
    return size <= max(limit, sum(array.nbytes for array in operands))


@dataclass(frozen=True)
class Evaluate(RewritePattern):
    """An operation on constants => the constant."""

    limit: int
    interpreter: Interpreter

    @override
    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.NNOp, rewriter: PatternRewriter) -> None:
        if isinstance(op, nn.DequantizeOp) or (operands := constants(op)) is None:
            return
        if not is_worthwhile(op.results[0], operands, self.limit):
            return
        with np.errstate(all="ignore"):
            (result,) = self.interpreter.run_op(op, tuple(operands))
        element_type = nn.tensor_type(op.results[0]).element_type
        replace(rewriter, op, constant(result, element_type))


@dataclass(frozen=True)
class NnFoldConstantsPass(ModulePass):
    """Evaluates operations on constants."""

    name = "nn-fold-constants"
    needs = (Property.NETWORK,)

    limit: int = DEFAULT_LIMIT
    """Bytes up to which a constant may be larger than what it is made from."""

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        interpreter = Interpreter(op)
        register(interpreter)
        patterns = GreedyRewritePatternApplier([Evaluate(self.limit, interpreter)])
        PatternRewriteWalker(patterns).rewrite_module(op)
