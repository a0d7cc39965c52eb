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
`memref.subview`, each constant a `memref.global`, and what is not where it must be is
copied by a kernel.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeGuard, cast

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import arith, func, memref, scf, tensor
from xdsl.dialects.builtin import (
    DenseIntOrFPElementsAttr,
    MemRefType,
    ModuleOp,
    StridedLayoutAttr,
    StringAttr,
    UnitAttr,
)
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.exceptions import PassFailedException

from ...analysis.access import reads_argument
from ...analysis.groups import driver_blocks
from ...analysis.places import places_of, returned_values
from ...analysis.regions import Path, Reshape, Slice, row_major, steps_of
from ...analysis.sharing import Buffer, Holder, Output, Places
from ...analysis.structured import shape_of
from ...analysis.timeline import Fresh, View, is_tensor, is_undefined
from ...dialects.deploy import BufferOp, KernelOp
from ...machine import has_machine, machine_of
from ...rewriting import locate, node_names
from . import signature
from .kernels import copy_kernel, element_type_of, on_memrefs

SUPPORTED = Fresh | View | KernelOp | tensor.InsertSliceOp | scf.ForOp | scf.YieldOp
"""What may use a tensor in a driver, besides constants and `func.return`."""


@dataclass(frozen=True)
class Levels:
    """The memory levels that buffers, the caller and constants use."""

    buffers: StringAttr
    caller: StringAttr
    constants: StringAttr


def levels_of(module: ModuleOp) -> Levels:
    """The machine's levels; `ram` and `flash` where no machine is attached."""
    if not has_machine(module):
        return Levels(StringAttr("ram"), StringAttr("ram"), StringAttr("flash"))
    machine = machine_of(module)
    near = next((v for v in machine.levels if v.writable and v.kernels), None)
    buffers = machine.io_level if near is None else near.name
    names = buffers, machine.io_level, machine.weights_level
    return Levels(*map(StringAttr, names))


@dataclass
class Constants:
    """The constants of a module, each once."""

    module: ModuleOp
    space: StringAttr
    globals: dict[Attribute, memref.GlobalOp] = field(
        default_factory=dict[Attribute, memref.GlobalOp]
    )

    def of(self, op: arith.ConstantOp) -> memref.GetGlobalOp:
        """Access to the data of `op`."""
        data = cast(DenseIntOrFPElementsAttr, op.value)
        if data not in self.globals:
            self.globals[data] = self._new(op, data)
        known = self.globals[data]
        return memref.GetGlobalOp(known.sym_name.data, known.type)

    def _new(
        self, op: arith.ConstantOp, data: DenseIntOrFPElementsAttr
    ) -> memref.GlobalOp:
        names = node_names(op.location) or tuple(
            name
            for use in op.result.uses
            for name in node_names(use.operation.location)
        )
        symbol = f"weights_{len(self.globals)}"
        new = memref.GlobalOp.get(
            StringAttr(symbol),
            MemRefType(
                data.get_element_type(), data.get_shape(), memory_space=self.space
            ),
            data,
            constant=UnitAttr(),
        )
        new.attributes["deploy.name"] = StringAttr(names[0] if names else symbol)
        new.location = op.location
        block = self.module.body.block
        last = list(self.globals.values())[-1:]
        if last:
            block.insert_ops_after([new], last[0])
        else:
            Rewriter().insert_op(new, InsertPoint.at_start(block))
        return new


@dataclass
class Bufferizer:
    """Rewrites one driver, operation by operation."""

    places: Places
    levels: Levels
    constants: Constants
    labels: set[str]
    """The labels of all buffers so far."""
    roots: dict[Buffer, SSAValue] = field(default_factory=dict[Buffer, SSAValue])
    """The whole of each buffer that has been used so far."""
    parts: dict[tuple[Block, SSAValue, Path], SSAValue] = field(
        default_factory=dict[tuple[Block, SSAValue, Path], SSAValue]
    )
    """The parts that have been made in each block."""

    def value(self, holder: Holder, before: Operation) -> SSAValue:
        """The memory of `holder`, for use right before an operation."""
        buffer = self.places.buffer[holder]
        return self.part(buffer, self.places.path(holder), before)

    def part_of(self, whole: Holder, steps: Path, before: Operation) -> SSAValue:
        """The memory where `steps` lead from `whole`."""
        path = self.places.path_of_part(whole, steps)
        return self.part(self.places.buffer[whole], path, before)

    def part(self, buffer: Buffer, path: Path, before: Operation) -> SSAValue:
        """The memory at `path` of `buffer`."""
        if buffer not in self.roots:
            self.roots[buffer] = self._root(buffer, before)
        value = self.roots[buffer]
        for step in path:
            value = self._step(value, step, before)
        return value

    def _step(
        self, value: SSAValue, step: Slice | Reshape, before: Operation
    ) -> SSAValue:
        block: Block | None = before.parent
        assert block is not None, "a driver's operation stands in a block"
        around: Block | None = block
        while around is not None:
            if (around, value, (step,)) in self.parts:
                return self.parts[around, value, (step,)]
            around = around.parent_block()
        part = locate(part_op(value, step), before.location)
        Rewriter().insert_op(part, InsertPoint.before(before))
        self.parts[block, value, (step,)] = part.results[0]
        return part.results[0]

    def _root(self, buffer: Buffer, before: Operation) -> SSAValue:
        """The whole of a buffer that no argument is."""
        block = self.places.function.body.block
        at = before
        while at.parent is not block:
            at = cast(Operation, at.parent_op())
        fixed = buffer.fixed
        if isinstance(fixed, SSAValue):
            constant = self.constants.of(cast(arith.ConstantOp, fixed.owner))
            new, value = constant, constant.memref
        else:
            member = next(m for m in buffer.members if isinstance(m, SSAValue))
            element = element_type_of(member.type)
            names = node_names(before.location)
            label = self._label(names[0] if names else "buffer")
            type_ = MemRefType(element, buffer.shape, memory_space=self.levels.buffers)
            new = BufferOp(label, type_)
            value = new.result
        Rewriter().insert_op(locate(new, before.location), InsertPoint.before(at))
        return value

    def _label(self, name: str) -> str:
        """`name`, with a number where there is one of that name already."""
        candidates = (
            name if n == 0 else f"{name}.{n}" for n in range(len(self.labels) + 1)
        )
        label = next(label for label in candidates if label not in self.labels)
        self.labels.add(label)
        return label

    def copy(self, source: SSAValue, destination: SSAValue, before: Operation) -> None:
        """Copies right before an operation."""
        kernel = locate(copy_kernel(source, destination), before.location)
        Rewriter().insert_op(kernel, InsertPoint.before(before))

    def run(self) -> None:
        """Rewrites the whole function."""
        function = self.places.function
        block = function.body.block
        old = tuple(block.args)
        new = signature.memref_arguments(function, self.levels.caller)
        outputs = range(len(returned_values(function)))
        holders = [*(arg for arg in old if is_tensor(arg)), *map(self._output, outputs)]
        for holder, arg in zip(holders, new, strict=True):
            self.roots[self.places.buffer[holder]] = arg
        self._block(block)
        erase_tensors(block)
        signature.finish(function)

    def _output(self, index: int) -> Output:
        value = returned_values(self.places.function)[index]
        return Output(index, shape_of(value))

    def _block(self, block: Block) -> None:
        """Puts what replaces each operation before it."""
        for op in tuple(block.ops):
            if isinstance(op, KernelOp):
                self._kernel(op)
            elif isinstance(op, View):
                self._view(op)
            elif isinstance(op, tensor.InsertSliceOp):
                self._insert(op)
            elif isinstance(op, scf.ForOp):
                self._loop(op)
            elif isinstance(op, func.ReturnOp):
                self._return(op)

    def _ensure(self, value: SSAValue, holder: Holder, before: Operation) -> None:
        """Copies `value` to the place of `holder` if it is not there."""
        if not self.places.is_at(value, holder) and not is_undefined(value):
            self.copy(self.value(value, before), self.value(holder, before), before)

    def _kernel(self, op: KernelOp) -> None:
        for index, (value, result) in enumerate(
            zip(op.outputs, op.results, strict=True)
        ):
            if reads_argument(op.block.args[len(op.inputs) + index]):
                self._ensure(value, result, op)
        inputs = [self.value(v, op) if is_tensor(v) else v for v in op.inputs]
        outputs = [self.value(result, op) for result in op.results]
        new = on_memrefs(op, inputs, outputs)
        new.attributes = dict(op.attributes)
        Rewriter().insert_op(locate(new, op.location), InsertPoint.before(op))

    def _view(self, op: View) -> None:
        source, steps = op.operands[0], steps_of(op)
        if self.places.is_at(op.result, source, steps) or is_undefined(op.result):
            return
        slices = tuple(step for step in steps if isinstance(step, Slice))
        shape = slices[-1].sizes if slices else shape_of(source)
        source_part = self.part_of(source, slices, op)
        self.copy(source_part, self.part_of(op.result, (Reshape(shape),), op), op)

    def _insert(self, op: tensor.InsertSliceOp) -> None:
        self._ensure(op.dest, op.result, op)
        if not self.places.is_at(op.source, op.result, steps_of(op)):
            part = self.part_of(op.result, steps_of(op), op)
            self.copy(self.value(op.source, op), part, op)

    def _loop(self, op: scf.ForOp) -> None:
        block = op.body.block
        for initial, arg in zip(op.iter_args, block.args[1:], strict=True):
            self._ensure(initial, arg, op)
        self._block(block)
        last = cast(scf.YieldOp, block.last_op)
        for final, arg in zip(last.arguments, block.args[1:], strict=True):
            self._ensure(final, arg, last)

    def _return(self, op: func.ReturnOp) -> None:
        for index, value in enumerate(op.arguments):
            self._ensure(value, self._output(index), op)


def part_op(value: SSAValue, step: Slice | Reshape) -> Operation:
    """The operation that makes a part, or another shape, of a memref."""
    type_ = cast(MemRefType[Attribute], value.type)
    if isinstance(step, Slice):
        part = step.offsets, step.sizes, step.strides
        return memref.SubviewOp.get(
            value, *part, memref.SubviewOp.infer_result_type(type_, *part)
        )
    offset = type_.get_offset()
    assert offset is not None, "only what stands at a known offset is reshaped"
    strides = row_major(step.shape).strides
    plain = MemRefType(type_.element_type, step.shape, memory_space=type_.memory_space)
    moved = MemRefType(
        type_.element_type,
        step.shape,
        StridedLayoutAttr(strides, offset),
        type_.memory_space,
    )
    result = moved if offset else plain
    return memref.ReinterpretCastOp.from_dynamic(
        value, [offset], step.shape, strides, result
    )


def erase_tensors(block: Block) -> None:
    """Erases the operations on tensors, which nobody needs any more."""
    for op in reversed(tuple(block.ops)):
        if isinstance(op, scf.ForOp):
            erase_tensors(op.body.block)
            drop_carried(op)
        elif isinstance(op, func.ReturnOp):
            op.operands = []
        elif any(map(is_tensor, (*op.operands, *op.results))):
            op.detach()
            op.erase()


def drop_carried(loop: scf.ForOp) -> None:
    """Replaces a loop by one that carries nothing."""
    block = loop.body.block
    last = cast(scf.YieldOp, block.last_op)
    last.operands = []
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


def is_driver(op: Operation) -> TypeGuard[func.FuncOp]:
    """Whether `op` is a function with a body that takes, makes or returns tensors."""
    if not isinstance(op, func.FuncOp) or op.is_declaration:
        return False
    values = (v for inner in op.walk() for v in (*inner.operands, *inner.results))
    return any(map(is_tensor, (*op.body.block.args, *values)))


@dataclass(frozen=True)
class MemoryBufferizePass(ModulePass):
    """Replaces the tensors of every driver by memrefs."""

    name = "memory-bufferize"

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        levels = levels_of(op)
        constants = Constants(op, levels.constants)
        labels: set[str] = set()
        for function in tuple(op.body.block.ops):
            if is_driver(function):
                check_supported(function)
                places = places_of(function)
                Bufferizer(places, levels, constants, labels).run()
