"""
Folds transposes into the maps of what they feed, or of what feeds them.

Before, kernels may not touch the level of %x:
```mlir
%t = linalg.generic {indexing_maps = [(d0, d1) -> (d1, d0), …]} ins(%x)
%p = tensor.pad %t low[1, 0] high[1, 0] …
%y = linalg.generic {indexing_maps = [(d0, d1) -> (d0 + 1, d1), …]} ins(%p) …
```
After:
```mlir
%p = tensor.pad %x low[0, 1] high[0, 1] …
%y = linalg.generic {indexing_maps = [(d0, d1) -> (d1, d0 + 1), …]} ins(%p) …
```

A tile then comes from where the data stands, in one transfer, and no tensor is there
twice. Only where something has to move: elsewhere a transpose pays for itself in the
loops behind it. And not where lanes would then be gathered from places apart, or sums
have them along a loop that fills vectors and blocks so badly that they take far more.

This computer has an address in each instruction. So there a sum reads images where they
stand whose elements multiply lanes of something else, if they have few channels.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import cast

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import linalg, tensor
from xdsl.dialects.builtin import AnyFloat, ModuleOp, TensorType
from xdsl.ir import Attribute, Block, Region, SSAValue
from xdsl.ir.affine import AffineMap
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.hints import isa

from ...analysis.lanes import loses_lanes, reads_apart, sum_of
from ...analysis.levels import levels_around
from ...analysis.memory import bytes_of, element_bytes, machine_around
from ...analysis.pads import is_static, padding_value
from ...analysis.structured import (
    indexing_maps,
    input_map,
    is_identity,
    is_parallel,
    is_projection,
    output_map,
    shape_of,
)
from ...properties import Property
from ...rewriting import fused_location, locate
from .reordered import axes_of, erase_unused, rewritten, with_maps

MOVED = 2.5
"""Instructions, about, for each element of a transpose."""

WAYS = 8
"""Lines that caches keep, at least, of places apart by a power of two."""

MOST_ADDED, MOST_NEAR = 12, 9
"""Percent that sums may take more to save a transpose; and one that tiles take in."""


def permutation_of(op: object) -> AffineMap | None:
    """From an element of the result to that of the source, if `op` transposes."""
    if not isinstance(op, linalg.ops.GenericOp) or not is_parallel(op):
        return None
    if len(op.inputs) != 1 or len(op.outputs) != 1 or len(op.results) != 1:
        return None
    body = op.body.block
    last = body.last_op
    if last is None or last.prev_op or last.operands[0] is not body.args[0]:
        return None
    map_ = input_map(op, 0)
    square = len(map_.results) == map_.num_dims and is_projection(map_)
    return map_ if square and is_identity(output_map(op, 0)) else None


def padded_before(
    pad: tensor.PadOp, transpose: linalg.ops.GenericOp, map_: AffineMap
) -> tensor.PadOp:
    """The pad of a transpose's source that pads its result as `pad` does."""
    low, high = pad.static_low.get_values(), pad.static_high.get_values()
    axes = axes_of(map_)
    shape = [shape_of(pad.result)[axis] for axis in axes]
    element = pad.result.type.element_type
    region = Region(Block(arg_types=pad.region.block.arg_types))
    constant = padding_value(pad)
    assert constant is not None, "asked before"
    value = constant.clone()
    region.block.add_ops([value, tensor.YieldOp(value.result)])
    return tensor.PadOp(
        transpose.inputs[0],
        [],
        [],
        region,
        [low[axis] for axis in axes],
        [high[axis] for axis in axes],
        TensorType(element, shape),
    )


def reader_of(
    transpose: linalg.ops.GenericOp,
) -> tuple[tensor.PadOp | None, linalg.ops.GenericOp, int] | None:
    """What alone reads a transpose, by which input, and the pad between them if any."""
    reader = transpose.results[0].get_user_of_unique_use()
    pad = reader if isinstance(reader, tensor.PadOp) else None
    if pad is not None:
        reader = pad.result.get_user_of_unique_use() if is_static(pad) else None
    if not isinstance(reader, linalg.ops.GenericOp):
        return None
    read = pad.result if pad is not None else transpose.results[0]
    inputs = list(reader.inputs)
    return (pad, reader, inputs.index(read)) if read in inputs else None


def is_spread(transpose: linalg.ops.GenericOp) -> bool:
    """
    Whether a sum takes floats of a transpose as factors of lanes, few in a row.

    Of integers, several that are neighbours may be one word.
    """
    found = reader_of(transpose)
    if found is None or is_parallel(found[1]):
        return False
    _, reader, index = found
    sum_ = sum_of(reader, indexing_maps(reader))
    if sum_ is None or not isinstance(transpose.body.block.args[0].type, AnyFloat):
        return False
    row = sum_.reads[index][-1]
    is_beside = any(sum_.along_lanes) and not sum_.along_lanes[index]
    return is_beside and prod(sum_.extents[loop] for loop in row) <= WAYS


def fold_into_reader(transpose: linalg.ops.GenericOp, map_: AffineMap) -> bool:
    """Lets the one reader of a transpose read its source instead."""
    found = reader_of(transpose)
    if found is None:
        return False
    pad, reader, index = found
    maps = list(indexing_maps(reader))
    maps[index] = map_.compose(maps[index])
    if loses_lanes(reader, maps):
        return False
    source = transpose.inputs[0]
    if pad is not None:
        new = locate(padded_before(pad, transpose, map_), pad.location)
        Rewriter().insert_op(new, InsertPoint.before(pad))
        source = new.results[0]
    reader.properties["indexing_maps"] = with_maps(reader, maps)
    reader.operands[index] = source
    reader.location = fused_location(reader.location, transpose.location)
    if pad is not None:
        Rewriter.erase_op(pad)
    Rewriter.erase_op(transpose)
    return True


def fold_into_maker(transpose: linalg.ops.GenericOp, map_: AffineMap) -> bool:
    """Lets what makes the source of a transpose write the result instead."""
    if spreads_lanes(transpose.inputs[0], map_):
        return False
    new = rewritten(transpose, transpose.inputs[0], map_)
    if new is None:
        return False
    new.location = fused_location(new.location, transpose.location)
    Rewriter().replace_op(transpose, [], new.results)
    erase_unused(transpose.inputs[0])
    return True


def spreads_lanes(value: SSAValue, map_: AffineMap) -> bool:
    """
    Whether what makes `value` would have worse lanes if it wrote as `map_` says.

    Sums read from places apart then, or take more; others gather what stays as it is.
    """
    maker, inverse = value.owner, map_.inverse_permutation()
    is_alone = value.get_user_of_unique_use() is not None
    if not isinstance(maker, linalg.ops.GenericOp) or inverse is None or not is_alone:
        return reads_apart([map_, AffineMap.identity(map_.num_dims)])
    maps, made = indexing_maps(maker), output_map(maker, 0)
    if is_parallel(maker):
        read = zip(maker.inputs, maps, strict=False)
        return any(own == made and spreads_lanes(v, map_) for v, own in read)
    turned = [*maps[:-1], inverse.compose(made)]
    worse = reads_apart(turned) or takes_more(maker, turned)
    return worse and not reads_apart(maps)


def takes_more(op: linalg.ops.GenericOp, turned: Sequence[AffineMap]) -> bool:
    """Whether a sum takes far more by other maps than as it is, and a transpose."""
    machine = machine_around(op)
    result = cast(TensorType[Attribute], op.results[0].type)
    lanes = (machine.vlen if machine else 0) // 8 // element_bytes(result.element_type)
    own, other = sum_of(op, indexing_maps(op)), sum_of(op, turned)
    if lanes < 2 or own is None or other is None:
        return False
    taken = own.instructions(lanes) + MOVED * prod(result.get_shape())
    most = MOST_NEAR if has_room(op) else MOST_ADDED
    return 100 * other.instructions(lanes) > (100 + most) * taken


def has_room(op: linalg.ops.GenericOp) -> bool:
    """Whether an operand stays near, and tiles are turned there for few bytes more."""
    machine, near = machine_around(op), levels_around(op).near
    if machine is None or not near:
        return False
    types = (value.type for value in op.inputs)
    sizes = (bytes_of(type_) for type_ in types if isa(type_, TensorType[Attribute]))
    return 4 * min(sizes, default=0) <= 3 * machine.level(near).size


class LinalgFoldTransposesPass(ModulePass):
    """Folds transposes where something has to move, and where that costs nothing."""

    name = "linalg-fold-transposes"
    needs = (Property.STRUCTURED,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        is_flat, machine = levels_around(op).is_flat, machine_around(op)
        if is_flat and not (machine and machine.is_native):
            return
        for inner in tuple(op.walk()):
            map_ = permutation_of(inner)
            if map_ is None or is_identity(map_):
                continue
            transpose = cast(linalg.ops.GenericOp, inner)
            if is_flat and not is_spread(transpose):
                continue
            if not fold_into_reader(transpose, map_) and not is_flat:
                fold_into_maker(transpose, map_)
