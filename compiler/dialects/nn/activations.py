"""Activation functions of `nn`, of one operand each."""

from __future__ import annotations

from typing_extensions import override
from xdsl.dialects.builtin import (
    FloatAttr,
    StringAttr,
    f64,
)
from xdsl.ir import SSAValue
from xdsl.irdl import (
    irdl_op_definition,
    opt_prop_def,
    prop_def,
)
from xdsl.utils.exceptions import VerifyException

from .elementwise import UnaryOp


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
