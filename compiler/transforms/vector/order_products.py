"""
Keeps products of integers next to the sums that they are added to.

Before:
```mlir
%p = arith.muli %x, %w : i32
%s = arith.addi %a, %p : i32
%q = arith.muli %y, %w : i32
%t = arith.addi %b, %q : i32
```
After:
```mlir
%p = arith.muli %x, %w : i32
%s = arith.addi %a, %p : i32
%v, %u = deploy.together %w, %s : i32, i32
%q = arith.muli %y, %v : i32
%t = arith.addi %b, %q : i32
```

A C compiler would make all products of a block first and keep them, where the machine
has no instruction that multiplies and adds: there are not registers enough for that.
Factors are loaded where they are first needed, for the same reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import arith, func, memref, vector
from xdsl.dialects.builtin import IntegerType, ModuleOp
from xdsl.ir import Attribute, Block, Operation, SSAValue, Use
from xdsl.passes import ModulePass

from ...analysis.groups import kernels_of
from ...dialects import deploy
from ...machine import has_machine, machine_of
from ...properties import Property
from ...rewriting import locate

WAITING = (
    arith.ConstantOp,
    arith.ExtSIOp,
    arith.ShLIOp,
    arith.AddiOp,
    arith.MuliOp,
)
"""What computes one scalar of others, as factors and their addresses need it."""

FEW = 8
"""Products of a block that there is room for in registers."""


def accumulation(op: Operation) -> arith.MuliOp | None:
    """The product that `op` adds to something, if nobody else uses it."""
    if not isinstance(op, arith.AddiOp) or not isinstance(op.result.type, IntegerType):
        return None
    for value in reversed(op.operands):
        made = value.owner
        is_here = value.has_one_use() and made.parent is op.parent
        if isinstance(made, arith.MuliOp) and is_here:
            return made
    return None


def order(block: Block) -> None:
    """Orders the products of a block, where there are many."""
    sums = [op for op in block.ops if accumulation(op) is not None]
    if len(sums) <= FEW:
        return
    share_factors(block, sums)
    make_late(block)
    ends = round_ends(sums)
    products = [product for op in sums if (product := accumulation(op))]
    current: dict[SSAValue, SSAValue] = {}
    before: set[SSAValue] = set()
    for last, product in zip([None, *sums], products, strict=False):
        factors = list(product.operands)
        if last is not None:
            kept = next((f for f in factors if f in before), factors[0])
            current[kept] = tied(current.get(kept, kept), last, product)
        product.operands = [current.get(factor, factor) for factor in factors]
        before = set(factors)
    for last in ends:
        load_behind(last)


def round_ends(sums: Sequence[Operation]) -> list[Operation]:
    """The last sums of rounds written out: the next ones go on with what they made."""
    ends: list[Operation] = []
    made: set[SSAValue] = set()
    for last, op in pairwise(sums):
        made.update(last.results)
        if not made.isdisjoint(op.operands):
            ends.append(last)
            made.clear()
    return ends


def load_behind(last: Operation) -> None:
    """Keeps what is loaded behind `last` there."""
    (sum_,) = last.results
    block = last.parent
    assert block is not None, "sums are in a block"
    ordered = deploy.LoadsAfterOp(sum_)
    block.insert_op_after(locate(ordered, last.location), last)
    sum_.replace_uses_with_if(ordered.result, lambda use: use.operation is not ordered)


def tied(factor: SSAValue, last: Operation, product: Operation) -> SSAValue:
    """`factor` for use in `product`, once the sum `last` has been computed."""
    (sum_,) = last.results
    both = deploy.TogetherOp(factor, sum_)
    block = product.parent
    assert block is not None, "products are in a block"
    block.insert_op_before(locate(both, product.location), product)

    def is_later(use: Use) -> bool:
        user = block.find_ancestor_op_in_block(use.operation)
        return user is not None and both.is_before_in_block(user)

    sum_.replace_uses_with_if(both.second, is_later)
    return both.first


def share_factors(block: Block, sums: Sequence[Operation]) -> None:
    """Makes each widened factor of the products once."""
    known: dict[tuple[SSAValue, Attribute], SSAValue] = {}
    for op in sums:
        product = accumulation(op)
        assert product is not None, "only sums of products were taken"
        for value in product.operands:
            owner = value.owner
            if isinstance(owner, arith.ExtSIOp) and owner.parent is block:
                shared = known.setdefault((owner.input, value.type), value)
                if shared is not value:
                    value.replace_all_uses_with(shared)
                    owner.detach()
                    owner.erase()


def make_late(block: Block) -> None:
    """Moves what only computes or loads right in front of its first use."""
    ops = list(block.ops)
    stores = (memref.StoreOp, vector.StoreOp)
    writes = any(op.regions or isinstance(op, stores) for op in ops)
    waiting = {op for op in ops if can_wait(op, writes)}
    placed: list[Operation] = []

    def place(op: Operation) -> None:
        waiting.discard(op)
        for value in (value for inner in op.walk() for value in inner.operands):
            owner = value.owner
            if isinstance(owner, Operation) and owner in waiting:
                place(owner)
        placed.append(op)

    for op in ops:
        if not can_wait(op, writes):
            place(op)
    for op in (*placed, *waiting):
        op.detach()
    for op in placed:
        block.add_op(op)
    for op in reversed([op for op in ops if op in waiting]):
        op.erase()


def can_wait(op: Operation, writes: bool) -> bool:
    """Whether `op` can be done at its first use as well."""
    if isinstance(op, memref.LoadOp):
        return not writes
    return isinstance(op, WAITING) and accumulation(op) is None


def blocks_of(kernel: func.FuncOp) -> list[Block]:
    """Every block in `kernel`."""
    return [
        block
        for op in kernel.walk()
        for region in op.regions
        for block in region.blocks
    ]


class VectorOrderProductsPass(ModulePass):
    """Keeps products of integers next to their sums, on machines without vectors."""

    name = "vector-order-products"
    needs = (Property.LOOPS, Property.PACKED, Property.PRODUCTS)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if not has_machine(op):
            return
        machine = machine_of(op)
        if machine.has_vectors or machine.is_native:
            return
        for kernel in kernels_of(op):
            for block in blocks_of(kernel):
                order(block)
