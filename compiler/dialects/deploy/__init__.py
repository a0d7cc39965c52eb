"""
The `deploy` dialect: what no upstream dialect has.

Kernels (groups of structured operations that keep their intermediates in registers),
buffers with a memory level, values that live in registers element by element, and
transfers between memory levels.
"""

from __future__ import annotations

from xdsl.ir import Dialect

from .kernel import KernelOp, YieldOp
from .memory import REGISTER_SPACE, BufferOp, RegistersOp
from .transfer import RENEWS_ATTRIBUTE, DmaStartOp, DmaWaitOp, TokenType

__all__ = [
    "REGISTER_SPACE",
    "RENEWS_ATTRIBUTE",
    "BufferOp",
    "Deploy",
    "DmaStartOp",
    "DmaWaitOp",
    "KernelOp",
    "RegistersOp",
    "TokenType",
    "YieldOp",
]

Deploy = Dialect(
    "deploy",
    [YieldOp, KernelOp, BufferOp, RegistersOp, DmaStartOp, DmaWaitOp],
    [TokenType],
)
