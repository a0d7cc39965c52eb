"""Shapes: reshape, transpose, and what is one of them."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from xdsl.ir import SSAValue

from ....dialects import nn
from ..calls import Call
from ..tensors import array_in, tensor_type
from .operator import ALL, Operator


def reshaped(call: Call, value: SSAValue, shape: Sequence[int]) -> SSAValue:
    """`value` under another shape, itself when that is its own."""
    if nn.shape_of(value) == tuple(shape):
        return value
    result = tensor_type(nn.tensor_type(value).element_type, shape)
    if isinstance(value.owner, nn.ConstantOp):
        return call.copy(value.owner, array_in(value.owner).reshape(shape))
    return call.add(nn.ReshapeOp(value, result.get_shape()))


def transposed(call: Call, value: SSAValue, order: Sequence[int]) -> SSAValue:
    """`value` with its dimensions in another order, itself when that is its own."""
    if list(order) == list(range(len(order))):
        return value
    if isinstance(value.owner, nn.ConstantOp):
        return call.copy(value.owner, array_in(value.owner).transpose(order))
    return call.add(nn.TransposeOp(value, order))


def reshape(call: Call) -> SSAValue:
    """0 keeps a size, -1 takes the rest."""
    value, before = call.value(0), call.shape(0)
    shape = call.listed("shape", 1)
    if shape is None:
        call.refuse("shape must be given, got none")
    if not call.integer("allowzero", 0):
        shape = [
            before[axis] if size == 0 and axis < len(before) else size
            for axis, size in enumerate(shape)
        ]
    after = _with_rest(shape, prod(before))
    if prod(after) != prod(before) or min(after, default=1) < 1:
        call.refuse(f"shape must have {prod(before)} elements, got {shape}")
    return reshaped(call, value, after)


def _with_rest(shape: Sequence[int], count: int) -> list[int]:
    known = prod(size for size in shape if size != -1)
    rest = count // known if known > 0 and shape.count(-1) == 1 else -1
    return [rest if size == -1 else size for size in shape]


def flatten(call: Call) -> SSAValue:
    """Two dimensions, split before `axis`."""
    shape = call.shape(0)
    axis = call.integer("axis", 1)
    if not -len(shape) <= axis <= len(shape):
        call.refuse(f"axis must be within rank {len(shape)}, got {axis}")
    axis += len(shape) if axis < 0 else 0
    sizes = [prod(shape[:axis]), prod(shape[axis:])]
    return reshaped(call, call.value(0), sizes)


def squeeze(call: Call) -> SSAValue:
    """Drops dimensions of size one."""
    shape = call.shape(0)
    given = call.listed("axes", 1)
    ones = [axis for axis, size in enumerate(shape) if size == 1]
    axes = ones if given is None else call.axes(given, len(shape))
    if not set(axes) <= set(ones):
        call.refuse(f"axes {axes} must have size 1, got shape {list(shape)}")
    kept = [size for axis, size in enumerate(shape) if axis not in axes]
    return reshaped(call, call.value(0), kept)


def unsqueeze(call: Call) -> SSAValue:
    """Adds dimensions of size one."""
    given = call.listed("axes", 1) or []
    shape = list(call.shape(0))
    for axis in call.axes(given, len(shape) + len(given)):
        shape.insert(axis, 1)
    return reshaped(call, call.value(0), shape)


def transpose(call: Call) -> SSAValue:
    """Reverses the dimensions unless told their order."""
    order = call.integers("perm") or list(range(call.rank()))[::-1]
    if sorted(order) != list(range(call.rank())):
        call.refuse(f"perm must order the {call.rank()} dimensions, got {order}")
    return transposed(call, call.value(0), order)


def concat(call: Call) -> SSAValue:
    """One after the other along `axis`."""
    axis = call.axis(call.integer("axis", 1), call.rank())
    values = call.values()
    return values[0] if len(values) == 1 else call.add(nn.ConcatOp(values, axis))


def depth_to_space(call: Call) -> SSAValue:
    """Blocks of channels become blocks of pixels."""
    batch, channels, height, width = call.shape(0)
    block = call.integer("blocksize", 1)
    depth = channels // (block * block)
    if call.text("mode", "DCR") == "DCR":
        sizes, order = (block, block, depth), (0, 3, 4, 1, 5, 2)
    else:
        sizes, order = (depth, block, block), (0, 1, 4, 2, 5, 3)
    value = reshaped(call, call.value(0), (batch, *sizes, height, width))
    value = call.add(nn.TransposeOp(value, order))
    shape = (batch, depth, height * block, width * block)
    return reshaped(call, value, shape)


def space_to_depth(call: Call) -> SSAValue:
    """Blocks of pixels become blocks of channels, which stand outside or inside."""
    batch, channels, height, width = call.shape(0)
    block = call.integer("blocksize", 1)
    rows, columns = height // block, width // block
    split = (batch, channels, rows, block, columns, block)
    value = reshaped(call, call.value(0), split)
    outside = call.text("mode", "DCR") == "DCR"
    order = (0, 3, 5, 1, 2, 4) if outside else (0, 1, 3, 5, 2, 4)
    value = call.add(nn.TransposeOp(value, order))
    shape = (batch, channels * block * block, rows, columns)
    return reshaped(call, value, shape)


SHAPING: dict[str, Operator] = {
    "Concat": Operator(concat, ALL),
    "DepthToSpace": Operator(depth_to_space, ALL),
    "Flatten": Operator(flatten, ALL),
    "Reshape": Operator(reshape, ALL, "constant shape"),
    "SpaceToDepth": Operator(space_to_depth, ALL),
    "Squeeze": Operator(squeeze, ALL, "constant axes"),
    "Transpose": Operator(transpose, ALL),
    "Unsqueeze": Operator(unsqueeze, ALL, "constant axes"),
}
