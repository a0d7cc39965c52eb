"""
Fills a padding right before something else happens to its buffer.

Before:
```mlir
deploy.kernel() outs(%a : …) { … linalg.fill … }
deploy.kernel() outs(%b : …) { … linalg.fill … }
deploy.kernel(%x : …) outs(%inside_b : …) { … }
deploy.kernel(%b : …) outs(%inside_a : …) { … }
```
After:
```mlir
deploy.kernel() outs(%b : …) { … linalg.fill … }
deploy.kernel(%x : …) outs(%inside_b : …) { … }
deploy.kernel() outs(%a : …) { … linalg.fill … }
deploy.kernel(%b : …) outs(%inside_a : …) { … }
```

On tensors a padding is filled before anything is made that will be inserted into it, so
that it can be made in its place; here the places are known. A buffer is then live no
longer than it must be. Only machines with levels that kernels may not touch are short
of bytes in this way; for others nothing changes.
"""

from __future__ import annotations

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import func
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from ...analysis.groups import functions_of
from ...analysis.levels import levels_around
from ...analysis.overlap import Effects
from ...dialects.deploy import KernelOp
from ...properties import Property


def sink(driver: func.FuncOp) -> None:
    """Moves the fills of a driver, the last one first."""
    effects = Effects()
    for op in reversed(tuple(driver.walk())):
        if isinstance(op, KernelOp) and effects.is_fill(op):
            before = effects.next_user(op)
            block = op.parent
            assert block is not None, "a fill stands in a driver"
            op.detach()
            block.insert_op_before(op, before)


class MemorySinkFillsPass(ModulePass):
    """Moves fills down to the next operation that touches the same buffer."""

    name = "memory-sink-fills"
    needs = (Property.BUFFERS,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if levels_around(op).is_flat:
            return
        for driver in functions_of(op):
            sink(driver)
