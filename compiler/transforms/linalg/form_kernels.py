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
constants are cloned into each kernel that needs them. An operation without a group is a
group of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import arith, linalg, tensor
from xdsl.dialects.builtin import LocationAttr, ModuleOp, ShapedType
from xdsl.ir import Block, Operation, Region, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter
from xdsl.utils.exceptions import PassFailedException

from ...analysis.groups import (
    GROUP_ATTRIBUTE,
    driver_blocks,
    functions_of,
    is_initial_fill,
)
from ...analysis.structured import captured, is_parallel
from ...dialects.deploy import KernelOp, YieldOp
from ...rewriting import fused_location, locate

Structured = linalg.ops.GenericOp | linalg.ops.FillOp


def groups_of(block: Block) -> list[list[Structured]]:
    """The groups in `block`, each with its members in program order."""
    groups: dict[object, list[Structured]] = {}
    for op in block.ops:
        if not isinstance(op, Structured) or is_initial_fill(op):
            continue
        groups.setdefault(op.attributes.get(GROUP_ATTRIBUTE, op), []).append(op)
    return list(groups.values())


def check_group(members: Sequence[Structured]) -> None:
    """Refuses a group in which somebody else than the group reads an intermediate."""
    for op in members[:-1]:
        users = (use.operation for result in op.results for use in result.uses)
        if any(user not in members for user in users):
            message = "result of a group's member that is not the last must stay inside"
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

    def inside(self, value: SSAValue) -> SSAValue:
        """`value`, read inside."""
        if value in self.values:
            return self.values[value]
        assert is_cloned(value), "every other value is an operand of the kernel"
        clone = cast(Operation, value.owner).clone()
        self.block.add_op(clone)
        if isinstance(clone, arith.ConstantOp):
            self.values[value] = clone.result
        return clone.results[0]

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
        self.block.add_op(clone)
        self.values.update(zip(op.results, clone.results, strict=True))


def operands_of(members: Sequence[Structured]) -> list[SSAValue]:
    """The values that a kernel of these members takes as inputs, each once."""
    made = {result for op in members for result in op.results}
    read = (value for op in members for value in (*op.inputs, *captured(op)))
    return list(dict.fromkeys(v for v in read if v not in made and not is_cloned(v)))


def kernel_location(members: Sequence[Structured]) -> LocationAttr:
    """The locations of all members, the one that accumulates first."""
    ordered = sorted(members, key=is_parallel)
    return fused_location(*(op.location for op in ordered))


def kernel_of(members: Sequence[Structured]) -> list[Operation]:
    """The kernel that does what `members` do, after its own fresh destinations."""
    root = members[-1]
    inputs = operands_of(members)
    outputs = [destination(root, index) for index in range(len(root.outputs))]
    fresh = [tensor.EmptyOp([], v.type) for v in outputs if is_cloned(v)]
    unused = iter(fresh)
    outputs = [next(unused).tensor if is_cloned(v) else v for v in outputs]
    block = Block(arg_types=[value.type for value in (*inputs, *outputs)])
    body = Body(block, dict(zip(inputs, block.args[: len(inputs)], strict=True)))
    # first of all: from where a register is made to where it is read, nobody may
    # write memory
    starts = list(map(body.initial, root.outputs, block.args[len(inputs) :]))
    for op in members[:-1]:
        body.add(op, [body.initial(value, None) for value in op.outputs])
    body.add(root, starts)
    block.add_op(YieldOp(*(body.values[result] for result in root.results)))
    kernel = KernelOp(inputs, outputs, Region(block))
    location = kernel_location(members)
    return [locate(op, location) for op in (*fresh, kernel)]


def form_kernel(members: Sequence[Structured]) -> None:
    """Replaces a group by its kernel."""
    check_group(members)
    root = members[-1]
    new_ops = kernel_of(members)
    rewriter = Rewriter()
    rewriter.replace_op(root, new_ops, new_ops[-1].results)
    for op in reversed(members[:-1]):
        rewriter.erase_op(op)


def erase_leftovers(block: Block) -> None:
    """Erases what was cloned into kernels and has no other reader."""
    for op in reversed(tuple(block.ops)):
        cloned = linalg.ops.FillOp | tensor.EmptyOp | arith.ConstantOp
        if isinstance(op, cloned) and not any(result.uses for result in op.results):
            op.detach()
            op.erase()


@dataclass(frozen=True)
class LinalgFormKernelsPass(ModulePass):
    """Moves every structured operation on tensors into a `deploy.kernel`."""

    name = "linalg-form-kernels"

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for function in functions_of(op):
            for block in driver_blocks(function.body.block):
                for members in groups_of(block):
                    form_kernel(members)
                erase_leftovers(block)
