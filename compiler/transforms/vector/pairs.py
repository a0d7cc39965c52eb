"""Which chains of multiply-adds are worth doing two by two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.ir import Block, Operation, SSAValue

from .chains import Chain, operation


def later_of(one: Operation, other: Operation) -> Operation:
    """The one of two operations of a block that comes later."""
    return other if one.is_before_in_block(other) else one


@dataclass(frozen=True, eq=False)
class Pair:
    """Two chains that go the same way."""

    low: Chain
    high: Chain
    side: int
    """Which factor of each product they share."""

    @property
    def last(self) -> Operation:
        """Behind this both are finished."""
        return later_of(operation(self.low.steps[-1]), operation(self.high.steps[-1]))

    @property
    def end_together(self) -> bool:
        """Whether nobody uses one result before the other is there."""
        users = (u.operation for end in (self.low.end, self.high.end) for u in end.uses)
        block = self.low.block
        places = (block.find_ancestor_op_in_block(user) for user in users)
        return all(p is not None and self.last.is_before_in_block(p) for p in places)

    def packs(self) -> set[tuple[Block | None, SSAValue, SSAValue]]:
        """The pairs of factors that they do not share, in their blocks."""
        steps = zip(self.low.multiply_adds(), self.high.multiply_adds(), strict=True)
        other = 1 - self.side
        return {(a.sum_.parent, a.factors[other], b.factors[other]) for a, b in steps}


def paired(chains: Sequence[Chain], side: int) -> list[Pair]:
    """Chains whose products share one factor each, two by two."""
    groups: dict[tuple[object, ...], list[Chain]] = {}
    for chain in chains:
        shared = tuple((m.sum_.parent, m.factors[side]) for m in chain.multiply_adds())
        groups.setdefault(shared, []).append(chain)
    pairs = (
        Pair(group[n], group[n + 1], side)
        for group in groups.values()
        for n in range(0, len(group) - 1, 2)
    )
    return [pair for pair in pairs if pair.end_together]


def saved(pairs: Sequence[Pair]) -> int:
    """Instructions that packing saves, each loop counted as one round."""
    packs = {pack for pair in pairs for pack in pair.packs()}
    return 2 * products(pairs) - 2 * len(packs)


def products(pairs: Sequence[Pair]) -> int:
    """Products that are left."""
    return sum(len(list(pair.low.multiply_adds())) for pair in pairs)


def worthwhile(chains: Sequence[Chain]) -> list[Pair]:
    """The pairs that save most; none where that is little."""
    pairs = max((paired(chains, side) for side in (0, 1)), key=saved)
    return pairs if saved(pairs) >= products(pairs) > 0 else []


def related(chains: Sequence[Chain]) -> list[list[Chain]]:
    """The chains that begin in one block and pass the same loops."""
    groups: dict[tuple[object, ...], list[Chain]] = {}
    for chain in chains:
        groups.setdefault((chain.block, chain.loops()), []).append(chain)
    return list(groups.values())
