"""The tensors that cross between a program and who runs it, and what comes back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..checking import check_array
from ..errors import DeployError
from .check_report import CheckReport

Array: TypeAlias = NDArray[Any]
Inputs: TypeAlias = Mapping[str, Array] | Sequence[Array]
"""The arrays of one run, by name or in the graph's order."""

ALIGNMENT = 64
"""Bytes; of arrays that are made here."""

DTYPES = (
    *("float16", "float32", "float64"),
    *("int8", "int16", "int32", "int64"),
    *("uint8", "uint16", "uint32", "uint64"),
    "bool",
)


@dataclass(frozen=True)
class Tensor:
    """An input or output as the folder's manifest describes it."""

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    entries: int | None = None
    """Of how many entries an element selects one; None where it is no index."""

    @property
    def bytes(self) -> int:
        """Size of the data."""
        return self.dtype.itemsize * int(np.prod(self.shape, dtype=np.int64))


@dataclass(frozen=True)
class RunResult:
    """What came out, one entry per run."""

    outputs: tuple[tuple[Array, ...], ...]
    """Arrays in the graph's order."""
    steps: tuple[tuple[int, ...], ...]
    """Units spent in each step; of each run none when steps were not counted."""
    totals: tuple[int, ...]
    """Units spent in the whole run."""
    unit: str
    """`instructions` or `ns`."""
    console: str
    """What the program printed."""
    report: CheckReport | None = None
    """What the checks counted; none when nothing was watched."""

    @property
    def is_counted(self) -> bool:
        """Whether there are counts of steps."""
        return any(self.steps)


def read_tensors(folder: Path, key: str) -> tuple[Tensor, ...]:
    """The `inputs` or `outputs` of the folder's manifest."""
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise malformed(key, error, str(path)) from error
    return tensors_of(manifest, key, str(path))


def tensors_of(
    manifest: Mapping[str, Any], key: str, subject: str = "manifest.json"
) -> tuple[Tensor, ...]:
    """The `inputs` or `outputs` of a manifest; raises `DeployError` about `subject`."""
    try:
        return tuple(_tensor(entry) for entry in manifest[key])
    except (ValueError, KeyError, TypeError) as error:
        raise malformed(key, error, subject) from error


def malformed(key: str, error: Exception, subject: str) -> DeployError:
    """The refusal of a manifest."""
    reason = f"not a manifest with {key}: {type(error).__name__}: {error}"
    return DeployError(reason, node=subject)


def _tensor(entry: Mapping[str, Any]) -> Tensor:
    """One entry of the manifest."""
    if entry["dtype"] not in DTYPES:
        raise ValueError(f"dtype {entry['dtype']!r} is none of {', '.join(DTYPES)}")
    dtype = np.dtype(entry["dtype"]).newbyteorder("<")
    entries = None if "entries" not in entry else int(entry["entries"])
    return Tensor(entry["name"], dtype, tuple(map(int, entry["shape"])), entries)


def arrays_of(tensors: Sequence[Tensor], arrays: Inputs) -> list[Array]:
    """
    The array for each tensor, in one piece; by name or in order.

    Raises `DeployError` for one that is missing, does not fit, or has the name of no
    tensor: nothing is cast.
    """
    if not isinstance(arrays, Mapping):
        if len(arrays) != len(tensors):
            raise DeployError(f"expected {len(tensors)} inputs, got {len(arrays)}")
        return [checked(t, a) for t, a in zip(tensors, arrays, strict=True)]
    for tensor in tensors:
        if tensor.name not in arrays:
            raise DeployError("expected an array for this input", node=tensor.name)
    for name in arrays:
        place(tensors, name, "input")
    return [checked(tensor, arrays[tensor.name]) for tensor in tensors]


def checked(tensor: Tensor, array: Array) -> Array:
    """`array` in one piece, which must have the dtype and shape of `tensor`."""
    return np.asarray(fitting(tensor, array), tensor.dtype, order="C")


def fitting(tensor: Tensor, array: Array) -> Array:
    """`array` itself, which must have the dtype and shape of `tensor`."""
    check_array(tensor.name, array, tensor.dtype, tensor.shape)
    return array


def aligned(count: int, alignment: int = ALIGNMENT) -> Array:
    """So many bytes, whose address is a multiple of `alignment`."""
    whole = np.empty(count + alignment, np.uint8)
    start = -whole.ctypes.data % alignment
    return whole[start : start + count]


def empty(tensor: Tensor) -> Array:
    """An array for a tensor, aligned as those of the harness are."""
    return aligned(tensor.bytes).view(tensor.dtype).reshape(tensor.shape)


def filled(tensor: Tensor, out: Array, value: Array) -> Array:
    """`out`, which must fit `tensor`, with the elements of `value`."""
    if not fitting(tensor, out).flags.writeable:
        reason = "expected an array that can be written, got a read-only one"
        raise DeployError(reason, node=tensor.name)
    np.copyto(out, value)
    return out


def place(tensors: Sequence[Tensor], key: str | int, what: str) -> int:
    """The number of the tensor called or numbered `key`; raises `DeployError`."""
    names = [tensor.name for tensor in tensors]
    if isinstance(key, str) and key in names:
        return names.index(key)
    if isinstance(key, int) and 0 <= key < len(names):
        return key
    known = ", ".join(names) or "none"
    raise DeployError(f"expected one of the {what}s {known}, got {key!r}")
