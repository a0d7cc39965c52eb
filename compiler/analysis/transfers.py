"""
Transfers between memory levels: which starts a wait may be for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from xdsl.dialects import scf
from xdsl.ir import Block, SSAValue

from ..dialects.deploy import DmaStartOp


def starts_of(token: SSAValue) -> tuple[DmaStartOp, ...]:
    """
    The transfers that `token` may stand for, each once.

    They are several where a loop hands the token of one round on to the next.
    """
    found: dict[DmaStartOp, None] = {}
    seen: set[SSAValue] = set()
    waiting = [token]
    while waiting:
        value = waiting.pop(0)
        if value in seen:
            continue
        seen.add(value)
        if isinstance(value.owner, DmaStartOp):
            found[value.owner] = None
        else:
            waiting.extend(_handed_on(value))
    return tuple(found)


def _handed_on(token: SSAValue) -> Iterator[SSAValue]:
    """What a token that a loop carries is in the first round and in the others."""
    owner = token.owner
    loop = owner.parent_op() if isinstance(owner, Block) else owner
    assert isinstance(loop, scf.ForOp), "a token comes from a start or from a loop"
    inside = isinstance(owner, Block)
    values = loop.body.block.args[1:] if inside else loop.results
    place = values.index(token)
    last = cast(scf.YieldOp, loop.body.block.last_op)
    yield loop.iter_args[place]
    yield last.arguments[place]
