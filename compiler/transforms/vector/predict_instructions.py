"""
Predicts how many instructions every kernel takes, by how its loops are cut.

Before:
```mlir
func.func private @k(%x: memref<64xf32>, %y: memref<64xf32>)
    attributes {deploy.kernel} {
  linalg.generic {…, deploy.blocks = {sizes = array<i64: 8>, …}} …
```
After:
```mlir
func.func private @k(%x: memref<64xf32>, %y: memref<64xf32>)
    attributes {deploy.kernel, deploy.instructions = 96 : i64, deploy.macs = 0 : i64} {
```

These are the weighted instructions of one call, a vector instruction counted as often
as it has registers: the count by which `vector-choose-blocks` has chosen, less what it
adds for the size of the code, and with products of integers as vectors of RISC-V take
them. What stands in `deploy.blocks` is counted, whoever wrote it. A kernel that cannot
be cut that way gets no number; one that is loops already keeps its own. The
multiply-adds are noted with them: loops no longer show either.
"""

from __future__ import annotations

from dataclasses import replace
from math import isfinite

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import func
from xdsl.dialects.builtin import IntegerAttr, ModuleOp, i64
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Operation
from xdsl.passes import ModulePass

from ...analysis.groups import kernels_of
from ...analysis.program import INSTRUCTIONS_ATTRIBUTE
from ...machine import Machine, has_machine, machine_of
from ...properties import Property
from .blocks import Blocks
from .broadcasts import taken
from .costs import Costs, Trial
from .dataflow import Dataflow, Structured
from .multiply_adds import note_multiply_adds
from .reads import Reads
from .registers import Registers
from .tally import Tally


def predicted(kernel: func.FuncOp, machine: Machine) -> float:
    """Weighted instructions of one call of `kernel`; infinite where it cannot be."""
    flow = Dataflow.of(kernel.body.block)
    widens = machine.has_riscv_vectors
    registers = replace(Registers.of(machine), widens=widens, apart=1.0)
    total = 0.0
    for op in flow.roots:
        reads = Reads.of(op, flow)
        costs = Costs(reads, registers, machine.has_fma)
        total += taken(Tally(costs, written(reads)))
    return total


def written(reads: Reads) -> Trial:
    """The way to cut the loops of a nest that stands on its operations."""
    loops = range(len(reads.loops))
    blocks = [blocks_of(op) for op, _ in reads.loops]
    dims = [dim for _, dim in reads.loops]
    sizes = tuple(blocks[n].sizes[dims[n]] for n in loops)
    # Loops over reductions stand inside of those over results.
    order = sorted(
        loops,
        key=lambda n: (not reads.is_outer(n), blocks[n].order.index(dims[n])),
    )
    lane = next((n for n in loops if blocks[n].lane_loop == dims[n]), None)
    return Trial(sizes, tuple(order), lane, 1 if lane is None else blocks[lane].lanes)


def blocks_of(op: Operation) -> Blocks:
    """How one operation is cut."""
    assert isinstance(op, linalg.FillOp | linalg.GenericOp), "loops are of these"
    return Blocks.of(op)


class VectorPredictInstructionsPass(ModulePass):
    """Writes the predicted instructions of every kernel as `deploy.instructions`."""

    name = "vector-predict-instructions"
    needs = (Property.OUTLINED, Property.BLOCKS)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if not has_machine(op):
            return
        machine = machine_of(op)
        for kernel in kernels_of(op):
            if not any(
                isinstance(inner, Structured) for inner in kernel.body.block.ops
            ):
                continue  # what is written as loops was counted then
            note_multiply_adds(kernel)
            count = predicted(kernel, machine)
            if isfinite(count):
                number = IntegerAttr(round(count), i64)
                kernel.attributes[INSTRUCTIONS_ATTRIBUTE] = number
