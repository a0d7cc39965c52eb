"""The parameters of a quantisation: scale, zero point, axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from xdsl.ir import Attribute, SSAValue

from ...dialects import nn
from ...dialects.nn.quantization_meanings import integer_limits
from ...interpreters.builtin import array_of, dtype_of
from .arrays import Array, elements


@dataclass(frozen=True, eq=False)
class Parameters:
    """
    An affine map between the integers of a type and reals.

    `scale` (of the reals' numpy type) and `zero_point` (int64) have rank 0, or rank 1
    with one entry per index of dimension `axis`.
    """

    integers: Attribute
    reals: Attribute
    scale: Array
    zero_point: Array
    axis: int | None

    @property
    def limits(self) -> tuple[int, int]:
        """The smallest and the largest integer."""
        return integer_limits(self.integers)

    @property
    def per_tensor(self) -> bool:
        """Whether there is one scale and one zero point."""
        return self.axis is None

    @property
    def increasing(self) -> bool:
        """Whether a larger integer always means a larger real."""
        return bool(np.all(self.scale > 0)) and bool(np.all(np.isfinite(self.scale)))

    def equals(self, other: Parameters) -> bool:
        """Whether both are the same map."""
        types = (self.integers, self.reals, self.axis)
        return (
            types == (other.integers, other.reals, other.axis)
            and np.array_equal(self.scale, other.scale)
            and np.array_equal(self.zero_point, other.zero_point)
        )

    def along(self, axis: int | None) -> Parameters:
        """The same map with its entries along another dimension."""
        return replace(self, axis=axis)

    def taking(self, indices: Sequence[int]) -> Parameters:
        """The same map with these of its entries, in this order."""
        chosen = list(indices)
        return replace(
            self, scale=self.scale[chosen], zero_point=self.zero_point[chosen]
        )

    def nearest(self, real: float) -> int:
        """What `real` is quantised to; needs one map for the whole tensor."""
        assert self.per_tensor, "one integer needs one scale"
        type_ = self.scale.dtype.type
        integer = np.rint(type_(real) / self.scale).astype(np.float64)
        low, high = self.limits
        return int(np.clip(integer + self.zero_point, low, high))

    def represents(self, real: float) -> bool:
        """Whether some integer means exactly `real`."""
        if not self.per_tensor or not np.isfinite(real):
            return False
        difference = self.scale.dtype.type(self.nearest(real) - int(self.zero_point))
        return bool(difference * self.scale == real)

    def dequantize(self, value: SSAValue) -> nn.DequantizeOp:
        """`value` as reals."""
        zero_point = elements(self.zero_point, self.integers)
        op = nn.DequantizeOp(
            value,
            self.reals,
            elements(self.scale, self.reals),
            zero_point if np.any(self.zero_point) else None,
            self.axis,
        )
        return op

    def quantize(self, value: SSAValue) -> nn.QuantizeOp:
        """`value` as integers."""
        zero_point = elements(self.zero_point, self.integers)
        return nn.QuantizeOp(
            value,
            self.integers,
            elements(self.scale, self.reals),
            zero_point if np.any(self.zero_point) else None,
            self.axis,
        )


def parameters_of(op: nn.QuantizationOp) -> Parameters:
    """
    The map that `op` applies, or that it inverts.

    Equal entries along an axis are one map for the whole tensor.
    """
    types = [nn.tensor_type(value).element_type for value in (op.input, op.result)]
    integers, reals = types if isinstance(op, nn.DequantizeOp) else reversed(types)
    scale = array_of(op.scale).astype(dtype_of(reals))
    zero_point = np.zeros(scale.shape, np.int64)
    if op.zero_point is not None:
        zero_point = array_of(op.zero_point).astype(np.int64)
    axis = None if op.axis is None else op.axis.value.data
    if axis is not None and uniform(scale) and uniform(zero_point):
        scale, zero_point, axis = scale[0], zero_point[0], None
    return Parameters(integers, reals, scale, zero_point, axis)


def uniform(array: Array) -> bool:
    """Whether all entries are equal."""
    return bool(np.all(array == array.flat[0]))
