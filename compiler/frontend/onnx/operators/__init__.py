"""The operators of ONNX by name: what each becomes, for which types, within limits."""

from __future__ import annotations

from ..calls import Handler
from .comparisons import COMPARISONS
from .einsum import EINSUM
from .elementwise import ELEMENTWISE
from .indexing import INDEXING
from .known import COMPOSITES, FOLDED
from .normalization import NORMALIZATION
from .operator import Operator, OperatorSupport
from .ordering import ORDERING
from .pooling import POOLING
from .products import PRODUCTS
from .quantization import QUANTIZATION
from .recurrent import RECURRENT
from .reductions import REDUCTIONS
from .resizing import RESIZING
from .selecting import SELECTING
from .shaping import SHAPING
from .taking import TAKING
from .transposed_convolution import TRANSPOSED_CONVOLUTION

TABLE: dict[str, Operator] = {
    **COMPARISONS,
    **EINSUM,
    **ELEMENTWISE,
    **INDEXING,
    **NORMALIZATION,
    **ORDERING,
    **POOLING,
    **PRODUCTS,
    **QUANTIZATION,
    **RECURRENT,
    **REDUCTIONS,
    **RESIZING,
    **SELECTING,
    **SHAPING,
    **TAKING,
    **TRANSPOSED_CONVOLUTION,
}

HANDLERS: dict[str, Handler] = {
    name: operator.handler for name, operator in TABLE.items()
}
"""Operator -> what makes the operations for one of its nodes."""

OPERATORS: tuple[OperatorSupport, ...] = (
    *(OperatorSupport(n, o.types, o.limits) for n, o in TABLE.items()),
    *(OperatorSupport(n, "float32", limits) for n, limits in COMPOSITES.items()),
    *(OperatorSupport(n, "all", limits) for n, limits in FOLDED.items()),
)
"""Everything import takes."""

__all__ = ["FOLDED", "HANDLERS", "OPERATORS", "OperatorSupport"]
