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
    FloatAttr,
    StringAttr,
    TensorType,
    f64,
)
from xdsl.ir import Attribute, Region, SSAValue
from xdsl.irdl import (
    irdl_op_definition,
    operand_def,
    opt_prop_def,
    prop_def,
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
class SigmoidOp(UnaryOp):
    """`1 / (1 + exp(-input))`. `%y = nn.sigmoid(%x) : (tensor<4xf32>) -> …`"""

    name = "nn.sigmoid"


@irdl_op_definition
class ReluOp(UnaryOp):
    """`max(input, 0)`. `%y = nn.relu(%x) : (tensor<4xf32>) -> tensor<4xf32>`"""

    name = "nn.relu"


@irdl_op_definition
class HardSwishOp(UnaryOp):
    """`input * max(0, min(1, input / 6 + 1/2))`. `%y = nn.hard_swish(%x) : …`"""

    name = "nn.hard_swish"


@irdl_op_definition
class LeakyReluOp(UnaryOp):
    """
    `input` where it is positive, `alpha * input` elsewhere.

    `%y = nn.leaky_relu(%x) {alpha = 1.0e-02 : f64} : (tensor<4xf32>) -> …`
    """

    name = "nn.leaky_relu"

    alpha = prop_def(FloatAttr)

    def __init__(self, input: SSAValue, alpha: float) -> None:
        super().__init__(input, alpha=FloatAttr(alpha, f64))


@irdl_op_definition
class HardSigmoidOp(UnaryOp):
    """
    `max(0, min(1, alpha * input + beta))`.

    `%y = nn.hard_sigmoid(%x) {alpha = 2.0e-01 : f64, beta = 5.0e-01 : f64} : …`
    """

    name = "nn.hard_sigmoid"

    alpha = prop_def(FloatAttr)
    beta = prop_def(FloatAttr)

    def __init__(self, input: SSAValue, alpha: float, beta: float) -> None:
        super().__init__(input, alpha=FloatAttr(alpha, f64), beta=FloatAttr(beta, f64))


@irdl_op_definition
class GeluOp(UnaryOp):
    """
    `input * Phi(input)`, exactly ("none") or through tanh ("tanh").

    `%y = nn.gelu(%x) {approximate = "none"} : (tensor<4xf32>) -> tensor<4xf32>`
    """

    name = "nn.gelu"

    approximate = prop_def(StringAttr)

    def __init__(self, input: SSAValue, approximate: str = "none") -> None:
        super().__init__(input, approximate=StringAttr(approximate))

    @override
    def verify_(self) -> None:
        super().verify_()
        if self.approximate.data not in ("none", "tanh"):
            raise VerifyException(
                f"approximate must be none or tanh, got '{self.approximate.data}'"
            )


@irdl_op_definition
class ClipOp(UnaryOp):
    """
    `min(max(input, low), high)`; a bound that is not there does not bind.

    The bounds are floats for every element type; those of integers are integral.
    `%y = nn.clip(%x) {low = 0.0 : f64, high = 6.0 : f64} : (tensor<4xf32>) -> …`
    """

    name = "nn.clip"

    low = opt_prop_def(FloatAttr)
    high = opt_prop_def(FloatAttr)

    def __init__(self, input: SSAValue, low: float | None, high: float | None) -> None:
        super().__init__(
            input,
            low=None if low is None else FloatAttr(low, f64),
            high=None if high is None else FloatAttr(high, f64),
        )


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
