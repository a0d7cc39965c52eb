"""
Turns the structured operations of every kernel into loops over scalars.

Before:
```mlir
func.func private @k(%x: memref<4x8xf32, "ram">, %y: memref<4xf32, "ram">)
    attributes {deploy.kernel} {
  %acc = deploy.registers : memref<4xf32, "register">
  linalg.fill ins(%zero : f32) outs(%acc : …)
  linalg.generic {…["parallel", "reduction"]} ins(%x) outs(%acc) { … addf … }
  linalg.generic {…["parallel"]} ins(%acc) outs(%y) { … maximumf … }
```
After:
```mlir
  scf.for %i0 = %c0 to %c4 step %c1 {
    %acc = scf.for %r1 = %c0 to %c8 step %c1 iter_args(%acc_in = %zero) -> (f32) { … }
    %r = arith.maximumf %acc, %zero : f32
    memref.store %r, %y[%i0] : memref<4xf32, "ram">
  }
```

One rule serves every operator: an operation that writes memory becomes loops over its
parallel dimensions; an element it reads from `deploy.registers` is computed where it is
read, by the operation that wrote it; reduction dimensions become loops that carry the
accumulator. A fill whose value only starts an accumulator costs nothing. Of registers
that a part was written of once more, as those of a padding, an element is chosen by
tests that stand in the outermost loop where their outcome is known. The number of
multiply-adds is noted as `deploy.macs`, since it cannot be seen from loops.
"""

from __future__ import annotations

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import func, memref
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block
from xdsl.passes import ModulePass

from ...analysis.groups import kernels_of
from ...dialects import deploy
from ...machine import has_machine, machine_of
from ...properties import Property
from .dataflow import Dataflow, is_register, refuse
from .multiply_adds import note_multiply_adds
from .nests import Nests
from .registers import Registers


def lower_kernel(kernel: func.FuncOp, registers: Registers | None = None) -> None:
    """Replaces every structured operation of `kernel` by loops."""
    block = kernel.body.block
    note_multiply_adds(kernel)
    flow = Dataflow.of(block)
    nests = Nests(kernel, flow, registers)
    for op in flow.roots:
        nests.write_memory(op)
    for op in reversed(flow.sources):
        op.detach()
        op.erase()
    erase_registers(block)


def erase_registers(block: Block) -> None:
    """Removes registers and parts of them, which nobody may use any more."""
    for op in reversed(list(block.ops)):
        if not isinstance(op, deploy.RegistersOp | memref.SubviewOp):
            continue
        if not is_register(op.result):
            continue
        for use in op.result.uses:
            refuse(use.operation, "only structured operations may use registers")
        op.detach()
        op.erase()


class VectorLowerKernelsPass(ModulePass):
    """Turns structured operations on buffers into loops over scalars."""

    name = "vector-lower-kernels"
    needs = (Property.OUTLINED, Property.BLOCKS)
    establishes = (Property.LOOPS, Property.PRODUCTS)
    ends = (Property.BLOCKS,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        registers = Registers.of(machine_of(op)) if has_machine(op) else None
        for kernel in kernels_of(op):
            if len(kernel.body.blocks) != 1:
                refuse(kernel, "kernel must have one block")
            lower_kernel(kernel, registers)
