"""Operations of `nn` that accumulate: convolution, matrix product, pool, reduction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from typing_extensions import override
from xdsl.dialects.builtin import (
    AnyFloat,
    DenseArrayBase,
    FloatAttr,
    IntegerAttr,
    IntegerType,
    StringAttr,
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
from xdsl.utils.hints import isa

from .base import (
    AnyTensor,
    ProducerOp,
    Tensor,
    accumulator_type,
    broadcast_shapes,
    int_array,
    opt_int,
    shape_of,
    tensor_type,
    verify_shape,
)
from .shapes import Window, activation_layout, weight_layout

I64Array = DenseArrayBase[IntegerType]


def _unit(flag: bool) -> UnitAttr | None:
    return UnitAttr() if flag else None


def _verify_window(window: Window, spatial: int) -> None:
    for name, values in zip(window._fields, window, strict=True):
        if len(values) != spatial:
            raise VerifyException(
                f"{name} must have {spatial} entries, got {list(values)}"
            )
    if min(window.kernel + window.strides + window.dilations, default=1) < 1:
        raise VerifyException("kernel, strides and dilations must be positive")
    if min(window.low + window.high, default=0) < 0:
        raise VerifyException("pads must not be negative")


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
                "channels_last": _unit(channels_last),
                "input_zero_point": opt_int(input_zero_point),
                "weight_zero_point": opt_int(weight_zero_point),
                "pad_value": opt_int(pad_value),
            },
            regions=[epilogue],
        )

    @property
    def window(self) -> Window:
        """Kernel, strides, dilations and pads."""
        places = weight_layout(len(shape_of(self.weight)), self.is_channels_last)
        kernel = tuple(shape_of(self.weight)[place] for place in places.spatial)
        pads = self.pads.get_values()
        half = len(pads) // 2
        return Window(
            kernel,
            self.strides.get_values(),
            self.dilations.get_values(),
            pads[:half],
            pads[half:],
        )

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
        _verify_window(self.window, rank - 2)
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
            regions=[epilogue],
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


POOL_KINDS = ("max", "sum")
REDUCE_KINDS = ("max", "min", "sum")


def _kind_type(kind: str, type: Attribute) -> Attribute:
    """Extremes keep their type, sums of integers are i32."""
    return accumulator_type(type) if kind == "sum" else type


def _verify_kind(kind: str, kinds: Sequence[str]) -> None:
    if kind not in kinds:
        raise VerifyException(f"kind must be one of {', '.join(kinds)}, got '{kind}'")


@irdl_op_definition
class PoolOp(ProducerOp):
    """
    The maximum or the sum of each window of each channel.

    A padded element never wins a maximum and adds nothing to a sum. An average is a sum
    and a division by the counts. Integers are summed in i32, less `input_zero_point`.

    ```mlir
    %y = nn.pool(%x) {kind = "max", kernel = array<i64: 2, 2>,
        strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>,
        dilations = array<i64: 1, 1>} : (tensor<1x4x8x8xf32>) -> tensor<1x4x4x4xf32>
    ```
    """

    name = "nn.pool"
    FIXED_OPERANDS: ClassVar[int | None] = 1

    input = operand_def(AnyTensor)

    kind = prop_def(StringAttr)
    kernel = prop_def(I64Array)
    strides = prop_def(I64Array)
    pads = prop_def(I64Array)
    dilations = prop_def(I64Array)
    channels_last = opt_prop_def(UnitAttr)
    input_zero_point = opt_prop_def(IntegerAttr[IntegerType])

    def __init__(
        self,
        input: SSAValue,
        result_type: Tensor,
        *,
        kind: str,
        kernel: Sequence[int],
        strides: Sequence[int],
        pads: Sequence[int],
        dilations: Sequence[int],
        channels_last: bool = False,
        input_zero_point: int | None = None,
        epilogue_operands: Sequence[SSAValue] = (),
        epilogue: Region | None = None,
    ) -> None:
        super().__init__(
            operands=[input, epilogue_operands],
            result_types=[result_type],
            properties={
                "kind": StringAttr(kind),
                "kernel": int_array(kernel),
                "strides": int_array(strides),
                "pads": int_array(pads),
                "dilations": int_array(dilations),
                "channels_last": _unit(channels_last),
                "input_zero_point": opt_int(input_zero_point),
            },
            regions=[epilogue],
        )

    @property
    def window(self) -> Window:
        """Kernel, strides, dilations and pads."""
        pads = self.pads.get_values()
        half = len(pads) // 2
        return Window(
            self.kernel.get_values(),
            self.strides.get_values(),
            self.dilations.get_values(),
            pads[:half],
            pads[half:],
        )

    @property
    def is_channels_last(self) -> bool:
        """Whether activations are `[N, spatial…, C]`."""
        return self.channels_last is not None

    @property
    @override
    def element_type(self) -> Attribute:
        return _kind_type(self.kind.data, tensor_type(self.input).element_type)

    @override
    def verify_(self) -> None:
        _verify_kind(self.kind.data, POOL_KINDS)
        shape = shape_of(self.input)
        if len(shape) < 3:
            raise VerifyException(f"input must have rank 3 or more, got {len(shape)}")
        _verify_window(self.window, len(shape) - 2)
        places = activation_layout(len(shape), self.is_channels_last)
        spatial = self.window.outputs([shape[place] for place in places.spatial])
        batch, channels = shape[places.batch], shape[places.channel]
        verify_shape(self, places.arrange(batch, channels, spatial))
        self.verify_epilogue()


@irdl_op_definition
class ReduceOp(ProducerOp):
    """
    The sum, maximum or minimum over `axes`, which stay as dimensions of size 1.

    A mean is a sum and a division. Integers are summed in i32, less `input_zero_point`.

    ```mlir
    %y = nn.reduce(%x) {kind = "sum", axes = array<i64: 1>}
        : (tensor<2x8xf32>) -> tensor<2x1xf32>
    ```
    """

    name = "nn.reduce"
    FIXED_OPERANDS: ClassVar[int | None] = 1

    input = operand_def(AnyTensor)

    kind = prop_def(StringAttr)
    axes = prop_def(I64Array)
    input_zero_point = opt_prop_def(IntegerAttr[IntegerType])

    def __init__(
        self,
        input: SSAValue,
        result_type: Tensor,
        *,
        kind: str,
        axes: Sequence[int],
        input_zero_point: int | None = None,
        epilogue_operands: Sequence[SSAValue] = (),
        epilogue: Region | None = None,
    ) -> None:
        super().__init__(
            operands=[input, epilogue_operands],
            result_types=[result_type],
            properties={
                "kind": StringAttr(kind),
                "axes": int_array(axes),
                "input_zero_point": opt_int(input_zero_point),
            },
            regions=[epilogue],
        )

    @property
    @override
    def element_type(self) -> Attribute:
        return _kind_type(self.kind.data, tensor_type(self.input).element_type)

    @override
    def verify_(self) -> None:
        _verify_kind(self.kind.data, REDUCE_KINDS)
        shape = shape_of(self.input)
        axes = self.axes.get_values()
        if list(axes) != sorted({axis for axis in axes if 0 <= axis < len(shape)}):
            raise VerifyException(
                f"axes must ascend within rank {len(shape)}, got {list(axes)}"
            )
        kept = [1 if axis in axes else size for axis, size in enumerate(shape)]
        verify_shape(self, kept)
        self.verify_epilogue()


def lowest(type: Attribute, unsigned: bool) -> IntegerAttr | FloatAttr:
    """The smallest element of a type, minus infinity for floats."""
    if isinstance(type, AnyFloat):
        return FloatAttr(float("-inf"), type)
    assert isa(type, IntegerType)
    width = IntegerType(type.width.data)
    return IntegerAttr(0 if unsigned else -(1 << (type.width.data - 1)), width)
