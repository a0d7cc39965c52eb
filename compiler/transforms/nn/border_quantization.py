"""By what map the tensors at the borders of a network are quantised, if they are."""

from __future__ import annotations

from collections.abc import Iterable

from xdsl.ir import Operation, SSAValue

from ...dialects import nn
from .parameters import Parameters, parameters_of
from .selection import lifts
from .sides import Side


def quantization(side: Side) -> Parameters | None:
    """
    The one map between a tensor and its integers; None where there is none.

    Reals of an input must be read by quantisations alone, all by the same map, since
    nothing else could be read from the integers; those of an output must be dequantised
    integers. What only selects may stand between integers and their (de)quantisation.
    """
    is_real = nn.is_float(nn.tensor_type(side.value).element_type)
    if side.is_input:
        kind = nn.QuantizeOp if is_real else nn.DequantizeOp
        return read_by(side.value, kind)
    kind = nn.DequantizeOp if is_real else nn.QuantizeOp
    return made_by(side.value, kind)


def common(found: Iterable[Parameters | None]) -> Parameters | None:
    """The map that all of `found` are; None when there is none, or more than one."""
    first, *others = [*found] or [None]
    if first is None or not first.per_tensor:
        return None
    alike = all(other is not None and first.equals(other) for other in others)
    return first if alike else None


def read_by(value: SSAValue, kind: type[nn.QuantizationOp]) -> Parameters | None:
    """The map of the operations of this kind that read `value`, and alone do."""
    return common(reader(use.operation, kind) for use in value.uses)


def reader(op: Operation, kind: type[nn.QuantizationOp]) -> Parameters | None:
    """The map of `op`, or, where it selects among integers, of what reads it."""
    if isinstance(op, kind):
        return parameters_of(op)
    if kind is nn.QuantizeOp or not op.results:
        return None
    found = read_by(op.results[0], kind)
    return found if found is not None and lifts(op, found) else None


def made_by(value: SSAValue, kind: type[nn.QuantizationOp]) -> Parameters | None:
    """The map of the operation of this kind that makes `value`."""
    op = value.owner
    if isinstance(op, kind):
        return common([parameters_of(op)])
    if kind is nn.DequantizeOp or not isinstance(op, Operation) or not op.operands:
        return None
    found = common(made_by(operand, kind) for operand in op.operands)
    return found if found is not None and lifts(op, found) else None
