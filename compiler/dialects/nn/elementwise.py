"""
Elementwise operations of `nn`, with numpy broadcasting.

`nn.elementwise` is the general form: it carries its meaning as a scalar region, and
fuse merges chains of the named ones into it.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence
from typing import ClassVar

from typing_extensions import override
from xdsl.dialects.builtin import (
    TensorType,
)
from xdsl.ir import Attribute, Region, SSAValue
from xdsl.irdl import (
    irdl_op_definition,
    operand_def,
    region_def,
    result_def,
    var_operand_def,
)
from xdsl.utils.exceptions import VerifyException

from .base import (
    AnyTensor,
    NNOp,
    Tensor,
    broadcast_shapes,
    shape_of,
    tensor_type,
    verify_region,
    verify_shape,
)


def _verify_broadcast(op: NNOp) -> None:
    shapes = [shape_of(value) for value in op.operands]
    if (shape := broadcast_shapes(*shapes)) is None:
        raise VerifyException(
            f"operands must broadcast, got {', '.join(str(list(s)) for s in shapes)}"
        )
    verify_shape(op, shape)


@irdl_op_definition
class ElementwiseOp(NNOp):
    """
    A scalar function of the elements of its operands, which broadcast like numpy's.

    The region has one argument per operand, of the signless element type.

    ```mlir
    %y = nn.elementwise(%a, %b) do {
    ^bb0(%x: f32, %z: f32):
      %r = arith.addf %x, %z : f32
      nn.yield %r : f32
    } : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
    ```
    """

    name = "nn.elementwise"

    inputs = var_operand_def(AnyTensor)
    body = region_def("single_block")
    result = result_def(AnyTensor)

    def __init__(
        self, inputs: Sequence[SSAValue], result_type: Tensor, body: Region
    ) -> None:
        super().__init__(operands=[inputs], result_types=[result_type], regions=[body])

    @override
    def verify_(self) -> None:
        _verify_broadcast(self)
        elements = [tensor_type(value).element_type for value in self.inputs]
        verify_region(self.body, elements, tensor_type(self.result).element_type)


class NamedElementwiseOp(NNOp, ABC):
    """An elementwise operation by its ONNX name; operands have one element type."""

    result = result_def(AnyTensor)

    KEEPS_TYPE: ClassVar[bool] = True
    """Whether the result has the operands' element type."""

    @override
    def verify_(self) -> None:
        _verify_broadcast(self)
        types = {tensor_type(value).element_type for value in self.operands}
        if len(types) != 1:
            raise VerifyException(
                f"operands must have one element type, got {', '.join(map(str, types))}"
            )
        result = tensor_type(self.result).element_type
        if self.KEEPS_TYPE and types != {result}:
            raise VerifyException(
                f"result element type must be {types.pop()}, got {result}"
            )


class UnaryOp(NamedElementwiseOp, ABC):
    """An elementwise operation of one operand."""

    input = operand_def(AnyTensor)

    def __init__(self, input: SSAValue, **properties: Attribute | None) -> None:
        super().__init__(
            operands=[input], result_types=[input.type], properties=properties
        )


class BinaryOp(NamedElementwiseOp, ABC):
    """An elementwise operation of two operands that broadcast."""

    lhs = operand_def(AnyTensor)
    rhs = operand_def(AnyTensor)

    def __init__(self, lhs: SSAValue, rhs: SSAValue) -> None:
        shape = broadcast_shapes(shape_of(lhs), shape_of(rhs))
        if shape is None:
            raise VerifyException(
                "operands must broadcast, got "
                f"{list(shape_of(lhs))}, {list(shape_of(rhs))}"
            )
        result = TensorType(tensor_type(lhs).element_type, shape)
        super().__init__(operands=[lhs, rhs], result_types=[result])


@irdl_op_definition
class AddOp(BinaryOp):
    """`lhs + rhs`. `%y = nn.add(%a, %b) : (tensor<4xf32>, …) -> tensor<4xf32>`"""

    name = "nn.add"


@irdl_op_definition
class SubOp(BinaryOp):
    """`lhs - rhs`. `%y = nn.sub(%a, %b) : (tensor<4xf32>, …) -> tensor<4xf32>`"""

    name = "nn.sub"


@irdl_op_definition
class MulOp(BinaryOp):
    """`lhs * rhs`. `%y = nn.mul(%a, %b) : (tensor<4xf32>, …) -> tensor<4xf32>`"""

    name = "nn.mul"


@irdl_op_definition
class DivOp(BinaryOp):
    """
    `lhs / rhs`, truncating for integers.

    An integer divided by zero has all bits set; the least one wraps around by -1.
    `%y = nn.div(%a, %b) : …`
    """

    name = "nn.div"


@irdl_op_definition
class PowOp(BinaryOp):
    """`lhs ** rhs`. `%y = nn.pow(%a, %b) : (tensor<4xf32>, …) -> tensor<4xf32>`"""

    name = "nn.pow"


@irdl_op_definition
class MinOp(BinaryOp):
    """The smaller element. `%y = nn.min(%a, %b) : (tensor<4xf32>, …) -> …`"""

    name = "nn.min"


@irdl_op_definition
class MaxOp(BinaryOp):
    """The larger element. `%y = nn.max(%a, %b) : (tensor<4xf32>, …) -> …`"""

    name = "nn.max"


@irdl_op_definition
class NegOp(UnaryOp):
    """`-input`. `%y = nn.neg(%x) : (tensor<4xf32>) -> tensor<4xf32>`"""

    name = "nn.neg"


@irdl_op_definition
class AbsOp(UnaryOp):
    """`|input|`. `%y = nn.abs(%x) : (tensor<4xf32>) -> tensor<4xf32>`"""

    name = "nn.abs"


@irdl_op_definition
class SqrtOp(UnaryOp):
    """The square root. `%y = nn.sqrt(%x) : (tensor<4xf32>) -> tensor<4xf32>`"""

    name = "nn.sqrt"


@irdl_op_definition
class ExpOp(UnaryOp):
    """`e ** input`. `%y = nn.exp(%x) : (tensor<4xf32>) -> tensor<4xf32>`"""

    name = "nn.exp"


@irdl_op_definition
class LogOp(UnaryOp):
    """The natural logarithm. `%y = nn.log(%x) : (tensor<4xf32>) -> …`"""

    name = "nn.log"


@irdl_op_definition
class ErfOp(UnaryOp):
    """The error function. `%y = nn.erf(%x) : (tensor<4xf32>) -> tensor<4xf32>`"""

    name = "nn.erf"


@irdl_op_definition
class TanhOp(UnaryOp):
    """The hyperbolic tangent. `%y = nn.tanh(%x) : (tensor<4xf32>) -> …`"""

    name = "nn.tanh"


@irdl_op_definition
class CastOp(NamedElementwiseOp):
    """
    ONNX's `Cast`: floats truncate towards zero, integers wrap, bool is `!= 0`.

    `%y = nn.cast(%x) : (tensor<4xi64>) -> tensor<4xf32>`
    """

    name = "nn.cast"
    KEEPS_TYPE: ClassVar[bool] = False

    input = operand_def(AnyTensor)

    def __init__(self, input: SSAValue, element_type: Attribute) -> None:
        result = TensorType(element_type, shape_of(input))
        super().__init__(operands=[input], result_types=[result])
