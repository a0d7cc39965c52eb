"""
Predicts how many instructions every kernel takes, by how its loops are cut.

Before:
```mlir
func.func private @k(%x: memref<64xf32>, %y: memref<64xf32>) attributes {deploy.kernel} {
  linalg.generic {…, deploy.blocks = {sizes = array<i64: 8>, lanes = array<i64: 0, 8>}} …
```
After:
```mlir
func.func private @k(%x: memref<64xf32>, %y: memref<64xf32>)
    attributes {deploy.kernel, deploy.instructions = 96 : i64} {
```

These are the weighted instructions of one call, a vector instruction counted as often
as it has registers: the count by which `vector-choose-blocks` has chosen, less what it
adds for the size of the code. What stands in `deploy.blocks` is counted, whoever wrote
it. A kernel that cannot be cut that way gets no number.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import func
from xdsl.dialects.builtin import IntegerAttr, ModuleOp, i64
from xdsl.dialects.linalg import ops as linalg
from xdsl.passes import ModulePass

from ...analysis.groups import kernels_of
from ...analysis.program import INSTRUCTIONS_ATTRIBUTE
from ...machine import Machine, has_machine, machine_of
from .blocks import Blocks
from .costs import Costs, Registers, Trial
from .dataflow import Dataflow, is_register
from .reads import Reads
from .tally import Tally


def predicted(kernel: func.FuncOp, machine: Machine) -> float:
    """The weighted instructions of one call of `kernel`; infinite where it cannot be."""
    flow = Dataflow.of(kernel.body.block)
    total = 0.0
    for op in flow.sources:
        assert isinstance(op, linalg.FillOp | linalg.GenericOp)
        if not is_register(op.outputs[0]) and op not in flow.forwarded:
            reads = Reads.of(op, flow)
            costs = Costs(reads, Registers.of(machine), machine.has_fma)
            total += Tally(costs, written(reads)).executed()
    return total


def written(reads: Reads) -> Trial:
    """The way to cut the loops of a nest that stands on its operations."""
    owners = dict.fromkeys(op for op, _ in reads.loops)
    blocks = {
        op: Blocks.of(op)
        for op in owners
        if isinstance(op, linalg.FillOp | linalg.GenericOp)
    }
    places = {loop: number for number, loop in enumerate(reads.loops)}
    order = [
        places[op, dim]
        for op, own in blocks.items()
        for dim in own.order
        if (op, dim) in places
    ]
    # Loops over reductions stand inside of those over results.
    order.sort(key=lambda loop: not reads.is_outer(loop))
    sizes = tuple(blocks[op].sizes[dim] for op, dim in reads.loops)
    wide = (
        (places[op, own.lane_loop], own.lanes)
        for op, own in blocks.items()
        if (op, own.lane_loop) in places
    )
    return Trial(sizes, tuple(order), *next(wide, (None, 1)))


@dataclass(frozen=True)
class VectorPredictInstructionsPass(ModulePass):
    """Writes the predicted instructions of every kernel as `deploy.instructions`."""

    name = "vector-predict-instructions"

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if not has_machine(op):
            return
        machine = machine_of(op)
        for kernel in kernels_of(op):
            count = predicted(kernel, machine)
            if isfinite(count):
                number = IntegerAttr(round(count), i64)
                kernel.attributes[INSTRUCTIONS_ATTRIBUTE] = number
