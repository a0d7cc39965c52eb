"""Which results are the variable that a loop around carries, and how it changes."""

from __future__ import annotations

from xdsl.dialects import scf
from xdsl.ir import Operation, SSAValue

from .expressions import SUM, Expression


def continued(op: scf.ForOp | scf.IfOp, number: int) -> SSAValue | None:
    """
    What a loop around carries, if a result of `op` is all that comes of it.

    Then both can be one variable.
    """
    result, outer = op.results[number], op.parent_op()
    if result.uses.get_length() != 1:
        return None
    use = next(iter(result.uses))
    if op.parent is None or use.operation is not op.parent.last_op:
        return None
    start = None
    if isinstance(outer, scf.ForOp):
        start = outer.body.block.args[use.index + 1]
    elif isinstance(outer, scf.IfOp):
        start = continued(outer, use.index)
    if start is None or any(is_beside(use.operation, op) for use in start.uses):
        return None
    return start


def is_beside(user: Operation, op: Operation) -> bool:
    """Whether `user` is in the block of `op`, but not in `op`."""
    assert op.parent is not None, "an operation of a function is in a block"
    return op.parent.find_ancestor_op_in_block(user) not in (None, op)


def used_once_in(op: Operation, value: SSAValue) -> bool:
    """Whether `value` has one use in `op`."""
    return sum(op.is_ancestor(use.operation) for use in value.uses) == 1


def assignment(target: str, value: Expression) -> str:
    """`target = value`, or `target += …` when the value is a sum that begins so."""
    head = f"{target} + "
    if value.level == SUM and value.text.startswith(head):
        rest = value.text.removeprefix(head)
        if not has_top_level_sum(rest):
            return f"{target} += {rest};"
    return f"{target} = {value.text};"


def has_top_level_sum(text: str) -> bool:
    """Whether a sum or difference stands in `text` outside all parentheses."""
    depth = 0
    for character, following in zip(text, text[1:] + " ", strict=True):
        depth += (character in "([") - (character in ")]")
        if depth == 0 and character in "+-" and following == " ":
            return True
    return False
