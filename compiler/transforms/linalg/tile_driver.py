"""
The driver of a tiled chain while it is written: loops, offsets, slices.

What does not depend on a loop is made outside of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from xdsl.builder import Builder
from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    DenseArrayBase,
    IndexType,
    IntegerAttr,
    LocationAttr,
    TensorType,
    i64,
)
from xdsl.dialects.utils import split_dynamic_index_list
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.rewriter import InsertPoint
from xdsl.utils.exceptions import PassFailedException
from xdsl.utils.hints import isa

from ...analysis.clips import Axes
from ...analysis.footprint import Offset, Span
from ...analysis.structured import shape_of
from ...rewriting import locate


def refuse(op: Operation, message: str) -> NoReturn:
    """Reports that `op` cannot be tiled."""
    op.emit_error(message, PassFailedException(message))
    raise AssertionError("emit_error raises")


def tile_type(value: SSAValue, axes: Sequence[Span]) -> TensorType[Attribute]:
    """The type of a part of a tensor."""
    assert isa(value.type, TensorType), "only tensors are cut"
    return TensorType(value.type.element_type, [span.size for span in axes])


def insert_slice(
    part: SSAValue, whole: SSAValue, offsets: Sequence[int | SSAValue]
) -> tensor.InsertSliceOp:
    """`whole` with `part` at the offsets."""
    static, dynamic = split_dynamic_index_list(offsets, DYNAMIC_INDEX)
    return tensor.InsertSliceOp.build(
        operands=[part, whole, dynamic, [], []],
        properties={
            "static_offsets": DenseArrayBase.from_list(i64, static),
            "static_sizes": DenseArrayBase.from_list(i64, shape_of(part)),
            "static_strides": DenseArrayBase.from_list(i64, [1] * len(offsets)),
        },
        result_types=[whole.type],
    )


@dataclass
class Driver:
    """Where operations of the driver are appended, and what has been made there."""

    builder: Builder
    location: LocationAttr
    """Of what is made here and has none of its own."""
    parent: Driver | None = None
    """The driver around the loop whose body this is."""
    bounds: dict[SSAValue, tuple[int, int]] = field(
        default_factory=dict[SSAValue, tuple[int, int]]
    )
    """The first and last value of the variables of all loops around."""
    offsets: dict[Offset, SSAValue] = field(default_factory=dict[Offset, SSAValue])
    slices: dict[tuple[SSAValue, Axes], SSAValue] = field(
        default_factory=dict[tuple[SSAValue, Axes], SSAValue]
    )
    owned: set[SSAValue] = field(default_factory=set[SSAValue])
    """The values that exist only here."""
    depth: int = 0
    """The number of tile loops around, also of those that run just once."""

    def inside(self, block: Block, first: int, last: int) -> Driver:
        """The end of a loop's body; its variable goes from `first` to `last`."""
        bounds = {**self.bounds, block.args[0]: (first, last)}
        builder, depth = Builder(InsertPoint.at_end(block)), self.depth + 1
        owned: set[SSAValue] = set(block.args)
        return Driver(builder, self.location, self, bounds, owned=owned, depth=depth)

    def nested(self) -> Driver:
        """The same place, as the body of a loop that runs once."""
        depth = self.depth + 1
        return Driver(self.builder, self.location, self, self.bounds, depth=depth)

    def append(self, op: Operation) -> Sequence[SSAValue]:
        """Appends `op`."""
        results = self.builder.insert(locate(op, self.location)).results
        self.owned.update(results)
        return results

    def home(self, values: Sequence[SSAValue], depth: int = 0) -> Driver:
        """The outermost driver from that depth on in which all `values` exist."""
        here = self
        while here.parent is not None and here.depth > depth:
            if not here.owned.isdisjoint(values):
                break
            here = here.parent
        return here

    def index(self, value: int) -> SSAValue:
        """A constant index."""
        known = Offset(value)
        if known not in self.offsets:
            constant = arith.ConstantOp(IntegerAttr(value, IndexType()))
            self.offsets[known] = self.append(constant)[0]
        return self.offsets[known]

    def offset(self, offset: Offset) -> int | SSAValue:
        """An offset, computed where it is not a constant."""
        if not offset.terms:
            return offset.constant
        here = self.home([value for value, _ in offset.terms])
        if offset not in here.offsets:
            here.offsets[offset] = here.sum_of(offset)
        return here.offsets[offset]

    def sum_of(self, offset: Offset) -> SSAValue:
        """Computes an offset here."""
        total: SSAValue | None = None
        for value, factor in offset.terms:
            if factor != 1:
                value = self.append(arith.MuliOp(value, self.index(factor)))[0]
            if total is not None:
                value = self.append(arith.AddiOp(total, value))[0]
            total = value
        assert total is not None, "a computed offset has terms"
        if not offset.constant:
            return total
        return self.append(arith.AddiOp(total, self.index(offset.constant)))[0]

    def needed(self, value: SSAValue, axes: Axes) -> Driver:
        """
        The outermost driver in which a part of `value` can be made.

        Not outside of a loop that says which part it is, even one that runs once: the
        parts of all its rounds would be there at the same time.
        """
        terms = (term for span in axes for term, _ in span.offset.terms)
        depth = max((span.depth for span in axes if not span.whole), default=0)
        return self.home([value, *terms], depth)

    def slice(self, value: SSAValue, axes: Axes) -> SSAValue:
        """The part of a tensor at `axes`."""
        if all(span.whole for span in axes):
            return value
        here = self.needed(value, axes)
        if (value, axes) not in here.slices:
            starts, type_ = list(map(here.start, axes)), tile_type(value, axes)
            sizes, strides = [span.size for span in axes], [1] * len(axes)
            op = tensor.ExtractSliceOp(value, starts, sizes, strides, type_)
            here.slices[value, axes] = here.append(op)[0]
        return here.slices[value, axes]

    def insert(self, part: SSAValue, whole: SSAValue, axes: Axes) -> SSAValue:
        """`whole` with `part` at `axes`."""
        if all(span.whole for span in axes):
            return part
        return self.append(insert_slice(part, whole, list(map(self.start, axes))))[0]

    def start(self, span: Span) -> int | SSAValue:
        """Where a span begins."""
        return self.offset(span.offset)
