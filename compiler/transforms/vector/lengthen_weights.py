"""
Constants get a few elements more, so that vectors of them are whole registers.

Before, on a machine with eight lanes:
```mlir
memref.global "private" constant @w : memref<64x6xf32> = dense<…>
deploy.kernel(%x, %w) outs(%y) {
  linalg.generic {indexing_maps = [(m, n, k) -> (m, k), (m, n, k) -> (k, n), …]}
      ins(%kx, %kw : memref<9x64xf32>, memref<64x6xf32>) outs(%ky : memref<9x6xf32>) …
```
After:
```mlir
memref.global "private" constant @w_0 : memref<386xf32> = dense<…>
deploy.kernel(%x, %w_0) outs(%y) {
  linalg.generic {indexing_maps = [(m, n, k) -> (m, k), (m, n, k) -> (k * 6 + n), …]}
      ins(%kx, %kw : memref<9x64xf32>, memref<386xf32>) outs(%ky : memref<9x6xf32>) …
```
Six results are a part of a register, what a loop carries is a whole one: each round has
to tell of six lanes for the weights and of eight for the sums. Eight neighbours do not
differ from six in that, and two sums of them are left behind in the end. The last row
has none, so two elements follow. That is done where it takes fewer instructions, to
constants that nobody else reads.
"""

from __future__ import annotations

from functools import partial

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from ...dialects.deploy import KernelOp
from ...properties import Property
from .longer_rows import lengthen, longer
from .reforming import Reforming, buffer_type, reform
from .remade import lengthened


class Lengthening(Reforming):
    """Lengthens constants of kernels where that takes fewer instructions."""

    @override
    def visit(self, kernel: KernelOp) -> None:
        found = longer(self, kernel)
        if found is None:
            return
        lengthen(kernel, found.arguments, found.more)
        for number in found.arguments:
            shape = buffer_type(kernel.block.args[number]).get_shape()
            self.constants.remake(kernel, number, partial(lengthened, shape=shape))


class VectorLengthenWeightsPass(ModulePass):
    """Gives constants a few elements more, so that vectors of them are whole."""

    name = "vector-lengthen-weights"
    needs = (Property.BUFFERS, Property.KERNELS, Property.FREE_OFFSETS)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        reform(op, Lengthening)
