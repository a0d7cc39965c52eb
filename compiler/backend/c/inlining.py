"""
Which values are printed inside the expression that uses them.

A scalar that is used once, in its own block, needs no name. A load moves to the place
where it is printed, so nothing that writes memory may stand in between; nor does it
move into one side of a choice, where a compiler would have to make a branch of it.

A scalar in all lanes is printed at each use, as instructions take it beside vectors.
"""

from __future__ import annotations

from xdsl.dialects import arith, memref, scf, vector
from xdsl.ir import Block, Operation, SSAValue, Use

from ...analysis.access import LOADS
from .scalars.dispatch import printed_result
from .vectors import Form, form_of


def single_use(value: SSAValue) -> Use | None:
    """The only use of `value`, if it is one in the block that makes it."""
    uses = list(value.uses)
    if len(uses) != 1 or uses[0].operation.parent is not value.owner.parent:  # pyright: ignore[reportUnknownMemberType,reportAttributeAccessIssue]
        return None
    is_bound = isinstance(uses[0].operation, scf.ForOp) and uses[0].index < 3
    return None if is_bound else uses[0]


QUIET = (
    *LOADS,
    memref.SubviewOp,
    memref.ViewOp,
    vector.InsertOp,
    vector.ReductionOp,
)
"""Statements that leave all memory as it is."""


def inlined(block: Block) -> set[Operation]:
    """The operations of `block` that are printed where their result is used."""
    ops = list(block.ops)
    place = {op: number for number, op in enumerate(ops)}
    forms = [form_of(op) for op in ops]
    effects = [not is_quiet(op, form) for op, form in zip(ops, forms, strict=True)]
    printed_at: dict[Operation, Operation] = {}
    chosen: set[Operation] = set()
    repeated: set[Operation] = set()
    for op in reversed(ops):
        is_movable = may_move(op, forms[place[op]])
        use = single_use(printed_result(op)) if is_movable else None
        if use is None and isinstance(op, vector.BroadcastOp):
            repeated.add(op)
        if use is None or use.operation in repeated:
            continue
        target = printed_at.get(use.operation, use.operation)
        between = effects[place[op] + 1 : place[target]]
        is_side = isinstance(use.operation, arith.SelectOp) and use.index > 0
        is_chosen = is_side or use.operation in chosen
        if not isinstance(op, LOADS) or not (any(between) or is_chosen):
            printed_at[op] = target
            chosen |= {op} if is_chosen else set()
    return repeated.union(printed_at)


def may_move(op: Operation, form: Form) -> bool:
    """Whether `op` could be printed where its result is used."""
    if form.is_expression:
        return not isinstance(op, arith.ConstantOp)
    return isinstance(op, LOADS)


def is_quiet(op: Operation, form: Form) -> bool:
    """Whether `op` leaves all memory as it is."""
    return form is not Form.STATEMENT or isinstance(op, QUIET)
