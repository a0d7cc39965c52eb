"""An entry of the table of operators."""

from __future__ import annotations

from typing import NamedTuple

from ..calls import Handler

FLOATS = "float32"
NUMBERS = "float32, int8, int32, int64, uint8"
ALL = "float32, int8, int16, int32, int64, uint8, uint16, uint32, bool"


class Operator(NamedTuple):
    """How a node of some operator is imported."""

    handler: Handler
    types: str = FLOATS
    """The element types it takes."""
    limits: str = ""
    """What is refused, in a few words."""


class OperatorSupport(NamedTuple):
    """What is supported of an ONNX operator."""

    name: str
    types: str
    limits: str
