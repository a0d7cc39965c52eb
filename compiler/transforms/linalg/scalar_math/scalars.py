"""Scalar expressions that write themselves down as `arith` operations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from xdsl.dialects import arith, math
from xdsl.dialects.builtin import (
    AnyFloat,
    Float32Type,
    Float64Type,
    FloatAttr,
    IntegerAttr,
    IntegerType,
    f32,
    f64,
)
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.utils.hints import isa


class Format(NamedTuple):
    """A binary floating-point format and the integer with as many bits."""

    integer: IntegerType
    fraction_bits: int
    bias: int

    @property
    def sign_mask(self) -> int:
        """The sign bit, as a signed number."""
        return -(1 << (self.integer.width.data - 1))

    @property
    def whole(self) -> float:
        """The power of two from which on every number is an integer."""
        return 2.0**self.fraction_bits

    @property
    def rounder(self) -> float:
        """Adding this to a small number leaves its nearest integer in the low bits."""
        return 1.5 * self.whole

    @property
    def rounder_bits(self) -> int:
        """The representation of `rounder`."""
        exponent = self.fraction_bits + self.bias
        return (exponent << self.fraction_bits) | (1 << (self.fraction_bits - 1))


FORMATS: dict[type[Attribute], Format] = {
    Float32Type: Format(IntegerType(32), 23, 127),
    Float64Type: Format(IntegerType(64), 52, 1023),
}


@dataclass(frozen=True)
class Scalar:
    """
    A scalar value; operators append operations to `ops` and give their results.

    Floats add, multiply, divide and compare as IEEE 754 says (a comparison with NaN is
    false); integers wrap around and `>>` keeps the sign. A Python number stands for a
    constant of the other operand's type.
    """

    value: SSAValue
    ops: list[Operation]

    @property
    def type(self) -> Attribute:
        """The element type."""
        return self.value.type

    @property
    def format(self) -> Format:
        """How the bits of a float are read."""
        return FORMATS[type(self.type)]

    @property
    def is_float(self) -> bool:
        """Whether this is a floating-point number."""
        return isinstance(self.type, AnyFloat)

    def append(self, op: Operation) -> Scalar:
        """The result of `op`, which comes next."""
        self.ops.append(op)
        return Scalar(op.results[0], self.ops)

    def constant(self, number: float) -> Scalar:
        """`number` in the type of this scalar."""
        if isinstance(self.type, AnyFloat):
            return self.append(arith.ConstantOp(FloatAttr(float(number), self.type)))
        assert isa(self.type, IntegerType), "a scalar is a float or an integer"
        return self.append(arith.ConstantOp(IntegerAttr(int(number), self.type)))

    def _other(self, other: Operand) -> SSAValue:
        return (other if isinstance(other, Scalar) else self.constant(other)).value

    def _binary(self, floats: Any, integers: Any, other: Operand) -> Scalar:
        op = floats if self.is_float else integers
        return self.append(op(self.value, self._other(other)))

    def __add__(self, other: Operand) -> Scalar:
        return self._binary(arith.AddfOp, arith.AddiOp, other)

    def __sub__(self, other: Operand) -> Scalar:
        return self._binary(arith.SubfOp, arith.SubiOp, other)

    def __mul__(self, other: Operand) -> Scalar:
        return self._binary(arith.MulfOp, arith.MuliOp, other)

    def __truediv__(self, other: Operand) -> Scalar:
        return self.append(arith.DivfOp(self.value, self._other(other)))

    def __neg__(self) -> Scalar:
        return self.append(arith.NegfOp(self.value))

    def __and__(self, other: Operand) -> Scalar:
        return self.append(arith.AndIOp(self.value, self._other(other)))

    def __or__(self, other: Operand) -> Scalar:
        return self.append(arith.OrIOp(self.value, self._other(other)))

    def __lshift__(self, other: Operand) -> Scalar:
        return self.append(arith.ShLIOp(self.value, self._other(other)))

    def __rshift__(self, other: Operand) -> Scalar:
        return self.append(arith.ShRSIOp(self.value, self._other(other)))

    def compare(self, predicate: str, other: Operand) -> Scalar:
        """An `i1`: `olt`, `oeq`, … on floats, `eq`, `slt`, … on integers."""
        op = arith.CmpfOp if self.is_float else arith.CmpiOp
        return self.append(op(self.value, self._other(other), predicate))

    def select(self, yes: Scalar, no: Scalar) -> Scalar:
        """For an `i1`: one of two values."""
        return self.append(arith.SelectOp(self.value, yes.value, no.value))

    def magnitude(self) -> Scalar:
        """The absolute value of a float."""
        return self.append(math.AbsFOp(self.value))

    def square_root(self) -> Scalar:
        """The correctly rounded square root."""
        return self.append(math.SqrtOp(self.value))

    def at_most(self, high: float) -> Scalar:
        """The lesser of this float and `high`, which is also what NaN becomes."""
        return self.append(arith.MinnumfOp(self.value, self.constant(high).value))

    def clamp(self, low: float, high: float) -> Scalar:
        """Between two bounds; NaN stays."""
        bottom, top = self.constant(low), self.constant(high)
        raised = self.compare("olt", bottom).select(bottom, self)
        return raised.compare("ogt", top).select(top, raised)

    def bits(self) -> Scalar:
        """The representation of a float as an integer."""
        return self.append(arith.BitcastOp(self.value, self.format.integer))

    def as_float(self, type: Attribute) -> Scalar:
        """The float of `type` that an integer represents."""
        return self.append(arith.BitcastOp(self.value, type))

    def to_float(self, type: Attribute) -> Scalar:
        """A signed integer converted to `type`."""
        assert isinstance(type, AnyFloat), "an integer is converted to a float"
        return self.append(arith.SIToFPOp(self.value, type))

    def to_integer(self, type: IntegerType) -> Scalar:
        """A float that fits, rounded towards zero."""
        return self.append(arith.FPToSIOp(self.value, type))

    def to_double(self) -> Scalar:
        """The same number as f64."""
        return self.append(arith.ExtFOp(self.value, f64))

    def to_single(self) -> Scalar:
        """The nearest f32."""
        return self.append(arith.TruncFOp(self.value, f32))

    def polynomial(self, coefficients: Sequence[float]) -> Scalar:
        """`c[0] + c[1] * x + …` by Horner's rule."""
        *rest, last = coefficients
        total = self.constant(last)
        for coefficient in reversed(rest):
            total = total * self + coefficient
        return total


Operand: TypeAlias = Scalar | float
