"""
What is done in the loops of an operation, as things that can be counted.

Each element that is read, computed or stored is an item: which loops say what it is, by
which sums of them. Two rounds in which these sums are equal do the same, so a block of
rounds does as much of an item as its sums have different values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import Enum
from functools import cached_property
from operator import mul
from typing import TypeAlias

from xdsl.dialects import arith, math
from xdsl.dialects.builtin import (
    AnyFloat,
    FixedBitwidthType,
    IndexType,
    IntegerType,
    MemRefType,
)
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.utils.hints import isa

from ...analysis.footprint import Linear, linear
from ...analysis.structured import body_reads, loop_ranges
from ...analysis.vectors import PAIR
from ...dialects import deploy
from .operands import operand_map
from .products import is_summed, is_widened_factor
from .reads import Reads
from .records import row_weights
from .repeated import unrolled_map
from .spare import spare_of
from .widening import can_widen

Sums: TypeAlias = tuple[tuple[int, ...], ...]
"""For each sum, the factor of each loop of the nest."""


class Kind(Enum):
    """What is done."""

    LOAD = "load"
    STORE = "store"
    COMPUTE = "compute"
    ACCUMULATE = "accumulate"


@dataclass(frozen=True)
class Item:
    """Something done in every round of some loops."""

    kind: Kind
    owner: linalg.GenericOp | linalg.FillOp
    """The operation in whose body it is."""
    sums: Sums
    bits: int
    """Of the widest element that it has to do with."""
    is_float: bool
    weight: float = 1.0
    """Instructions, for each register."""
    strides: tuple[int, ...] | None = None
    """Loads, stores: elements from one round of each loop to the next; None: varies."""
    last: tuple[int, ...] = ()
    """
    Loads and stores: the factors of the index along the last axis.

    Along the last two where these are one row.
    """
    can_widen: bool = True
    narrow: float | None = None
    """Instructions where it is no vector, if not `weight`."""
    scalar: float | None = None
    """Instructions where it is no vector, if vectors do it along with others."""
    is_factor: bool = False
    """Whether it extends a factor of products that vectors widen as they multiply."""
    spare: int = 0
    """Loads: elements of memory that follow the last one along the last axis."""
    phase: int = 0
    """Loads: where the first one is among lanes that are two elements apart."""
    number: int = 0
    """Items of the same sums have the same number."""

    @property
    def look(self) -> tuple[object, ...]:
        """All of it but the operation."""
        names = (field.name for field in fields(self) if field.name != "owner")
        return tuple(getattr(self, name) for name in names)

    @property
    def alone(self) -> float:
        """Instructions where it is no vector."""
        others = (self.narrow, self.scalar)
        return next((one for one in others if one is not None), self.weight)

    @cached_property
    def loops(self) -> frozenset[int]:
        """The loops that say what it is."""
        return frozenset(
            loop for one in self.sums for loop, factor in enumerate(one) if factor
        )


WEIGHTS: dict[type[Operation], float] = {
    arith.ConstantOp: 0.0,
    arith.MaximumfOp: 3.0,
    arith.MinimumfOp: 3.0,
    math.RoundEvenOp: 4.0,
    math.FloorOp: 4.0,
    math.CeilOp: 4.0,
    math.TruncOp: 3.0,
    arith.FPToSIOp: 5.0,
    linalg.IndexOp: 0.0,
    linalg.YieldOp: 0.0,
}
"""Instructions of what is not just one."""


NARROW: dict[type[Operation], float] = {deploy.Dot4Op: 20.0}
"""Instructions of what is one on vectors alone."""


def items(reads: Reads, has_fma: bool, widens: bool = False) -> list[Item]:
    """
    Everything that is done for `reads.root`.

    `widens` tells whether a vector instruction takes products of integers of half the
    width, and adds them to a sum.
    """
    found = [load(reads, place) for place in range(len(reads.found))]
    for op, places in reads.points.items():
        for place in places:
            sums = tuple(factors(linear(e, len(reads.loops)), reads) for e in place)
            found += computations(reads, op, sums, has_fma, widens)
    return numbered([*found, *stores(reads)])


def numbered(found: Sequence[Item]) -> list[Item]:
    """The same items, told apart by their sums."""
    numbers: dict[Sums, int] = {}
    return [
        replace(item, number=numbers.setdefault(item.sums, len(numbers)))
        for item in found
    ]


def factors(sum_: Linear | None, reads: Reads) -> tuple[int, ...]:
    """The factor of each loop; all loops where it is no sum."""
    count = len(reads.loops)
    if sum_ is None:
        return tuple(10_007 + 17 * n for n in range(count))
    return (*sum_.factors, *(0 for _ in range(count - len(sum_.factors))))


def load(reads: Reads, place: int) -> Item:
    """An element of memory."""
    read = reads.found[place]
    sums = [factors(index, reads) for index in read.indices]
    is_sum = None not in read.indices
    item = moved_item(Kind.LOAD, read.op, read.buffer, sums, is_sum)
    spare = spare_of(read.op, read.operand, reads.flow)
    along = read.indices[-1] if read.indices else None
    phase = along.constant % PAIR if along is not None else 0
    return replace(item, spare=spare, phase=phase) if spare or phase else item


def moved_item(
    kind: Kind,
    owner: linalg.GenericOp | linalg.FillOp,
    buffer: SSAValue,
    sums: Sequence[tuple[int, ...]],
    is_sum: bool,
) -> Item:
    """An element loaded from memory or stored there."""
    type_ = buffer.type
    assert isa(type_, MemRefType), "what is moved is in memory"
    steps = type_.get_strides()
    strides = None
    if steps is not None and is_sum and None not in steps:
        columns = zip(*sums, strict=True) if sums else ()
        strides = tuple(
            sum(f * (s or 0) for f, s in zip(column, steps, strict=True))
            for column in columns
        )
    weights = row_weights(type_)
    columns = zip(*sums, strict=True) if weights else ()
    last = tuple(sum(map(mul, column, weights)) for column in columns)
    bits, is_float = element(type_.element_type)
    is_mask = bits == 1
    return Item(
        kind, owner, tuple(sums), bits, is_float, 1.0, strides, last, not is_mask
    )


def stores(reads: Reads) -> list[Item]:
    """The elements that the root writes."""
    root = reads.root
    found: list[Item] = []
    for number, output in enumerate(root.outputs):
        if isinstance(root, linalg.FillOp):
            count = len(loop_ranges(root))
            sums = [tuple(int(a == b) for a in range(count)) for b in range(count)]
        else:
            (place, *_) = reads.points[root]
            map_ = operand_map(root, len(root.inputs) + number)
            exprs = [e.replace_dims_and_symbols(place, []) for e in map_.results]
            sums = [factors(linear(e, len(reads.loops)), reads) for e in exprs]
        found.append(moved_item(Kind.STORE, root, output, sums, True))
    return found


def computations(
    reads: Reads, op: linalg.GenericOp, place: Sums, has_fma: bool, widens: bool
) -> list[Item]:
    """What the body of `op` computes where its loops are at `place`."""
    known = arguments(reads, op, place)
    accumulators = set(op.body.block.args[len(op.inputs) :])
    found: list[Item] = []
    for inner in op.body.block.ops:
        sums = {one for v in inner.operands for one in known.get(v, ())}
        if isinstance(inner, linalg.IndexOp):
            sums = {place[inner.dim.value.data]}
        is_accumulating = any(v in accumulators for v in inner.operands)
        if is_accumulating:
            sums = set(place)
            accumulators |= set(inner.results)
        known |= dict.fromkeys(inner.results, tuple(sorted(sums)))
        weight = weight_of(inner, has_fma)
        if weight or isinstance(inner, linalg.IndexOp):
            kind = Kind.ACCUMULATE if is_accumulating else Kind.COMPUTE
            item = computed(kind, op, inner, known[inner.results[0]], weight)
            is_free = widens and is_summed(inner)
            found.append(replace(item, weight=0.0, scalar=weight) if is_free else item)
    return found


def arguments(reads: Reads, op: linalg.GenericOp, place: Sums) -> dict[SSAValue, Sums]:
    """Which loops say what the arguments of the body of `op` are."""
    known: dict[SSAValue, Sums] = {}
    for number, arg in enumerate(op.body.block.args):
        if not body_reads(op, number):
            continue
        is_memory = isinstance(op.operands[number].type, MemRefType)
        sums = [
            factors(linear(e, len(place)), reads) if is_memory else ()
            for e in unrolled_map(op, number).results
        ]
        known[arg] = tuple(combined(one, place) for one in sums if one)
    return known


def combined(one: Sequence[int], place: Sums) -> tuple[int, ...]:
    """A sum of the loops of an operation as one of the loops of the nest."""
    pairs = list(zip(one, place, strict=False))
    return tuple(
        sum(factor * own[loop] for factor, own in pairs)
        for loop in range(len(place[0]))
    )


def computed(
    kind: Kind, owner: linalg.GenericOp, op: Operation, sums: Sums, weight: float
) -> Item:
    """The item of an operation of a body."""
    both = (*op.operand_types, *op.result_types)
    types = [element(type) for type in both if not isinstance(type, MemRefType)]
    bits = max((bits for bits, _ in types), default=32)
    is_float = any(is_float for _, is_float in types)
    return Item(
        kind,
        owner,
        sums,
        bits,
        is_float,
        weight,
        can_widen=is_lanewise(op),
        narrow=NARROW.get(type(op)),
        is_factor=is_widened_factor(op),
    )


def is_lanewise(op: Operation) -> bool:
    """Whether `op` can be done on vectors: of masks it can only make and use them."""
    makes_mask = any(isa(t, IntegerType) and t.width.data == 1 for t in op.result_types)
    is_comparison = isinstance(op, arith.CmpiOp | arith.CmpfOp)
    return can_widen(op) and (is_comparison or not makes_mask)


def weight_of(op: Operation, has_fma: bool) -> float:
    """Instructions that `op` is for one element."""
    if has_fma and isinstance(op, arith.MulfOp) and op.result.uses.get_length() == 1:
        user = next(iter(op.result.uses)).operation
        if isinstance(user, arith.AddfOp | arith.SubfOp):
            return 0.0
    return WEIGHTS.get(type(op), 1.0)


def element(type_: Attribute) -> tuple[int, bool]:
    """Bits of an element, and whether it is a float."""
    if isinstance(type_, IndexType):
        return 64, False
    assert isinstance(type_, FixedBitwidthType), "elements have a fixed width"
    return type_.bitwidth, isinstance(type_, AnyFloat)
