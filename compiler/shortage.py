"""What a pass raises when a memory level does not suffice."""

from __future__ import annotations

from typing import NoReturn

from xdsl.ir import Operation
from xdsl.utils.exceptions import PassFailedException

from .errors import Shortage


class LevelShortage(PassFailedException):
    """A pass cannot go on because a memory level is too small."""

    shortage: Shortage

    def __init__(self, shortage: Shortage) -> None:
        super().__init__(shortage.message)
        self.shortage = shortage


def refuse_shortage(op: Operation, shortage: Shortage) -> NoReturn:
    """Refuses `op`, for which a memory level has too little."""
    op.emit_error(shortage.message, LevelShortage(shortage))
