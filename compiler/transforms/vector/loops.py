"""
Loops over scalars, with the tests that guarded reads inside them need.

Where the outcome of a test is known, what is left of the nest is built twice, once for
each outcome: what is inside has no test any more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from xdsl.dialects import arith, scf
from xdsl.dialects.builtin import IndexType
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Attribute, Block, SSAValue
from xdsl.ir.affine import AffineExpr

from .affine import Index, IndexConstants, expand
from .dataflow import parallel_dims
from .guards import Clip, Guard, Nest
from .operands import loop_ranges
from .scopes import Body, Indices, MadeTest, Scope, Tests

Rest: TypeAlias = Callable[[Scope], Sequence[SSAValue]]
"""Builds what is left and returns its results."""


@dataclass
class Loops:
    """Builds the loops of one operation that writes memory."""

    nest: Nest
    constants: IndexConstants

    def over(
        self,
        scope: Scope,
        op: linalg.GenericOp,
        dims: Sequence[int],
        carried: tuple[SSAValue, ...],
        body: Body,
        at: Indices = (),
    ) -> tuple[SSAValue, ...]:
        """Loops of `op` around `body`; none of length one."""

        def rest(inner: Scope) -> tuple[SSAValue, ...]:
            return self.over(inner, op, dims, carried, body, at)

        if carried and self._vanishes(scope, op):
            return carried
        if (results := self._settled(scope, carried, rest)) is not None:
            return results
        if len(at) == len(dims):
            return tuple(body(scope, at, carried))
        dim = dims[len(at)]
        if loop_ranges(op)[dim] == 1:
            return self.over(scope, op, dims, carried, body, (*at, 0))

        def inside(
            inner: Scope, index: SSAValue, values: tuple[SSAValue, ...]
        ) -> tuple[SSAValue, ...]:
            inner.loops[op, dim] = index
            return self.over(inner, op, dims, values, body, (*at, index))

        name = "i" if dim in parallel_dims(op) else "r"
        extent, rounds = loop_ranges(op)[dim], scope.clips.get((op, dim))
        name = f"{name}{len(at)}"
        return self.loop(scope, name, extent, carried, inside, rounds)

    def loop(
        self,
        scope: Scope,
        name: str,
        extent: int,
        carried: tuple[SSAValue, ...],
        body: Callable[[Scope, SSAValue, tuple[SSAValue, ...]], Sequence[SSAValue]],
        rounds: tuple[SSAValue, SSAValue] | None = None,
    ) -> tuple[SSAValue, ...]:
        """One loop, over all rounds or some."""
        types: list[Attribute] = [IndexType(), *(value.type for value in carried)]
        block = Block(arg_types=types)
        index, *inside = block.args
        index.name_hint = name
        inner = scope.inside(block)
        inner.place(scf.YieldOp(*body(inner, index, tuple(inside))))
        first, end, step = (self.constants.value(n) for n in (0, extent, 1))
        if rounds is not None:
            first, end = rounds
        loop = scf.ForOp(first, end, step, carried, block)
        scope.place(loop)
        for value in (*inside, *loop.results):
            value.name_hint = "acc"
        return tuple(loop.results)

    def _vanishes(self, scope: Scope, op: linalg.GenericOp) -> bool:
        """Whether what `op` accumulates here leaves the accumulator as it is."""
        beside = (guard for guard, inside in scope.settled.items() if not inside)
        return any(guard.vanishes and guard.operand[0] is op for guard in beside)

    def _settled(
        self, scope: Scope, carried: tuple[SSAValue, ...], rest: Rest
    ) -> tuple[SSAValue, ...] | None:
        """`rest` after the next test that can be made here; None when there is none."""
        for guard in self.nest.hoisted:
            if guard not in scope.settled:
                self._advance(scope, guard)
        waiting = [g for g in self.nest.hoisted if g not in scope.settled]
        ready = [g for g in waiting if tests_of(g, scope) in scope.made_tests]
        first = [guard for guard in ready if not is_exact(guard, scope)]
        last = [g for g in ready if is_exact(g, scope) and not g.is_selected]
        if first or last:
            return self._branch(scope, first or last[:1], carried, rest)
        return None

    def _advance(self, scope: Scope, guard: Guard) -> None:
        """Makes what can be made here of the next tests of `guard`."""
        if is_exact(guard, scope) and guard.clips is not None:
            self._clip(scope, guard, guard.clips)
            return
        tests = tests_of(guard, scope)
        for count in range(1, len(tests) + 1):
            known = tests[:count]
            if known not in scope.made_tests:
                if not self._is_known(scope, tests[count - 1].index):
                    return
                scope.made_tests[known] = self._test(scope, known)
            if guard.is_selected and is_exact(guard, scope):
                self._make_safe(scope, known)

    def _make_safe(self, scope: Scope, tests: Tests) -> None:
        """Makes an index that exists, whatever the outcome of `tests`."""
        if tests not in scope.safe:
            outcome, place = scope.made_tests[tests]
            sides = self.constants.value(place), self.constants.value(0)
            scope.safe[tests] = scope.append(arith.SelectOp(outcome, *sides))

    def _is_known(self, scope: Scope, index: AffineExpr) -> bool:
        """Whether all loops that `index` depends on are around."""
        return all(self.nest.loops[dim] in scope.loops for dim in index.used_dims())

    def _index(self, scope: Scope, index: AffineExpr) -> Index:
        dims: list[Index] = [scope.loops.get(loop, 0) for loop in self.nest.loops]
        return expand(index, dims, scope.append, self.constants)

    def _test(self, scope: Scope, tests: Tests) -> MadeTest:
        """Makes the last of `tests`; the ones before have been made."""
        index, bound = self._index(scope, tests[-1].index), self._bound(scope, tests)
        return MadeTest(self.is_below(scope, index, bound), index)

    def _bound(self, scope: Scope, tests: Tests) -> Index:
        """What the last index must be below; nothing is where a test before says no."""
        bound = tests[-1].bound
        if len(tests) == 1:
            return bound
        before = scope.made_tests[tests[:-1]].outcome
        sides = self.constants.value(bound), self.constants.value(0)
        found = scope.append(arith.SelectOp(before, *sides))
        found.name_hint = "bound"
        return found

    def is_below(self, scope: Scope, index: Index, bound: Index) -> SSAValue:
        """Whether `0 <= index < bound`, as one comparison."""
        sides = (self.constants.value(index), self.constants.value(bound))
        found = scope.append(arith.CmpiOp(*sides, "ult"))
        found.name_hint = "inside"
        return found

    def all_of(self, scope: Scope, tests: Sequence[SSAValue]) -> SSAValue:
        """Whether all outcomes are yes."""
        total, *others = dict.fromkeys(tests)
        for other in others:
            total = scope.append(arith.AndIOp(total, other))
            total.name_hint = "inside"
        return total

    def _clip(self, scope: Scope, guard: Guard, clips: Sequence[Clip]) -> None:
        """Cuts the loops of a guard to the rounds that count."""
        for clip in clips:
            loop = self.nest.loops[clip.loop]
            if loop not in scope.clips and self._is_known(scope, clip.rest):
                scope.clips[loop] = self._rounds(scope, clip)
        if all(self.nest.loops[clip.loop] in scope.clips for clip in clips):
            scope.settled[guard] = True

    def _rounds(self, scope: Scope, clip: Clip) -> tuple[SSAValue, SSAValue]:
        """The first round that counts, and the one behind the last."""
        rest = self._index(scope, clip.rest)
        value, extent = self.constants.value, self.nest.extents[clip.loop]

        def reached(limit: int) -> SSAValue:
            distance = value(limit - rest if isinstance(rest, int) else limit)
            if not isinstance(rest, int) and limit:
                distance = scope.append(arith.SubiOp(value(limit), rest))
            return distance

        first = reached(-clip.constant)
        end = reached(clip.bound - clip.constant)
        if clip.factor > 1:
            step = value(clip.factor)
            first, end = (
                scope.append(arith.CeilDivSIOp(distance, step))
                for distance in (first, end)
            )
        first = scope.append(arith.MaxSIOp(first, value(0)))
        end = scope.append(arith.MinSIOp(end, value(extent)))
        first.name_hint, end.name_hint = "first", "end"
        return first, end

    def _branch(
        self,
        scope: Scope,
        guards: Sequence[Guard],
        carried: tuple[SSAValue, ...],
        rest: Rest,
    ) -> tuple[SSAValue, ...]:
        """`rest` where all reads of `guards` go into the part, and where not."""
        made = [scope.made_tests[tests_of(guard, scope)] for guard in guards]
        condition = self.all_of(scope, [test.outcome for test in made])
        only = guards[0]
        settled = len(guards) == 1 and tests_of(only, scope) == only.exact

        def inside(inner: Scope) -> Sequence[SSAValue]:
            inner.settled |= dict.fromkeys(guards, True)
            return rest(inner)

        def beside(inner: Scope) -> Sequence[SSAValue]:
            inner.divided |= set(guards)
            if settled:
                inner.settled[only] = False
            return rest(inner)

        types = [value.type for value in carried]
        return self.choice(scope, condition, types, inside, beside)

    @staticmethod
    def choice(
        scope: Scope,
        condition: SSAValue,
        types: Sequence[Attribute],
        inside: Rest,
        beside: Rest,
    ) -> tuple[SSAValue, ...]:
        """One of two."""
        blocks = Block(), Block()
        for block, build in zip(blocks, (inside, beside), strict=True):
            inner = scope.inside(block)
            inner.place(scf.YieldOp(*build(inner)))
        one, other = blocks
        op = scf.IfOp(condition, types, [one], [other])
        scope.place(op)
        for value in op.results:
            value.name_hint = "acc"
        return tuple(op.results)


def is_exact(guard: Guard, scope: Scope) -> bool:
    """Whether it is each read's own tests that come next."""
    return guard.interior is None or guard in scope.divided


def tests_of(guard: Guard, scope: Scope) -> Tests:
    """The tests of `guard` that come next in `scope`."""
    if guard.interior is None or guard in scope.divided:
        return guard.exact
    return guard.interior
