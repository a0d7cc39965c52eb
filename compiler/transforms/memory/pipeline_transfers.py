"""
Lets transfers run while kernels do.

Before:
```mlir
%a = deploy.buffer "a" : memref<8xi8, "L1">
scf.for %i = %c0 to %c32 step %c8 {
  %s = memref.subview %x[%i] [8] [1]
  %t = deploy.dma_start %s, %a
  deploy.dma_wait %t
  deploy.kernel(%a) outs(%sum)
}
```
After:
```mlir
%a = deploy.buffer "a" : memref<2x8xi8, "L1">
%first = deploy.dma_start %x[0], %a[0]
%last = scf.for %i = %c0 to %c24 step %c8 iter_args(%t = %first) {
  deploy.dma_wait %t
  %next = deploy.dma_start %x[%i + 8], %a[1 - %half]
  deploy.kernel(%a[%half]) outs(%sum)
  scf.yield %next
}
deploy.dma_wait %last
deploy.kernel(%a[1]) outs(%sum)
```

In a loop, what is another one in each round gets two halves, so that a transfer runs
beside the kernels of the round before or behind (`analysis/stages.py` has the order and
its proof). In a straight line the start of an incoming transfer moves up past the work
before it, and the wait for an outgoing one moves down past the work behind it. All this
only where the level has room, and on hops that are asynchronous.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import func, scf
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from ...analysis.access import VIEWS
from ...analysis.areas import rounds_of
from ...analysis.groups import functions_of
from ...analysis.hops import Hops
from ...analysis.lifetimes import operations_of
from ...analysis.memory import bytes_of, level_of, machine_around
from ...analysis.overlap import Effects
from ...analysis.room import Room
from ...analysis.schedules import Schedule, Transfer
from ...analysis.stages import Body
from ...dialects.deploy import BufferOp, DmaStartOp
from ...properties import Property
from .halves import NewBuffers
from .moved_transfers import Mover
from .pipelined_loop import PipelinedLoop
from .pipelined_steps import PipelinedSteps
from .storage import labels_in


def loops_in(block: Block) -> Iterator[scf.ForOp]:
    """The loops in `block`, inner ones first."""
    for op in tuple(block.ops):
        if isinstance(op, scf.ForOp):
            yield from loops_in(op.body.block)
            yield op


def blocks_in(block: Block) -> Iterator[Block]:
    """`block` and the bodies of the loops in it."""
    yield block
    for op in block.ops:
        if isinstance(op, scf.ForOp):
            yield from blocks_in(op.body.block)


def best_schedule(body: Body, candidates: Sequence[Transfer]) -> Schedule | None:
    """The order in which as many of these transfers as can be are taken apart."""
    best = None
    for candidate in candidates:
        parted = (*(best.parted if best is not None else ()), candidate)
        best = body.schedule(parted) or best
    return best


@dataclass
class Pipeliner:
    """Pipelines the transfers of one driver."""

    driver: func.FuncOp
    hops: Hops
    ahead: int
    room: Room
    effects: Effects = field(default_factory=Effects)

    def run(self) -> None:
        """Loops first, inner ones before outer ones, then straight lines."""
        for loop in tuple(loops_in(self.driver.body.block)):
            self.loop(loop)
        for block in tuple(blocks_in(self.driver.body.block)):
            Mover(block, self.effects, self.hops, self.ahead, self.room).run()

    def loop(self, loop: scf.ForOp) -> None:
        """Pipelines one loop, with as many of its transfers as there is room for."""
        body = Body(loop, self.effects, self.hops)
        rounds = len(rounds_of(loop))
        if loop.iter_args or not rounds or not body.is_known:
            return
        if rounds == 1:
            self.unroll(body)
            return
        schedule = best_schedule(body, body.candidates())
        if schedule is not None and not self.has_room(body, schedule):
            schedule = self.best_with_room(body, schedule.parted)
        if schedule is not None:
            self.replace(body, schedule)

    def unroll(self, body: Body) -> None:
        """Makes a straight line of a loop of one round, if that can be of use."""
        straight = body.schedule(())
        assert straight is not None, "nothing changes its order"
        starts = (transfer.start for transfer in body.transfers)
        helps = any(map(self.hops.is_asynchronous, starts))
        if helps and self.has_room(body, straight):
            self.replace(body, straight)

    def best_with_room(
        self, body: Body, candidates: Sequence[Transfer]
    ) -> Schedule | None:
        """
        The order with as many of these transfers as have room, largest first.

        For all of them there is none.
        """
        best: Schedule | None = None
        parted: list[Transfer] = []
        for candidate in sorted(
            candidates, key=lambda t: -bytes_of(t.start.source.type)
        ):
            chosen = [each for each in candidates if each in (*parted, candidate)]
            if len(chosen) == len(candidates):
                break
            schedule = body.schedule(chosen)
            if schedule is not None and self.has_room(body, schedule):
                best, parted = schedule, chosen
        return best

    def has_room(self, body: Body, schedule: Schedule) -> bool:
        """Whether there is room for a loop in another order."""
        halves = {buffer: bytes_of(buffer.type) for buffer in schedule.doubled}
        if not self.room.allows(body.loop, halves):
            return False
        buffers = NewBuffers(set())
        own, known = body.own(schedule), self.room.current.known
        steps = PipelinedSteps(body.loop, schedule, own, buffers, known).all()
        suffices = self.room.would_suffice(levels_of(body), body.loop, steps)
        buffers.undo()
        return suffices

    def replace(self, body: Body, schedule: Schedule) -> None:
        """Brings a loop into another order."""
        block, own = body.loop.parent, body.own(schedule)
        assert block is not None, "a loop is in a driver"
        labels = labels_in(self.driver) if own else set[str]()
        PipelinedLoop(body.loop, schedule, own, NewBuffers(labels)).write()
        Rewriter.erase_op(body.loop)
        self.room.now = self.room.changed(block)
        erase_unused(self.driver)


def levels_of(body: Body) -> set[str]:
    """The levels of all that a loop touches."""
    touches = (each for op in body.steps for each in body.touches(op))
    return {level_of(each.buffer.type) for each in touches}


def erase_unused(driver: func.FuncOp) -> None:
    """Erases the buffers that nobody uses any more, and the parts of them."""
    kinds = (BufferOp, *VIEWS)
    made = [op for op in operations_of(driver) if isinstance(op, kinds)]
    for op in reversed(made):
        if not op.results[0].uses:
            Rewriter.erase_op(op)


@dataclass(frozen=True)
class MemoryPipelineTransfersPass(ModulePass):
    """Starts transfers earlier and waits for them later, where there is room."""

    name = "memory-pipeline-transfers"
    needs = (Property.BUFFERS, Property.WHOLE_TRANSFERS)
    ends = (Property.AWAITED,)

    ahead: int = 1
    """How many kernels or loops before its use a transfer starts; 0 moves nothing."""

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        machine = machine_around(op)
        if machine is None or self.ahead < 1:
            return
        for driver in functions_of(op):
            if any(isinstance(inner, DmaStartOp) for inner in operations_of(driver)):
                hops = Hops(machine)
                Pipeliner(driver, hops, self.ahead, Room(driver)).run()
