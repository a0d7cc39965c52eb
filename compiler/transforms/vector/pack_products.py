"""
Multiplies two bytes at once by a third one, on machines without vectors.

Before:
```mlir
%p = arith.muli %x, %v overflow<nsw> : i32
%s = arith.addi %a, %p overflow<nsw> : i32
%q = arith.muli %x, %w overflow<nsw> : i32
%t = arith.addi %b, %q overflow<nsw> : i32
```
After:
```mlir
%vw = … %v + (%w << 32) : i64
%p = arith.muli %x, %vw : i64
%st = arith.addi %ab, %p : i64
```

Two sums of 32 bits that never overflow are one of 64 bits, also in loops that carry
them, and are taken apart behind these: the lower half is the first sum, and what is
left without it the second. Done where a pair of factors serves several products.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import arith, func, scf
from xdsl.dialects.builtin import IntegerAttr, ModuleOp, i32, i64
from xdsl.ir import Block, Operation, SSAValue
from xdsl.passes import ModulePass

from ...analysis.groups import kernels_of
from ...analysis.program import known_index
from ...machine import has_machine, machine_of
from ...properties import Property
from ...rewriting import locate
from .chains import Carried, Chain, MultiplyAdd, Step, chains_of, operation
from .pairs import Pair, later_of, related, worthwhile

HALF = 32


@dataclass(eq=False)
class Packer:
    """Rewrites pairs that pass the same loops, side by side."""

    pairs: list[Pair]
    packs: dict[tuple[Block, SSAValue, SSAValue], SSAValue] = field(
        default_factory=dict[tuple[Block, SSAValue, SSAValue], SSAValue]
    )
    gone: list[MultiplyAdd] = field(default_factory=list[MultiplyAdd])
    """What is not needed any more, in order."""

    def rewrite(self) -> None:
        """Replaces all pairs."""
        lows = [pair.low for pair in self.pairs]
        highs = [pair.high for pair in self.pairs]
        uses = [
            [[(u.operation, u.index) for u in chain.end.uses] for chain in both]
            for both in zip(lows, highs, strict=True)
        ]
        starts = [self._start(pair) for pair in self.pairs]
        ends = self._through(lows, highs, starts)
        for end, users in zip(ends, uses, strict=True):
            for value, places in zip(unpack(end), users, strict=True):
                for op, number in places:
                    op.operands[number] = value
        self._erase()

    def _start(self, pair: Pair) -> SSAValue:
        first = later_of(operation(pair.low.steps[0]), operation(pair.high.steps[0]))
        return pack(pair.low.start, pair.high.start, first)

    def _erase(self) -> None:
        for step in reversed(self.gone):
            for op in (step.sum_, step.product):
                operands = list(op.operands)
                op.detach()
                op.erase()
                for value in operands:
                    erase_unused(value)
        self.gone.clear()

    def _through(
        self, lows: Sequence[Chain], highs: Sequence[Chain], values: list[SSAValue]
    ) -> list[SSAValue]:
        """What packed values are at the end of chains that pass the same loops."""
        values = list(values)
        rests = [
            list(zip(low.steps, high.steps, strict=True))
            for low, high in zip(lows, highs, strict=True)
        ]
        while any(rests):
            for number, rest in enumerate(rests):
                while rest and isinstance(rest[0][0], MultiplyAdd):
                    values[number] = self._added(number, rest.pop(0), values[number])
            carried = [rest.pop(0) for rest in rests if rest]
            if carried:
                values = self._carried(carried, values)
        return values

    def _added(
        self, number: int, steps: tuple[Step, Step], value: SSAValue
    ) -> SSAValue:
        """The packed value with two products added to it."""
        low, high = steps
        assert isinstance(low, MultiplyAdd)
        assert isinstance(high, MultiplyAdd)
        side = self.pairs[number].side
        later = later_of(low.sum_, high.sum_)
        shared = arith.ExtSIOp(low.factors[side], i64)
        factor = self._factor(low.factors[1 - side], high.factors[1 - side], later)
        product = arith.MuliOp(shared.result, factor)
        sum_ = arith.AddiOp(value, product.result)
        sum_.result.name_hint = "acc"
        place([shared, product, sum_], later)
        self.gone += [low, high]
        return sum_.result

    def _factor(self, low: SSAValue, high: SSAValue, user: Operation) -> SSAValue:
        """Two bytes in one number, made once in the block of `user`."""
        block = block_of(user)
        if (block, low, high) not in self.packs:
            made = [v.owner for v in (low, high) if v.owner.parent is block]
            ops = [op for op in made if isinstance(op, Operation)]
            last = later_of(*ops) if len(ops) == 2 else next(iter(ops), None)
            before = block.first_op if last is None else last.next_op
            assert before is not None, "what uses the factors comes behind them"
            self.packs[block, low, high] = pack(low, high, before)
        return self.packs[block, low, high]

    def _carried(
        self, steps: Sequence[tuple[Step, Step]], values: Sequence[SSAValue]
    ) -> list[SSAValue]:
        """The packed values behind a loop that carries all of them."""
        both = [(a, b) for a, b in steps if isinstance(a, Carried)]
        lows = [a for a, _ in both]
        highs = [b for _, b in both if isinstance(b, Carried)]
        loop = lows[0].loop
        body = loop.body.block
        inside: list[SSAValue] = [body.insert_arg(i64, len(body.args)) for _ in values]
        for argument in inside:
            argument.name_hint = "acc"
        chains = [a.inside for a in lows], [b.inside for b in highs]
        before, self.gone = self.gone, []
        ends = self._through(*chains, inside)
        gone = {step.number for step in (*lows, *highs)}
        yield_packed(body, gone, ends)
        self._erase()
        self.gone = before
        return replaced(loop, gone, values)


def yield_packed(body: Block, gone: set[int], ends: Sequence[SSAValue]) -> None:
    """Makes the body of a loop yield `ends` instead of what is gone."""
    last = body.last_op
    assert isinstance(last, scf.YieldOp), "a loop ends with scf.yield"
    kept = [value for n, value in enumerate(last.operands) if n not in gone]
    last.operands = [*kept, *ends]


def replaced(
    loop: scf.ForOp, gone: set[int], values: Sequence[SSAValue]
) -> list[SSAValue]:
    """The results of a loop that carries `values` instead of what is gone."""
    body = loop.body.block
    for number in sorted(gone, reverse=True):
        body.erase_arg(body.args[number + 1])
        loop.results[number].replace_all_uses_with(loop.iter_args[number])
    kept = [n for n in range(len(loop.iter_args)) if n not in gone]
    starts = [*(loop.iter_args[n] for n in kept), *values]
    bounds = loop.lb, loop.ub, loop.step
    new = scf.ForOp(*bounds, starts, loop.detach_region(loop.body))
    place([new], loop)
    for number, result in zip(kept, new.results, strict=False):
        result.name_hint = loop.results[number].name_hint
        loop.results[number].replace_all_uses_with(result)
    loop.detach()
    loop.erase()
    for result in new.results[len(kept) :]:
        result.name_hint = "acc"
    return list(new.results[len(kept) :])


def place(ops: Sequence[Operation], before: Operation) -> None:
    """Puts operations in front of another one, whose location they take."""
    for op in ops:
        block_of(before).insert_op_before(locate(op, before.location), before)


def block_of(op: Operation) -> Block:
    """The block that `op` is in."""
    assert op.parent is not None, "an operation of a function is in a block"
    return op.parent


def pack(low: SSAValue, high: SSAValue, before: Operation) -> SSAValue:
    """`low + (high << 32)`, made in front of an operation."""
    one, other = known_index(low), known_index(high)
    if one is not None and other is not None:
        sign = 1 << (2 * HALF - 1)
        whole = (one + (other << HALF) + sign) % (2 * sign) - sign
        constant = arith.ConstantOp(IntegerAttr(whole, i64))
        place([constant], before)
        return constant.result
    first, second = arith.ExtSIOp(low, i64), arith.ExtSIOp(high, i64)
    distance = arith.ConstantOp(IntegerAttr(HALF, i64))
    moved = arith.ShLIOp(second.result, distance.result)
    whole = arith.AddiOp(first.result, moved.result)
    place([first, second, distance, moved, whole], before)
    return whole.result


def unpack(value: SSAValue) -> tuple[SSAValue, SSAValue]:
    """The two sums that `value` is, made behind it."""
    owner = value.owner
    assert isinstance(owner, Operation)
    assert owner.next_op is not None
    low = arith.TruncIOp(value, i32)
    wide = arith.ExtSIOp(low.result, i64)
    rest = arith.SubiOp(value, wide.result)
    distance = arith.ConstantOp(IntegerAttr(HALF, i64))
    moved = arith.ShRSIOp(rest.result, distance.result)
    high = arith.TruncIOp(moved.result, i32)
    place([low, wide, rest, distance, moved, high], owner.next_op)
    return low.result, high.result


def erase_unused(value: SSAValue) -> None:
    """Erases what widened a factor, once nobody needs it."""
    owner = value.owner
    if isinstance(owner, arith.ExtSIOp) and not value.uses:
        owner.detach()
        owner.erase()


def pack_products(kernel: func.FuncOp) -> None:
    """Packs what is worth it in one kernel."""
    found = True
    while found:
        groups = related(chains_of(kernel))
        pairs = (worthwhile(group) for group in groups)
        best = next((one for one in pairs if one), None)
        found = best is not None
        if best is not None:
            Packer(best).rewrite()


class VectorPackProductsPass(ModulePass):
    """Multiplies two bytes at once by a third one, on machines without vectors."""

    name = "vector-pack-products"
    needs = (Property.LOOPS, Property.PRODUCTS)
    establishes = (Property.PACKED,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if not has_machine(op):
            return
        machine = machine_of(op)
        if machine.has_vectors or machine.is_native or machine.xlen < 2 * HALF:
            return
        for kernel in kernels_of(op):
            pack_products(kernel)
