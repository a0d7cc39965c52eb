"""Which operation combines two halves of a vector that is reduced."""

from __future__ import annotations

from typing import TypeAlias

from xdsl.dialects import arith, vector
from xdsl.dialects.builtin import IntegerType
from xdsl.ir import Attribute, Operation
from xdsl.utils.test_value import create_ssa_value

from .lanewise import element_type

Binary: TypeAlias = (
    type[arith.SignlessIntegerBinaryOperation]
    | type[arith.FloatingPointLikeBinaryOperation]
)

BY_KIND: dict[str, Binary] = {
    "minui": arith.MinUIOp,
    "minsi": arith.MinSIOp,
    "minnumf": arith.MinnumfOp,
    "minimumf": arith.MinimumfOp,
    "maxui": arith.MaxUIOp,
    "maxsi": arith.MaxSIOp,
    "maxnumf": arith.MaxnumfOp,
    "maximumf": arith.MaximumfOp,
    "and": arith.AndIOp,
    "or": arith.OrIOp,
    "xor": arith.XOrIOp,
}

INTEGER: dict[str, Binary] = {"add": arith.AddiOp, "mul": arith.MuliOp}
FLOAT: dict[str, Binary] = {"add": arith.AddfOp, "mul": arith.MulfOp}


def combination(op: vector.ReductionOp, type: Attribute) -> Operation:
    """What combines two values of `type`, scalars or vectors, in the reduction `op`."""
    table = INTEGER if isinstance(element_type(type), IntegerType) else FLOAT
    kind = (BY_KIND | table)[op.kind.data]
    return kind(create_ssa_value(type), create_ssa_value(type))
