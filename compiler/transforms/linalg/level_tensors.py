"""New tensors in a memory level."""

from __future__ import annotations

from xdsl.dialects import bufferization
from xdsl.dialects.builtin import StringAttr
from xdsl.ir import Attribute, SSAValue

from ...analysis.levels import SPACE_ATTRIBUTE


def tensor_in(
    level: str, type_: Attribute, contents: SSAValue | None = None
) -> bufferization.AllocTensorOp:
    """A tensor in `level` with these contents, or with none."""
    op = bufferization.AllocTensorOp(type_, copy=contents)
    op.attributes[SPACE_ATTRIBUTE] = StringAttr(level)
    return op
