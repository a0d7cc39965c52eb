"""
Brings what kernels work on to a level that they may touch, and their results away.

Before, kernels may touch L1 only, and %x and %d are in L2:
```mlir
%y = deploy.kernel(%x : tensor<4xf32>) outs(%d : tensor<4xf32>) { … }
```
After:
```mlir
%n = bufferization.alloc_tensor() copy(%x) {memory_space = "L1"} : tensor<4xf32>
%e = tensor.empty() : tensor<4xf32>
%t = deploy.kernel(%n : tensor<4xf32>) outs(%e : tensor<4xf32>) { … }
%y = bufferization.alloc_tensor() copy(%t) {memory_space = "L2"} : tensor<4xf32>
```

A copy stands in the block in which its source is made, right before the operation there
that holds the kernel: what a loop does not change is brought before the loop. A part of
a larger result is inserted there instead. Data moves between neighbours only, so that a
longer way gets copies in the levels between. An argument with `deploy.resident` is
brought near once, for all its readers. Where kernels may touch all levels nothing
changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import bufferization, func, tensor
from xdsl.dialects.builtin import DictionaryAttr, LocationAttr, ModuleOp
from xdsl.ir import Block, BlockArgument, Operation, SSAValue, Use
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter

from ...analysis.access import reads_argument
from ...analysis.chains import RESIDENT_ATTRIBUTE
from ...analysis.groups import functions_of
from ...analysis.levels import MemoryLevels, levels_around
from ...analysis.structured import shape_of
from ...analysis.timeline import is_tensor, is_undefined
from ...dialects.deploy import KernelOp
from ...properties import Property
from ...rewriting import locate, node_names
from .level_tensors import tensor_in


def block_of(value: SSAValue) -> Block:
    """The block in which a value is made."""
    owner = value.owner
    block = owner if isinstance(owner, Block) else owner.parent
    assert block is not None, "a value of a driver is made in a block"
    return block


def holder_in(block: Block, op: Operation) -> Operation:
    """The operation of `block` that is `op` or holds it."""
    while op.parent is not block:
        around = op.parent_op()
        assert around is not None, "a value is read where it exists"
        op = around
    return op


def location_of(value: SSAValue, reader: Operation) -> LocationAttr:
    """Where a copy is said to come from: its reader, or else its maker."""
    if node_names(reader.location) or not isinstance(value.owner, Operation):
        return reader.location
    return value.owner.location


@dataclass
class Stager:
    """Moves the operands and results of one driver's kernels."""

    levels: MemoryLevels
    near: dict[tuple[SSAValue, Operation], SSAValue] = field(
        default_factory=dict[tuple[SSAValue, Operation], SSAValue]
    )
    """Tensor and the operation that holds its reader -> the near copy."""

    def is_closed(self, value: SSAValue) -> bool:
        """Whether kernels may not touch the level of a tensor."""
        return is_tensor(value) and not self.levels.is_open(self.levels.of(value))

    def moved(self, value: SSAValue, level: str, before: Operation) -> SSAValue:
        """A copy of `value` in `level`, made hop by hop right before an operation."""
        location = location_of(value, before)
        for stop in self.levels.path(self.levels.of(value), level)[1:]:
            copy = locate(tensor_in(stop, value.type, value), location)
            Rewriter().insert_op(copy, InsertPoint.before(before))
            value = copy.results[0]
        return value

    def kernel(self, op: KernelOp) -> None:
        """Moves what one kernel reads and writes."""
        for index, value in enumerate(op.inputs):
            if self.is_closed(value):
                op.operands[index] = self.brought(value, op)
        for index, value in enumerate(op.outputs):
            if self.is_closed(value):
                self.result(op, index, value)

    def brought(self, value: SSAValue, reader: Operation) -> SSAValue:
        """The near copy of an input."""
        before = holder_in(block_of(value), reader)
        if (value, before) not in self.near:
            if is_undefined(value):
                fresh = locate(tensor.EmptyOp([], value.type), reader.location)
                Rewriter().insert_op(fresh, InsertPoint.before(before))
                self.near[value, before] = fresh.results[0]
            else:
                self.near[value, before] = self.moved(value, self.levels.near, before)
        return self.near[value, before]

    def result(self, op: KernelOp, index: int, value: SSAValue) -> None:
        """Lets a kernel write near, and moves the result to where it belongs."""
        home = self.levels.of(value)
        if reads_argument(op.block.args[len(op.inputs) + index]):
            fresh = self.moved(value, self.levels.near, op)
        else:
            empty = locate(tensor.EmptyOp([], value.type), op.location)
            Rewriter().insert_op(empty, InsertPoint.before(op))
            fresh = empty.results[0]
        result = op.results[index]
        whole = [use for use in result.uses if not is_inserted(use)]
        op.operands[len(op.inputs) + index] = fresh
        if whole:
            after = op.next_op
            assert after is not None, "a block ends with a terminator"
            far = self.moved(result, home, after)
            for use in whole:
                use.operation.operands[use.index] = far

    def insertion(self, op: tensor.InsertSliceOp) -> None:
        """Brings what is inserted to a neighbour of where it is inserted."""
        op.operands[0] = self.approached(op.source, self.levels.of(op.dest), op)

    def approached(self, value: SSAValue, level: str, before: Operation) -> SSAValue:
        """`value`, at most one hop away from `level`."""
        path = self.levels.path(self.levels.of(value), level)
        return value if len(path) < 3 else self.moved(value, path[-2], before)

    def copy(self, op: bufferization.AllocTensorOp) -> None:
        """Makes a copy one between neighbours."""
        if op.copy is None:
            return
        index = op.operands.index(op.copy)
        level = self.levels.of(op.tensor)
        op.operands[index] = self.approached(op.copy, level, op)

    def returned(self, op: func.ReturnOp) -> None:
        """Brings the results to a neighbour of the caller's level."""
        for index, value in enumerate(op.operands):
            if is_tensor(value):
                op.operands[index] = self.approached(value, self.levels.caller, op)

    def resident(self, arg: BlockArgument) -> None:
        """Brings an argument near before its first reader, for all of them."""
        uses = tuple(arg.uses)
        holders = {holder_in(arg.block, use.operation) for use in uses}
        first = next((op for op in arg.block.ops if op in holders), None)
        if first is None or not self.is_closed(arg):
            return
        near = self.moved(arg, self.levels.near, first)
        for use in uses:
            use.operation.operands[use.index] = near


def is_inserted(use: Use) -> bool:
    """Whether a result is put into a larger tensor."""
    op = use.operation
    if not isinstance(op, tensor.InsertSliceOp) or use.index != 0:
        return False
    return shape_of(op.source) != shape_of(op.dest)


def resident_arguments(function: func.FuncOp) -> Sequence[BlockArgument]:
    """The arguments with `deploy.resident`, which they lose."""
    if function.arg_attrs is None:
        return ()
    own = list(function.arg_attrs.data)
    args = function.body.block.args
    found = [a for a, d in zip(args, own, strict=True) if RESIDENT_ATTRIBUTE in d.data]
    rest = [
        DictionaryAttr({k: v for k, v in d.data.items() if k != RESIDENT_ATTRIBUTE})
        for d in own
    ]
    function.properties["arg_attrs"] = type(function.arg_attrs)(rest)
    return found


def stage(function: func.FuncOp, levels: MemoryLevels) -> None:
    """Moves everything in one driver."""
    stager = Stager(levels)
    for arg in resident_arguments(function):
        stager.resident(arg)
    ops = tuple(function.walk())
    for op in ops:
        if isinstance(op, KernelOp):
            stager.kernel(op)
    for op in tuple(function.walk()):
        if isinstance(op, tensor.InsertSliceOp):
            stager.insertion(op)
        elif isinstance(op, bufferization.AllocTensorOp):
            stager.copy(op)
        elif isinstance(op, func.ReturnOp):
            stager.returned(op)


class LinalgStageOperandsPass(ModulePass):
    """Copies tensors between memory levels around kernels."""

    name = "linalg-stage-operands"
    needs = (Property.KERNELS, Property.TILED)
    establishes = (Property.STAGED,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        levels = levels_around(op)
        if levels.is_flat:
            return
        for function in functions_of(op):
            stage(function, levels)
