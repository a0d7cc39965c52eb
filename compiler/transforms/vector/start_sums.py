"""
Lets a sum begin with what is added to it in the end.

Before:
```mlir
%s = scf.for %i = %c0 to %c8 step %c1 iter_args(%acc = %zero) -> (f32) {
  …
  %t = arith.addf %acc, %p : f32
  scf.yield %t : f32
}
%b = memref.load %bias[%n] : memref<8xf32>
%r = arith.addf %s, %b : f32
```
After:
```mlir
%b = memref.load %bias[%n] : memref<8xf32>
%r = scf.for %i = %c0 to %c8 step %c1 iter_args(%acc = %b) -> (f32) {
  …
  %t = arith.addf %acc, %p : f32
  scf.yield %t : f32
}
```

The accumulator has to be set to something in any case. Sums of floats are in another
order then, as they are by blocks and lanes. Where there are vectors, sums that loops
carry begin only with what each round loads for them alone: one vector takes several
registers, and what many sums begin with would be kept beside all of them. Sums that are
written out begin one after the other, and a vector of zeros would be kept for that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import arith, math, scf, vector
from xdsl.dialects.builtin import (
    DenseIntOrFPElementsAttr,
    FloatAttr,
    IntegerAttr,
    ModuleOp,
)
from xdsl.ir import Operation, SSAValue, Use
from xdsl.passes import ModulePass

from ...analysis.access import LOADS
from ...analysis.areas import offset_of
from ...analysis.groups import kernels_of
from ...analysis.vectors import scalar_of
from ...dialects import deploy
from ...machine import has_machine, machine_of
from ...properties import Property
from .purity import is_pure

Sum: TypeAlias = arith.AddfOp | arith.AddiOp


def used(use: Use) -> SSAValue:
    """The value that is used."""
    return use.operation.operands[use.index]


def is_zero(value: SSAValue) -> bool:
    """Whether `value` is zero, or a vector of zeros."""
    made = scalar_of(value).owner
    if not isinstance(made, arith.ConstantOp):
        return False
    attribute = made.value
    if isinstance(attribute, DenseIntOrFPElementsAttr):
        return not any(attribute.get_values())
    return isinstance(attribute, FloatAttr | IntegerAttr) and not attribute.value.data


def continued(op: Operation, number: int) -> list[Use]:
    """The operands that result `number` of `op` may be the sum of, and of more."""
    if isinstance(op, math.FmaOp):
        return [Use(op, 2)]
    if isinstance(op, deploy.Dot4Op):
        return [Use(op, 0)]
    if isinstance(op, Sum):
        return [Use(op, 0), Use(op, 1)]
    if isinstance(op, scf.ForOp):
        yielded = op.body.block.last_op
        assert yielded is not None, "a body is ended by its terminator"
        inner = op.body.block.args[number + 1]
        if adds_to(yielded.operands[number], inner):
            return [Use(op, 3 + number)]
    return []


def sources(value: SSAValue) -> list[Use]:
    """The same for a value that nobody else uses, made in the block of its use."""
    made = value.owner
    if not isinstance(made, Operation) or not value.has_one_use():
        return []
    (use,) = value.uses
    if use.operation.parent is not made.parent:
        return []
    number = next(n for n, result in enumerate(made.results) if result is value)
    return continued(made, number)


def adds_to(value: SSAValue, accumulator: SSAValue) -> bool:
    """Whether `value` is `accumulator`, used once, and what was added to it."""
    if value is accumulator:
        return value.has_one_use()
    return any(adds_to(used(start), accumulator) for start in sources(value))


@dataclass
class Starts:
    """The zeros that sums begin with, each looked for once while nothing changes."""

    known: dict[SSAValue, Use | None] = field(
        default_factory=dict[SSAValue, "Use | None"]
    )

    def of(self, value: SSAValue) -> Use | None:
        """The zero that `value`, which nobody else uses, is a sum onto."""
        if value not in self.known:
            self.known[value] = self._found(value)
        return self.known[value]

    def _found(self, value: SSAValue) -> Use | None:
        for start in sources(value):
            found = start if is_zero(used(start)) else self.of(used(start))
            if found is not None:
                return found
        return None


def needed(value: SSAValue, begin: Operation, end: Operation) -> list[Operation] | None:
    """
    What makes `value` from `begin` to `end`, in order, if it could stand before.

    It could where nothing from `begin` on writes what is loaded.
    """
    behind = [begin]
    while (following := behind[-1].next_op) not in (None, end):
        behind.append(following)
    place = {op: number for number, op in enumerate(behind)}
    waiting, found = [value], set[Operation]()
    while waiting:
        made = waiting.pop().owner
        if isinstance(made, Operation) and made in place and made not in found:
            found.add(made)
            waiting += made.operands
    if begin in found or not all(is_pure(o) or isinstance(o, LOADS) for o in found):
        return None
    last = max((place[op] for op in found if isinstance(op, LOADS)), default=0)
    if not all(map(leaves_memory, behind[:last])):
        return None
    return sorted(found, key=lambda op: place[op])


def leaves_memory(op: Operation) -> bool:
    """Whether `op` and what is in it write no memory."""
    inner = (scf.ForOp, scf.YieldOp, *LOADS)
    return all(is_pure(one) or isinstance(one, inner) for one in op.walk())


def is_loaded_anew(value: SSAValue) -> bool:
    """Whether `value` is a vector for one use, another in each round of its loop."""
    made = value.owner
    if not isinstance(made, vector.LoadOp) or not value.has_one_use():
        return False
    around = made.parent_op()
    if not isinstance(around, scf.ForOp):
        return True
    counter = around.body.block.args[0]
    places = map(offset_of, made.indices)
    return any(place is not None and counter in dict(place.terms) for place in places)


def is_straight(op: Sum, starts: Starts) -> bool:
    """Whether `op` ends a sum onto zero that no loop carries."""
    for number in (0, 1):
        start = starts.of(op.operands[number])
        if start is not None:
            return not isinstance(start.operation, scf.ForOp)
    return False


def begin_with_addend(op: Sum, starts: Starts) -> None:
    """Makes the sum that `op` adds something to begin with it, if it begins with 0."""
    for number in (0, 1):
        total, addend = op.operands[number], op.operands[1 - number]
        start = starts.of(total)
        if start is None or is_zero(addend):
            continue
        before = needed(addend, start.operation, op)
        if before is None:
            continue
        block = op.parent
        assert block is not None, "an operation of a function is in a block"
        for one in before:
            one.detach()
            block.insert_op_before(one, start.operation)
        start.operation.operands[start.index] = addend
        op.result.replace_all_uses_with(total)
        op.detach()
        op.erase()
        starts.known.clear()
        return


class VectorStartSumsPass(ModulePass):
    """Lets a sum begin with what is added to it in the end."""

    name = "vector-start-sums"
    needs = (Property.LOOPS, Property.PACKED)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        is_wide = has_machine(op) and machine_of(op).has_vectors
        for kernel in kernels_of(op):
            starts = Starts()
            sums = [one for one in kernel.walk() if isinstance(one, Sum)]
            for one in sums:
                is_new = any(map(is_loaded_anew, one.operands))
                if not is_wide or is_new or is_straight(one, starts):
                    begin_with_addend(one, starts)
