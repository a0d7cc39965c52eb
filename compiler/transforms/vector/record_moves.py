"""Moves fields of records between memory and vectors: those of all lanes together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from xdsl.dialects import vector
from xdsl.dialects.builtin import MemRefType
from xdsl.ir import SSAValue
from xdsl.utils.hints import isa

from .indices import Indices, LinearIndex, Point, Variable
from .scopes import Scope
from .widening import chosen

if TYPE_CHECKING:
    from .moves import Moves
    from .records import Records

Stored: TypeAlias = tuple[SSAValue, SSAValue, Point]
"""A value, the buffer that it is stored to, and where."""

Lanes: TypeAlias = tuple[SSAValue, Indices, tuple[tuple[Variable, int], ...], int, int]
"""A buffer, and what all fields of the records of some lanes share of their places."""


class Field(NamedTuple):
    """A field of the records that lanes have."""

    view: SSAValue
    """The buffer, its last two axes as one."""
    before: Indices
    along: LinearIndex
    """Where lane 0 is along the last axis; the next element is that of lane 1."""
    elements: int
    """Of the records of all lanes."""

    def at(self, start: LinearIndex) -> Point:
        """All records, from `start` on."""
        return Point((*self.before, start), self.elements)


def field_at(moves: Moves, buffer: SSAValue, point: Point) -> Field | None:
    """The field that lanes have at a point; None where they have no records."""
    records = moves.records.get(buffer)
    if records is None or point.lanes == 1 or point.lanes.bit_count() > 1:
        return None
    view, (*before, along) = moves.as_row(buffer, point.indices)
    if along.lane != records.size or any(index.lane for index in before):
        return None
    first = along._replace(lane=1)
    return Field(view, tuple(before), first, records.size * point.lanes)


def loaded_field(
    moves: Moves, scope: Scope, buffer: SSAValue, point: Point
) -> SSAValue | None:
    """A field of the records that lanes have, loaded with the others; None if not."""
    field = field_at(moves, buffer, point)
    if field is None:
        return None
    records = moves.records[buffer]
    start = start_of(scope, field, records)
    if start is None:
        return None
    whole = moves.loaded(scope, field.view, field.at(start))
    first = field.along.constant - start.constant
    places = range(first, field.elements, records.size)
    return scope.append(chosen(whole, whole, places))


def start_of(scope: Scope, field: Field, records: Records) -> LinearIndex | None:
    """
    Where a load of records begins that has a field; None where they are not in memory.

    It is one that is there already, or ends with the last field, or begins with the
    first one.
    """
    starts = [field.along.shifted(-n) for n in range(records.size)]
    for start in starts:
        if (field.view, field.at(start)) in scope.made:
            return start
    type_ = field.view.type
    assert isa(type_, MemRefType), "fields are in memory"
    for edge in (records.end, records.first):
        start = starts[(field.along.constant - edge) % records.size]
        low, high = start.bounds(field.elements)
        if low >= 0 and high < type_.get_shape()[-1]:
            return start
    return None


def store_all(moves: Moves, scope: Scope, stored: Sequence[Stored]) -> None:
    """Stores elements, all fields of a record together."""
    waiting: dict[Lanes, dict[int, Stored]] = defaultdict(dict)
    for value, buffer, point in stored:
        field = field_at(moves, buffer, point)
        if field is None:
            moves.store(scope, value, buffer, point)
            continue
        records, along = moves.records[buffer], field.along
        number, place = divmod(along.constant - records.first, records.size)
        lanes = buffer, field.before, along.terms, point.lanes, number
        waiting[lanes][place] = value, buffer, point
        if len(waiting[lanes]) == records.size:
            store_records(moves, scope, waiting.pop(lanes))
    for fields in waiting.values():
        for value, buffer, point in fields.values():
            moves.store(scope, value, buffer, point)


def store_records(moves: Moves, scope: Scope, fields: dict[int, Stored]) -> None:
    """Stores whole records, of which each vector is a field."""
    values = [scope.in_lanes(fields[n][0], fields[n][2].lanes) for n in sorted(fields)]
    _, buffer, point = fields[0]
    field = field_at(moves, buffer, point)
    assert field is not None, "lanes have records"
    count = len(values)
    while len(values) > 2:
        pairs = zip(values[::2], values[1::2], strict=True)
        both = range(2 * field.elements // len(values))
        values = [scope.append(chosen(one, two, both)) for one, two in pairs]
    one, two = values
    lanes = range(point.lanes)
    places = [n * point.lanes + lane for lane in lanes for n in range(count)]
    whole = scope.append(chosen(one, two, places))
    at = [moves.value(scope, index) for index in field.at(field.along).indices]
    scope.place(vector.StoreOp(whole, field.view, at))
