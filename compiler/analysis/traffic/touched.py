"""
How much of a tensor a kernel reads at least once.
"""

from __future__ import annotations

import numpy as np

from .driver_model import Source
from .kernel_model import Access, Axis, KernelModel

MOST_COUNTED = 1 << 20
"""Iterations up to which the indices that an axis touches are counted one by one."""


def touched_bytes(kernel: KernelModel, access: Access, source: Source) -> int:
    """The bytes of an operand's source that are read at least once."""
    total = access.element
    pad = source.pad
    for number, axis in enumerate(access.axes):
        low, size = 0, axis.size
        if pad is not None and pad.direct:
            low, size = pad.low[number], pad.source[number]
        elif pad is not None:
            return int(np.prod(pad.source)) * access.element
        total *= _touched(kernel, axis, low, size)
    return total


def _touched(kernel: KernelModel, axis: Axis, low: int, size: int) -> int:
    """How many indices of an axis are touched, of those from `low` on."""
    extents = [kernel.extents[loop] for loop, _ in axis.factors]
    if axis.whole or np.prod([1, *extents]) > MOST_COUNTED:
        return 0 if not axis.whole else size
    indices = np.array([axis.constant - low], dtype=np.int64)
    for (_, factor), extent in zip(axis.factors, extents, strict=True):
        indices = np.unique(np.add.outer(indices, factor * np.arange(extent)))
    return int(np.count_nonzero((indices >= 0) & (indices < size)))
