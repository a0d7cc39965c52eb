"""
Transfers between memory levels: who starts one has a token, and awaits it once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from typing_extensions import override
from xdsl.dialects import scf
from xdsl.dialects.builtin import MemRefType, StringAttr
from xdsl.ir import Attribute, Block, ParametrizedAttribute, SSAValue, TypeAttribute
from xdsl.irdl import (
    IRDLOperation,
    base,
    eq,
    irdl_attr_definition,
    irdl_op_definition,
    operand_def,
    result_def,
)
from xdsl.utils.exceptions import VerifyException

from .memory import REGISTER_SPACE

RENEWS_ATTRIBUTE = "deploy.renews"
"""Attribute of a transfer of a part: those behind it move the rest of the whole buffer,
and nobody reads it before, so that nothing of what it held matters any more."""


@irdl_attr_definition
class TokenType(ParametrizedAttribute, TypeAttribute):
    """A transfer under way; every value of this type has exactly one use."""

    name = "deploy.token"


@irdl_op_definition
class DmaStartOp(IRDLOperation):
    """
    Starts to copy `source` to `destination`.

    Until the token is awaited nobody may touch `destination` or change `source`. The
    token is used once: by a wait, or by a loop that carries it on.

    ```mlir
    %t = deploy.dma_start %s, %d : memref<8xi8, "L2">, memref<8xi8, "L1">
    ```
    """

    name = "deploy.dma_start"

    source = operand_def(base(MemRefType[Attribute]))
    destination = operand_def(base(MemRefType[Attribute]))
    token = result_def(eq(TokenType()))

    assembly_format = (
        "$source `,` $destination attr-dict `:` type($source) `,` type($destination)"
    )

    def __init__(self, source: SSAValue, destination: SSAValue) -> None:
        super().__init__(operands=[source, destination], result_types=[TokenType()])

    @property
    def levels(self) -> tuple[str, str]:
        """The names of the levels of source and destination."""
        return level_of(self.source.type), level_of(self.destination.type)

    @override
    def verify_(self) -> None:
        types = [_memref(self.source.type), _memref(self.destination.type)]
        for type in types:
            if not isinstance(type.memory_space, StringAttr):
                raise VerifyException(f"memref must name its memory level, got {type}")
            if type.memory_space == REGISTER_SPACE:
                raise VerifyException(f"nothing is moved to or from registers: {type}")
            if not type.has_static_shape():
                raise VerifyException(f"memref must have a static shape, got {type}")
        source, destination = types
        if source.get_shape() != destination.get_shape():
            raise VerifyException(
                f"source and destination must have the same shape, "
                f"got {source} and {destination}"
            )
        if source.element_type != destination.element_type:
            raise VerifyException(
                f"source and destination must have the same element type, "
                f"got {source} and {destination}"
            )
        _verify_linear(self.token)


@irdl_op_definition
class DmaWaitOp(IRDLOperation):
    """
    Waits until a transfer is done.

    ```mlir
    deploy.dma_wait %t
    ```
    """

    name = "deploy.dma_wait"

    token = operand_def(eq(TokenType()))

    assembly_format = "$token attr-dict"

    def __init__(self, token: SSAValue) -> None:
        super().__init__(operands=[token])

    @override
    def verify_(self) -> None:
        owner = self.token.owner
        maker = owner.parent_op() if isinstance(owner, Block) else owner
        if not isinstance(maker, DmaStartOp | scf.ForOp):
            raise VerifyException(
                "token must come from deploy.dma_start or from a loop that carries it"
            )


def level_of(type: Attribute) -> str:
    """The name of the memory level that a memref type is in."""
    return cast(StringAttr, _memref(type).memory_space).data


def _memref(type: Attribute) -> MemRefType[Attribute]:
    return cast("MemRefType[Attribute]", type)


def _verify_linear(token: SSAValue) -> None:
    """Fails unless `token` and what loops make of it are each used once."""
    seen: set[SSAValue] = set()
    waiting = [token]
    while waiting:
        value = waiting.pop()
        if value not in seen:
            seen.add(value)
            waiting.extend(_carried_on(value))


def _carried_on(token: SSAValue) -> Iterator[SSAValue]:
    """The tokens that the one use of `token` makes of it, in a loop."""
    uses = tuple(token.uses)
    if len(uses) != 1:
        raise VerifyException(
            f"token must be used once, by a wait or a loop, got {len(uses)} uses"
        )
    user, index = uses[0].operation, uses[0].index
    block = token.owner if isinstance(token.owner, Block) else token.owner.parent
    if user.parent is not block:
        raise VerifyException("token must be awaited in the block that it comes from")
    around = user.parent_op()
    if isinstance(user, scf.ForOp):
        place = index - 3
        yield user.results[place]
        yield user.body.block.args[place + 1]
    elif isinstance(user, scf.YieldOp) and isinstance(around, scf.ForOp):
        yield around.results[index]
    elif not isinstance(user, DmaWaitOp):
        raise VerifyException(
            f"token must be used by a wait or a loop, got {user.name}"
        )
