"""
Replaces functions of one byte by a table.

Before:
    %y = nn.elementwise(%x) do { … arith.sitofp … math.exp … arith.fptosi … }
        : (tensor<4xi8>) -> tensor<4xi8>
After:
    %t = nn.constant dense<…> : tensor<256xi8>
    %y = nn.lookup(%x, %t) : (tensor<4xi8>, tensor<256xi8>) -> tensor<4xi8>

All elementwise work on reals between the one byte and the other goes into the table,
which is computed in the reals' own type. A table that only adds a constant and clamps
becomes integer arithmetic, which other operations can take in. Runs before elementwise
work is merged: afterwards a body may read a second operand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from typing_extensions import override
from xdsl.builder import Builder
from xdsl.context import Context
from xdsl.dialects import arith
from xdsl.dialects.builtin import AnyFloat, IntegerType, ModuleOp, i32
from xdsl.interpreter import Interpreter
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import (
    PatternRewriter,
    PatternRewriteWalker,
    RewritePattern,
    op_type_rewrite_pattern,
)
from xdsl.rewriter import InsertPoint

from ...dialects import nn
from ...dialects.nn.quantization_meanings import integer_limits
from ...dialects.nn.scalars import Scalars
from ...interpreters import register
from ...interpreters.builtin import dtype_of
from ...properties import Property
from ...rewriting import replace
from .arrays import Array, constant, constant_array

BYTE = IntegerType(8)


def is_byte(value: SSAValue) -> bool:
    """Whether the elements of `value` are bytes."""
    return nn.signless(nn.tensor_type(value).element_type) == BYTE


@dataclass(eq=False)
class Cone:
    """What a result is computed from, evaluated for all values of one byte."""

    interpreter: Interpreter
    shape: tuple[int, ...]
    leaf: SSAValue | None = None
    inner: list[Operation] = field(default_factory=list[Operation])
    known: dict[SSAValue, Array | None] = field(
        default_factory=dict[SSAValue, "Array | None"]
    )

    def values(self, value: SSAValue) -> Array | None:
        """`value` for each byte; None when it depends on something else."""
        if value not in self.known:
            self.known[value] = self._values(value)
        return self.known[value]

    def _values(self, value: SSAValue) -> Array | None:
        if (array := constant_array(value)) is not None:
            same = array.size > 0 and bool(np.all(array == array.flat[0]))
            return array.reshape(-1)[:1] if same else None
        if is_byte(value):
            return self._bytes(value)
        owner = value.owner
        return self.run(owner) if isinstance(owner, nn.ElementwiseOp) else None

    def _bytes(self, value: SSAValue) -> Array | None:
        if self.leaf not in (None, value) or nn.shape_of(value) != self.shape:
            return None
        self.leaf = value
        dtype = dtype_of(nn.tensor_type(value).element_type)
        return np.arange(nn.LOOKUP_ENTRIES).astype(np.uint8).view(dtype)

    def run(self, op: nn.ElementwiseOp) -> Array | None:
        """The result of `op` for each byte."""
        arguments = [self.values(operand) for operand in op.inputs]
        known = [argument for argument in arguments if argument is not None]
        if len(known) != len(arguments):
            return None
        self.inner.append(op)
        bits = [a.view(np.int8) if a.dtype == np.uint8 else a for a in known]
        (result,) = self.interpreter.run_ssacfg_region(op.body, tuple(bits), "nn")
        whole = np.broadcast_to(result, (nn.LOOKUP_ENTRIES,))
        return np.array(whole).view(dtype_of(op.result.type))


def uses_floats(ops: Sequence[Operation]) -> bool:
    """Whether any of the bodies computes on reals."""
    return any(
        isinstance(result.type, AnyFloat)
        for op in ops
        for inner in op.regions[0].block.ops
        for result in inner.results
    )


@dataclass(frozen=True)
class Clamp:
    """`min(max(x + shift, low), high)`."""

    shift: int
    low: int
    high: int


def as_clamp(inputs: Array, table: Array) -> Clamp | None:
    """The clamp that the table is, None when it is something else."""
    x, y = inputs.astype(np.int64), table.astype(np.int64)
    low, high = int(y.min()), int(y.max())
    between = (y > low) & (y < high)
    candidates = (y - x)[between] if between.any() else y[y == high] - x[y == high]
    shift = int(candidates.min()) if low < high else 0
    same = np.array_equal(np.clip(x + shift, low, high), y)
    return Clamp(shift, low, high) if same else None


def clamp_body(clamp: Clamp, source: Attribute, target: Attribute) -> Region:
    """The scalar region of a clamp from one type of byte to another."""
    block = Block(arg_types=[BYTE])
    scalars = Scalars(Builder(InsertPoint.at_end(block)))
    extend = arith.ExtUIOp if nn.is_unsigned(source) else arith.ExtSIOp
    x = scalars.emit(extend(block.args[0], i32))
    low, high = (end + clamp.shift for end in integer_limits(source))
    if clamp.shift:
        nsw = arith.IntegerOverflowAttr([arith.IntegerOverflowFlag.NSW])
        shift = scalars.constant(clamp.shift, i32)
        x = scalars.emit(arith.AddiOp(x, shift, overflow=nsw))
    if clamp.low > low:
        x = scalars.maximum(x, scalars.constant(clamp.low, i32), unsigned=False)
    if clamp.high < high:
        x = scalars.minimum(x, scalars.constant(clamp.high, i32), unsigned=False)
    block.add_op(nn.YieldOp(scalars.emit(arith.TruncIOp(x, BYTE))))
    return Region(block)


class Tabulate(RewritePattern):
    """A function of one byte => a look-up, or a clamp."""

    @op_type_rewrite_pattern
    def match_and_rewrite(
        self, op: nn.ElementwiseOp, rewriter: PatternRewriter
    ) -> None:
        """Acts where reals are computed and the result is bytes."""
        if not is_byte(op.result):
            return
        interpreter = Interpreter(ModuleOp([]))
        register(interpreter)
        cone = Cone(interpreter, nn.shape_of(op.result))
        with np.errstate(all="ignore"):
            table = cone.run(op)
        if table is None or cone.leaf is None or not uses_floats(cone.inner):
            return
        rewrite(op, cone, table, rewriter)


def rewrite(
    op: nn.ElementwiseOp, cone: Cone, table: Array, rewriter: PatternRewriter
) -> None:
    """`op` => what computes the table from the leaf."""
    assert cone.leaf is not None, "a table has an index"
    merged = [inner for inner in cone.inner if inner is not op]
    inputs = cone.known[cone.leaf]
    source = nn.tensor_type(cone.leaf).element_type
    result = nn.tensor_type(op.result)
    assert inputs is not None, "the index has all values"
    clamp = as_clamp(inputs, table)
    if clamp == Clamp(0, *integer_limits(source)) and cone.leaf.type == result:
        replace(rewriter, op, [], [cone.leaf])
    elif clamp is not None:
        body = clamp_body(clamp, source, result.element_type)
        new = nn.ElementwiseOp([cone.leaf], result, body)
        replace(rewriter, op, new, merged=merged)
    else:
        entries = constant(table, result.element_type)
        lookup = nn.LookupOp(cone.leaf, entries.result)
        replace(rewriter, op, [entries, lookup], merged=merged)


class NnTabulatePass(ModulePass):
    """Replaces functions of one byte by a table."""

    name = "nn-tabulate"
    needs = (Property.NETWORK, Property.GENERIC_QUANTIZATION)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        PatternRewriteWalker(Tabulate()).rewrite_module(op)
