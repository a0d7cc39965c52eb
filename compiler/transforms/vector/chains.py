"""
Chains of multiply-adds of bytes: what one accumulator goes through.

A chain begins where a sum is first added to, or carried into a loop, and goes on
through sums and loops as long as nothing else uses what it has come to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from xdsl.dialects import arith, func, scf
from xdsl.dialects.builtin import i8, i32
from xdsl.ir import Block, Operation, SSAValue, Use

BOUNDS = 3
"""Operands of a loop before the first that it carries."""


@dataclass(frozen=True, eq=False)
class MultiplyAdd:
    """`acc + a * b` with sign-extended bytes, and no overflow."""

    sum_: arith.AddiOp
    product: arith.MuliOp
    acc: SSAValue
    factors: tuple[SSAValue, SSAValue]
    """The bytes."""


@dataclass(frozen=True, eq=False)
class Carried:
    """A loop carries the accumulator, and its rounds are a chain as well."""

    loop: scf.ForOp
    number: int
    """Of the carried values."""
    inside: Chain


Step: TypeAlias = MultiplyAdd | Carried


@dataclass(frozen=True, eq=False)
class Chain:
    """What happens to one accumulator."""

    start: SSAValue
    steps: tuple[Step, ...]
    end: SSAValue

    @property
    def block(self) -> Block:
        """Where it begins and ends."""
        block = operation(self.steps[0]).parent
        assert block is not None, "what accumulates is in a block"
        return block

    def multiply_adds(self) -> Iterator[MultiplyAdd]:
        """All of them, in order, those of loops once."""
        for step in self.steps:
            if isinstance(step, MultiplyAdd):
                yield step
            else:
                yield from step.inside.multiply_adds()

    def loops(self) -> tuple[object, ...]:
        """The loops that it passes, with those inside of each."""
        return tuple(
            (step.loop, step.inside.loops())
            for step in self.steps
            if isinstance(step, Carried)
        )


def operation(step: Step) -> Operation:
    """What makes the next value of the accumulator."""
    return step.sum_ if isinstance(step, MultiplyAdd) else step.loop


def never_overflows(op: arith.AddiOp | arith.MuliOp) -> bool:
    """Whether the result is promised to be the sum or product."""
    return arith.IntegerOverflowFlag.NSW in op.overflow_flags.data


def byte(value: SSAValue) -> SSAValue | None:
    """The byte whose sign extension `value` is."""
    owner = value.owner
    if not isinstance(owner, arith.ExtSIOp) or owner.input.type != i8:
        return None
    return owner.input


def multiply_add(op: Operation, number: int) -> MultiplyAdd | None:
    """`op`, if it adds a product to its operand `number`."""
    if not isinstance(op, arith.AddiOp) or op.result.type != i32:
        return None
    product = op.operands[1 - number].owner
    if not isinstance(product, arith.MuliOp) or product.parent is not op.parent:
        return None
    if not (never_overflows(op) and never_overflows(product)):
        return None
    one, other = byte(product.lhs), byte(product.rhs)
    if one is None or other is None or not product.result.has_one_use():
        return None
    return MultiplyAdd(op, product, op.operands[number], (one, other))


def step_at(use: Use) -> Step | None:
    """What a use of an accumulator does to it, if it is part of a chain."""
    op = use.operation
    if isinstance(op, scf.ForOp) and use.index >= BOUNDS:
        return carried_by(op, use.index - BOUNDS)
    return multiply_add(op, use.index)


def carried_by(loop: scf.ForOp, number: int) -> Carried | None:
    """Value `number` that `loop` carries, if it only goes through a chain in it."""
    argument = loop.body.block.args[number + 1]
    use = single_use(argument)
    inside = None if use is None else chain_at(use)
    last = None if inside is None else single_use(inside.end)
    if inside is None or last is None or last.operation is not loop.body.block.last_op:
        return None
    return Carried(loop, number, inside) if last.index == number else None


def single_use(value: SSAValue) -> Use | None:
    """The only use of `value`, if there is just one."""
    return next(iter(value.uses)) if value.has_one_use() else None


def chain_at(use: Use) -> Chain | None:
    """The chain that begins with a use; None where it is none."""
    block = use.operation.parent
    start = end = use.operation.operands[use.index]
    steps: list[Step] = []
    at: Use | None = use
    while at is not None and at.operation.parent is block:
        step = step_at(at)
        if step is None:
            break
        steps.append(step)
        is_sum = isinstance(step, MultiplyAdd)
        end = step.sum_.result if is_sum else step.loop.results[step.number]
        at = single_use(end)
    return Chain(start, tuple(steps), end) if steps else None


def chains_of(kernel: func.FuncOp) -> list[Chain]:
    """The longest chains of `kernel`, in order."""
    seen: set[tuple[Operation, int]] = set()
    found: list[Chain] = []
    for op in kernel.walk():
        for use in possible_starts(op):
            chain = None if (op, use.index) in seen else chain_at(use)
            if chain is not None:
                found.append(chain)
                seen.update(places(chain))
    return found


def possible_starts(op: Operation) -> list[Use]:
    """The operands of `op` that may be accumulators."""
    if isinstance(op, scf.ForOp):
        return [Use(op, n) for n in range(BOUNDS, len(op.operands))]
    is_sum = isinstance(op, arith.AddiOp) and op.result.type == i32
    return [Use(op, 0), Use(op, 1)] if is_sum else []


def places(chain: Chain) -> Iterator[tuple[Operation, int]]:
    """The operands by which accumulators are read in a chain."""
    for step in chain.steps:
        if isinstance(step, MultiplyAdd):
            number = 0 if step.sum_.lhs is step.acc else 1
            yield step.sum_, number
        else:
            yield step.loop, BOUNDS + step.number
            yield from places(step.inside)
