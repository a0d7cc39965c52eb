"""Arrays for a model's inputs: from an npz file, or random; and outputs into one."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from ..errors import DeployError, UsageError, one_line
from ..execution.tensors import Tensor
from ..writing import whole_bytes

Array: TypeAlias = NDArray[Any]

LARGE_INTEGERS = 8
"""Random integers wider than 8 bits lie between minus this and this."""


def is_path(value: object) -> bool:
    """Whether `value` can name a file."""
    return isinstance(value, str | os.PathLike)


def read_npz(path: str | Path) -> dict[str, Array]:
    """The arrays of an npz file; raises `UsageError` when there is none."""
    if not is_path(path):
        got = type(path).__name__
        raise UsageError(f"expected arrays by name or an npz file, got {got}")
    file = Path(path)
    if not file.is_file():
        raise UsageError("no such file", node=str(path))
    if not zipfile.is_zipfile(file):
        reason = "expected an npz file of arrays, got something else"
        raise DeployError(reason, node=str(path))
    try:
        with np.load(file, allow_pickle=False) as arrays:
            return {name: numeric(name, arrays[name]) for name in arrays.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        reason = f"expected an npz file of arrays, got {one_line(str(error))}"
        raise DeployError(reason, node=str(path)) from error


def numeric(name: str, array: object) -> Array:
    """`array`, which must be one; an npz file may hold other things."""
    if not isinstance(array, np.ndarray):
        raise ValueError(f"no array in '{name}'")
    return cast(Array, array)


def matched(tensors: Sequence[Tensor], arrays: Mapping[str, Array]) -> list[Array]:
    """
    The array for each of `tensors`: by its name, else as `input_0`, `input_1`, ….

    Raises `DeployError` for one that is missing, or that no input is called.
    """
    found: list[Array] = []
    used: set[str] = set()
    for number, tensor in enumerate(tensors):
        names = (tensor.name, f"input_{number}")
        name = next((name for name in names if name in arrays), None)
        if name is None:
            got = ", ".join(arrays) or "none"
            reason = f"expected an array '{names[0]}' or '{names[1]}', got {got}"
            raise DeployError(reason, node=tensor.name)
        used.add(name)
        found.append(arrays[name])
    for name in arrays:
        if name not in used:
            known = ", ".join(tensor.name for tensor in tensors) or "none"
            raise DeployError(f"expected one of the inputs {known}", node=name)
    return found


def random_arrays(tensors: Sequence[Tensor], seed: int) -> list[Array]:
    """
    Seeded arrays: standard normal floats, indices of what there is, other integers of
    the whole range if narrow.
    """
    generator = np.random.default_rng(seed)
    return [random_array(tensor, generator) for tensor in tensors]


def random_array(tensor: Tensor, generator: np.random.Generator) -> Array:
    """One random array."""
    dtype = tensor.dtype
    if dtype.kind == "f":
        return generator.standard_normal(tensor.shape).astype(dtype)
    if dtype.kind == "b":
        return generator.integers(0, 2, tensor.shape).astype(dtype)
    if tensor.entries is not None:
        return generator.integers(0, tensor.entries, tensor.shape, dtype)
    low, high = -LARGE_INTEGERS, LARGE_INTEGERS
    if dtype.itemsize == 1:
        low, high = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max) + 1
    return generator.integers(max(low, np.iinfo(dtype).min), high, tensor.shape, dtype)


def write_npz(
    path: str | Path, tensors: Sequence[Tensor], values: Sequence[Array]
) -> None:
    """
    Saves outputs as `output_0`, … and under their own names where these are valid.

    The file is there whole or not at all.
    """
    arrays = {f"output_{number}": value for number, value in enumerate(values)}
    for tensor, value in zip(tensors, values, strict=True):
        if is_valid_name(tensor.name):
            arrays.setdefault(tensor.name, value)
    with whole_bytes(str(path)) as stream:
        np.savez(stream, allow_pickle=False, **arrays)


def write_inputs(path: str | Path, arrays: Sequence[Array]) -> None:
    """Saves inputs as `input_0`, …; the file is there whole or not at all."""
    numbered = {f"input_{number}": array for number, array in enumerate(arrays)}
    with whole_bytes(str(path)) as stream:
        np.savez(stream, allow_pickle=False, **numbered)


def is_valid_name(name: str) -> bool:
    """Whether `name` can be the name of an array in an npz file."""
    plain = name.isprintable() and not name.startswith(".")
    return bool(name) and plain and not set(name) & set('/\\:*?"<>|') and name != "file"
