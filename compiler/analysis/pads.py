"""Questions about `tensor.pad`."""

from __future__ import annotations

from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX


def padding_value(op: tensor.PadOp) -> arith.ConstantOp | None:
    """The constant that `op` pads with, if it is one."""
    last = op.region.block.last_op
    owner = last.operands[0].owner if isinstance(last, tensor.YieldOp) else None
    return owner if isinstance(owner, arith.ConstantOp) else None


def widths(op: tensor.PadOp) -> tuple[tuple[int, int], ...]:
    """How much `op` adds before and behind, for each dimension."""
    pairs = zip(op.static_low.get_values(), op.static_high.get_values(), strict=True)
    return tuple(pairs)


def is_static(op: tensor.PadOp) -> bool:
    """Whether `op` pads with a constant, by widths that are known."""
    known = all(DYNAMIC_INDEX not in pair for pair in widths(op))
    return padding_value(op) is not None and known
