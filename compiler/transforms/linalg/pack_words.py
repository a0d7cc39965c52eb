"""
Puts constant bytes that are to be multiplied four at a time into words.

Before, on a machine with Zvqdotq, kernels may not touch the level of %w:
```mlir
%w = arith.constant dense<…> : tensor<64x32xi8>
%y = linalg.generic {indexing_maps = [(m, n, k) -> (m, k), (m, n, k) -> (k, n), …]}
    ins(%x, %w : tensor<49x64xi8>, tensor<64x32xi8>) …
```
After:
```mlir
%w = arith.constant dense<…> : tensor<16x32x4xi8>
%y = linalg.generic {indexing_maps = [(m, n, k, j) -> (m, k * 4 + j),
                                      (m, n, k, j) -> (k, n, j), …]}
    ins(%x, %w : tensor<49x64xi8>, tensor<16x32x4xi8>) …
```

Tiles are of whole words then and come by transfers in the order in which
`vector-form-dots` wants them. Only where something has to move: elsewhere that pass
rearranges constants where they stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import arith
from xdsl.dialects.builtin import (
    AffineMapAttr,
    ArrayAttr,
    BytesAttr,
    DenseIntOrFPElementsAttr,
    ModuleOp,
    TensorType,
    i8,
)
from xdsl.dialects.linalg import ops as linalg
from xdsl.dialects.linalg.attrs import IteratorTypeAttr
from xdsl.ir import SSAValue
from xdsl.ir.affine import AffineExpr, AffineMap
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.hints import isa

from ...analysis.byte_products import factors, plain_axis, word_map, word_order
from ...analysis.levels import levels_around
from ...analysis.structured import indexing_maps, loop_ranges, reduction_loops
from ...dialects.deploy.words import WORD_BYTES
from ...machine import has_machine, machine_of
from ...properties import Property
from ...rewriting import locate


class Packing(NamedTuple):
    """Which constant becomes words, and by which loop."""

    operand: int
    axis: int
    """Of the constant, the one that the loop goes along."""
    loop: int


def packing_of(op: linalg.GenericOp) -> Packing | None:
    """The constant factor of `op` that becomes words; none where it has none."""
    sides = factors(op)
    for loop in reversed(reduction_loops(op)) if sides is not None else ():
        if loop_ranges(op)[loop] % WORD_BYTES:
            continue
        assert sides is not None, "asked for each loop"
        for one, other in (sides, sides[::-1]):
            axis = packed_axis(op, one.operand, loop)
            if axis is not None and goes_by_words(op, other.operand, loop):
                return Packing(one.operand, axis, loop)
    return None


def packed_axis(op: linalg.GenericOp, operand: int, loop: int) -> int | None:
    """The axis of a constant that `loop` alone goes along, all of it."""
    value, map_ = op.operands[operand], indexing_maps(op)[operand]
    if constant_behind(value) is None or not value.has_one_use():
        return None
    if (axis := plain_axis(map_, loop)) is None:
        return None
    assert isa(value.type, TensorType), "a constant is a tensor"
    is_whole = value.type.get_shape()[axis] == loop_ranges(op)[loop]
    return axis if is_whole else None


def constant_behind(value: SSAValue) -> DenseIntOrFPElementsAttr | None:
    """The elements of a constant of bytes."""
    owner = value.owner
    if not isinstance(owner, arith.ConstantOp) or not isa(value.type, TensorType):
        return None
    elements = owner.value
    is_dense = isinstance(elements, DenseIntOrFPElementsAttr)
    return elements if is_dense and value.type.element_type == i8 else None


def goes_by_words(op: linalg.GenericOp, operand: int, loop: int) -> bool:
    """Whether four rounds of `loop` from a multiple of four on read one word."""
    value, map_ = op.operands[operand], indexing_maps(op)[operand]
    assert isa(value.type, TensorType), "an operand of a generic operation is a tensor"
    is_whole = bool(map_.results) and value.type.get_shape()[-1] % WORD_BYTES == 0
    return is_whole and word_map(map_, loop) is not None


def pack(op: linalg.GenericOp, packing: Packing) -> None:
    """Splits a loop of `op` into words and their bytes, the constant's axis as well."""
    operand, axis, loop = packing
    count = indexing_maps(op)[0].num_dims
    byte = AffineExpr.dimension(count)
    dims = [AffineExpr.dimension(n) for n in range(count)]
    dims[loop] = dims[loop] * WORD_BYTES + byte
    maps = [with_dims(map_, dims, count + 1) for map_ in indexing_maps(op)]
    exprs = list(indexing_maps(op)[operand].results)
    order = word_order(len(exprs), axis)
    maps[operand] = AffineMap(count + 1, 0, (*(exprs[n] for n in order), byte))
    packed = packed_constant(op.operands[operand], axis, order)
    Rewriter().insert_op(locate(packed, op.location), InsertPoint.before(op))
    old = op.operands[operand].owner
    op.operands[operand] = packed.result
    kinds = (*op.iterator_types.data, IteratorTypeAttr.reduction())
    op.properties["indexing_maps"] = ArrayAttr(map(AffineMapAttr, maps))
    op.properties["iterator_types"] = ArrayAttr(kinds)
    assert isinstance(old, arith.ConstantOp), "asked before"
    Rewriter.erase_op(old)


def with_dims(map_: AffineMap, dims: Sequence[AffineExpr], count: int) -> AffineMap:
    """`map_` over `count` loops, where its own are `dims`."""
    exprs = (expr.replace_dims_and_symbols(dims, []) for expr in map_.results)
    return AffineMap(count, 0, tuple(exprs))


def packed_constant(
    value: SSAValue, axis: int, order: Sequence[int]
) -> arith.ConstantOp:
    """The constant that `value` is with its axes in `order`, one of them in words."""
    data = constant_behind(value)
    assert data is not None, "asked before"
    assert isa(value.type, TensorType), "a constant is a tensor"
    shape = value.type.get_shape()
    raw = np.frombuffer(data.data.data, dtype=np.int8)
    bytes_ = np.broadcast_to(raw, shape) if raw.size == 1 else raw.reshape(shape)
    split = [*shape[:axis], shape[axis] // WORD_BYTES, WORD_BYTES, *shape[axis + 1 :]]
    places = [n + (n > axis) for n in order]
    moved = bytes_.reshape(split).transpose([*places, axis + 1])
    type = TensorType(i8, moved.shape)
    packed = np.ascontiguousarray(moved).tobytes()
    return arith.ConstantOp(DenseIntOrFPElementsAttr(type, BytesAttr(packed)))


class LinalgPackWordsPass(ModulePass):
    """Puts constant bytes into words on a machine that multiplies them by words."""

    name = "linalg-pack-words"
    needs = (Property.STRUCTURED,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if not has_machine(op) or not machine_of(op).has_byte_dots:
            return
        if levels_around(op).is_flat:
            return
        for inner in tuple(op.walk()):
            if isinstance(inner, linalg.GenericOp):
                packing = packing_of(inner)
                if packing is not None:
                    pack(inner, packing)
