"""What a pass raises when a memory level does not suffice, or a wish is not granted."""

from __future__ import annotations

from typing import NoReturn

from xdsl.ir import Operation
from xdsl.utils.exceptions import PassFailedException

from .errors import Shortage


class LevelShortage(PassFailedException):
    """A pass cannot go on because a memory level is too small."""

    shortage: Shortage
    op: Operation
    """What it is too small for."""

    def __init__(self, shortage: Shortage, op: Operation) -> None:
        super().__init__(shortage.message)
        self.shortage = shortage
        self.op = op


def refuse_shortage(op: Operation, shortage: Shortage) -> NoReturn:
    """
    Refuses `op`, for which a memory level has too little.

    Unlike `emit_error` this does not print the module: sizes are searched by refusals.
    """
    raise LevelShortage(shortage, op)


class BorderRefusal(PassFailedException):
    """A tensor of the caller's, which is no operation, cannot be as asked for."""

    def __init__(self, tensor: str, reason: str) -> None:
        super().__init__(f"{tensor}: {reason}")
        self.tensor = tensor
        self.reason = reason
