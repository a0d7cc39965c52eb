"""Elements at places that a tensor of indices says, constant or computed."""

from __future__ import annotations

from xdsl.ir import SSAValue

from ....dialects import nn
from ..calls import Call
from .indexing import Range, gathered, part, sliced
from .operator import ALL, Operator
from .shaping import reshaped


def gather(call: Call) -> SSAValue:
    """Entries of one dimension, by indices of any rank."""
    shape = call.shape(0)
    axis = call.axis(call.integer("axis", 0), len(shape))
    if (indices := call.known(1)) is None:
        return _computed(call, axis)
    size = shape[axis]
    if ((indices < -size) | (indices >= size)).any():
        call.refuse(f"indices must be within {size} entries, got {indices.tolist()}")
    flat = [int(index) % size for index in indices.ravel()]
    value = gathered(call, call.value(0), axis, flat)
    return reshaped(call, value, (*shape[:axis], *indices.shape, *shape[axis + 1 :]))


def _computed(call: Call, axis: int) -> SSAValue:
    """`axis` gives its place to the dimensions of the indices."""
    before, after = call.shape(0)[:axis], call.shape(0)[axis + 1 :]
    indices = reshaped(call, call.value(1), (*call.shape(1), *[1] * len(after)))
    result = (*before, *call.shape(1), *after)
    behind = range(len(result) - len(after), len(result))
    along = [*range(axis), *behind]
    return call.add(nn.TakeOp(call.value(0), [indices], [axis], along, result))


def gather_elements(call: Call) -> SSAValue:
    """An index for each element of the result, which is read at its own place else."""
    shape, rank = call.shape(1), call.rank()
    axis = call.axis(call.integer("axis", 0), rank)
    others = [place for place in range(rank) if place != axis]
    source = call.value(0)
    if len(shape) != rank or any(shape[i] > call.shape(0)[i] for i in others):
        call.refuse(f"indices must fit {list(call.shape(0))}, got {list(shape)}")
    sizes = [*shape[:axis], call.shape(0)[axis], *shape[axis + 1 :]]
    source = sliced(call, source, [Range(0, 1, size) for size in sizes])
    return call.add(nn.TakeOp(source, [call.value(1)], [axis], others, shape))


def gather_nd(call: Call) -> SSAValue:
    """Each line of the last dimension of the indices says a place, or a part there."""
    shape, (*outer, count) = call.shape(0), call.shape(1)
    batch = call.integer("batch_dims", 0)
    if not 0 <= batch <= len(outer) or batch + count > len(shape):
        call.refuse(
            f"indices must say places in {list(shape)} behind {batch} dimensions, "
            f"got {list(call.shape(1))}"
        )
    if shape[:batch] != tuple(outer[:batch]):
        call.refuse(f"the first {batch} dimensions must agree, got {shape}, {outer}")
    after = shape[batch + count :]
    indices = [
        reshaped(
            call,
            part(call, call.value(1), len(outer), Range(entry, 1, 1)),
            (*outer, *[1] * len(after)),
        )
        for entry in range(count)
    ]
    along = [*range(batch), *range(len(outer), len(outer) + len(after))]
    axes = range(batch, batch + count)
    return call.add(nn.TakeOp(call.value(0), indices, axes, along, (*outer, *after)))


TAKING: dict[str, Operator] = {
    "Gather": Operator(gather, ALL),
    "GatherElements": Operator(gather_elements, ALL),
    "GatherND": Operator(gather_nd, ALL),
}
