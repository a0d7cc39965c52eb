"""
Looks for NaN once for all values that are clamped together.

Before:
```mlir
%a = arith.maximumf %x, %zero : f32
%b = arith.maximumf %y, %zero : f32
```
After:
```mlir
%p = arith.mulf %x, %y : f32
%numbers = arith.cmpf ord, %p, %p : f32
%a, %b = scf.if %numbers -> (f32, f32) {
  %c = arith.maxnumf %x, %zero : f32
  %d = arith.maxnumf %y, %zero : f32
  scf.yield %c, %d : f32, f32
} else {
  %c = arith.maximumf %x, %zero : f32
  %d = arith.maximumf %y, %zero : f32
  scf.yield %c, %d : f32, f32
}
```

RISC-V has an instruction for the greater of two numbers, but not for one that hands on
NaN: that is a comparison and a branch for each value. A sum of products of two values
each is NaN if one of them is, so half an instruction for each value finds that out.
Infinities and what overflows can make it NaN as well, which is only slower.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from math import isnan
from typing import TypeAlias

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import arith, memref, scf
from xdsl.dialects.builtin import FloatAttr, ModuleOp, f32
from xdsl.ir import Block, Operation, SSAValue
from xdsl.passes import ModulePass

from ...analysis.groups import kernels_of
from ...machine import has_machine, machine_of
from ...properties import Property
from ...rewriting import locate
from .purity import is_pure

Clamp: TypeAlias = arith.MaximumfOp | arith.MinimumfOp

FEWEST = 4
"""Values from which on one check for all takes fewer instructions than one each."""


def is_number(value: SSAValue) -> bool:
    """Whether `value` is a constant other than NaN."""
    made = value.owner
    if not isinstance(made, arith.ConstantOp):
        return False
    return isinstance(made.value, FloatAttr) and not isnan(made.value.value.data)


def clamped(op: Operation) -> SSAValue | None:
    """The value that `op` hands on or replaces by a constant number, if it does."""
    if not isinstance(op, Clamp) or op.result.type != f32:
        return None
    return op.lhs if is_number(op.rhs) else None


@dataclass
class Together:
    """Clamps of one block that could all be done where the last one is."""

    clamps: list[Clamp] = field(default_factory=list[Clamp])
    values: list[SSAValue] = field(default_factory=list[SSAValue])
    """What is clamped, without what other ones of the clamps make."""
    users: set[Operation] = field(default_factory=set[Operation])
    """What needs a result of a clamp and is none."""
    made: set[SSAValue] = field(default_factory=set[SSAValue])
    """Results of clamps and users."""

    def has_room(self, op: Operation) -> bool:
        """Whether `op` is no clamp of what `users` make."""
        value = clamped(op)
        return value is None or value.owner not in self.users

    def add(self, op: Operation) -> None:
        """Takes in the next operation of the block."""
        value = clamped(op)
        if value is not None:
            assert isinstance(op, Clamp), "only these clamp"
            if value not in self.made and value not in self.values:
                self.values.append(value)
            self.clamps.append(op)
        elif self.made.isdisjoint(op.operands):
            return
        else:
            self.users.add(op)
        self.made.update(op.results)


def groups(block: Block) -> Iterator[Together]:
    """The clamps of `block` that may stand together: no write is between them."""
    current = Together()
    for op in block.ops:
        stays = is_pure(op) or isinstance(op, memref.LoadOp)
        if not stays or not current.has_room(op):
            yield current
            current = Together()
        current.add(op)
    yield current


def checked(values: Sequence[SSAValue]) -> list[Operation]:
    """What computes, last, whether all of `values` are numbers."""
    made: list[Operation] = [arith.MulfOp(values[0], values[1])]
    for first, second in zip(values[2::2], values[3::2], strict=False):
        product = arith.MulfOp(first, second)
        made += [product, arith.AddfOp(made[-1].results[0], product.result)]
    if len(values) % 2:
        made.append(arith.AddfOp(made[-1].results[0], values[-1]))
    total = made[-1].results[0]
    return [*made, arith.CmpfOp(total, total, "ord")]


def branch(clamps: Sequence[Clamp], are_numbers: bool) -> Block:
    """The clamps once more; of numbers, they need not hand on NaN."""
    made: dict[SSAValue, SSAValue] = {}
    block = Block()
    for op in clamps:
        value = made.get(op.lhs, op.lhs)
        if isinstance(op, arith.MaximumfOp):
            kind = arith.MaxnumfOp if are_numbers else arith.MaximumfOp
        else:
            kind = arith.MinnumfOp if are_numbers else arith.MinimumfOp
        one = kind(value, op.rhs, op.fastmath)
        block.add_op(locate(one, op.location))
        made[op.result] = one.result
    block.add_op(scf.YieldOp(*(made[op.result] for op in clamps)))
    return block


def share(together: Together) -> None:
    """Checks once for all clamps, where the last one stands."""
    last = together.clamps[-1]
    block = last.parent
    assert block is not None, "an operation of a function is in a block"
    tests = checked(together.values)
    both = scf.IfOp(
        tests[-1].results[0],
        [op.result.type for op in together.clamps],
        [branch(together.clamps, are_numbers=True)],
        [branch(together.clamps, are_numbers=False)],
    )
    before = takewhile(lambda op: op is not last, block.ops)
    earlier = [op for op in before if op in together.users]
    for op in earlier:
        op.detach()
    for op in (*tests, both, *earlier):
        block.insert_op_before(locate(op, last.location), last)
    for op, result in zip(together.clamps, both.results, strict=True):
        result.name_hint = op.result.name_hint
        op.result.replace_all_uses_with(result)
    for op in together.clamps:
        op.detach()
        op.erase()


class VectorShareNanChecksPass(ModulePass):
    """Looks for NaN once for all values that are clamped together."""

    name = "vector-share-nan-checks"
    needs = (Property.LOOPS, Property.PRODUCTS)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if not has_machine(op):
            return
        machine = machine_of(op)
        if machine.is_native or machine.has_vectors or not machine.has_fma:
            return
        blocks = [
            block
            for kernel in kernels_of(op)
            for inner in kernel.walk()
            for region in inner.regions
            for block in region.blocks
        ]
        for block in blocks:
            for together in list(groups(block)):
                if len(together.values) >= FEWEST:
                    share(together)
