"""The operation of `nn` that reads at computed places."""

from __future__ import annotations

from collections.abc import Sequence

from typing_extensions import override
from xdsl.dialects.builtin import IntegerType, TensorType
from xdsl.ir import SSAValue
from xdsl.irdl import (
    irdl_op_definition,
    operand_def,
    prop_def,
    result_def,
    var_operand_def,
)
from xdsl.utils.exceptions import VerifyException

from .base import (
    AnyTensor,
    NNOp,
    broadcast_shapes,
    int_array,
    shape_of,
    tensor_type,
)
from .shaping import I64Array

INDEX_TYPES = (IntegerType(32), IntegerType(64))


@irdl_op_definition
class TakeOp(NNOp):
    """
    Elements of `source` at computed places.

    Dimension `axes[i]` of the source is read at `indices[i]`, whose shape broadcasts to
    the result's; every other dimension, in order, goes along one dimension of the
    result, `along`. An index below zero counts from the end. One that is still outside
    reads the entry next to it.

    ```mlir
    %y = nn.take(%x, %i) {axes = array<i64: 0>, along = array<i64: 1>}
        : (tensor<100x8xf32>, tensor<4x1xi64>) -> tensor<4x8xf32>
    ```
    """

    name = "nn.take"

    source = operand_def(AnyTensor)
    indices = var_operand_def(AnyTensor)
    axes = prop_def(I64Array)
    along = prop_def(I64Array)
    result = result_def(AnyTensor)

    def __init__(
        self,
        source: SSAValue,
        indices: Sequence[SSAValue],
        axes: Sequence[int],
        along: Sequence[int],
        shape: Sequence[int],
    ) -> None:
        result = TensorType(tensor_type(source).element_type, shape)
        super().__init__(
            operands=[source, indices],
            result_types=[result],
            properties={"axes": int_array(axes), "along": int_array(along)},
        )

    @property
    def kept_axes(self) -> tuple[int, ...]:
        """The dimensions of the source that no index selects from."""
        axes = self.axes.get_values()
        rank = len(shape_of(self.source))
        return tuple(axis for axis in range(rank) if axis not in axes)

    @override
    def verify_(self) -> None:
        source, result = tensor_type(self.source), tensor_type(self.result)
        if source.element_type != result.element_type:
            raise VerifyException(
                f"result element type must be {source.element_type}, "
                f"got {result.element_type}"
            )
        self._verify_axes()
        self._verify_indices()

    def _verify_axes(self) -> None:
        axes, rank = self.axes.get_values(), len(shape_of(self.source))
        if not len(axes) == len(set(axes)) == len(self.indices) or not all(
            0 <= axis < rank for axis in axes
        ):
            raise VerifyException(
                f"axes must be {len(self.indices)} dimensions of the {rank}, one for "
                f"each operand of indices, got {list(axes)}"
            )
        sizes, shape = shape_of(self.source), shape_of(self.result)
        along = self.along.get_values()
        fits = len(along) == len(set(along)) == len(self.kept_axes) and all(
            0 <= place < len(shape) and shape[place] == sizes[axis]
            for axis, place in zip(self.kept_axes, along, strict=True)
        )
        if not fits:
            kept = [sizes[axis] for axis in self.kept_axes]
            raise VerifyException(
                f"along must be dimensions of {list(shape)} that have sizes {kept}, "
                f"got {list(along)}"
            )

    def _verify_indices(self) -> None:
        shape = shape_of(self.result)
        for value in self.indices:
            element = tensor_type(value).element_type
            if element not in INDEX_TYPES:
                raise VerifyException(f"indices must be i32 or i64, got {element}")
            if broadcast_shapes(shape_of(value), shape) != shape:
                raise VerifyException(
                    f"indices must broadcast to {list(shape)}, "
                    f"got {list(shape_of(value))}"
                )
