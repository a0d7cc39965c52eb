"""Where the elements of a resized dimension come from: ONNX's definition of Resize."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..calls import Call
from ..tensors import Array


class Axis(NamedTuple):
    """A dimension that is resized."""

    before: int
    after: int
    scale: float
    """What it was multiplied with, which need not give a whole number."""


class Taps(NamedTuple):
    """What each element of a resized dimension is the sum of; the edges go on."""

    places: Array
    """`[result, taps]`: elements of the input, may be outside."""
    weights: Array
    """`[result, taps]`, float64."""
    size: int
    """Elements of the input."""

    def reach(self) -> tuple[int, int]:
        """How far places that count are before and behind the input."""
        used = self.places[self.weights != 0]
        return max(-int(used.min()), 0), max(int(used.max()) - self.size + 1, 0)

    def matrix(self) -> Array:
        """The same as `[result, input]`."""
        found = np.zeros((len(self.places), self.size))
        rows = np.arange(len(self.places))[:, None]
        columns = np.clip(self.places, 0, self.size - 1)
        np.add.at(found, (rows, columns), self.weights)
        return found


Coordinates = Callable[[Array, Axis, Any], Array]
"""Positions in the result -> in the input; the last argument is the type of numbers."""


def _half_pixel(x: Array, axis: Axis, real: Any) -> Array:
    return (x + real(0.5)) / real(axis.scale) - real(0.5)


def _symmetric(x: Array, axis: Axis, real: Any) -> Array:
    adjusted = axis.after / (axis.scale * axis.before)
    return real(axis.before / 2 * (1 - adjusted)) + _half_pixel(x, axis, real)


def _pytorch(x: Array, axis: Axis, real: Any) -> Array:
    return _half_pixel(x, axis, real) if axis.after > 1 else x * real(0)


def _corners(x: Array, axis: Axis, real: Any) -> Array:
    if axis.after == 1:
        return x * real(0)
    return x * real(axis.before - 1) / real(axis.after - 1)


COORDINATES: dict[str, Coordinates] = {
    "align_corners": _corners,
    "asymmetric": lambda x, axis, real: x / real(axis.scale),
    "half_pixel": _half_pixel,
    "half_pixel_symmetric": _symmetric,
    "pytorch_half_pixel": _pytorch,
    "tf_half_pixel_for_nn": lambda x, axis, real: (x + real(0.5)) / real(axis.scale),
}
"""Where in the input the elements of the result are."""

ROUNDINGS: dict[str, Callable[[Array], Array]] = {
    "ceil": np.ceil,
    "floor": np.floor,
    "round_prefer_ceil": lambda x: np.floor(x + np.float32(0.5)),
    "round_prefer_floor": lambda x: np.ceil(x - np.float32(0.5)),
}
"""Which element is the nearest."""


def _coordinates(call: Call, axis: Axis, real: Any) -> Array:
    default = "asymmetric" if call.version < 11 else "half_pixel"
    mode = call.text("coordinate_transformation_mode", default)
    if mode not in COORDINATES:
        expected = ", ".join(COORDINATES)
        call.refuse(
            f"coordinate_transformation_mode must be one of {expected}, got {mode}"
        )
    return COORDINATES[mode](np.arange(axis.after).astype(real), axis, real)


def nearest(call: Call, axis: Axis) -> list[int]:
    """
    The element that each of the result is.

    In float32, as onnxruntime computes: where two are equally near, digits decide.
    """
    default = "round_prefer_floor"
    if call.version < 11:
        default = "floor" if axis.scale >= 1 else "ceil"
    mode = call.text("nearest_mode", default)
    if mode not in ROUNDINGS:
        call.refuse(f"nearest_mode must be one of {', '.join(ROUNDINGS)}, got {mode}")
    places = ROUNDINGS[mode](_coordinates(call, axis, np.float32))
    return np.clip(places, 0, axis.before - 1).astype(int).tolist()


def interpolation(call: Call, axis: Axis, mode: str) -> Taps:
    """The weights of a linear or cubic interpolation."""
    exact = _coordinates(call, axis, np.float64)
    whole = np.rint(exact)
    exact = np.where(abs(exact - whole) < 1e-9, whole, exact)
    base = np.floor(exact)
    stretch = min(axis.scale, 1.0) if call.integer("antialias", 0) else 1.0
    radius = 1 if mode == "linear" else 2
    first = int(np.floor(-radius / stretch)) + 1
    places = base[:, None] + np.arange(first, 2 - first)
    distances = abs(places - exact[:, None]) * stretch
    if mode == "linear":
        weights = np.maximum(1 - distances, 0)
    else:
        weights = _cubic(distances, call.real("cubic_coeff_a", -0.75))
    if call.integer("exclude_outside", 0):
        weights = np.where((places >= 0) & (places < axis.before), weights, 0)
    weights = weights / weights.sum(axis=1, keepdims=True)
    return Taps(places.astype(int), weights, axis.before)


def _cubic(x: Array, a: float) -> Array:
    """Keys' kernel of distances `x` (IEEE Trans. ASSP 29(6), 1981, equation 4)."""
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
    return np.where(x <= 1, near, np.where(x < 2, far, 0))
