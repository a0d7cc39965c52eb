"""
`memref` on arrays: buffers are arrays that operations change in place.

A view of a buffer is a numpy view of its array, so what overlaps in the arenas of a
lowered module overlaps here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.lib.stride_tricks import as_strided
from xdsl.dialects import memref
from xdsl.dialects.builtin import (
    DenseIntOrFPElementsAttr,
    MemRefType,
)
from xdsl.interpreter import (
    Interpreter,
    InterpreterFunctions,
    PythonValues,
    impl,
    register_impls,
)
from xdsl.ir import Attribute
from xdsl.utils.exceptions import InterpretationError
from xdsl.utils.hints import isa

from .builtin import Array, array_of, dtype_of, poison, shape_of
from .tensor import element, mixed, slices


def reshaped_view(array: Array, shape: Sequence[int]) -> Array:
    """`array` in another shape, without a copy."""
    result = array.reshape(shape)
    if not np.shares_memory(result, array):
        raise InterpretationError(
            f"a view of shape {tuple(shape)} must not need a copy, "
            f"got strides {array.strides} for shape {array.shape}"
        )
    return result


def start_of(type_: Attribute) -> int | None:
    """Where a memref begins in its buffer, in elements; None when only known later."""
    assert isa(type_, MemRefType[Attribute]), "the operand is a memref"
    return type_.get_offset()


def reach(shape: Sequence[int], strides: Sequence[int]) -> int:
    """How far the last element is from the first."""
    return sum((n - 1) * step for n, step in zip(shape, strides, strict=True))


def reach_of(array: Array) -> int:
    """How far the last element of a view is from the first, in elements."""
    return reach(array.shape, array.strides) // array.itemsize


def without_units(array: Array, shape: Sequence[int]) -> Array:
    """A view of `array` that leaves out dimensions of size 1, so as to have `shape`."""
    wanted, index = list(shape), list[int | slice]()
    for size in array.shape:
        keep = bool(wanted) and wanted[0] == size
        index.append(slice(None) if keep else 0)
        wanted = wanted[1:] if keep else wanted
    result = array[tuple(index)]
    assert result.shape == tuple(shape), "the verifier compares the sizes"
    return result


@register_impls
class MemRefFunctions(InterpreterFunctions):
    """Buffers, their views, and single elements."""

    @impl(memref.AllocOp)
    def run_alloc(
        self, interpreter: Interpreter, op: memref.AllocOp, args: PythonValues
    ) -> PythonValues:
        """A buffer that nobody has written."""
        type_ = op.memref.type
        return (poison(shape_of(type_), dtype_of(type_)),)

    @impl(memref.GetGlobalOp)
    def run_get_global(
        self, interpreter: Interpreter, op: memref.GetGlobalOp, args: PythonValues
    ) -> PythonValues:
        """The one array of a global; read-only when it is constant."""
        name = op.name_.string_value()
        globals_: dict[str, Array] = interpreter.get_data(
            MemRefFunctions, "globals", dict
        )
        if name not in globals_:
            definition = interpreter.get_op_for_symbol(op.name_)
            assert isinstance(definition, memref.GlobalOp), "the symbol is a global"
            globals_[name] = global_value(definition)
        return (globals_[name],)

    @impl(memref.ViewOp)
    def run_view(
        self, interpreter: Interpreter, op: memref.ViewOp, args: PythonValues
    ) -> PythonValues:
        """Bytes of an arena under another type."""
        arena, start = args[0], int(args[1])
        type_ = op.result.type
        dtype, shape = dtype_of(type_), shape_of(type_)
        end = start + dtype.itemsize * int(np.prod(shape))
        if not 0 <= start <= end <= arena.size:
            raise InterpretationError(
                f"view must stay inside {arena.size} bytes, got {start} to {end}"
            )
        return (arena[start:end].view(dtype).reshape(shape),)

    @impl(memref.SubviewOp)
    def run_subview(
        self, interpreter: Interpreter, op: memref.SubviewOp, args: PythonValues
    ) -> PythonValues:
        """A strided part of a buffer."""
        offsets, rest = args[1 : 1 + len(op.offsets)], args[1 + len(op.offsets) :]
        part = slices(
            args[0].shape,
            mixed(op.static_offsets, offsets),
            mixed(op.static_sizes, rest[: len(op.sizes)]),
            mixed(op.static_strides, rest[len(op.sizes) :]),
        )
        return (without_units(args[0][part], shape_of(op.result.type)),)

    @impl(memref.CollapseShapeOp)
    def run_collapse_shape(
        self, interpreter: Interpreter, op: memref.CollapseShapeOp, args: PythonValues
    ) -> PythonValues:
        """Neighbouring dimensions merged."""
        return (reshaped_view(args[0], shape_of(op.result.type)),)

    @impl(memref.ExpandShapeOp)
    def run_expand_shape(
        self, interpreter: Interpreter, op: memref.ExpandShapeOp, args: PythonValues
    ) -> PythonValues:
        """Dimensions split."""
        return (reshaped_view(args[0], shape_of(op.result.type)),)

    @impl(memref.CastOp)
    def run_cast(
        self, interpreter: Interpreter, op: memref.CastOp, args: PythonValues
    ) -> PythonValues:
        """The same buffer under another type."""
        return args

    @impl(memref.ReinterpretCastOp)
    def run_reinterpret_cast(
        self, interpreter: Interpreter, op: memref.ReinterpretCastOp, args: PythonValues
    ) -> PythonValues:
        """Elements of the operand, from its first one on, under other strides."""
        source, shape = args[0], shape_of(op.result.type)
        if op.offsets or op.sizes or op.strides:
            raise InterpretationError("memref.reinterpret_cast must be static")
        steps = op.static_strides.get_values()
        same_start = start_of(op.source.type) == op.static_offsets.get_values()[0]
        if not same_start or reach(shape, steps) > reach_of(source):
            raise InterpretationError("memref.reinterpret_cast must stay inside")
        strides = [step * source.itemsize for step in steps]
        return (as_strided(source, shape, strides),)

    @impl(memref.LoadOp)
    def run_load(
        self, interpreter: Interpreter, op: memref.LoadOp, args: PythonValues
    ) -> PythonValues:
        """One element; in a body, an element per parallel iteration."""
        return (np.array(element(args[0], args[1:])),)

    @impl(memref.StoreOp)
    def run_store(
        self, interpreter: Interpreter, op: memref.StoreOp, args: PythonValues
    ) -> PythonValues:
        """One element changed."""
        value, buffer, *indices = args
        element(buffer, indices)
        buffer[tuple(indices)] = value
        return ()

    @impl(memref.CopyOp)
    def run_copy(
        self, interpreter: Interpreter, op: memref.CopyOp, args: PythonValues
    ) -> PythonValues:
        """All elements of one buffer into another."""
        source, destination = args
        destination[...] = source
        return ()


def global_value(definition: memref.GlobalOp) -> Array:
    """The initial contents of a global; read-only when it is constant."""
    initial = definition.initial_value
    if isinstance(initial, DenseIntOrFPElementsAttr):
        value = array_of(cast(DenseIntOrFPElementsAttr[Any], initial))
    else:
        value = poison(shape_of(definition.type), dtype_of(definition.type))
    if definition.constant is None:
        return np.array(value)
    value.flags.writeable = False
    return value
