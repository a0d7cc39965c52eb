"""
Which structured operations can share a kernel.

A group is a root and the operations whose results only the group reads, each by the
identity map: element by element the intermediate is made and used in one iteration, so
it needs no memory. At most one member accumulates.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from xdsl.dialects import linalg, scf, tensor
from xdsl.ir import Block, Operation, SSAValue, Use

from .structured import (
    input_map,
    is_identity,
    is_parallel,
    is_projection,
    output_map,
    reads_output,
)

GROUP_ATTRIBUTE = "deploy.group"
"""Attribute of a structured operation: the number of its group in its block."""

Groups: TypeAlias = dict[Operation, int]
"""Member -> number of its group; roots are numbered in program order."""


@dataclass
class Group:
    """A root and the producers that have joined it so far."""

    root: linalg.ops.GenericOp | linalg.ops.FillOp
    members: list[Operation] = field(default_factory=list[Operation])
    accumulates: bool = False


def is_initial_fill(op: Operation) -> bool:
    """Whether `op` only says what a destination holds first: each user clones it."""
    if not isinstance(op, linalg.ops.FillOp):
        return False
    uses = tuple(op.results[0].uses)
    return bool(uses) and all(_is_destination(use) for use in uses)


def is_scratch(value: SSAValue) -> bool:
    """Whether `value` has no contents that matter, or one constant everywhere."""
    owner = value.owner
    if isinstance(owner, linalg.ops.FillOp):
        return is_scratch(owner.outputs[0])
    return isinstance(owner, tensor.EmptyOp)


def _is_destination(use: Use) -> bool:
    user = use.operation
    structured = isinstance(user, linalg.ops.GenericOp | linalg.ops.FillOp)
    return structured and use.index >= len(user.inputs)


def _is_read_elementwise(use: Use) -> bool:
    """Whether the value is read by the identity map of all loops."""
    user = use.operation
    if not isinstance(user, linalg.ops.GenericOp) or use.index >= len(user.operands):
        return False
    is_input = use.index < len(user.inputs)
    return is_input and is_identity(input_map(user, use.index))


def _may_be_intermediate(op: Operation) -> bool:
    """Whether the result of `op` may live in registers."""
    if not isinstance(op, linalg.ops.GenericOp) or len(op.results) != 1:
        return False
    written = output_map(op, 0)
    direct = is_identity(written) if is_parallel(op) else is_projection(written)
    return direct and (is_scratch(op.outputs[0]) or not reads_output(op, 0))


def _joined(op: Operation, groups: dict[Operation, Group]) -> Group | None:
    """The one group that reads the result of `op` and may take it in."""
    if not _may_be_intermediate(op):
        return None
    uses = tuple(op.results[0].uses)
    owners = {id(groups.get(use.operation)): groups.get(use.operation) for use in uses}
    if len(owners) != 1 or not all(map(_is_read_elementwise, uses)):
        return None
    (group,) = owners.values()
    if group is None or any(use.operation.parent is not op.parent for use in uses):
        return None
    assert isinstance(op, linalg.ops.GenericOp), "only a generic is an intermediate"
    return None if group.accumulates and not is_parallel(op) else group


def choose_groups(block: Block) -> Groups:
    """The groups of the structured operations that stand directly in `block`."""
    roots: list[Group] = []
    groups: dict[Operation, Group] = {}
    for op in reversed(tuple(block.ops)):
        if not isinstance(op, linalg.ops.GenericOp | linalg.ops.FillOp):
            continue
        if is_initial_fill(op):
            continue
        group = _joined(op, groups)
        if group is None:
            group = Group(op)
            roots.append(group)
        group.members.append(op)
        group.accumulates |= not is_parallel(op)
        groups[op] = group
    return {
        member: number
        for number, group in enumerate(reversed(roots))
        for member in group.members
    }


def driver_blocks(block: Block) -> tuple[Block, ...]:
    """`block` and the bodies of the loops in it, outer ones first."""
    loops = (op for op in block.ops if isinstance(op, scf.ForOp))
    return block, *(inner for loop in loops for inner in driver_blocks(loop.body.block))
