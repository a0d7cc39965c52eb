"""
Decides how the loops of every kernel are cut into blocks, and writes it down.

Before:
```mlir
linalg.generic {…["parallel", "parallel", "reduction"]} ins(%x, %w) outs(%acc) { … }
linalg.generic {…["parallel", "parallel"]} ins(%acc, %bias) outs(%y) { … }
```
After:
```mlir
linalg.generic {…, deploy.blocks = {order = array<i64: 0, 1, 2>,
                                    sizes = array<i64: 1, 1, 4>}} …
linalg.generic {…, deploy.blocks = {order = array<i64: 1, 0>,
                                    sizes = array<i64: 5, 16>,
                                    lanes = array<i64: 1, 16, 4>}} …
```

Nothing but indexing maps, element types and the machine are looked at: of the ways to
cut the loops that leave what is accumulated in registers, the one with the fewest
instructions is taken (`tally.py`), those in the code weighed by their bytes
(`place.py`). An operation that says `deploy.blocks` already keeps what it says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import func
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.linalg import ops as linalg
from xdsl.passes import ModulePass

from ...analysis.groups import kernels_of
from ...analysis.structured import loop_ranges
from ...machine import Machine, has_machine, machine_of
from ...properties import Property
from .blocks import BLOCKS_ATTRIBUTE, Blocks
from .candidates import Alike, best
from .costs import Costs, Trial
from .dataflow import Dataflow, Structured, parallel_dims
from .reads import Reads
from .registers import Registers


def choose(
    kernel: func.FuncOp,
    machine: Machine,
    pick: Callable[[Costs], Trial | None] = best,
    calls: int = 1,
) -> None:
    """
    Writes `deploy.blocks`, as picked, on the structured operations of `kernel`.

    Where several `calls` share it, its place in memory is shared as well.
    """
    registers = Registers.of(machine)
    registers = replace(registers, cold=registers.cold / max(calls, 1))
    flow = Dataflow.of(kernel.body.block)
    for op in flow.roots:
        if BLOCKS_ATTRIBUTE in op.attributes:
            continue
        reads = Reads.of(op, flow)
        costs = Costs(reads, registers, machine.has_fma)
        trial = pick(costs)
        if trial is not None:
            write(costs, trial)


def write(costs: Costs, trial: Trial) -> None:
    """Writes what has been chosen onto the operations whose loops are cut."""
    loops = costs.reads.loops
    for op in dict.fromkeys(op for op, _ in loops):
        assert isinstance(op, linalg.FillOp | linalg.GenericOp)
        own = {dim: n for n, (owner, dim) in enumerate(loops) if owner is op}
        blocks = blocks_of(op, own, trial)
        if trial.lane_loop in own.values() and trial.lane_loop in costs.outer:
            blocks = replace(blocks, register=costs.register_lanes(trial.lane_loop))
        op.attributes[BLOCKS_ATTRIBUTE] = blocks.as_attribute()


def blocks_of(op: Structured, own: dict[int, int], trial: Trial) -> Blocks:
    """What is chosen for one operation, whose loop `dim` is loop `own[dim]`."""
    dims = range(len(loop_ranges(op)))
    sizes = tuple(trial.sizes[own[dim]] if dim in own else 1 for dim in dims)
    places = {loop: place for place, loop in enumerate(trial.order)}
    others = [dim for dim in dims if dim not in own]
    order = (*others, *sorted(own, key=lambda dim: places[own[dim]]))
    if isinstance(op, linalg.GenericOp) and not others:
        outer = set(parallel_dims(op))
        order = tuple(sorted(order, key=lambda dim: dim not in outer))
    lane = next((dim for dim, n in own.items() if n == trial.lane_loop), None)
    return Blocks(order, sizes, lane, trial.lanes if lane is not None else 1)


class VectorChooseBlocksPass(ModulePass):
    """Decides how the loops of every kernel are cut into blocks."""

    name = "vector-choose-blocks"
    needs = (Property.OUTLINED,)
    establishes = (Property.BLOCKS,)
    ends = (Property.FREE_BLOCKS,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if not has_machine(op):
            return
        machine = machine_of(op)
        calls = Counter(
            call.callee.string_value()
            for call in op.walk()
            if isinstance(call, func.CallOp)
        )
        alike = Alike()
        for kernel in kernels_of(op):
            choose(kernel, machine, alike.best, calls[kernel.sym_name.data])
