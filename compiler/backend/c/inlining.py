"""
Which values are printed inside the expression that uses them.

A scalar that is used once, in its own block, needs no name. A load moves to the place
where it is printed, so nothing that writes memory may stand in between; nor does it
move into one side of a choice, where a compiler would have to make a branch of it.
"""

from __future__ import annotations

from xdsl.dialects import arith, memref, scf, vector
from xdsl.ir import Block, Operation, SSAValue, Use

from .scalars import is_scalar
from .scalars.dispatch import printed_result
from .vectors import is_lanewise, is_vector


def single_use(value: SSAValue) -> Use | None:
    """The only use of `value`, if it is one in the block that makes it."""
    uses = list(value.uses)
    if len(uses) != 1 or uses[0].operation.parent is not value.owner.parent:  # pyright: ignore[reportUnknownMemberType,reportAttributeAccessIssue]
        return None
    is_bound = isinstance(uses[0].operation, scf.ForOp) and uses[0].index < 3
    return None if is_bound else uses[0]


LOADS = (memref.LoadOp, vector.LoadOp)


def is_expression(op: Operation) -> bool:
    """Whether `op` is an expression of its operands, which touches no memory."""
    return is_vector(op) or (is_scalar(op) and not is_lanewise(op))


def inlined(block: Block) -> set[Operation]:
    """The operations of `block` that are printed where their result is used."""
    ops = list(block.ops)
    place = {op: number for number, op in enumerate(ops)}
    effects = [int(not is_expression(op) and not is_quiet(op)) for op in ops]
    printed_at: dict[Operation, Operation] = {}
    chosen: set[Operation] = set()
    for op in reversed(ops):
        use = single_use(printed_result(op)) if may_move(op) else None
        if use is None:
            continue
        target = printed_at.get(use.operation, use.operation)
        between = effects[place[op] + 1 : place[target]]
        is_side = isinstance(use.operation, arith.SelectOp) and use.index > 0
        is_chosen = is_side or use.operation in chosen
        if not isinstance(op, LOADS) or not (any(between) or is_chosen):
            printed_at[op] = target
            chosen |= {op} if is_chosen else set()
    return set(printed_at)


def may_move(op: Operation) -> bool:
    """Whether `op` could be printed where its result is used."""
    is_constant = isinstance(op, arith.ConstantOp)
    return isinstance(op, LOADS) or (is_expression(op) and not is_constant)


def is_quiet(op: Operation) -> bool:
    """Whether `op`, which is no scalar operation, leaves all memory as it is."""
    others = (memref.SubviewOp, memref.ViewOp, vector.InsertOp, vector.ReductionOp)
    return isinstance(op, (*LOADS, *others)) or is_lanewise(op)
