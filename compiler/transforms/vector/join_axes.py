"""
Two neighbouring loops become one where they go along one row in memory.

Before, on a machine with eight lanes:
```mlir
memref.global "private" constant @b : memref<3xf32> = dense<[1.0, 2.0, 3.0]>
deploy.kernel(%x, %b) outs(%y) {
  linalg.generic {indexing_maps = [(d0, d1) -> (d0, d1), (d0, d1) -> (d1), …]}
      ins(%kx, %kb : memref<32x3xf32>, memref<3xf32>) outs(%ky : memref<32x3xf32>) …
```
After:
```mlir
memref.global "private" constant @b_0 : memref<10xf32> = dense<[1.0, 2.0, 3.0, 1.0, …]>
%p = memref.reinterpret_cast %x … : memref<32x3xf32> to memref<96xf32>
deploy.kernel(%p, %b_0) outs(%q) {
  linalg.generic {indexing_maps = [(d0) -> (d0), (d0) -> (d0 mod 3), …],
                  deploy.repeated = array<i64: 1>}
      ins(%kx, %kb : memref<96xf32>, memref<10xf32>) outs(%ky : memref<96xf32>) …
```
Lanes are those of one loop, so three channels leave five of eight lanes idle, and nine
take two registers; points and channels together fill them. Windows that move by one
point go along, by three elements each. What is read by the channel alone has to be a
constant, which is repeated as far as vectors reach that begin anywhere in it; so has
what is read by the point alone, each element of which is there for all channels. It is
done again with the loop around, as long as that takes a tenth fewer instructions.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import MemRefType, ModuleOp
from xdsl.ir import Attribute
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.hints import isa

from ...dialects.deploy import KernelOp
from ...properties import Property
from ...rewriting import locate
from .joining import Places, join, under_shape
from .joints import APART, Plan, plan_of
from .pricing import WORTH
from .reforming import Reforming, reform
from .remade import Remade, constant_behind, taken
from .ways import Role


class Joined(NamedTuple):
    """A kernel with loops joined, not in the module yet."""

    kernel: KernelOp
    places: Places


class Joining(Reforming):
    """Joins the loops of kernels where that takes fewer instructions."""

    @override
    def visit(self, kernel: KernelOp) -> None:
        found = self.best(kernel)
        if found is not None:
            put(kernel, found, self.constants)

    def joined(self, kernel: KernelOp, more: int) -> Iterator[Joined]:
        """The kernel with two loops joined, then with one more, and so on."""
        places: Places = {}
        while (plan := plan_of(kernel.block)) is not None:
            if not are_placed(kernel, plan) or not self._is_uneven(plan):
                return
            kernel = kernel.clone()
            plan = plan_of(kernel.block)
            assert plan is not None, "a copy is alike"
            places = join(kernel.block, plan, more, places)
            yield Joined(kernel, places)

    def _is_uneven(self, plan: Plan) -> bool:
        """Whether some inner loop does not fill registers."""
        lanes = self.machine.float_lanes
        if self.machine.is_native:
            lanes = max(lanes // 2, 1)  # there are registers of half the width too
        return any(joint.rounds % lanes for joint in plan.joints.values())

    def best(self, kernel: KernelOp) -> Joined | None:
        """The kernel with loops joined; None where that gains nothing."""
        trials = list(self.joined(kernel, self.most_lanes - 1))
        if not trials:
            return None
        prices = [
            self.pricing.of(one.block) for one in (kernel, *(t.kernel for t in trials))
        ]
        counts = [price.instructions for price in prices]
        counts[0] *= WORTH
        best = counts.index(min(counts))
        made = list(islice(self.joined(kernel, prices[best].lanes - 1), best))
        found = made.pop() if made else None
        for one in (*trials, *made):
            one.kernel.erase()
        return found


def are_placed(kernel: KernelOp, plan: Plan) -> bool:
    """Whether it is known where buffers begin, and what is repeated."""
    for arg in kernel.block.args:
        role, value = plan.forms.get(arg, APART).role, kernel.operands[arg.index]
        is_remade = role in (Role.REPEATED, Role.SPREAD)
        if is_remade and constant_behind(value) is None:
            return False
        if role is Role.JOINED and not is_placed(arg.type):
            return False
    return True


def is_placed(type_: Attribute) -> bool:
    """Whether it is known where a buffer begins and how far apart its rows are."""
    assert isa(type_, MemRefType), "only buffers have a form"
    strides = type_.get_strides() or (None,)
    return None not in (type_.get_offset(), *strides)


def put(kernel: KernelOp, found: Joined, constants: Remade) -> None:
    """Puts another kernel into the place of one, on the same buffers, other axes."""
    new = found.kernel
    for arg in new.block.args:
        value = kernel.operands[arg.index]
        if arg.type == value.type:
            continue
        assert isa(arg.type, MemRefType), "only buffers change"
        source = constant_behind(value) if arg.index in found.places else None
        if source is None:
            view = under_shape(value, arg.type)
        else:
            view = constants.of(source, taken(source, found.places[arg.index]))
        Rewriter.insert_op(locate(view, kernel.location), InsertPoint.before(kernel))
        new.operands[arg.index] = view.results[0]
    Rewriter.replace_op(kernel, new)


class VectorJoinAxesPass(ModulePass):
    """Makes two neighbouring loops one where they go along one row in memory."""

    name = "vector-join-axes"
    needs = (Property.BUFFERS, Property.KERNELS, Property.FREE_OFFSETS)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        reform(op, Joining)
