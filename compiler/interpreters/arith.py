"""
`arith` on arrays, element by element.

Integers wrap around at their width. Operations that read the bits as unsigned do so
through a view. What the dialect leaves undefined (division by zero, shifts by the width
or more, conversion of a float that does not fit) gives some value and no exception: the
reader of a select may well have computed it on the branch not taken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from xdsl.dialects import arith
from xdsl.dialects.builtin import ShapedType
from xdsl.interpreter import (
    Interpreter,
    InterpreterFunctions,
    PythonValues,
    impl,
    register_impls,
)
from xdsl.ir import Attribute, Operation

from .builtin import Array, DType, array_of, dtype_of, scalar_functions
from .elements import (
    Binary,
    as_unsigned,
    bitcast,
    divide_truncating,
    divide_up,
    float_to_integer,
    index_cast,
    maximum,
    minimum,
    multiply_extended,
    on_bits,
    select,
    sign_extend,
    truncate,
    unsigned,
    zero_extend,
)

SIGNED: dict[type[Operation], Binary] = {
    arith.AddiOp: np.add,
    arith.SubiOp: np.subtract,
    arith.MuliOp: np.multiply,
    arith.DivSIOp: divide_truncating,
    arith.FloorDivSIOp: np.floor_divide,
    arith.CeilDivSIOp: divide_up,
    arith.RemSIOp: np.fmod,
    arith.MinSIOp: np.minimum,
    arith.MaxSIOp: np.maximum,
    arith.AndIOp: np.bitwise_and,
    arith.OrIOp: np.bitwise_or,
    arith.XOrIOp: np.bitwise_xor,
    arith.ShLIOp: np.left_shift,
    arith.ShRSIOp: np.right_shift,
    arith.DivUIOp: as_unsigned(np.floor_divide),
    arith.CeilDivUIOp: as_unsigned(divide_up),
    arith.RemUIOp: as_unsigned(np.remainder),
    arith.MinUIOp: as_unsigned(np.minimum),
    arith.MaxUIOp: as_unsigned(np.maximum),
    arith.ShRUIOp: as_unsigned(np.right_shift),
}

FLOATING: dict[type[Operation], Callable[..., Any]] = {
    arith.AddfOp: np.add,
    arith.SubfOp: np.subtract,
    arith.MulfOp: np.multiply,
    arith.DivfOp: np.divide,
    arith.NegfOp: np.negative,
    arith.MaximumfOp: maximum,
    arith.MinimumfOp: minimum,
    arith.MaxnumfOp: np.fmax,
    arith.MinnumfOp: np.fmin,
}

CASTS: dict[type[Operation], Callable[[Array, DType], Array]] = {
    arith.ExtSIOp: sign_extend,
    arith.ExtUIOp: zero_extend,
    arith.TruncIOp: truncate,
    arith.IndexCastOp: index_cast,
    arith.SIToFPOp: lambda x, dtype: sign_extend(x).astype(dtype),
    arith.UIToFPOp: lambda x, dtype: (
        zero_extend(x, x.dtype).astype(dtype)
        if x.dtype == np.bool_
        else unsigned(x).astype(dtype)
    ),
    arith.FPToSIOp: float_to_integer,
    arith.FPToUIOp: lambda x, dtype: float_to_integer(
        x, dtype if dtype == np.bool_ else np.dtype(f"uint{8 * dtype.itemsize}")
    ).view(dtype),
    arith.ExtFOp: lambda x, dtype: x.astype(dtype),
    arith.TruncFOp: lambda x, dtype: x.astype(dtype),
    arith.BitcastOp: bitcast,
}

CASTS_BY_NAME = {op.name.removeprefix("arith."): f for op, f in CASTS.items()}

INTEGER_COMPARISONS: tuple[Binary, ...] = tuple(
    on_bits(function)
    for function in (
        np.equal,
        np.not_equal,
        np.less,
        np.less_equal,
        np.greater,
        np.greater_equal,
        as_unsigned(np.less),
        as_unsigned(np.less_equal),
        as_unsigned(np.greater),
        as_unsigned(np.greater_equal),
    )
)
"""In the order of `arith.cmpi`'s predicates."""


def unordered(lhs: Array, rhs: Array) -> Array:
    """Whether either is NaN."""
    return np.isnan(lhs) | np.isnan(rhs)


FLOAT_COMPARISONS: tuple[Binary, ...] = (
    lambda a, b: np.zeros(np.broadcast(a, b).shape, np.bool_),
    np.equal,
    np.greater,
    np.greater_equal,
    np.less,
    np.less_equal,
    lambda a, b: (a < b) | (a > b),
    lambda a, b: ~unordered(a, b),
    lambda a, b: unordered(a, b) | (a == b),
    lambda a, b: ~(a <= b),
    lambda a, b: ~(a < b),
    lambda a, b: ~(a >= b),
    lambda a, b: ~(a > b),
    np.not_equal,
    unordered,
    lambda a, b: np.ones(np.broadcast(a, b).shape, np.bool_),
)
"""In the order of `arith.cmpf`'s predicates."""


ArithBinaryFunctions = scalar_functions(
    "ArithBinaryFunctions",
    {op: on_bits(function) for op, function in SIGNED.items()} | FLOATING,
)
"""The operations without attributes."""


def _cast_method(function: Callable[[Array, DType], Array]) -> Any:
    def run(
        self: InterpreterFunctions,
        interpreter: Interpreter,
        op: Operation,
        args: PythonValues,
    ) -> PythonValues:
        return (function(args[0], dtype_of(op.results[0].type)),)

    return run


ArithCastFunctions = register_impls(
    type(
        "ArithCastFunctions",
        (InterpreterFunctions,),
        {op.__name__: impl(op)(_cast_method(f)) for op, f in CASTS.items()},
    )
)
"""The operations whose meaning depends on the result's type."""


@register_impls
class ArithFunctions(InterpreterFunctions):
    """The operations with attributes."""

    @impl(arith.ConstantOp)
    def run_constant(
        self, interpreter: Interpreter, op: arith.ConstantOp, args: PythonValues
    ) -> PythonValues:
        """A scalar or a dense tensor."""
        return (array_of(cast(Attribute, op.value)),)

    @impl(arith.CmpiOp)
    def run_cmpi(
        self, interpreter: Interpreter, op: arith.CmpiOp, args: PythonValues
    ) -> PythonValues:
        """All ten predicates."""
        return (INTEGER_COMPARISONS[op.predicate.value.data](*args),)

    @impl(arith.CmpfOp)
    def run_cmpf(
        self, interpreter: Interpreter, op: arith.CmpfOp, args: PythonValues
    ) -> PythonValues:
        """All sixteen predicates."""
        return (FLOAT_COMPARISONS[op.predicate.value.data](*args),)

    @impl(arith.MulSIExtendedOp)
    def run_mulsi_extended(
        self, interpreter: Interpreter, op: arith.MulSIExtendedOp, args: PythonValues
    ) -> PythonValues:
        """Both halves of the product."""
        x, y = args
        return multiply_extended(x, y)

    @impl(arith.SelectOp)
    def run_select(
        self, interpreter: Interpreter, op: arith.SelectOp, args: PythonValues
    ) -> PythonValues:
        """Element by element; a tensor or memref is chosen as a whole."""
        if isinstance(op.result.type, ShapedType):
            return (args[1] if args[0] else args[2],)
        return (select(*args),)
