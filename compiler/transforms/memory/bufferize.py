"""
Gives every tensor of a driver its place in memory.

Before:
```mlir
func.func @run(%x: tensor<4xf32>) -> tensor<4xf32> {
  %e = tensor.empty() : tensor<4xf32>
  %y = deploy.kernel(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) { … }
  func.return %y : tensor<4xf32>
}
```
After:
```mlir
func.func @run(%x: memref<4xf32, "ram"> {deploy.role = "input"},
               %y: memref<4xf32, "ram"> {deploy.role = "output"}) {
  deploy.kernel(%x : memref<4xf32, "ram">) outs(%y : memref<4xf32, "ram">) { … }
  func.return
}
```

`analysis/places.py` decides which tensors share a buffer (in place, parts of a whole,
the caller's buffers); here each remaining buffer becomes a `deploy.buffer`, each part a
`memref.subview`, each constant a `memref.global`. What is not where it must be is
copied: inside a memory level that kernels may touch by a kernel, else by a transfer
that is awaited at once. Memrefs that a driver was given already get their roles, and
memory that it allocates becomes buffers (`allocations.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import arith, bufferization, func, scf, tensor
from xdsl.dialects.builtin import DictionaryAttr, LocationAttr, ModuleOp, StringAttr
from xdsl.ir import Block, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.exceptions import PassFailedException

from ...analysis.access import reads_argument
from ...analysis.groups import driver_blocks, functions_of
from ...analysis.levels import MemoryLevels, View, levels_around
from ...analysis.places import places_of, returned_values
from ...analysis.regions import Reshape, Slice, steps_of
from ...analysis.sharing import Holder, Output
from ...analysis.storable import check_storable
from ...analysis.structured import shape_of
from ...analysis.timeline import Fresh, is_tensor, is_undefined
from ...dialects.deploy import KernelOp
from ...dialects.deploy.marks import NAME_ATTRIBUTE
from ...properties import Property
from ...rewriting import locate, name_location, node_names
from . import signature
from .allocations import adopt_allocations, adopt_constants
from .kernels import on_memrefs
from .storage import Constants, Storage

SUPPORTED = Fresh | View | KernelOp | tensor.InsertSliceOp | scf.ForOp | scf.YieldOp
"""What may use a tensor in a driver, besides constants and `func.return`."""


@dataclass
class Bufferizer:
    """Rewrites one driver, operation by operation."""

    storage: Storage

    def run(self) -> None:
        """Rewrites the whole function."""
        function = self.storage.places.function
        block = function.body.block
        old = tuple(block.args)
        caller = StringAttr(self.storage.places.levels.caller)
        new = signature.memref_arguments(function, caller)
        outputs = range(len(returned_values(function)))
        holders = [*(arg for arg in old if is_tensor(arg)), *map(self._output, outputs)]
        for holder, arg in zip(holders, new, strict=True):
            self.storage.roots[self.storage.places.buffer[holder]] = arg
        for op, before in self.storage.places.delayed.items():
            op.detach()
            cast(Block, before.parent).insert_op_before(op, before)
        self._block(block)
        erase_tensors(block)
        signature.finish(function)

    def _output(self, index: int) -> Output:
        value = returned_values(self.storage.places.function)[index]
        return Output(index, shape_of(value))

    def _block(self, block: Block) -> None:
        """Puts what replaces each operation before it."""
        for op in tuple(block.ops):
            if isinstance(op, KernelOp):
                self._kernel(op)
            elif isinstance(op, View):
                self._view(op)
            elif isinstance(op, bufferization.AllocTensorOp):
                self._alloc(op)
            elif isinstance(op, tensor.InsertSliceOp):
                self._insert(op)
            elif isinstance(op, scf.ForOp):
                self._loop(op)
            elif isinstance(op, func.ReturnOp):
                self._return(op)

    def _ensure(self, value: SSAValue, holder: Holder, before: Operation) -> None:
        """Copies `value` to the place of `holder` if it is not there."""
        if not self.storage.places.is_at(value, holder) and not is_undefined(value):
            self.storage.copy(
                self.storage.value(value, before),
                self.storage.value(holder, before),
                before,
            )

    def _kernel(self, op: KernelOp) -> None:
        targets = op.block.args[len(op.inputs) :]
        for value, result, arg in zip(op.outputs, op.results, targets, strict=True):
            if reads_argument(arg):
                self._ensure(value, result, op)
        inputs = [self.storage.value(v, op) if is_tensor(v) else v for v in op.inputs]
        outputs = [self.storage.value(result, op) for result in op.results]
        new = on_memrefs(op, inputs, outputs)
        new.attributes = dict(op.attributes)
        Rewriter().insert_op(locate(new, op.location), InsertPoint.before(op))

    def _view(self, op: View) -> None:
        source, steps = op.operands[0], steps_of(op)
        placed = self.storage.places.is_at(op.result, source, steps)
        if placed or is_undefined(op.result):
            return
        slices = tuple(step for step in steps if isinstance(step, Slice))
        shape = slices[-1].sizes if slices else shape_of(source)
        source_part = self.storage.part_of(source, slices, op)
        self.storage.copy(
            source_part, self.storage.part_of(op.result, (Reshape(shape),), op), op
        )

    def _alloc(self, op: bufferization.AllocTensorOp) -> None:
        if op.copy is not None:
            self._ensure(op.copy, op.tensor, op)

    def _insert(self, op: tensor.InsertSliceOp) -> None:
        self._ensure(op.dest, op.result, op)
        if not self.storage.places.is_at(op.source, op.result, steps_of(op)):
            part = self.storage.part_of(op.result, steps_of(op), op)
            self.storage.copy(self.storage.value(op.source, op), part, op)

    def _loop(self, op: scf.ForOp) -> None:
        block = op.body.block
        for initial, arg in zip(op.iter_args, block.args[1:], strict=True):
            self._ensure(initial, arg, op)
        self._block(block)
        last = cast(scf.YieldOp, block.last_op)
        for final, arg in zip(last.arguments, block.args[1:], strict=True):
            last.location = maker_location(final, op.location)
            self._ensure(final, arg, last)

    def _return(self, op: func.ReturnOp) -> None:
        function = self.storage.places.function
        results = signature.result_attributes(function)
        location = op.location
        for index, value in enumerate(op.arguments):
            op.location = maker_location(value, location, results[index])
            self._ensure(value, self._output(index), op)


def maker_location(
    value: SSAValue, otherwise: LocationAttr, own: DictionaryAttr | None = None
) -> LocationAttr:
    """Where a copy of `value` is said to come from: its maker, or the result's name."""
    owner = value.owner
    name = own.data.get(NAME_ATTRIBUTE) if own is not None else None
    if isinstance(owner, Operation) and node_names(owner.location):
        return owner.location
    return name_location(name.data) if isinstance(name, StringAttr) else otherwise


def erase_tensors(block: Block) -> None:
    """Erases the operations on tensors, which nobody needs any more."""
    for op in reversed(tuple(block.ops)):
        if isinstance(op, scf.ForOp):
            erase_tensors(op.body.block)
            drop_carried(op)
        elif isinstance(op, func.ReturnOp | scf.YieldOp):
            op.operands = []
        elif any(map(is_tensor, (*op.operands, *op.results))):
            op.detach()
            op.erase()


def drop_carried(loop: scf.ForOp) -> None:
    """Replaces a loop by one that carries nothing."""
    block = loop.body.block
    for arg in tuple(block.args[1:]):
        block.erase_arg(arg)
    region = loop.detach_region(loop.body)
    new = scf.ForOp(loop.lb, loop.ub, loop.step, [], region)
    new.attributes = dict(loop.attributes)
    new.location = loop.location
    Rewriter().replace_op(loop, new, [None] * len(loop.results))


def check_supported(function: func.FuncOp) -> None:
    """Refuses a driver with operations on tensors that have no place in memory."""
    last = function.body.block.last_op
    for block in driver_blocks(function.body.block):
        for op in block.ops:
            on_tensors = any(map(is_tensor, (*op.operands, *op.results)))
            constant = isinstance(op, arith.ConstantOp)
            if (
                on_tensors
                and not isinstance(op, SUPPORTED)
                and not constant
                and op is not last
            ):
                message = "expected kernels, slices and reshapes on tensors only"
                op.emit_error(message, PassFailedException(message))


def check_jumps(module: ModuleOp) -> None:
    """Refuses a function on tensors that has several blocks."""
    for op in module.body.block.ops:
        count = len(op.body.blocks) if isinstance(op, func.FuncOp) else 0
        values = (v for inner in op.walk() for v in (*inner.operands, *inner.results))
        if count > 1 and any(map(is_tensor, values)):
            message = f"function on tensors must have one block, got {count}"
            op.emit_error(message, PassFailedException(message))


def check_levels(function: func.FuncOp, levels: MemoryLevels) -> None:
    """Refuses a kernel that would touch a memory level that it may not."""
    if levels.is_flat:
        return
    for op in function.walk():
        touched = filter(is_tensor, op.operands if isinstance(op, KernelOp) else ())
        for level in map(levels.of, touched):
            if not levels.is_open(level):
                message = (
                    "kernel must work on memory levels that are open to kernels, "
                    f"got a tensor in {level}"
                )
                op.emit_error(message, PassFailedException(message))


def is_driver(function: func.FuncOp) -> bool:
    """Whether `function` takes, makes or returns tensors."""
    ops = function.walk()
    values = (v for inner in ops for v in (*inner.operands, *inner.results))
    return any(map(is_tensor, (*function.body.block.args, *values)))


class MemoryBufferizePass(ModulePass):
    """Replaces the tensors of every driver by memrefs."""

    name = "memory-bufferize"
    needs = (Property.STAGED,)
    establishes = (
        Property.BUFFERS,
        Property.AWAITED,
        Property.WHOLE_TRANSFERS,
        Property.FREE_OFFSETS,
    )
    ends = (Property.STRUCTURED,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        check_jumps(op)
        levels = levels_around(op)
        constants = Constants(op, StringAttr(levels.constants))
        labels: set[str] = set()
        given = levels.caller if levels.is_open(levels.caller) else levels.near
        adopt_constants(op, levels.constants)
        for function in functions_of(op):
            adopt_allocations(function, levels.near, labels)
            if is_driver(function):
                check_storable(function)
                check_supported(function)
                check_levels(function, levels)
                places = places_of(function)
                Bufferizer(Storage(places, constants, labels)).run()
            else:
                signature.give_roles(function, given)
