"""Operations of `nn` that accumulate products: convolution and matrix product."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from typing_extensions import override
from xdsl.dialects.builtin import (
    IntegerAttr,
    IntegerType,
    UnitAttr,
    i64,
)
from xdsl.ir import Attribute, Region, SSAValue
from xdsl.irdl import (
    irdl_op_definition,
    operand_def,
    opt_prop_def,
    prop_def,
)
from xdsl.utils.exceptions import VerifyException

from .base import (
    AnyTensor,
    ProducerOp,
    Tensor,
    accumulator_type,
    broadcast_shapes,
    given_region,
    int_array,
    opt_int,
    shape_of,
    tensor_type,
    verify_shape,
)
from .shapes import Window, activation_layout, weight_layout
from .window import I64Array, opt_unit, verify_window, window_of


@irdl_op_definition
class ConvOp(ProducerOp):
    """
    An N-D convolution, ONNX's `Conv` without its bias.

    `sum over c, k of (input - input_zero_point) * (weight - weight_zero_point)`, float
    in float, integers in i32. `input` is `[N, C, spatial…]` and `weight`
    `[M, C/groups, k…]`; with `channels_last` they are `[N, spatial…, C]` and
    `[k…, C/groups, M]`. `pads` are the low ones, then the high ones. A padded element
    is `pad_value`, by default `input_zero_point`, so that it adds nothing.

    ```mlir
    %y = nn.conv(%x, %w) with (%b) {strides = array<i64: 1, 1>,
        pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64}
        epilogue {
        ^bb0(%acc: f32, %bias: f32):
          %r = arith.addf %acc, %bias : f32
          nn.yield %r : f32
        } : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>, tensor<4x1x1xf32>)
            -> tensor<1x4x8x8xf32>
    ```
    """

    name = "nn.conv"
    FIXED_OPERANDS: ClassVar[int | None] = 2

    input = operand_def(AnyTensor)
    weight = operand_def(AnyTensor)

    strides = prop_def(I64Array)
    pads = prop_def(I64Array)
    dilations = prop_def(I64Array)
    groups = prop_def(IntegerAttr[IntegerType])
    channels_last = opt_prop_def(UnitAttr)
    input_zero_point = opt_prop_def(IntegerAttr[IntegerType])
    weight_zero_point = opt_prop_def(IntegerAttr[IntegerType])
    pad_value = opt_prop_def(IntegerAttr[IntegerType])

    def __init__(
        self,
        input: SSAValue,
        weight: SSAValue,
        result_type: Tensor,
        *,
        strides: Sequence[int],
        pads: Sequence[int],
        dilations: Sequence[int],
        groups: int = 1,
        channels_last: bool = False,
        input_zero_point: int | None = None,
        weight_zero_point: int | None = None,
        pad_value: int | None = None,
        epilogue_operands: Sequence[SSAValue] = (),
        epilogue: Region | None = None,
    ) -> None:
        super().__init__(
            operands=[input, weight, epilogue_operands],
            result_types=[result_type],
            properties={
                "strides": int_array(strides),
                "pads": int_array(pads),
                "dilations": int_array(dilations),
                "groups": IntegerAttr(groups, i64),
                "channels_last": opt_unit(channels_last),
                "input_zero_point": opt_int(input_zero_point),
                "weight_zero_point": opt_int(weight_zero_point),
                "pad_value": opt_int(pad_value),
            },
            regions=[given_region(epilogue)],
        )

    @property
    def window(self) -> Window:
        """Kernel, strides, dilations and pads."""
        places = weight_layout(len(shape_of(self.weight)), self.is_channels_last)
        kernel = tuple(shape_of(self.weight)[place] for place in places.spatial)
        return window_of(kernel, self.strides, self.dilations, self.pads)

    @property
    def is_channels_last(self) -> bool:
        """Whether activations are `[N, spatial…, C]`."""
        return self.channels_last is not None

    @property
    @override
    def element_type(self) -> Attribute:
        return accumulator_type(tensor_type(self.input).element_type)

    @override
    def verify_(self) -> None:
        rank = len(shape_of(self.input))
        if rank < 3 or len(shape_of(self.weight)) != rank:
            raise VerifyException(
                "input and weight must have the same rank, 3 or more, got "
                f"{rank} and {len(shape_of(self.weight))}"
            )
        verify_window(self.window, rank - 2)
        places = activation_layout(rank, self.is_channels_last)
        wplaces = weight_layout(rank, self.is_channels_last)
        groups = self.groups.value.data
        channels = shape_of(self.input)[places.channel]
        outputs = shape_of(self.weight)[wplaces.output]
        per_group = shape_of(self.weight)[wplaces.input]
        if groups < 1 or channels != per_group * groups or outputs % groups:
            raise VerifyException(
                f"{groups} groups of {per_group} channels must make the input's "
                f"{channels} and divide the {outputs} outputs"
            )
        sizes = [shape_of(self.input)[place] for place in places.spatial]
        batch = shape_of(self.input)[places.batch]
        spatial = self.window.outputs(sizes)
        verify_shape(self, places.arrange(batch, outputs, spatial))
        self.verify_epilogue()


@irdl_op_definition
class MatMulOp(ProducerOp):
    """
    A matrix product with numpy's batch broadcasting, `[…, M, K] x […, K, N]`.

    Both operands have rank 2 or more. Integers are summed in i32, less their zero
    point.

    ```mlir
    %y = nn.matmul(%a, %b) : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
    ```
    """

    name = "nn.matmul"
    FIXED_OPERANDS: ClassVar[int | None] = 2

    lhs = operand_def(AnyTensor)
    rhs = operand_def(AnyTensor)

    lhs_zero_point = opt_prop_def(IntegerAttr[IntegerType])
    rhs_zero_point = opt_prop_def(IntegerAttr[IntegerType])

    def __init__(
        self,
        lhs: SSAValue,
        rhs: SSAValue,
        result_type: Tensor,
        *,
        lhs_zero_point: int | None = None,
        rhs_zero_point: int | None = None,
        epilogue_operands: Sequence[SSAValue] = (),
        epilogue: Region | None = None,
    ) -> None:
        super().__init__(
            operands=[lhs, rhs, epilogue_operands],
            result_types=[result_type],
            properties={
                "lhs_zero_point": opt_int(lhs_zero_point),
                "rhs_zero_point": opt_int(rhs_zero_point),
            },
            regions=[given_region(epilogue)],
        )

    @property
    @override
    def element_type(self) -> Attribute:
        return accumulator_type(tensor_type(self.lhs).element_type)

    @override
    def verify_(self) -> None:
        lhs, rhs = shape_of(self.lhs), shape_of(self.rhs)
        if len(lhs) < 2 or len(rhs) < 2:
            raise VerifyException(
                f"operands must have rank 2 or more, got {len(lhs)} and {len(rhs)}"
            )
        if lhs[-1] != rhs[-2]:
            raise VerifyException(
                f"inner dimensions must agree, got {lhs[-1]} and {rhs[-2]}"
            )
        batch = broadcast_shapes(lhs[:-2], rhs[:-2])
        if batch is None:
            raise VerifyException(
                f"batch dimensions must broadcast, got {list(lhs)} and {list(rhs)}"
            )
        verify_shape(self, (*batch, lhs[-2], rhs[-1]))
        self.verify_epilogue()
