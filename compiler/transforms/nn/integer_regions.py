"""Rewrites a scalar region on demand: from what it yields back to its arguments."""

from __future__ import annotations

from xdsl.dialects import arith
from xdsl.dialects.builtin import IntegerType
from xdsl.ir import Block, BlockArgument, Operation, SSAValue
from xdsl.utils.hints import isa

from ...dialects import nn
from ...dialects.nn.quantization_meanings import integer_limits
from .accumulators import Bounds, accumulator_bounds
from .affine_form import (
    Choice,
    Form,
    Integer,
    Value,
    constant_form,
    exact,
    integer_form,
)
from .arrays import constant_array
from .bodies import ScalarBodyOp, leading_types, scalar_operands
from .fixed_values import FixedValues
from .integer_body import IntegerBody
from .integer_rules import RULES


def limits(width: int, unsigned: bool) -> Bounds:
    """The integers of so many bits."""
    if unsigned:
        return Bounds(0, (1 << width) - 1)
    return Bounds(*integer_limits(IntegerType(width)))


def bit_width(value: SSAValue) -> int:
    """The width of an integer value."""
    assert isa(value.type, IntegerType), "integers have a width"
    return value.type.width.data


def is_within(value: Value, bounds: Bounds) -> bool:
    """Whether all possible values are integers within `bounds`."""
    if isinstance(value, Choice):
        return is_within(value.yes, bounds) and is_within(value.no, bounds)
    inside = value.integer_bounds
    return value.is_integral and bounds.low <= inside.low and inside.high <= bounds.high


class RegionRewriter:
    """One region, followed on demand; what integers cannot follow is copied."""

    def __init__(self, op: ScalarBodyOp, old: Block) -> None:
        self.op = op
        self.old = old
        block = Block(arg_types=old.arg_types)
        self.body = IntegerBody(block)
        self.values = FixedValues(self.body)
        self.copies: dict[SSAValue, SSAValue] = dict(
            zip(old.args, block.args, strict=True)
        )
        self.known: dict[SSAValue, Value | None] = {}
        self.leaves: dict[tuple[SSAValue, bool], Integer] = {}

    def rewritten(self) -> Block:
        """The new block, with all arguments of the old one and those of constants."""
        last = self.old.last_op
        assert last is not None, "a scalar region yields"
        result = self.written(last.operands[0])
        self.body.block.add_op(nn.YieldOp(result))
        return self.body.block

    def written(self, value: SSAValue) -> SSAValue:
        """`value` in the new block: by integers if possible, else copied."""
        if value in self.copies:
            return self.copies[value]
        known = self.follow(value) if isinstance(value.type, IntegerType) else None
        if known is not None and bit_width(value) > 1:
            integer = self.computed(known)
            self.copies[value] = self.body.resized(integer.value, bit_width(value))
        else:
            self.copies[value] = self._copied(value)
        return self.copies[value]

    def _copied(self, value: SSAValue) -> SSAValue:
        owner = value.owner
        assert isinstance(owner, Operation), "arguments are there from the beginning"
        operands = [self.written(operand) for operand in owner.operands]
        mapper = dict(zip(owner.operands, operands, strict=True))
        return self.body.emit(owner.clone(mapper))

    def computed(self, value: Value) -> Integer:
        """The integer that a value is."""
        if isinstance(value, Form):
            return self.body.integer(value)
        yes, no = self.computed(value.yes), self.computed(value.no)
        return self.body.chosen(value.condition, yes, no)

    def follow(self, value: SSAValue) -> Value | None:
        """What is known of a value of the old region; None when nothing is."""
        if value not in self.known:
            self.known[value] = self._followed(value)
        return self.known[value]

    def fitting(
        self, known: Value | None, result: SSAValue, unsigned: bool
    ) -> Value | None:
        """What is known, if `result` holds it as signed or unsigned bits."""
        if known is None or not is_within(known, limits(bit_width(result), unsigned)):
            return None
        return known

    def _followed(self, value: SSAValue) -> Value | None:
        if isinstance(value, BlockArgument):
            return self._argument(value)
        owner = value.owner
        assert isinstance(owner, Operation), "arguments were looked at before"
        if isinstance(owner, arith.ConstantOp):
            array = constant_array(value)
            number = None if array is None else exact(array)
            return None if number is None else constant_form(number)
        rule = RULES.get(type(owner))
        return None if rule is None else rule(self, owner)

    def _argument(self, argument: BlockArgument) -> Value | None:
        place = argument.index - len(leading_types(self.op))
        if place < 0:
            return None
        array = constant_array(scalar_operands(self.op)[place])
        number = None if array is None else exact(array)
        return None if number is None else constant_form(number)

    def integer(self, value: SSAValue, unsigned: bool) -> Value | None:
        """An integer of the old region as signed or unsigned bits."""
        width = bit_width(value)
        known = self.follow(value)
        if known is not None and is_within(known, limits(width, unsigned)):
            return known
        if width == 1:
            return None
        if (value, unsigned) not in self.leaves:
            self.leaves[value, unsigned] = self._leaf(value, unsigned)
        return integer_form(self.leaves[value, unsigned])

    def _leaf(self, value: SSAValue, unsigned: bool) -> Integer:
        bounds = self._leaf_bounds(value, unsigned)
        written = self.written(value)
        width = bit_width(value)
        if width < 32 or (unsigned and width < 64):
            extend = arith.ExtUIOp if unsigned else arith.ExtSIOp
            target = IntegerType(32 if width < 32 else 64)
            written = self.body.emit(extend(written, target))
        return Integer(written, bounds)

    def _leaf_bounds(self, value: SSAValue, unsigned: bool) -> Bounds:
        whole = limits(bit_width(value), unsigned)
        if value is not self.old.args[0] or not isinstance(self.op, nn.ProducerOp):
            return whole
        sums = accumulator_bounds(self.op)
        return Bounds(max(whole.low, sums.low), min(whole.high, sums.high))
