"""
Loads the vectors of a round from one place, at distances that are known.

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
nothing all are one addition away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import scf, vector
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter

from ...analysis.areas import offset_of, rounds_of
from ...analysis.footprint import Offset
from ...analysis.groups import kernels_of
from ...dialects import deploy
from ...machine import has_machine, machine_of
from ...properties import Property
from ...rewriting import locate
from .affine import Append, Index, IndexConstants, added, multiplied
from .operands import subview

MANY = 12
"""Loads, at least, that share a place, which takes an instruction or two."""

UNROLLED = 300
"""Operations of all rounds up to which compilers write a loop out, and share loads."""

Terms: TypeAlias = tuple[tuple[SSAValue, int], ...]
"""The part of an index that loops move: values and their factors."""

Place: TypeAlias = tuple[SSAValue, tuple[Terms, ...]]
"""A buffer, and what moves the index along each axis."""


def stays(loop: scf.ForOp) -> bool:
    """Whether a loop is straight, and too much for compilers to write it out."""
    operations, rounds = list(loop.body.block.ops), len(rounds_of(loop))
    is_short = 0 < rounds * len(operations) <= UNROLLED
    return not is_short and not any(op.regions for op in operations)


def places(loop: scf.ForOp) -> dict[Place, list[vector.LoadOp]]:
    """The loads of a loop that it moves, by where they are moved from."""
    found: dict[Place, list[vector.LoadOp]] = defaultdict(list)
    block = loop.body.block
    for op in block.ops:
        offsets = offsets_of(op) if isinstance(op, vector.LoadOp) else None
        if isinstance(op, vector.LoadOp) and offsets is not None:
            moved = tuple(offset.terms for offset in offsets)
            if any(value is block.args[0] for terms in moved for value, _ in terms):
                found[op.base, moved].append(op)
    return found


def offsets_of(load: vector.LoadOp) -> list[Offset] | None:
    """The indices of a load as sums; None where one is something else."""
    offsets = [offset_of(index) for index in load.indices]
    known = [offset for offset in offsets if offset is not None]
    return known if len(known) == len(offsets) else None


def distances(load: vector.LoadOp) -> list[int]:
    """What is added, along each axis, to what loops move."""
    return [offset.constant for offset in offsets_of(load) or ()]


def sizes_of(loads: Sequence[vector.LoadOp], corner: Sequence[int]) -> list[int]:
    """The elements along each axis from a corner to the last one that is loaded."""
    sizes = [0] * len(corner)
    for load in loads:
        (lanes,) = load.result.type.get_shape()
        ends = [distance + 1 for distance in distances(load)]
        ends[-1] += lanes - 1
        reached = (end - low for end, low in zip(ends, corner, strict=True))
        sizes = [max(pair) for pair in zip(sizes, reached, strict=True)]
    return sizes


def anchor(
    place: Place, loads: Sequence[vector.LoadOp], constants: IndexConstants
) -> None:
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
        load.operands = [anew, *indices]


def start_of(
    terms: Terms, low: int, append: Append, constants: IndexConstants
) -> Index:
    """What loops move an index by, and `low`."""
    start: Index = 0
    for value, factor in terms:
        moved = multiplied(value, factor, append, constants)
        start = added(start, moved, append, constants)
    return added(start, low, append, constants)


def anchor_in(module: ModuleOp) -> None:
    """Does so in all loops of kernels that load much."""
    for kernel in kernels_of(module):
        constants = IndexConstants(kernel)
        loops = [op for op in kernel.walk() if isinstance(op, scf.ForOp)]
        for loop in filter(stays, loops):
            for place, loads in places(loop).items():
                if len(loads) >= MANY:
                    anchor(place, loads, constants)


@dataclass(frozen=True)
class VectorAnchorLoadsPass(ModulePass):
    """Loads the vectors of a round from one place, at distances that are known."""

    name = "vector-anchor-loads"
    needs = (Property.LOOPS, Property.PACKED)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if not has_machine(op):
            return
        machine = machine_of(op)
        if machine.has_vectors and not machine.is_native:
            anchor_in(op)
