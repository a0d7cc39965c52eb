"""Operations of `nn` that move elements and compute nothing."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from typing_extensions import override
from xdsl.dialects.builtin import (
    DenseArrayBase,
    FloatAttr,
    IntegerAttr,
    IntegerType,
    TensorType,
    i64,
)
from xdsl.ir import Attribute, SSAValue
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
    int_array,
    shape_of,
    signless,
    tensor_type,
    verify_shape,
)

I64Array = DenseArrayBase[IntegerType]


def _one_type(op: NNOp) -> None:
    types = {tensor_type(v).element_type for v in (*op.operands, *op.results)}
    if len(types) != 1:
        raise VerifyException(
            "operands and result must have one element type, got "
            + ", ".join(sorted(map(str, types)))
        )


@irdl_op_definition
class ReshapeOp(NNOp):
    """
    The same elements in the same row-major order under another shape.

    `%y = nn.reshape(%x) : (tensor<2x3xf32>) -> tensor<6xf32>`
    """

    name = "nn.reshape"

    input = operand_def(AnyTensor)
    result = result_def(AnyTensor)

    def __init__(self, input: SSAValue, shape: Sequence[int]) -> None:
        result = TensorType(tensor_type(input).element_type, shape)
        super().__init__(operands=[input], result_types=[result])

    @override
    def verify_(self) -> None:
        _one_type(self)
        before, after = shape_of(self.input), shape_of(self.result)
        if prod(before) != prod(after):
            raise VerifyException(
                f"element counts must agree, got {list(before)} and {list(after)}"
            )


@irdl_op_definition
class TransposeOp(NNOp):
    """
    Result dimension `i` is the input's dimension `permutation[i]`.

    ```mlir
    %y = nn.transpose(%x) {permutation = array<i64: 1, 0>}
        : (tensor<2x3xf32>) -> tensor<3x2xf32>
    ```
    """

    name = "nn.transpose"

    input = operand_def(AnyTensor)
    permutation = prop_def(I64Array)
    result = result_def(AnyTensor)

    def __init__(self, input: SSAValue, permutation: Sequence[int]) -> None:
        shape = [shape_of(input)[axis] for axis in permutation]
        super().__init__(
            operands=[input],
            result_types=[TensorType(tensor_type(input).element_type, shape)],
            properties={"permutation": int_array(permutation)},
        )

    @override
    def verify_(self) -> None:
        _one_type(self)
        permutation = self.permutation.get_values()
        shape = shape_of(self.input)
        if sorted(permutation) != list(range(len(shape))):
            raise VerifyException(
                f"permutation must order the {len(shape)} dimensions, "
                f"got {list(permutation)}"
            )
        verify_shape(self, [shape[axis] for axis in permutation])


@irdl_op_definition
class ConcatOp(NNOp):
    """
    Operands one after the other along `axis`.

    ```mlir
    %y = nn.concat(%a, %b) {axis = 0 : i64}
        : (tensor<2x3xf32>, tensor<1x3xf32>) -> tensor<3x3xf32>
    ```
    """

    name = "nn.concat"

    inputs = var_operand_def(AnyTensor)
    axis = prop_def(IntegerAttr[IntegerType])
    result = result_def(AnyTensor)

    def __init__(self, inputs: Sequence[SSAValue], axis: int) -> None:
        shape = list(shape_of(inputs[0]))
        shape[axis] = sum(shape_of(value)[axis] for value in inputs)
        super().__init__(
            operands=[inputs],
            result_types=[TensorType(tensor_type(inputs[0]).element_type, shape)],
            properties={"axis": IntegerAttr(axis, i64)},
        )

    @override
    def verify_(self) -> None:
        if not self.inputs:
            raise VerifyException("expected one operand or more, got none")
        _one_type(self)
        axis, first = self.axis.value.data, shape_of(self.inputs[0])
        if not 0 <= axis < len(first):
            raise VerifyException(f"axis must be within rank {len(first)}, got {axis}")
        for value in self.inputs:
            shape = shape_of(value)
            if shape[:axis] + shape[axis + 1 :] != first[:axis] + first[axis + 1 :]:
                raise VerifyException(
                    f"operands must agree but for axis {axis}, "
                    f"got {list(first)} and {list(shape)}"
                )
        total = sum(shape_of(value)[axis] for value in self.inputs)
        verify_shape(self, (*first[:axis], total, *first[axis + 1 :]))


@irdl_op_definition
class SliceOp(NNOp):
    """
    Elements `starts[i] + k * steps[i]` of each dimension, as many as the result has.

    A step may be negative; every element read lies inside the input.

    ```mlir
    %y = nn.slice(%x) {starts = array<i64: 1>, steps = array<i64: 2>}
        : (tensor<8xf32>) -> tensor<3xf32>
    ```
    """

    name = "nn.slice"

    input = operand_def(AnyTensor)
    starts = prop_def(I64Array)
    steps = prop_def(I64Array)
    result = result_def(AnyTensor)

    def __init__(
        self,
        input: SSAValue,
        starts: Sequence[int],
        steps: Sequence[int],
        sizes: Sequence[int],
    ) -> None:
        super().__init__(
            operands=[input],
            result_types=[TensorType(tensor_type(input).element_type, sizes)],
            properties={"starts": int_array(starts), "steps": int_array(steps)},
        )

    @override
    def verify_(self) -> None:
        _one_type(self)
        source, sizes = shape_of(self.input), shape_of(self.result)
        starts, steps = self.starts.get_values(), self.steps.get_values()
        if not len(starts) == len(steps) == len(source) == len(sizes):
            raise VerifyException(
                f"starts, steps and result must have rank {len(source)}, got "
                f"{len(starts)}, {len(steps)}, {len(sizes)}"
            )
        for axis, start in enumerate(starts):
            last = start + (sizes[axis] - 1) * steps[axis]
            if not (0 <= start < source[axis] and 0 <= last < source[axis]):
                raise VerifyException(
                    f"elements {start} to {last} of dimension {axis} must lie within "
                    f"its {source[axis]}"
                )


@irdl_op_definition
class PadOp(NNOp):
    """
    `low[i]` and `high[i]` elements of `value` around dimension `i`.

    ```mlir
    %y = nn.pad(%x) {low = array<i64: 1>, high = array<i64: 0>, value = 0.0 : f32}
        : (tensor<4xf32>) -> tensor<5xf32>
    ```
    """

    name = "nn.pad"

    input = operand_def(AnyTensor)
    low = prop_def(I64Array)
    high = prop_def(I64Array)
    value = prop_def(FloatAttr | IntegerAttr[IntegerType])
    result = result_def(AnyTensor)

    def __init__(
        self,
        input: SSAValue,
        low: Sequence[int],
        high: Sequence[int],
        value: Attribute,
    ) -> None:
        sizes = zip(low, shape_of(input), high, strict=True)
        shape = [sum(parts) for parts in sizes]
        super().__init__(
            operands=[input],
            result_types=[TensorType(tensor_type(input).element_type, shape)],
            properties={
                "low": int_array(low),
                "high": int_array(high),
                "value": value,
            },
        )

    @override
    def verify_(self) -> None:
        _one_type(self)
        low, high = self.low.get_values(), self.high.get_values()
        shape = shape_of(self.input)
        if not len(low) == len(high) == len(shape) or min(low + high, default=0) < 0:
            raise VerifyException(
                f"low and high must be {len(shape)} sizes, not negative, got "
                f"{list(low)} and {list(high)}"
            )
        element = signless(tensor_type(self.input).element_type)
        if self.value.type != element:
            raise VerifyException(f"value must be {element}, got {self.value.type}")
        sizes = zip(low, shape, high, strict=True)
        verify_shape(self, [sum(parts) for parts in sizes])


@irdl_op_definition
class GatherOp(NNOp):
    """
    The entries `indices` of dimension `axis`, in that order; the indices are constant.

    ```mlir
    %y = nn.gather(%x) {axis = 0 : i64, indices = array<i64: 2, 0, 2>}
        : (tensor<4x5xf32>) -> tensor<3x5xf32>
    ```
    """

    name = "nn.gather"

    input = operand_def(AnyTensor)
    axis = prop_def(IntegerAttr[IntegerType])
    indices = prop_def(I64Array)
    result = result_def(AnyTensor)

    def __init__(self, input: SSAValue, axis: int, indices: Sequence[int]) -> None:
        shape = list(shape_of(input))
        shape[axis] = len(indices)
        super().__init__(
            operands=[input],
            result_types=[TensorType(tensor_type(input).element_type, shape)],
            properties={
                "axis": IntegerAttr(axis, i64),
                "indices": int_array(indices),
            },
        )

    @override
    def verify_(self) -> None:
        _one_type(self)
        axis, shape = self.axis.value.data, list(shape_of(self.input))
        if not 0 <= axis < len(shape):
            raise VerifyException(f"axis must be within rank {len(shape)}, got {axis}")
        indices = self.indices.get_values()
        for index in indices:
            if not 0 <= index < shape[axis]:
                raise VerifyException(
                    f"index must be within the {shape[axis]} entries, got {index}"
                )
        shape[axis] = len(indices)
        verify_shape(self, shape)
