"""
Lets a loop over tiles put its result, tile by tile, where its operand was.

Before:
```mlir
%a = deploy.buffer "conv" : memref<8x4xf32, "L2">
%b = deploy.buffer "add" : memref<8x4xf32, "L2">
scf.for %i = %c0 to %c8 step %c2 {
  … // from %a[%i, 0] [2, 4] to L1
  deploy.kernel …
  … // from L1 to %b[%i, 0] [2, 4]
}
```
After:
```mlir
%a = deploy.buffer "conv" : memref<8x4xf32, "L2">
scf.for %i = %c0 to %c8 step %c2 {
  … // from %a[%i, 0] [2, 4] to L1
  deploy.kernel …
  … // from L1 to %a[%i, 0] [2, 4]
}
```

Only buffers in levels that kernels may not touch, which are needed at the same time
(the others share bytes anyway), and whose transfers are proved to come in the right
order for each element (`analysis/reuse.py`): what a later tile still reads prevents it.
Where kernels may touch every level nothing changes; there results take the place of
operands in `analysis/places.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import func
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter

from ...analysis.groups import functions_of
from ...analysis.levels import MemoryLevels, levels_around
from ...analysis.lifetimes import Lifetime, lifetimes_of
from ...analysis.reuse import Visit, can_be_one, visits_of
from ...dialects.deploy import BufferOp
from ...properties import Property


@dataclass
class Shared:
    """A buffer that may have become several ones in one."""

    buffer: BufferOp
    visits: list[Visit]
    lifetime: Lifetime

    def takes(self, other: Shared) -> bool:
        """Whether `other` can be in this buffer, and saves bytes there."""
        mine, yours = self.lifetime, other.lifetime
        same = self.buffer.result.type == other.buffer.result.type
        same = same and self.buffer.parent is other.buffer.parent
        at_once = mine.start < yours.end and yours.start < mine.end
        return same and at_once and can_be_one(self.visits, other.visits)

    def take(self, other: Shared) -> None:
        """Puts `other` into this buffer."""
        self.visits += other.visits
        ends = max(self.lifetime.end, other.lifetime.end)
        self.lifetime = Lifetime(self.lifetime.start, ends)
        if other.buffer.is_before_in_block(self.buffer):
            self.buffer.detach()
            Rewriter().insert_op(self.buffer, InsertPoint.before(other.buffer))
        Rewriter().replace_op(other.buffer, [], [self.buffer.result])


def far_buffers(driver: func.FuncOp, levels: MemoryLevels) -> list[BufferOp]:
    """The buffers in levels that kernels may not touch."""
    buffers = (op for op in driver.walk() if isinstance(op, BufferOp))
    return [buffer for buffer in buffers if not levels.is_open(buffer.level)]


def share(driver: func.FuncOp, levels: MemoryLevels) -> None:
    """Makes one of buffers wherever that is right and saves bytes."""
    lifetimes = lifetimes_of(driver)
    visits = visits_of(driver, far_buffers(driver, levels))
    candidates = [
        Shared(buffer, found, lifetimes[buffer.result])
        for buffer, found in visits.items()
    ]
    kept: list[Shared] = []
    for one in sorted(candidates, key=lambda shared: shared.visits[0].number):
        other = next((other for other in kept if other.takes(one)), None)
        if other is None:
            kept.append(one)
        else:
            other.take(one)


class MemoryShareBuffersPass(ModulePass):
    """Replaces buffers by others that they may overwrite part by part."""

    name = "memory-share-buffers"
    needs = (Property.BUFFERS, Property.AWAITED)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        levels = levels_around(op)
        for driver in functions_of(op):
            share(driver, levels)
