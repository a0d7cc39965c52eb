"""`vector` on arrays of one dimension."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from xdsl.dialects import vector
from xdsl.interpreter import (
    Interpreter,
    InterpreterFunctions,
    PythonValues,
    impl,
    register_impls,
)
from xdsl.utils.exceptions import InterpretationError

from .builtin import Array, shape_of
from .elements import as_unsigned, maximum, minimum
from .math import fused_multiply_add

COMBINATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "add": np.add,
    "mul": np.multiply,
    "minui": as_unsigned(np.minimum),
    "minsi": np.minimum,
    "minnumf": np.fmin,
    "minimumf": minimum,
    "maxui": as_unsigned(np.maximum),
    "maxsi": np.maximum,
    "maxnumf": np.fmax,
    "maximumf": maximum,
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
}


def lanes(buffer: Array, indices: PythonValues, count: int) -> Array:
    """The part of `buffer` that `count` lanes from `indices` on are, as a view."""
    *outer, first = (int(index) for index in indices)
    row = buffer[tuple(outer)]
    if not 0 <= first <= row.size - count:
        raise InterpretationError(
            f"vector must stay inside {row.size} elements, "
            f"got {first} to {first + count}"
        )
    return row[first : first + count]


def only_lane(op: vector.ExtractOp | vector.InsertOp) -> int:
    """The number of the lane that is taken or replaced."""
    positions = op.static_position.get_values()
    if op.dynamic_position or len(positions) != 1:
        raise InterpretationError(f"{op.name} must have one known position")
    return positions[0]


def reduced(kind: str, value: Array) -> Array:
    """All lanes combined: halves lane by lane, until one is left."""
    while value.size > 1:
        value = COMBINATIONS[kind](*np.split(value, 2))
    return np.array(value[0])


@register_impls
class VectorFunctions(InterpreterFunctions):
    """Vectors in memory, and between vectors and scalars."""

    @impl(vector.LoadOp)
    def run_load(
        self, interpreter: Interpreter, op: vector.LoadOp, args: PythonValues
    ) -> PythonValues:
        """Elements side by side."""
        (count,) = shape_of(op.result.type)
        return (np.array(lanes(args[0], args[1:], count)),)

    @impl(vector.StoreOp)
    def run_store(
        self, interpreter: Interpreter, op: vector.StoreOp, args: PythonValues
    ) -> PythonValues:
        """Elements side by side changed."""
        value, buffer, *indices = args
        lanes(buffer, tuple(indices), value.size)[...] = value
        return ()

    @impl(vector.BroadcastOp)
    def run_broadcast(
        self, interpreter: Interpreter, op: vector.BroadcastOp, args: PythonValues
    ) -> PythonValues:
        """One number in all lanes."""
        return (np.array(np.broadcast_to(args[0], shape_of(op.vector.type))),)

    @impl(vector.ExtractOp)
    def run_extract(
        self, interpreter: Interpreter, op: vector.ExtractOp, args: PythonValues
    ) -> PythonValues:
        """One lane."""
        return (np.array(args[0][only_lane(op)]),)

    @impl(vector.InsertOp)
    def run_insert(
        self, interpreter: Interpreter, op: vector.InsertOp, args: PythonValues
    ) -> PythonValues:
        """The same vector but for one lane."""
        result = np.array(args[1])
        result[only_lane(op)] = args[0]
        return (result,)

    @impl(vector.ShuffleOp)
    def run_shuffle(
        self, interpreter: Interpreter, op: vector.ShuffleOp, args: PythonValues
    ) -> PythonValues:
        """Lanes of two vectors, by their numbers."""
        return (np.concatenate(args)[list(op.mask.get_values())],)

    @impl(vector.FMAOp)
    def run_fma(
        self, interpreter: Interpreter, op: vector.FMAOp, args: PythonValues
    ) -> PythonValues:
        """Rounded once."""
        return (fused_multiply_add(*args),)

    @impl(vector.ReductionOp)
    def run_reduction(
        self, interpreter: Interpreter, op: vector.ReductionOp, args: PythonValues
    ) -> PythonValues:
        """The lanes combined, then what was there before with that."""
        value = reduced(op.kind.data, args[0])
        if op.acc is not None:
            value = COMBINATIONS[op.kind.data](args[1], value)
        return (np.asarray(value),)
