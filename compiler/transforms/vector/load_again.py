"""
Lets blocks load again what earlier ones have loaded, where it finds no room.

Before:
```mlir
%a = vector.load %x[%c0] : memref<64xf32>, vector<4xf32>
…
vector.store %r, %y[%c0] : memref<64xf32>, vector<4xf32>
%b = vector.load %x[%c0] : memref<64xf32>, vector<4xf32>
```
After:
```mlir
%a = vector.load %x[%c0] : memref<64xf32>, vector<4xf32>
…
vector.store %r, %y[%c0] : memref<64xf32>, vector<4xf32>
%z = deploy.anew %x : memref<64xf32>
%b = vector.load %z[%c0] : memref<64xf32>, vector<4xf32>
```

Blocks at the borders of windows are written out one behind the other. A C compiler sees
that they load the same elements, keeps all of them from the first block on, and brings
them to the stack and back, which takes three instructions where loading again is one.
What most blocks load, as weights are, is kept if there is room for it. A part of a
vector that an earlier block has loaded is loaded again always, if it is more than a
word: compilers take it out of that element by element.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import NamedTuple, TypeAlias, cast

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import vector
from xdsl.dialects.builtin import AnyFloat, IntegerType, ModuleOp, VectorType
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter

from ...analysis.access import STORES
from ...analysis.areas import offset_of
from ...analysis.footprint import Offset
from ...analysis.groups import kernels_of
from ...dialects import deploy
from ...machine import Machine, has_machine, machine_of
from ...properties import Property
from ...rewriting import locate

KEPT = 14
"""Vector registers, at most, for what several blocks load: half of the free ones."""


class Place(NamedTuple):
    """Which elements of a buffer are loaded."""

    type: Attribute
    """Of what they become."""
    indices: tuple[Offset | SSAValue, ...]


WORD = 64
"""Bits, at most, of a part of a vector that compilers take out of it at once."""

Loaded: TypeAlias = dict[SSAValue, dict[Place, int]]
"""Of each buffer: what is loaded from it, and the registers that it takes."""


@dataclass
class Section:
    """What is loaded in one block up to where it stores, and where that begins."""

    first: Operation
    loaded: Loaded = field(default_factory=lambda: defaultdict(dict))


def sections(block: Block, vlen: int) -> list[Section]:
    """The parts of `block` that load vectors, each ended by what stores."""
    found: list[Section] = []
    is_open = False
    for op in block.ops:
        if isinstance(op, vector.LoadOp):
            if not is_open:
                found.append(Section(op))
            is_open = True
            found[-1].loaded[op.base][place(op)] = registers(op, vlen)
        elif is_open:
            inside = op.walk() if op.regions else (op,)
            is_open = not any(isinstance(inner, STORES) for inner in inside)
    return found


def place(load: vector.LoadOp) -> Place:
    """Which elements of a buffer are loaded."""
    offsets = (offset_of(index) or index for index in load.indices)
    return Place(load.result.type, tuple(offsets))


def is_inside(part: Place, whole: Place) -> bool:
    """Whether a vector that is more than a word is a part of a wider one."""
    *rows, at = part.indices
    *whole_rows, start = whole.indices
    if (
        rows != whole_rows
        or not isinstance(at, Offset)
        or not isinstance(start, Offset)
    ):
        return False
    (count, bits), (whole_count, _) = size_of(part.type), size_of(whole.type)
    distance, room = at.constant - start.constant, whole_count - count
    is_within = at.terms == start.terms and 0 <= distance <= room and room > 0
    return is_within and count * bits > WORD


def registers(load: vector.LoadOp, vlen: int) -> int:
    """Registers that a loaded vector takes."""
    count, bits = size_of(load.result.type)
    return ceil(count * bits / vlen)


def size_of(type_: Attribute) -> tuple[int, int]:
    """The elements of a vector, and the bits of each."""
    vector_type = cast("VectorType[IntegerType | AnyFloat]", type_)
    return vector_type.element_count(), vector_type.element_type.bitwidth


def kept(earlier: Iterable[Section], later: Iterable[Section], buffer: SSAValue) -> int:
    """The registers of what is loaded from `buffer` both earlier and later."""
    before = {key for section in earlier for key in section.loaded.get(buffer, ())}
    behind: dict[Place, int] = {}
    for section in later:
        behind |= section.loaded.get(buffer, {})
    return sum(count for key, count in behind.items() if key in before)


def uses(parts: Sequence[Section], buffer: SSAValue) -> float:
    """In how many sections, on average, something is loaded from `buffer`."""
    loaded = [section.loaded.get(buffer, {}) for section in parts]
    return sum(map(len, loaded)) / len({key for keys in loaded for key in keys})


def forgotten(parts: Sequence[Section]) -> list[tuple[int, SSAValue]]:
    """The buffers to load from anew, and from which section on."""
    buffers = dict.fromkeys(buffer for section in parts for buffer in section.loaded)
    since = dict.fromkeys(sorted(buffers, key=lambda one: uses(parts, one)), 0)
    found: list[tuple[int, SSAValue]] = []
    for number in range(1, len(parts)):
        for buffer in narrowed(parts, since, number):
            since[buffer] = number
            found.append((number, buffer))
        counts = {
            buffer: kept(parts[first:number], parts[number:], buffer)
            for buffer, first in since.items()
        }
        for buffer in since:
            if counts[buffer] and sum(counts.values()) > KEPT:
                counts[buffer], since[buffer] = 0, number
                found.append((number, buffer))
    return found


def narrowed(
    parts: Sequence[Section], since: Mapping[SSAValue, int], number: int
) -> list[SSAValue]:
    """The buffers of which a section loads a part of a vector that is there already."""
    found = dict.fromkeys(
        buffer
        for buffer, places in parts[number].loaded.items()
        for earlier in parts[since[buffer] : number]
        for whole in earlier.loaded.get(buffer, ())
        if any(is_inside(part, whole) for part in places)
    )
    return list(found)


def load_again(block: Block, vlen: int) -> None:
    """Gives buffers of `block` other names where too much of them would be kept."""
    parts = sections(block, vlen)
    names: dict[SSAValue, SSAValue] = {}
    for number, buffer in forgotten(parts):
        first, known = parts[number].first, names.get(buffer, buffer)
        anew = deploy.AnewOp(known)
        Rewriter.insert_op(locate(anew, first.location), InsertPoint.before(first))
        for use in list(known.uses):
            user = block.find_ancestor_op_in_block(use.operation)
            if user is not None and anew.is_before_in_block(user):
                use.operation.operands[use.index] = anew.result
        names[buffer] = anew.result


def load_again_in(module: ModuleOp, machine: Machine) -> None:
    """Does so in every block of all kernels."""
    for kernel in kernels_of(module):
        regions = (region for op in kernel.walk() for region in op.regions)
        for block in [block for region in regions for block in region.blocks]:
            load_again(block, machine.vlen)


class VectorLoadAgainPass(ModulePass):
    """Lets blocks load again what earlier ones have loaded, where it finds no room."""

    name = "vector-load-again"
    needs = (Property.LOOPS, Property.PACKED)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if not has_machine(op):
            return
        machine = machine_of(op)
        if machine.has_riscv_vectors:
            load_again_in(op, machine)
