"""
Decides which structured operations share a kernel.

Before:
```mlir
%a = linalg.generic … ins(%x, %w) outs(%f)     // accumulates
%y = linalg.generic … ins(%a, %b) outs(%e)     // reads %a by the identity map
```
After: the same operations, both with `deploy.group = 0 : i64`.

On a machine all of whose memory kernels may touch, a `tensor.pad` that only structured
operations read gets `deploy.group = array<i64: 0>`: the groups that read it. One that
windows move out into along a row gets none where there are vectors, which read rows,
and a filled copy takes less than what is no vector.

A block in which somebody has chosen already stays as it is, so a choice can be made by
hand; an operation left without a group then is one of its own. `linalg-form-kernels`
acts on it. From here on sizes count, so tensors of unknown size are refused, and so are
elements that C has no type for.
"""

from __future__ import annotations

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import DenseArrayBase, IntegerAttr, ModuleOp, i64
from xdsl.ir import Block
from xdsl.passes import ModulePass

from ...analysis.groups import (
    GROUP_ATTRIBUTE,
    choose_groups,
    choose_pads,
    driver_blocks,
    functions_of,
)
from ...analysis.levels import levels_around
from ...analysis.storable import check_storable
from ...machine import has_machine, machine_of
from ...properties import Property


def has_groups(block: Block) -> bool:
    """Whether somebody has already chosen in `block`."""
    return any(GROUP_ATTRIBUTE in op.attributes for op in block.ops)


def write_groups(block: Block, with_pads: bool, in_lanes: bool) -> None:
    """Puts the best groups of `block` on its operations, as `choose_pads` on pads."""
    groups = choose_groups(block)
    for member, number in groups.items():
        member.attributes[GROUP_ATTRIBUTE] = IntegerAttr(number, i64)
    if with_pads:
        for pad, numbers in choose_pads(block, groups, in_lanes).items():
            pad.attributes[GROUP_ATTRIBUTE] = DenseArrayBase.from_list(i64, numbers)


class LinalgChooseGroupsPass(ModulePass):
    """Writes `deploy.group` on structured operations on tensors, and on pads."""

    name = "linalg-choose-groups"
    needs = (Property.STRUCTURED,)
    establishes = (Property.GROUPS,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        is_flat = levels_around(op).is_flat
        in_lanes = has_machine(op) and machine_of(op).has_vectors
        for function in functions_of(op):
            check_storable(function)
            for block in driver_blocks(function.body.block):
                if not has_groups(block):
                    write_groups(block, is_flat, in_lanes)
