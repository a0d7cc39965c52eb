"""
`tensor` and `bufferization` on arrays.

Tensors are values: whatever would change one works on a copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from xdsl.dialects import bufferization, tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX, DenseArrayBase
from xdsl.interpreter import (
    Interpreter,
    InterpreterFunctions,
    PythonValues,
    ReturnedValues,
    TerminatorValue,
    impl,
    impl_terminator,
    register_impls,
)
from xdsl.utils.exceptions import InterpretationError

from .builtin import Array, dtype_of, poison, shape_of


def mixed(static: DenseArrayBase[Any], dynamic: Sequence[Array]) -> list[int]:
    """A list of static numbers with the dynamic ones filled in, in order."""
    rest = iter(dynamic)
    values = cast(Sequence[int], static.get_values())
    return [int(next(rest)) if value == DYNAMIC_INDEX else value for value in values]


def slices(
    shape: Sequence[int],
    offsets: Sequence[int],
    sizes: Sequence[int],
    strides: Sequence[int],
) -> tuple[slice, ...]:
    """
    The numpy index of a slice of an array of `shape`.

    Raises InterpretationError when the slice leaves the array.
    """
    for axis, (total, offset, size, stride) in enumerate(
        zip(shape, offsets, sizes, strides, strict=True)
    ):
        last = offset + (size - 1) * stride
        if size and not (0 <= offset < total and 0 <= last < total):
            raise InterpretationError(
                f"slice must stay inside dimension {axis} of size {total}, "
                f"got indices {offset} to {last}"
            )
    return tuple(
        slice(offset, offset + (size - 1) * stride + 1 if size else offset, stride)
        for offset, size, stride in zip(offsets, sizes, strides, strict=True)
    )


def slice_of(
    op: tensor.ExtractSliceOp | tensor.InsertSliceOp,
    whole: Array,
    dynamic: Sequence[Array],
) -> tuple[slice, ...]:
    """The part of `whole` that a slicing operation is about."""
    starts, rest = dynamic[: len(op.offsets)], dynamic[len(op.offsets) :]
    return slices(
        whole.shape,
        mixed(op.static_offsets, starts),
        mixed(op.static_sizes, rest[: len(op.sizes)]),
        mixed(op.static_strides, rest[len(op.sizes) :]),
    )


def element(array: Array, indices: Sequence[Array]) -> Array:
    """
    The elements at `indices`, arrays that broadcast against each other.

    Raises InterpretationError for an index outside: numpy would count from the end.
    """
    for axis, (index, size) in enumerate(zip(indices, array.shape, strict=True)):
        low, high = (index.min(), index.max()) if index.ndim else (index, index)
        if low < 0 or high >= size:
            raise InterpretationError(
                f"index must be inside dimension {axis} of size {size}, "
                f"got {low} to {high}"
            )
    return np.asarray(array[tuple(indices)])


@register_impls
class TensorFunctions(InterpreterFunctions):
    """What makes, reshapes, cuts and joins tensors."""

    @impl(tensor.EmptyOp)
    def run_empty(
        self, interpreter: Interpreter, op: tensor.EmptyOp, args: PythonValues
    ) -> PythonValues:
        """Elements that nobody may depend on."""
        type_ = op.tensor.type
        return (poison(shape_of(type_), dtype_of(type_)),)

    @impl(bufferization.AllocTensorOp)
    def run_alloc_tensor(
        self,
        interpreter: Interpreter,
        op: bufferization.AllocTensorOp,
        args: PythonValues,
    ) -> PythonValues:
        """A tensor in a memory of its own: a copy, or not yet written."""
        type_ = op.tensor.type
        if op.copy is not None:
            return (np.array(args[len(op.dynamic_sizes)]),)
        return (poison(shape_of(type_), dtype_of(type_)),)

    @impl(tensor.PadOp)
    def run_pad(
        self, interpreter: Interpreter, op: tensor.PadOp, args: PythonValues
    ) -> PythonValues:
        """The region gives the value for each place, on arrays of all indices."""
        source, dynamic = args[0], args[1:]
        low = mixed(op.static_low, dynamic[: len(op.low)])
        high = mixed(op.static_high, dynamic[len(op.low) :])
        shape = [sum(n) for n in zip(low, source.shape, high, strict=True)]
        places = tuple(np.ogrid[tuple(slice(0, n) for n in shape)])
        (value,) = interpreter.run_ssacfg_region(op.region, places, op.name)
        result = np.array(np.broadcast_to(value, shape))
        result[slices(shape, low, source.shape, [1] * source.ndim)] = source
        return (result,)

    @impl_terminator(tensor.YieldOp)
    def run_yield(
        self, interpreter: Interpreter, op: tensor.YieldOp, args: PythonValues
    ) -> tuple[TerminatorValue, PythonValues]:
        """Ends the region of `tensor.pad`."""
        return ReturnedValues(args), ()

    @impl(tensor.ExtractSliceOp)
    def run_extract_slice(
        self, interpreter: Interpreter, op: tensor.ExtractSliceOp, args: PythonValues
    ) -> PythonValues:
        """A part; the result's type may leave out dimensions of size 1."""
        part = args[0][slice_of(op, args[0], args[1:])]
        return (part.reshape(shape_of(op.result.type)),)

    @impl(tensor.InsertSliceOp)
    def run_insert_slice(
        self, interpreter: Interpreter, op: tensor.InsertSliceOp, args: PythonValues
    ) -> PythonValues:
        """A copy of the destination with a part replaced."""
        result = np.array(args[1])
        part = slice_of(op, result, args[2:])
        result[part] = args[0].reshape(result[part].shape)
        return (result,)

    @impl(tensor.CollapseShapeOp)
    def run_collapse_shape(
        self, interpreter: Interpreter, op: tensor.CollapseShapeOp, args: PythonValues
    ) -> PythonValues:
        """Neighbouring dimensions merged."""
        return (args[0].reshape(shape_of(op.result.type)),)

    @impl(tensor.ExpandShapeOp)
    def run_expand_shape(
        self, interpreter: Interpreter, op: tensor.ExpandShapeOp, args: PythonValues
    ) -> PythonValues:
        """Dimensions split."""
        return (args[0].reshape(shape_of(op.result.type)),)

    @impl(tensor.CastOp)
    def run_cast(
        self, interpreter: Interpreter, op: tensor.CastOp, args: PythonValues
    ) -> PythonValues:
        """The same tensor under a more or less static type."""
        return args

    @impl(tensor.ConcatOp)
    def run_concat(
        self, interpreter: Interpreter, op: tensor.ConcatOp, args: PythonValues
    ) -> PythonValues:
        """The operands one after the other."""
        return (np.concatenate(args, op.dim.value.data),)

    @impl(tensor.SplatOp)
    def run_splat(
        self, interpreter: Interpreter, op: tensor.SplatOp, args: PythonValues
    ) -> PythonValues:
        """One value everywhere."""
        return (np.full(shape_of(op.result.type), args[0]),)

    @impl(tensor.ExtractOp)
    def run_extract(
        self, interpreter: Interpreter, op: tensor.ExtractOp, args: PythonValues
    ) -> PythonValues:
        """One element; in a body, an element per parallel iteration."""
        return (element(args[0], args[1:]),)
