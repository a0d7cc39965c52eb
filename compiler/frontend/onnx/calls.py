"""One ONNX node with its operands known: what the handler of an operator works on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias, cast

import numpy as np
import onnx
from onnx import NodeProto
from xdsl.ir import Attribute, Block, Operation, SSAValue

from ...dialects import nn
from ...dialects.nn import Tensor
from ...errors import DeployError
from ...rewriting import locate, name_location
from .nodes import spelled
from .tensors import Array, dense, dequantized, onnx_data_type, tensor_type


class UnknowableError(Exception):
    """A refused node would have to be known to go on; there is nothing new to say."""


@dataclass(eq=False)
class Operand:
    """A value of the graph: known now, or computed by the module."""

    name: str
    array: Array | None = None
    """Its elements, when they are constant."""
    value: SSAValue | None = None
    """Its place in the module; a constant gets one when it is first used."""
    guessed: bool = False
    """Whether a refused node should have made it."""


Scope: TypeAlias = Mapping[str, Operand | None]
"""Values of a graph or function body by name."""


@dataclass(frozen=True)
class Emitter:
    """Appends operations to the function under construction."""

    block: Block

    def add(self, op: Operation, name: str) -> SSAValue:
        """The result of `op`, which is verified and located at `name`."""
        for result in op.results:
            type_ = cast(Tensor, result.type)
            tensor_type(type_.element_type, type_.get_shape())
        self.block.add_op(locate(op, name_location(spelled(name))))
        op.verify()
        return op.results[0]

    def value(self, operand: Operand) -> SSAValue:
        """The value of `operand` in the module."""
        if operand.value is None:
            if operand.array is None:
                raise UnknowableError
            constant = nn.ConstantOp(dense(operand.array))
            operand.value = self.add(constant, operand.name)
        return operand.value


@dataclass(frozen=True)
class Call:
    """A node of a graph or of a function body, in some version of its operator."""

    proto: NodeProto
    version: int
    """The opset that says what the node means."""
    operands: tuple[Operand | None, ...]
    """None where an optional input is left out."""
    emitter: Emitter
    name: str
    """The node of the graph this is, or is part of."""
    whole: str
    """The operator of that node."""
    scope: Scope = field(repr=False)
    """The values that subgraphs of the node may read."""

    @property
    def op_type(self) -> str:
        """The operator."""
        return self.proto.op_type

    def refuse(self, reason: str) -> NoReturn:
        """Raises `DeployError` named after the node of the graph."""
        if self.op_type != self.whole:
            reason = f"by definition it needs {self.op_type}: {reason}"
        raise DeployError(reason, node=self.name, op_type=self.whole)

    # Operands

    def has(self, index: int) -> bool:
        """Whether the optional input `index` is there."""
        return index < len(self.operands) and self.operands[index] is not None

    def operand(self, index: int) -> Operand:
        """Input `index`, which must be there."""
        operand = self.operands[index] if self.has(index) else None
        if operand is None:
            self.refuse(f"input {index} must be given, got none")
        return operand

    def value(self, index: int) -> SSAValue:
        """Input `index` as a value of the module."""
        return self.emitter.value(self.operand(index))

    def values(self) -> list[SSAValue]:
        """All inputs as values of the module."""
        return [self.value(index) for index in range(len(self.operands))]

    def constant(self, index: int, what: str) -> Array:
        """The elements of input `index`, which must be known now."""
        if (known := self.known(index)) is not None:
            return known
        name = self.operand(index).name
        self.refuse(f"{what} must be constant, got the computed '{name}'")

    def known(self, index: int) -> Array | None:
        """The elements of input `index`, if they are known now."""
        operand = self.operand(index)
        if operand.array is not None:
            return operand.array
        if operand.guessed:
            raise UnknowableError
        return None if operand.value is None else dequantized(operand.value)

    def type(self, index: int) -> Tensor:
        """The tensor type of input `index`."""
        operand = self.operand(index)
        if operand.array is not None and operand.value is None:
            return cast(Tensor, dense(operand.array).type)
        if operand.value is None:
            raise UnknowableError
        return cast(Tensor, operand.value.type)

    def shape(self, index: int) -> tuple[int, ...]:
        """The shape of input `index`."""
        operand = self.operand(index)
        return (
            self.type(index).get_shape()
            if operand.array is None
            else (operand.array.shape)
        )

    def rank(self, index: int = 0) -> int:
        """The number of dimensions of input `index`."""
        return len(self.shape(index))

    # Attributes

    def attribute(self, name: str) -> Any:
        """The attribute `name` as a Python value, None when it is not there."""
        for attribute in self.proto.attribute:
            if attribute.name == name:
                return onnx.helper.get_attribute_value(attribute)
        return None

    def integer(self, name: str, default: int) -> int:
        """An integer attribute."""
        value = self.attribute(name)
        return default if value is None else int(value)

    def real(self, name: str, default: float) -> float:
        """A float attribute."""
        value = self.attribute(name)
        return default if value is None else float(value)

    def text(self, name: str, default: str) -> str:
        """A string attribute."""
        value = self.attribute(name)
        return default if value is None else value.decode(errors="replace")

    def integers(self, name: str) -> list[int] | None:
        """An attribute of integers."""
        value = self.attribute(name)
        return None if value is None else [int(v) for v in value]

    def listed(self, name: str, index: int) -> list[int] | None:
        """Integers: an attribute in old opsets, input `index` in new ones."""
        value = self.integers(name)
        if value is None and self.has(index):
            value = [int(v) for v in np.atleast_1d(self.constant(index, name))]
        return value

    def axis(self, axis: int, rank: int) -> int:
        """`axis` counted from the front; refused when it is outside `rank`."""
        if not -rank <= axis < rank:
            self.refuse(f"axis must be within rank {rank}, got {axis}")
        return axis % rank

    def axes(self, axes: Sequence[int], rank: int) -> list[int]:
        """`axes` counted from the front, ascending, each once."""
        return sorted({self.axis(axis, rank) for axis in axes})

    def wanted(self, index: int) -> bool:
        """Whether the node names its output `index`."""
        return index < len(self.proto.output) and bool(self.proto.output[index])

    # Making operations

    def add(self, op: Operation) -> SSAValue:
        """Appends `op`, located at the node, and returns its result."""
        return self.emitter.add(op, self.name)

    def literal(self, array: Any, dtype: Attribute | None = None) -> SSAValue:
        """A constant of the node's own."""
        array = np.asarray(array, None if dtype is None else numpy_type(dtype))
        return self.add(nn.ConstantOp(dense(array)))

    def copy(self, constant: nn.ConstantOp, array: Array) -> SSAValue:
        """A constant in the place of another, whose name it keeps."""
        op = nn.ConstantOp(dense(array))
        op.location = constant.location
        return self.add(op)


Handler: TypeAlias = Callable[[Call], "SSAValue | Sequence[SSAValue]"]
"""Makes the operations for a node and returns its results."""


def numpy_type(type_: Attribute) -> np.dtype[Any]:
    """numpy's element type for one of `nn`."""
    return onnx.helper.tensor_dtype_to_np_dtype(onnx_data_type(type_))
