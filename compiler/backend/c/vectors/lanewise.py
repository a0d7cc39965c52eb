"""Operations on vectors that are done by their scalar form, lane by lane."""

from __future__ import annotations

from xdsl.dialects import arith
from xdsl.dialects.builtin import VectorType
from xdsl.ir import Attribute, Operation
from xdsl.utils.hints import isa
from xdsl.utils.test_value import create_ssa_value

from ....dialects import deploy

CASTS: dict[str, type[Operation]] = {
    "fptosi": arith.FPToSIOp,
    "fptoui": arith.FPToUIOp,
}


def element_type(type: Attribute) -> Attribute:
    """The type of a lane of a vector; any other type itself."""
    return type.element_type if isa(type, VectorType[Attribute]) else type


def scalar_form(op: Operation) -> Operation:
    """What `op` does to one lane."""
    is_cast = isinstance(op, deploy.VcastOp)
    kind = CASTS[op.kind.data] if is_cast else type(op)
    return kind.create(
        operands=[create_ssa_value(element_type(type)) for type in op.operand_types],
        result_types=[element_type(type) for type in op.result_types],
        properties={} if is_cast else op.properties,
    )
