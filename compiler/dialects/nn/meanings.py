"""
What each named elementwise operation means for one element.

One meaning per operation, in upstream `arith` and `math` on signless scalars, with the
signedness taken from the tensors. ONNX's operator specification decides; where it is
silent (NaN, overflow) numpy does: NaN propagates, integers wrap around.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from math import inf, isinf, pi, sqrt
from typing import NamedTuple, NoReturn

from xdsl.dialects import arith, math
from xdsl.dialects.builtin import AnyFloat, FloatAttr, IntegerType
from xdsl.ir import Attribute, Operation, Region, SSAValue
from xdsl.utils.exceptions import PassFailedException
from xdsl.utils.hints import isa

from .. import nn
from .base import is_float, is_unsigned, signless, tensor_type
from .division import quotient
from .scalars import ScalarOp, Scalars, scalar_region


class Versions(NamedTuple):
    """The scalar operation for each kind of element."""

    floating: ScalarOp
    signed: ScalarOp
    unsigned: ScalarOp


BINARY: dict[type[nn.BinaryOp], Versions] = {
    nn.AddOp: Versions(arith.AddfOp, arith.AddiOp, arith.AddiOp),
    nn.SubOp: Versions(arith.SubfOp, arith.SubiOp, arith.SubiOp),
    nn.MulOp: Versions(arith.MulfOp, arith.MuliOp, arith.MuliOp),
    nn.PowOp: Versions(math.PowFOp, math.IPowIOp, math.IPowIOp),
    nn.MinOp: Versions(arith.MinimumfOp, arith.MinSIOp, arith.MinUIOp),
    nn.MaxOp: Versions(arith.MaximumfOp, arith.MaxSIOp, arith.MaxUIOp),
}
"""Operations of two elements of one type that are one operation on them."""

FLOAT_UNARY: dict[type[nn.NamedElementwiseOp], ScalarOp] = {
    nn.SqrtOp: math.SqrtOp,
    nn.ExpOp: math.ExpOp,
    nn.LogOp: math.LogOp,
    nn.ErfOp: math.ErfOp,
    nn.TanhOp: math.TanhOp,
}
"""Operations that are one scalar operation and defined for floats only."""


def elementwise_region(op: nn.NamedElementwiseOp) -> Region:
    """
    The body that makes `nn.elementwise` mean what `op` does.

    Fails with a diagnostic at `op` where ONNX does not define it for the element type.
    """
    types = [tensor_type(value).element_type for value in op.operands]
    return scalar_region(types, lambda scalars, args: meaning(op, scalars, args))


@singledispatch
def meaning(
    op: nn.NamedElementwiseOp, scalars: Scalars, arguments: Sequence[SSAValue]
) -> SSAValue:
    """
    The element of `op`'s result; `arguments` are elements of its operands, signless.

    Fails with a diagnostic at `op` where ONNX does not define it for the element type.
    """
    scalar = FLOAT_UNARY.get(type(op))
    assert scalar is not None, f"'{op.name}' has no meaning yet"
    _require_float(op)
    return scalars.emit(scalar(*arguments))


def _element_type(op: Operation) -> Attribute:
    return tensor_type(op.operands[0]).element_type


def _refuse(op: Operation) -> NoReturn:
    message = f"'{op.name}' is defined for floats, got {_element_type(op)}"
    op.emit_error(message, PassFailedException(message))


def _require_float(op: Operation) -> None:
    if not is_float(_element_type(op)):
        _refuse(op)


@meaning.register
def _(op: nn.BinaryOp, scalars: Scalars, arguments: Sequence[SSAValue]) -> SSAValue:
    versions, type_ = BINARY[type(op)], _element_type(op)
    if is_float(type_):
        return scalars.emit(versions.floating(*arguments))
    chosen = versions.unsigned if is_unsigned(type_) else versions.signed
    return scalars.emit(chosen(*arguments))


@meaning.register
def _(op: nn.DivOp, scalars: Scalars, arguments: Sequence[SSAValue]) -> SSAValue:
    x, y = arguments
    if is_float(x.type):
        return scalars.emit(arith.DivfOp(x, y))
    return quotient(scalars, x, y, op.rhs)


@meaning.register
def _(op: nn.NegOp, scalars: Scalars, arguments: Sequence[SSAValue]) -> SSAValue:
    (x,) = arguments
    if is_float(x.type):
        return scalars.emit(arith.NegfOp(x))
    return scalars.subtract(scalars.constant(0, x.type), x)


@meaning.register
def _(op: nn.AbsOp, scalars: Scalars, arguments: Sequence[SSAValue]) -> SSAValue:
    (x,) = arguments
    if is_float(x.type):
        return scalars.emit(math.AbsFOp(x))
    if is_unsigned(_element_type(op)):
        return x
    opposite = scalars.subtract(scalars.constant(0, x.type), x)
    return scalars.maximum(x, opposite, unsigned=False)


@meaning.register
def _(op: nn.ReluOp, scalars: Scalars, arguments: Sequence[SSAValue]) -> SSAValue:
    (x,) = arguments
    if is_unsigned(_element_type(op)):
        return x
    return scalars.maximum(x, scalars.constant(0, x.type), unsigned=False)


@meaning.register
def _(op: nn.LeakyReluOp, scalars: Scalars, arguments: Sequence[SSAValue]) -> SSAValue:
    _require_float(op)
    (x,) = arguments
    zero = scalars.constant(0, x.type)
    negative = scalars.emit(arith.CmpfOp(x, zero, "olt"))
    alpha = scalars.constant(op.alpha.value.data, x.type)
    return scalars.select(negative, scalars.multiply(x, alpha), x)


@meaning.register
def _(op: nn.SigmoidOp, scalars: Scalars, arguments: Sequence[SSAValue]) -> SSAValue:
    _require_float(op)
    (x,) = arguments
    one = scalars.constant(1, x.type)
    decay = scalars.exponential(scalars.emit(arith.NegfOp(x)))
    return scalars.emit(arith.DivfOp(one, scalars.add(one, decay)))


def _hard_sigmoid(scalars: Scalars, x: SSAValue, alpha: float, beta: float) -> SSAValue:
    scaled = scalars.multiply(x, scalars.constant(alpha, x.type))
    line = scalars.add(scaled, scalars.constant(beta, x.type))
    capped = scalars.minimum(line, scalars.constant(1, x.type), unsigned=False)
    return scalars.maximum(capped, scalars.constant(0, x.type), unsigned=False)


@meaning.register
def _(
    op: nn.HardSigmoidOp, scalars: Scalars, arguments: Sequence[SSAValue]
) -> SSAValue:
    _require_float(op)
    alpha, beta = op.alpha.value.data, op.beta.value.data
    return _hard_sigmoid(scalars, arguments[0], alpha, beta)


@meaning.register
def _(op: nn.HardSwishOp, scalars: Scalars, arguments: Sequence[SSAValue]) -> SSAValue:
    _require_float(op)
    (x,) = arguments
    return scalars.multiply(x, _hard_sigmoid(scalars, x, 1 / 6, 1 / 2))


@meaning.register
def _(op: nn.GeluOp, scalars: Scalars, arguments: Sequence[SSAValue]) -> SSAValue:
    _require_float(op)
    (x,) = arguments
    if op.approximate.data == "tanh":
        spread = scalars.emit(math.TanhOp(_tanh_argument(scalars, x)))
    else:
        scaled = scalars.multiply(x, scalars.constant(sqrt(1 / 2), x.type))
        spread = scalars.emit(math.ErfOp(scaled))
    half = scalars.multiply(x, scalars.constant(1 / 2, x.type))
    return scalars.multiply(half, scalars.add(spread, scalars.constant(1, x.type)))


def _tanh_argument(scalars: Scalars, x: SSAValue) -> SSAValue:
    """`sqrt(2 / pi) * (x + 0.044715 * x ** 3)`."""
    cube = scalars.multiply(scalars.multiply(x, x), x)
    bent = scalars.multiply(cube, scalars.constant(0.044715, x.type))
    return scalars.multiply(
        scalars.add(x, bent), scalars.constant(sqrt(2 / pi), x.type)
    )


@meaning.register
def _(op: nn.ClipOp, scalars: Scalars, arguments: Sequence[SSAValue]) -> SSAValue:
    (x,) = arguments
    type_ = _element_type(op)
    unsigned = is_unsigned(type_)
    if (low := _bound(op.low, type_, -inf)) is not None:
        x = scalars.maximum(x, scalars.constant(low, x.type), unsigned)
    if (high := _bound(op.high, type_, inf)) is not None:
        x = scalars.minimum(x, scalars.constant(high, x.type), unsigned)
    return x


def _bound(bound: FloatAttr | None, type_: Attribute, idle: float) -> float | None:
    """The bound as an element of the type; None where it does not bind."""
    if bound is None or bound.value.data == idle:
        return None
    value = bound.value.data
    if not isa(type_, IntegerType):
        return value
    low, high = _limits(type_)
    if isinf(value):
        return high if value > 0 else low
    return min(max(int(value), low), high)


def _limits(type_: IntegerType) -> tuple[int, int]:
    width = type_.width.data
    if is_unsigned(type_):
        return 0, (1 << width) - 1
    return -(1 << (width - 1)), (1 << (width - 1)) - 1


@meaning.register
def _(op: nn.CastOp, scalars: Scalars, arguments: Sequence[SSAValue]) -> SSAValue:
    return convert(
        scalars, arguments[0], _element_type(op), tensor_type(op.result).element_type
    )


def convert(
    scalars: Scalars, x: SSAValue, source: Attribute, target: Attribute
) -> SSAValue:
    """
    `x`, an element of `source`, as an element of `target` by the rules of `Cast`.

    Floats truncate towards zero, integers wrap around, bool is `!= 0`.
    """
    if source == target:
        return x
    if is_float(source):
        return _convert_float(scalars, x, source, target)
    assert isa(source, IntegerType), "elements are floats or integers"
    if isinstance(target, AnyFloat):
        to_float = arith.UIToFPOp if is_unsigned(source) else arith.SIToFPOp
        return scalars.emit(to_float(x, target))
    return _convert_integer(scalars, x, source, target)


def _convert_float(
    scalars: Scalars, x: SSAValue, source: Attribute, target: Attribute
) -> SSAValue:
    if isinstance(target, AnyFloat) and isinstance(source, AnyFloat):
        wider = target.bitwidth > source.bitwidth
        return scalars.emit((arith.ExtFOp if wider else arith.TruncFOp)(x, target))
    bare = signless(target)
    assert isa(bare, IntegerType), "elements are floats or integers"
    if bare.width.data == 1:
        return scalars.emit(arith.CmpfOp(x, scalars.constant(0, source), "une"))
    to_integer = arith.FPToUIOp if is_unsigned(target) else arith.FPToSIOp
    return scalars.emit(to_integer(x, bare))


def _convert_integer(
    scalars: Scalars, x: SSAValue, source: IntegerType, target: Attribute
) -> SSAValue:
    bare = signless(target)
    assert isa(bare, IntegerType), "elements are floats or integers"
    before, after = source.width.data, bare.width.data
    if before == after:
        return x
    if after == 1:
        return scalars.emit(arith.CmpiOp(x, scalars.constant(0, x.type), "ne"))
    if after < before:
        return scalars.emit(arith.TruncIOp(x, bare))
    extend = arith.ExtUIOp if is_unsigned(source) else arith.ExtSIOp
    return scalars.emit(extend(x, bare))
