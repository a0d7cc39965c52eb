"""The dialect `toy`."""

from __future__ import annotations

from typing import ClassVar

from xdsl.dialects.builtin import AnyFloat, FloatAttr, TensorType
from xdsl.ir import Dialect
from xdsl.irdl import (
    IRDLOperation,
    VarConstraint,
    base,
    irdl_op_definition,
    operand_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.traits import Pure


@irdl_op_definition
class ScaledSumOp(IRDLOperation):
    """`factor * a + b`, element by element."""

    T: ClassVar = VarConstraint("T", base(TensorType[AnyFloat]))

    name = "toy.scaled_sum"
    a = operand_def(T)
    b = operand_def(T)
    factor = prop_def(FloatAttr)
    result = result_def(T)
    traits = traits_def(Pure())
    assembly_format = "$factor `,` $a `,` $b attr-dict `:` type($result)"


Toy = Dialect("toy", [ScaledSumOp], [])
