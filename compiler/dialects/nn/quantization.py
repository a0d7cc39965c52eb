"""
Quantisation in `nn`: ONNX's QuantizeLinear and DequantizeLinear with constant scales,
and look-up in a table.
"""

from __future__ import annotations

from abc import ABC

from typing_extensions import override
from xdsl.dialects.builtin import (
    DenseIntOrFPElementsAttr,
    IntegerAttr,
    IntegerType,
    TensorType,
    i64,
)
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import (
    irdl_op_definition,
    operand_def,
    opt_prop_def,
    prop_def,
    result_def,
)
from xdsl.utils.exceptions import VerifyException

from .base import (
    AnyTensor,
    NNOp,
    Tensor,
    is_float,
    opt_int,
    shape_of,
    signless,
    tensor_type,
    verify_shape,
)
from .constant import Elements

LOOKUP_ENTRIES = 256
"""One entry per value of a byte."""


class QuantizationOp(NNOp, ABC):
    """
    An affine map between reals and integers, `real = (integer - zero_point) * scale`.

    `scale` is `tensor<f32>`, or `tensor<Cxf32>` with one entry per index of `axis`;
    `zero_point` has the same shape and the integer's type and is zero where absent.
    """

    input = operand_def(AnyTensor)
    result = result_def(AnyTensor)

    scale = prop_def(DenseIntOrFPElementsAttr)
    zero_point = opt_prop_def(DenseIntOrFPElementsAttr)
    axis = opt_prop_def(IntegerAttr[IntegerType])

    def __init__(
        self,
        input: SSAValue,
        element_type: Attribute,
        scale: Elements,
        zero_point: Elements | None = None,
        axis: int | None = None,
    ) -> None:
        super().__init__(
            operands=[input],
            result_types=[TensorType(element_type, shape_of(input))],
            properties={
                "scale": scale,
                "zero_point": zero_point,
                "axis": opt_int(axis, i64),
            },
        )

    def verify_parameters(self, integers: Tensor, reals: Tensor) -> None:
        """Raises VerifyException when scale, zero point and axis disagree."""
        if is_float(integers.element_type) or not is_float(reals.element_type):
            raise VerifyException(
                f"expected integers and reals, got {integers} and {reals}"
            )
        verify_shape(self, shape_of(self.input))
        expected: tuple[int, ...] = ()
        if self.axis is not None:
            axis = self.axis.value.data
            if not 0 <= axis < len(integers.get_shape()):
                raise VerifyException(f"axis must be within the rank, got {axis}")
            expected = (integers.get_shape()[axis],)
        for name in ("scale", "zero_point"):
            _verify_parameter(name, self.properties.get(name), expected)
        zero_point = self.zero_point
        if zero_point and zero_point.get_element_type() != integers.element_type:
            raise VerifyException(
                f"zero_point must be {integers.element_type}, "
                f"got {zero_point.get_element_type()}"
            )


def _verify_parameter(
    name: str, value: Attribute | None, expected: tuple[int, ...]
) -> None:
    if not isinstance(value, DenseIntOrFPElementsAttr):
        return
    if tuple(value.get_shape()) != expected:
        got = list(value.get_shape())
        raise VerifyException(f"{name} must have shape {list(expected)}, got {got}")


@irdl_op_definition
class QuantizeOp(QuantizationOp):
    """
    `saturate(round_half_to_even(input / scale) + zero_point)`.

    ```mlir
    %q = nn.quantize(%x) {scale = dense<0.5> : tensor<f32>,
        zero_point = dense<3> : tensor<i8>} : (tensor<4xf32>) -> tensor<4xi8>
    ```
    """

    name = "nn.quantize"

    @override
    def verify_(self) -> None:
        self.verify_parameters(tensor_type(self.result), tensor_type(self.input))


@irdl_op_definition
class DequantizeOp(QuantizationOp):
    """
    `(input - zero_point) * scale`.

    ```mlir
    %x = nn.dequantize(%q) {scale = dense<[0.5, 0.25]> : tensor<2xf32>, axis = 0 : i64}
        : (tensor<2x4xi8>) -> tensor<2x4xf32>
    ```
    """

    name = "nn.dequantize"

    @override
    def verify_(self) -> None:
        self.verify_parameters(tensor_type(self.input), tensor_type(self.result))


@irdl_op_definition
class LookupOp(NNOp):
    """
    The entry of a table of 256 that each byte selects.

    The index is the byte read as unsigned: entry 128 belongs to -128 of `i8` and to 128
    of `ui8`.

    ```mlir
    %y = nn.lookup(%x, %table) : (tensor<4xi8>, tensor<256xi8>) -> tensor<4xi8>
    ```
    """

    name = "nn.lookup"

    input = operand_def(AnyTensor)
    table = operand_def(AnyTensor)
    result = result_def(AnyTensor)

    def __init__(self, input: SSAValue, table: SSAValue) -> None:
        result = TensorType(tensor_type(table).element_type, shape_of(input))
        super().__init__(operands=[input, table], result_types=[result])

    @override
    def verify_(self) -> None:
        element = tensor_type(self.input).element_type
        if signless(element) != IntegerType(8):
            raise VerifyException(f"input must hold bytes, got {element}")
        if shape_of(self.table) != (LOOKUP_ENTRIES,):
            got = list(shape_of(self.table))
            raise VerifyException(
                f"table must have shape [{LOOKUP_ENTRIES}], got {got}"
            )
        table, result = tensor_type(self.table), tensor_type(self.result)
        if table.element_type != result.element_type:
            raise VerifyException(
                f"result element type must be {table.element_type}, "
                f"got {result.element_type}"
            )
        verify_shape(self, shape_of(self.input))
