"""
Which structured operations can share a kernel.

A group is a root and the operations whose results only the group reads, each by the
identity map: element by element the intermediate is made and used in one iteration, so
it needs no memory. At most one member accumulates. A `tensor.pad` may be a member too,
of every group that reads it: an element of it is one of its source or the padding.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TypeAlias, cast

from xdsl.dialects import func, linalg, scf, tensor
from xdsl.dialects.builtin import ModuleOp, TensorType
from xdsl.ir import Attribute, Block, Operation, SSAValue, Use

from .memory import element_bytes
from .pads import is_static, widths
from .row_ends import is_better_in_memory
from .structured import (
    Structured,
    input_map,
    is_identity,
    is_parallel,
    is_projection,
    output_map,
    reads_output,
)

GROUP_ATTRIBUTE = "deploy.group"
"""
Attribute of a structured operation: the number of its group in its block.

On a `tensor.pad` an array, the numbers of all groups that have it as a member.
"""

KERNEL_ATTRIBUTE = "deploy.kernel"
"""Attribute of a function that is a kernel."""

Groups: TypeAlias = dict[Operation, int]
"""Member -> number of its group; roots are numbered in program order."""


@dataclass
class Group:
    """Operations that could share a kernel, in program order; the root is the last."""

    members: list[Structured]

    def cut(self) -> Structured | None:
        """
        A member whose result should be memory after all; None when the group is fine.

        When several members accumulate, all but one must go. Of each, what is cheapest
        to keep in memory between it and the root is compared, and the cheapest of all
        becomes the root of another group.
        """
        reducers = [op for op in self.members if not is_parallel(op)]
        if len(reducers) < 2:
            return None
        candidates = [
            op
            for reducer in reducers
            for op in self._dominators(reducer)
            if len(self._above(op).intersection(reducers)) == 1
        ]
        assert candidates, "the first one that accumulates can be cut behind itself"
        return min(candidates, key=result_bytes)

    def _above(self, op: Structured) -> set[Operation]:
        """`op` and the members that its result is made from."""
        found: set[Operation] = set()
        left: list[Operation] = [op]
        while left:
            last = left.pop()
            found.add(last)
            makers = {value.owner for value in last.operands}
            left += [member for member in self.members if member in makers]
        return found

    def _dominators(self, op: Structured) -> list[Structured]:
        """The members but the root that all ways from `op` to the root go through."""
        above = {member: self._above(member) for member in self.members}
        between = [member for member in self.members if op in above[member]]
        return [
            member
            for member in between[:-1]
            if all(member in above[m] or m in above[member] for m in between)
        ]


def result_bytes(op: Structured) -> int:
    """The bytes that the result of `op` would take in memory."""
    type_ = cast(TensorType[Attribute], op.results[0].type)
    return prod(type_.get_shape()) * element_bytes(type_.element_type)


def is_initial_fill(op: Operation) -> bool:
    """Whether `op` only says what a destination holds first: each user clones it."""
    if not isinstance(op, linalg.ops.FillOp) or not op.results:
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
    structured = isinstance(user, Structured)
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
    return group


def _grown(block: Block, roots: set[Operation]) -> list[Group]:
    """
    The largest groups, in program order of their roots.

    The operations in `roots` join nobody. How many members accumulate does not matter.
    """
    found: list[Group] = []
    groups: dict[Operation, Group] = {}
    for op in reversed(tuple(block.ops)):
        if not isinstance(op, Structured) or is_initial_fill(op):
            continue
        group = None if op in roots else _joined(op, groups)
        if group is None:
            group = Group([])
            found.append(group)
        group.members.insert(0, op)
        groups[op] = group
    return found[::-1]


def choose_groups(block: Block) -> Groups:
    """The groups of the structured operations that stand directly in `block`."""
    roots: set[Operation] = set()
    while True:
        groups = _grown(block, roots)
        cuts = [cut for group in groups if (cut := group.cut()) is not None]
        if not cuts:
            break
        roots.update(cuts)
    return {
        member: number
        for number, group in enumerate(groups)
        for member in group.members
    }


def readers_of(pad: tensor.PadOp) -> list[linalg.ops.GenericOp] | None:
    """
    The operations beside `pad` that read its result, which is all that they do with it.

    None when somebody else needs the whole of it.
    """
    readers: list[linalg.ops.GenericOp] = []
    for use in pad.result.uses:
        user = use.operation
        if not isinstance(user, linalg.ops.GenericOp) or user.parent is not pad.parent:
            return None
        if use.index >= len(user.inputs):
            return None
        readers.append(user)
    return readers


def choose_pads(
    block: Block, groups: Groups, in_lanes: bool
) -> dict[tensor.PadOp, tuple[int, ...]]:
    """
    The pads in `block` that need no memory -> the groups that read them.

    Where neighbours are done `in_lanes`, not those that windows move out into along a
    row, if scalars at the ends of rows would take longer.
    """
    found: dict[tensor.PadOp, tuple[int, ...]] = {}
    for op in block.ops:
        if not isinstance(op, tensor.PadOp) or not is_static(op):
            continue
        readers = readers_of(op)
        if not readers or min(map(min, widths(op)), default=0) < 0:
            continue
        if not (in_lanes and is_better_in_memory(op, readers)):
            found[op] = tuple(sorted({groups[reader] for reader in readers}))
    return found


def functions_of(module: ModuleOp) -> tuple[func.FuncOp, ...]:
    """
    The functions of a module whose body is one block.

    Others jump; nothing here works on those, which must be free of tensors.
    """
    functions = (op for op in module.body.block.ops if isinstance(op, func.FuncOp))
    return tuple(function for function in functions if len(function.body.blocks) == 1)


def kernels_of(module: ModuleOp) -> tuple[func.FuncOp, ...]:
    """The functions of a module that are kernels."""
    functions = functions_of(module)
    return tuple(f for f in functions if KERNEL_ATTRIBUTE in f.attributes)


def driver_blocks(block: Block) -> tuple[Block, ...]:
    """`block` and the bodies of the loops in it, outer ones first."""
    loops = (op for op in block.ops if isinstance(op, scf.ForOp))
    return block, *(inner for loop in loops for inner in driver_blocks(loop.body.block))
