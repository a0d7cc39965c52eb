"""Arrays that a user gives, checked against what is expected: nothing is cast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from .errors import DeployError


def check_array(
    name: str, array: object, dtype: np.dtype[Any], shape: Sequence[int]
) -> None:
    """Raises `DeployError` about `name` unless `array` has the dtype and the shape."""
    if not isinstance(array, np.ndarray):
        reason = f"expected a numpy array, got {type(array).__name__}"
        raise DeployError(reason, node=name)
    given = cast("NDArray[Any]", array)
    if given.dtype != dtype or given.shape != tuple(shape):
        expected = f"{dtype.name} of shape {list(shape)}"
        order = "" if given.dtype.isnative else "byte-swapped "
        found = f"{order}{given.dtype.name} of shape {list(given.shape)}"
        raise DeployError(f"expected {expected}, got {found}", node=name)
