"""
Products of integers that vectors take, widen and add to a sum in one instruction.
"""

from __future__ import annotations

from xdsl.dialects import arith
from xdsl.dialects.builtin import FixedBitwidthType
from xdsl.ir import Attribute, Operation

EXTENSIONS = (arith.ExtSIOp, arith.ExtUIOp)


def is_widened_factor(op: Operation) -> bool:
    """Whether `op` extends what is only a factor of such products."""
    users = {use.operation for result in op.results for use in result.uses}
    is_factor = bool(users) and all(map(is_widened, users))
    return is_factor and isinstance(op, EXTENSIONS)


def is_summed(op: Operation) -> bool:
    """Whether `op` is a product of integers that is only added to something."""
    if not isinstance(op, arith.MuliOp):
        return False
    return isinstance(op.result.get_user_of_unique_use(), arith.AddiOp)


def is_widened(op: Operation) -> bool:
    """Whether `op` is such a product, of factors that half the width has room for."""
    if not is_summed(op):
        return False
    wide = bits(op.result_types[0])
    made = [value.owner for value in op.operands]
    return all(
        isinstance(one, EXTENSIONS) and 4 * bits(one.input.type) <= wide for one in made
    )


def bits(type: Attribute) -> int:
    """Bits of a number; 0 where they are not known."""
    return type.bitwidth if isinstance(type, FixedBitwidthType) else 0
