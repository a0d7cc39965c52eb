"""
Puts every group of structured operations into a `deploy.kernel`.

Before:
```mlir
%e = tensor.empty() : tensor<4xi32>
%f = linalg.fill ins(%c0) outs(%e)
%a = linalg.generic … ins(%x) outs(%f) {deploy.group = 0}
%y = linalg.generic … ins(%a) outs(%d) {deploy.group = 0}
```
After:
```mlir
%y = deploy.kernel(%x) outs(%d) {
^bb0(%kx, %kd):
  %e = tensor.empty() : tensor<4xi32>
  %f = linalg.fill ins(%c0) outs(%e)
  %a = linalg.generic … ins(%kx) outs(%f)
  %r = linalg.generic … ins(%a) outs(%kd)
  deploy.yield %r
}
```

What only gives shape or first contents (`tensor.empty`, `linalg.fill`) and scalar
constants are cloned into each kernel that needs them, and so is a `tensor.pad` into
each group that it names. An operation without a group is a group of its own; a pad
without one stays where it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import arith, linalg, tensor
from xdsl.dialects.builtin import (
    DenseArrayBase,
    IntegerAttr,
    IntegerType,
    LocationAttr,
    ModuleOp,
    ShapedType,
    i64,
)
from xdsl.ir import Block, Operation, Region, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter
from xdsl.utils.exceptions import PassFailedException
from xdsl.utils.hints import isa

from ...analysis.finite import note_finite
from ...analysis.groups import (
    GROUP_ATTRIBUTE,
    driver_blocks,
    functions_of,
    is_initial_fill,
)
from ...analysis.levels import levels_around
from ...analysis.pads import is_static, widths
from ...analysis.structured import captured, is_parallel
from ...dialects.deploy import KernelOp, YieldOp
from ...properties import Property
from ...rewriting import fused_location, locate

Structured = linalg.ops.GenericOp | linalg.ops.FillOp


@dataclass
class Group:
    """What becomes one kernel."""

    members: list[Structured] = field(default_factory=list[Structured])
    """In program order; the root is the last one."""
    pads: list[tensor.PadOp] = field(default_factory=list[tensor.PadOp])

    @property
    def root(self) -> Structured:
        """The member whose results are the kernel's."""
        return self.members[-1]

    @property
    def location(self) -> LocationAttr:
        """The locations of all members, the one that accumulates first."""
        ordered = [*sorted(self.members, key=is_parallel), *self.pads]
        return fused_location(*(op.location for op in ordered))

    def operands(self) -> list[SSAValue]:
        """The values that a kernel of these members takes as inputs, each once."""
        made = {result for op in self.members for result in op.results}
        sources: dict[SSAValue, SSAValue] = {op.result: op.source for op in self.pads}
        read = (value for op in self.members for value in (*op.inputs, *captured(op)))
        needed = dict.fromkeys(sources.get(v, v) for v in read if v not in made)
        return [value for value in needed if not is_cloned(value)]


def groups_of(block: Block) -> list[Group]:
    """The groups in `block`, in the order of their first members."""
    groups: dict[object, Group] = {}
    for op in block.ops:
        if not isinstance(op, Structured) or is_initial_fill(op):
            continue
        number = op.attributes.get(GROUP_ATTRIBUTE, op)
        groups.setdefault(number, Group()).members.append(op)
    for op in block.ops:
        if isinstance(op, tensor.PadOp):
            for group in map(groups.get, pad_groups(op)):
                if group is not None and is_read(op, group):
                    group.pads.append(op)
    return list(groups.values())


def pad_groups(op: tensor.PadOp) -> list[object]:
    """The groups that have `op` as a member, each as its other members name it."""
    numbers = op.attributes.get(GROUP_ATTRIBUTE)
    if not isa(numbers, DenseArrayBase[IntegerType]):
        return []
    return [IntegerAttr(number, i64) for number in numbers.get_values()]


def is_read(op: tensor.PadOp, group: Group) -> bool:
    """Whether a member of `group` reads `op`."""
    return any(use.operation in group.members for use in op.result.uses)


def check_group(group: Group) -> None:
    """Refuses a group in which somebody else than the group reads an intermediate."""
    for op in group.members[:-1]:
        users = (use.operation for result in op.results for use in result.uses)
        if any(user not in group.members for user in users):
            refuse(
                op, "result of a group's member that is not the last must stay inside"
            )
    for op in group.pads:
        if not is_static(op) or any(min(pair) < 0 for pair in widths(op)):
            refuse(op, "padding in a kernel must be a constant of static width")
        if not levels_around(op).is_flat:
            message = "kernel can pad only where it may touch all memory levels"
            refuse(op, message)


def refuse(op: Operation, message: str) -> None:
    """Reports that `op` cannot be what its group says."""
    op.emit_error(message, PassFailedException(message))


def is_cloned(value: SSAValue) -> bool:
    """Whether a kernel gets its own `value` instead of an operand."""
    owner = value.owner
    if isinstance(owner, arith.ConstantOp):
        return not isinstance(value.type, ShapedType)
    return isinstance(owner, tensor.EmptyOp)


def destination(root: Structured, index: int) -> SSAValue:
    """The tensor that output number `index` of the group is written to."""
    value = root.outputs[index]
    while isinstance(value.owner, linalg.ops.FillOp):
        value = value.owner.outputs[0]
    return value


@dataclass
class Body:
    """The body of a kernel while it is being filled."""

    block: Block
    values: dict[SSAValue, SSAValue]
    """What each value outside is called inside."""
    pads: Sequence[tensor.PadOp]

    def inside(self, value: SSAValue) -> SSAValue:
        """`value`, read inside."""
        if value in self.values:
            return self.values[value]
        if value.owner in self.pads:
            self.pad(cast(tensor.PadOp, value.owner))
            return self.values[value]
        assert is_cloned(value), "every other value is an operand of the kernel"
        clone = cast(Operation, value.owner).clone()
        self.block.add_op(clone)
        if isinstance(clone, arith.ConstantOp):
            self.values[value] = clone.result
        return clone.results[0]

    def pad(self, op: tensor.PadOp) -> None:
        """Appends a clone of `op`."""
        mapper = {value: self.inside(value) for value in (op.source, *captured(op))}
        clone = op.clone(mapper)
        clone.attributes.pop(GROUP_ATTRIBUTE, None)
        self.block.add_op(clone)
        self.values[op.result] = clone.result

    def initial(self, value: SSAValue, kept: SSAValue | None) -> SSAValue:
        """What a member starts from: `kept` or registers, filled as `value` is."""
        owner = value.owner
        if isinstance(owner, linalg.ops.FillOp):
            start = self.initial(owner.outputs[0], kept)
            fill = linalg.ops.FillOp([self.inside(owner.inputs[0])], [start])
            self.block.add_op(locate(fill, owner.location))
            return fill.results[0]
        if kept is not None:
            return kept
        empty = tensor.EmptyOp([], value.type)
        self.block.add_op(empty)
        return empty.tensor

    def add(self, op: Structured, starts: Sequence[SSAValue]) -> None:
        """Appends a clone of `op` that starts from these outputs."""
        operands = [*map(self.inside, op.inputs), *starts]
        clone = op.clone({value: self.inside(value) for value in captured(op)})
        clone.operands = operands
        clone.attributes.pop(GROUP_ATTRIBUTE, None)
        pads = any(value.owner in self.pads for value in op.inputs)
        if pads and isinstance(clone, linalg.ops.GenericOp):
            note_finite(clone, tuple(op.inputs))
        self.block.add_op(clone)
        self.values.update(zip(op.results, clone.results, strict=True))


def kernel_of(group: Group) -> list[Operation]:
    """The kernel that does what `group` does, after its own fresh destinations."""
    root, inputs = group.root, group.operands()
    outputs = [destination(root, index) for index in range(len(root.outputs))]
    fresh = [tensor.EmptyOp([], v.type) for v in outputs if is_cloned(v)]
    unused = iter(fresh)
    outputs = [next(unused).tensor if is_cloned(v) else v for v in outputs]
    block = Block(arg_types=[value.type for value in (*inputs, *outputs)])
    values: dict[SSAValue, SSAValue] = dict(
        zip(inputs, block.args[: len(inputs)], strict=True)
    )
    body = Body(block, values, group.pads)
    # first of all: from where a register is made to where it is read, nobody may
    # write memory
    starts = list(map(body.initial, root.outputs, block.args[len(inputs) :]))
    for op in group.members[:-1]:
        body.add(op, [body.initial(value, None) for value in op.outputs])
    body.add(root, starts)
    block.add_op(YieldOp(*(body.values[result] for result in root.results)))
    kernel = KernelOp(inputs, outputs, Region(block))
    return [locate(op, group.location) for op in (*fresh, kernel)]


def form_kernel(group: Group) -> None:
    """Replaces a group by its kernel."""
    check_group(group)
    new_ops = kernel_of(group)
    rewriter = Rewriter()
    rewriter.replace_op(group.root, new_ops, new_ops[-1].results)
    for op in reversed(group.members[:-1]):
        rewriter.erase_op(op)


def erase_leftovers(block: Block) -> None:
    """Erases what was cloned into kernels and has no other reader."""
    for op in reversed(tuple(block.ops)):
        cloned = linalg.ops.FillOp | tensor.EmptyOp | arith.ConstantOp
        taken = isinstance(op, tensor.PadOp) and op.attributes.pop(GROUP_ATTRIBUTE, 0)
        if not isinstance(op, cloned) and not taken:
            continue
        if not any(result.uses for result in op.results):
            op.detach()
            op.erase()


class LinalgFormKernelsPass(ModulePass):
    """Moves every structured operation on tensors into a `deploy.kernel`."""

    name = "linalg-form-kernels"
    needs = (Property.STRUCTURED, Property.GROUPS)
    establishes = (Property.KERNELS, Property.FREE_TILES)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for function in functions_of(op):
            for block in driver_blocks(function.body.block):
                for group in groups_of(block):
                    form_kernel(group)
                erase_leftovers(block)
