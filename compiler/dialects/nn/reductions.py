"""Operations of `nn` that accumulate one operand: pool and reduction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from typing_extensions import override
from xdsl.dialects.builtin import (
    IntegerAttr,
    IntegerType,
    StringAttr,
    UnitAttr,
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
    given_region,
    int_array,
    opt_int,
    shape_of,
    tensor_type,
    verify_shape,
)
from .shapes import Window, activation_layout
from .window import I64Array, opt_unit, verify_window, window_of

POOL_KINDS = ("max", "sum")
REDUCE_KINDS = ("max", "maxnum", "min", "sum")


def _kind_type(kind: str, type: Attribute) -> Attribute:
    """Extremes keep their type, sums of integers are i32, or i64 like their terms."""
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
                "channels_last": opt_unit(channels_last),
                "input_zero_point": opt_int(input_zero_point),
            },
            regions=[given_region(epilogue)],
        )

    @property
    def window(self) -> Window:
        """Kernel, strides, dilations and pads."""
        kernel = self.kernel.get_values()
        return window_of(kernel, self.strides, self.dilations, self.pads)

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
        verify_window(self.window, len(shape) - 2)
        places = activation_layout(len(shape), self.is_channels_last)
        spatial = self.window.outputs([shape[place] for place in places.spatial])
        batch, channels = shape[places.batch], shape[places.channel]
        verify_shape(self, places.arrange(batch, channels, spatial))
        self.verify_epilogue()


@irdl_op_definition
class ReduceOp(ProducerOp):
    """
    The sum, maximum or minimum over `axes`, which stay as dimensions of size 1.

    `maxnum` is the maximum of what is not NaN: -infinity where all is.

    A mean is a sum and a division. Integers are summed in i32, less `input_zero_point`;
    those that are no narrower in their own type, where sums wrap around.

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
            regions=[given_region(epilogue)],
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
