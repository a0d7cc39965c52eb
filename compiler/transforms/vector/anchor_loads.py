"""
Loads much in a round from one place, at distances that are known.

Before:
```mlir
scf.for %i = %c0 to %c64 step %c8 {
  %a = vector.load %x[%i] : memref<80xf32>, vector<4xf32>
  %j = arith.addi %i, %c16 : index
  %b = vector.load %x[%j] : memref<80xf32>, vector<4xf32>
  …
```
After:
```mlir
scf.for %i = %c0 to %c64 step %c8 {
  %part = memref.subview %x[%i] [20] [1] : …
  %z = deploy.anew %part : memref<20xf32, strided<[1], offset: ?>>
  %a = vector.load %z[%c0] : memref<20xf32, …>, vector<4xf32>
  %b = vector.load %z[%c16] : memref<20xf32, …>, vector<4xf32>
  …
```

A load of a vector has no distance from its address: each takes an addition. Where a C
compiler sees how a loop goes on, it moves several addresses from round to round, and
adds to a distance before it adds that to an address. Of a place of which it knows
nothing all are one addition away. A scalar has a distance from its address, but not a
long one: of weights that lie further apart than that each would get an address of its
own, kept on the stack. What counts two rounds is a truth value to compilers: they put
the address of each scalar together from it, also without vectors. Of an index that is
the lesser of two, as that of a last square that begins earlier, they know no more than
its 32 bits: each address is an addition, an extension and a shift then.
"""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import arith, memref, scf, vector
from xdsl.dialects.builtin import MemRefType, ModuleOp, VectorType
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.hints import isa

from ...analysis.access import LOADS
from ...analysis.areas import offset_of, operations_of, rounds_of
from ...analysis.footprint import Offset
from ...analysis.groups import kernels_of
from ...analysis.vectors import is_kept
from ...dialects import deploy
from ...machine import has_machine, machine_of
from ...properties import Property
from ...rewriting import locate
from .affine import Append, Index, IndexConstants, added, multiplied
from .operands import subview
from .products import bits
from .steps import stretches
from .tally import REACH

MANY = 12
"""Loads, at least, that share a place, which takes an instruction or two."""

FEW = 4
"""The same where an index is the lesser of two, which compilers do not follow."""

TWO = 2
"""Rounds that are a truth value to compilers."""

LEAST = (arith.MinSIOp,)
"""What makes such an index."""

MANY_WINDOWS = 6
"""Parts of a buffer, at least, that are too far apart for one address of scalars."""

OF_PART = 6
"""Loads of vectors, at least, that pay for a place of their own beside the others."""

AHEAD = REACH // 2
"""Bytes ahead that one addition reaches: half of the distances have a sign."""

UNROLLED = 300
"""Operations of all rounds up to which compilers write a loop out, and share loads."""

Terms: TypeAlias = tuple[tuple[SSAValue, int], ...]
"""The part of an index that loops move: values and their factors."""

Move: TypeAlias = memref.LoadOp | vector.LoadOp | vector.StoreOp

Place: TypeAlias = tuple[SSAValue, tuple[Terms, ...]]
"""A buffer, and what moves the index along each axis."""


def is_straight(loop: scf.ForOp) -> bool:
    """Whether a loop has no other one inside."""
    return not any(op.regions for op in loop.body.block.ops)


def is_written_out(loop: scf.ForOp) -> bool:
    """Whether a straight loop is so little that compilers write it out."""
    return 0 < operations_of(loop) <= UNROLLED and not is_kept(loop)


def places(loop: scf.ForOp) -> dict[Place, list[Move]]:
    """What is loaded and stored in a loop, by where it moves that from."""
    found: dict[Place, list[Move]] = defaultdict(list)
    block = loop.body.block
    for op in moves(list(block.ops)):
        moved = tuple(offset.terms for offset in offsets_of(op) or ())
        if any(is_moved(value, block) for terms in moved for value, _ in terms):
            found[buffer_of(op), moved].append(op)
    return found


def moves(ops: Sequence[Operation]) -> Iterator[Move]:
    """
    Loads, and stores behind all of them at places that compilers do not follow.

    Of other stores they know what is not written there.
    """
    last = max((n for n, op in enumerate(ops) if isinstance(op, LOADS)), default=0)
    behind = (op for op in ops[last:] if isinstance(op, vector.StoreOp))
    yield from (op for op in ops if isinstance(op, memref.LoadOp | vector.LoadOp))
    yield from (op for op in behind if not is_counted(op))


def is_moved(value: SSAValue, block: Block) -> bool:
    """Whether an index is another one in each round of a loop."""
    return value is block.args[0] or value.owner.parent is block


def buffer_of(move: Move) -> SSAValue:
    """What is loaded from, or stored to."""
    return move.memref if isinstance(move, memref.LoadOp) else move.base


def lanes_of(move: Move) -> int:
    """The elements that are moved."""
    if isinstance(move, memref.LoadOp):
        return 1
    value = move.result if isinstance(move, vector.LoadOp) else move.vector
    assert isa(value.type, VectorType[Attribute]), "it has lanes"
    (lanes,) = value.type.get_shape()
    return lanes


def offsets_of(move: Move) -> list[Offset] | None:
    """The indices of a load or store as sums; None where one is something else."""
    offsets = [offset_of(index, LEAST) for index in move.indices]
    known = [offset for offset in offsets if offset is not None]
    return known if len(known) == len(offsets) else None


def distances(move: Move) -> list[int]:
    """What is added, along each axis, to what loops move."""
    return [offset.constant for offset in offsets_of(move) or ()]


def is_much(loads: Sequence[Move]) -> bool:
    """Whether these need so many addresses that one place for all pays for itself."""
    scalars = [load for load in loads if isinstance(load, memref.LoadOp)]
    if len(scalars) < len(loads):
        return len(loads) >= (MANY if is_counted(loads[0]) else FEW)
    return len(stretches(places_of(scalars), REACH)) >= MANY_WINDOWS


def is_counted(move: Move) -> bool:
    """Whether what moves a load are indices of loops alone, which compilers follow."""
    return all(offset_of(index) is not None for index in move.indices)


def parted(loads: Sequence[Move]) -> list[list[Move]]:
    """Those that one addition reaches from the first of them each, in their order."""
    if all(isinstance(load, memref.LoadOp) for load in loads):
        return [list(loads)]
    places = places_of(loads)
    starts = stretches(places, AHEAD)
    if len(loads) < OF_PART * len(starts):
        return [list(loads)]
    found: list[list[Move]] = [[] for _ in starts]
    for load, place in zip(loads, places, strict=True):
        found[bisect(starts, place) - 1].append(load)
    return found


def places_of(loads: Sequence[Move]) -> list[int]:
    """Where loads of one buffer begin, in bytes from where loops move them."""
    type = buffer_of(loads[0]).type
    assert isa(type, MemRefType[Attribute]), "it is loaded from"
    strides = [
        stride or 0 for stride in type.get_strides() or [0] * type.get_num_dims()
    ]
    size = bits(type.element_type) // 8
    return [
        sum(index * own for index, own in zip(distances(load), strides, strict=True))
        * size
        for load in loads
    ]


def sizes_of(loads: Sequence[Move], corner: Sequence[int]) -> list[int]:
    """The elements along each axis from a corner to the last one that is loaded."""
    sizes = [0] * len(corner)
    for load in loads:
        lanes = lanes_of(load)
        ends = [distance + 1 for distance in distances(load)]
        ends[-1] += lanes - 1
        reached = (end - low for end, low in zip(ends, corner, strict=True))
        sizes = [max(pair) for pair in zip(sizes, reached, strict=True)]
    return sizes


def anchor(place: Place, loads: Sequence[Move], constants: IndexConstants) -> None:
    """Lets `loads` begin from one part of their buffer, under another name."""
    first, (buffer, moved) = loads[0], place

    def append(op: Operation) -> SSAValue:
        Rewriter.insert_op(locate(op, first.location), InsertPoint.before(first))
        return op.results[0]

    corner = [min(column) for column in zip(*map(distances, loads), strict=True)]
    starts = [
        start_of(terms, low, append, constants)
        for terms, low in zip(moved, corner, strict=True)
    ]
    part = append(subview(buffer, starts, sizes_of(loads, corner)))
    anew = append(deploy.AnewOp(part))
    for load in loads:
        apart = zip(distances(load), corner, strict=True)
        indices = [constants.value(distance - low) for distance, low in apart]
        stored = [load.vector] if isinstance(load, vector.StoreOp) else []
        load.operands = [*stored, anew, *indices]


def start_of(
    terms: Terms, low: int, append: Append, constants: IndexConstants
) -> Index:
    """What loops move an index by, and `low`."""
    start: Index = 0
    for value, factor in terms:
        moved = multiplied(value, factor, append, constants)
        start = added(start, moved, append, constants)
    return added(start, low, append, constants)


def is_anchored(loop: scf.ForOp, loads: Sequence[Move], has_vectors: bool) -> bool:
    """Whether the loads of a loop begin from one place."""
    if is_counted(loads[0]) and is_written_out(loop):
        return False
    is_twice = len(rounds_of(loop)) == TWO and len(loads) >= MANY
    return is_twice or (has_vectors and is_much(loads))


def anchor_in(module: ModuleOp, has_vectors: bool) -> None:
    """Does so in all loops of kernels that load much."""
    for kernel in kernels_of(module):
        constants = IndexConstants(kernel)
        loops = [op for op in kernel.walk() if isinstance(op, scf.ForOp)]
        for loop in filter(is_straight, loops):
            for place, loads in places(loop).items():
                if is_anchored(loop, loads, has_vectors):
                    for part in parted(loads):
                        anchor(place, part, constants)


class VectorAnchorLoadsPass(ModulePass):
    """Loads much in a round from one place, at distances that are known."""

    name = "vector-anchor-loads"
    needs = (Property.LOOPS, Property.PACKED)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if not has_machine(op):
            return
        machine = machine_of(op)
        # Without floats, calls of the library are what a loop takes.
        if machine.has_riscv_vectors or (machine.has_fpu and not machine.is_native):
            anchor_in(op, machine.has_vectors)
