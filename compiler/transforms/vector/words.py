"""
How an operand of bytes is read as words: four rounds of one loop at once.

Where neighbouring rounds read neighbouring bytes, the buffer is looked at as one of
words. A padding of such a buffer is made of words then. A constant is put into an order
in which four rounds stand together, beside those of the last other axis.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from xdsl.dialects import arith, func, memref
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    IntegerAttr,
    MemRefType,
    NoneAttr,
    i32,
)
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Attribute, Block, BlockArgument, Operation, Region, SSAValue
from xdsl.ir.affine import AffineMap
from xdsl.utils.hints import isa

from ...analysis.byte_products import plain_axis, word_map, word_order
from ...analysis.program import integer_of, known_index
from ...analysis.structured import loop_ranges
from ...dialects import deploy
from ...dialects.deploy.words import WORD_BYTES, words_type
from ...rewriting import locate
from .constants import Constants, retype
from .dataflow import Dataflow, Inserted, Structured
from .operands import operand_map, subview
from .vanishing import number_of

BYTES_AS_ONE = 0x01010101
"""Times a byte it is the word of four such bytes."""


@dataclass(frozen=True)
class Way:
    """How one operand is read as words."""

    map: AffineMap
    """Where in the words, if the loop goes over words."""
    make: Callable[[Operation], SSAValue]
    """Makes the words in front of an operation, which is the only one to read them."""


@dataclass(frozen=True)
class Operands:
    """The operands of one kernel, and what its calls pass."""

    kernel: func.FuncOp
    flow: Dataflow
    constants: Constants

    def way(self, op: linalg.GenericOp, number: int, loop: int) -> Way | None:
        """How operand `number` of `op` is read as words of `loop`, if it can be."""
        ways = (self._packed, self._in_place, self._padded)
        found = (way(op, number, loop) for way in ways)
        return next((way for way in found if way is not None), None)

    def passed(self, buffer: SSAValue) -> list[SSAValue]:
        """What calls pass as an argument; nothing for another buffer."""
        if not isinstance(buffer, BlockArgument):
            return []
        calls = self.constants.calls.get(self.kernel.sym_name.data, [])
        return [call.arguments[buffer.index] for call in calls]

    def has_words(self, buffer: SSAValue) -> bool:
        """Whether a buffer of memory is one of whole words, at multiples of four."""
        type = buffer.type
        if not isa(type, MemRefType[Attribute]) or words_type(type) is None:
            return False
        passed = self.passed(buffer)
        return bool(passed) and all(map(self.begins_at_word, passed))

    def begins_at_word(self, value: SSAValue) -> bool:
        """Whether a buffer of bytes in a driver surely begins at a multiple of four."""
        owner = value.owner
        if isinstance(owner, Block):
            return isinstance(owner.parent_op(), func.FuncOp)
        if isinstance(owner, memref.ViewOp):
            return is_multiple(known_index(owner.byte_shift))
        if isinstance(owner, memref.GetGlobalOp):
            found = self.constants.behind(value)
            return found is not None and is_multiple(integer_of(found.alignment))
        if isinstance(owner, memref.SubviewOp):
            type, last = owner.source.type, owner.static_offsets.get_values()[-1]
            is_whole = isa(type, MemRefType[Attribute]) and words_type(type) is not None
            at_word = last != DYNAMIC_INDEX and is_multiple(last)
            return is_whole and at_word and self.begins_at_word(owner.source)
        is_same = isinstance(owner, memref.ReinterpretCastOp | memref.CastOp)
        return is_same and self.begins_at_word(owner.operands[0])

    def _in_place(self, op: linalg.GenericOp, number: int, loop: int) -> Way | None:
        buffer = op.operands[number]
        map_ = word_map(operand_map(op, number), loop)
        if map_ is None or not self.has_words(buffer):
            return None
        return Way(map_, lambda before: view(buffer, before))

    def _padded(self, op: linalg.GenericOp, number: int, loop: int) -> Way | None:
        padded = op.operands[number]
        map_ = word_map(operand_map(op, number), loop)
        source = self.flow.sources[op].get(padded)
        if map_ is None or not isinstance(source, Inserted):
            return None
        assert isa(padded.type, MemRefType), "what is padded is a buffer"
        row = (source.offsets[-1], source.sizes[-1])
        is_whole = not any(size % WORD_BYTES for size in row)
        if not is_whole or words_type(padded.type) is None:
            return None
        fill, copied = source.whole, source.copied
        if copied is None or not self.has_words(copied) or not is_read_once(padded):
            return None
        assert isinstance(fill, linalg.FillOp), "it is what a copy is put into"
        byte = number_of(fill.inputs[0])
        if not isinstance(byte, int):
            return None
        return Way(map_, lambda before: padded_words(source, copied, byte, before))

    def _packed(self, op: linalg.GenericOp, number: int, loop: int) -> Way | None:
        buffer, map_ = op.operands[number], operand_map(op, number)
        passed = self.passed(buffer)
        if not passed or not all(map(self.constants.is_alone, passed)):
            return None
        if not buffer.has_one_use() or not all(map(self.begins_at_word, passed)):
            return None
        assert isa(buffer.type, MemRefType), "a constant is a buffer"
        shape = buffer.type.get_shape()
        axis = plain_axis(map_, loop)
        if axis is None or not isinstance(buffer.type.layout, NoneAttr):
            return None
        if shape[axis] != loop_ranges(op)[loop]:
            return None
        order = word_order(len(shape), axis)
        new_map = AffineMap(map_.num_dims, 0, tuple(map_.results[n] for n in order))
        return Way(new_map, lambda before: self._pack(buffer, axis, order, before))

    def _pack(
        self, buffer: SSAValue, axis: int, order: Sequence[int], before: Operation
    ) -> SSAValue:
        """Puts four neighbours along an axis of constants together; as words."""
        assert isa(buffer.type, MemRefType), "a constant is a buffer"
        split = [[size] for size in buffer.type.get_shape()]
        split[axis] = [split[axis][0] // WORD_BYTES, WORD_BYTES]
        places = [*((n, 0) for n in order), (axis, 1)]
        *outer, last = (split[n][0] for n in order)
        shape = [*outer, last * WORD_BYTES]
        for value in self.passed(buffer):
            self.constants.rearrange(value, split, places, shape)
        packed = retype(buffer, shape)
        self.kernel.update_function_type()
        return view(packed, before)


def is_multiple(number: int | None) -> bool:
    """Whether a number of bytes is known and is one of whole words."""
    return number is not None and not number % WORD_BYTES


def put(op: Operation, before: Operation) -> Operation:
    """Puts `op` in front of another one, on whose behalf it is there."""
    block = before.parent
    assert block is not None, "an operation of a kernel is in a block"
    block.insert_op_before(locate(op, before.location), before)
    return op


def view(buffer: SSAValue, before: Operation) -> SSAValue:
    """A buffer of bytes as one of words."""
    return put(deploy.WordsOp(buffer), before).results[0]


def is_read_once(padded: SSAValue) -> bool:
    """Whether a fill, one part and one reader are all that use registers."""
    users = [use.operation for use in padded.uses]
    parts = [op for op in users if isinstance(op, memref.SubviewOp)]
    return len(users) == 3 and len(parts) == 1 and parts[0].result.has_one_use()


def padded_words(
    source: Inserted, copied: SSAValue, byte: int, before: Operation
) -> SSAValue:
    """What `source` is, but of words: registers with a copy of `copied` in them."""
    part = source.view.owner
    assert isinstance(part, memref.SubviewOp), "a part has been written once more"
    assert isa(part.source.type, MemRefType[Attribute]), "it is one of a buffer"
    type = words_type(part.source.type)
    assert type is not None, "the buffer is one of whole words"
    registers = put(deploy.RegistersOp(type), before).results[0]
    word = IntegerAttr((byte & 0xFF) * BYTES_AS_ONE, i32, truncate_bits=True)
    fill = put(arith.ConstantOp(word), before)
    put(linalg.FillOp(fill.results, [registers], res=()), before)
    inside = subview(registers, in_words(source.offsets), in_words(source.sizes))
    destination = put(inside, before).results[0]
    put(copy(source.part, view(copied, before), destination), before)
    before.operands = [
        registers if value is part.source else value for value in before.operands
    ]
    for old in (source.part, part, source.whole, part.source.owner):
        assert isinstance(old, Operation), "it was written by an operation"
        old.detach()
        old.erase()
    return registers


def in_words(numbers: Sequence[int]) -> list[int]:
    """Offsets or sizes along the axes of bytes as those of words."""
    *outer, last = numbers
    return [*outer, last // WORD_BYTES]


def copy(like: Structured, source: SSAValue, destination: SSAValue) -> linalg.GenericOp:
    """A copy of words in the order of another copy."""
    assert isinstance(like, linalg.GenericOp), "fills copy nothing"
    body = Block(arg_types=[i32, i32])
    body.add_op(linalg.YieldOp(body.args[0]))
    maps, kinds = like.indexing_maps, like.iterator_types
    return linalg.GenericOp([source], [destination], Region(body), maps, kinds)
