"""New values for the initializers of a model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, numpy_helper

from ...checking import check_array
from .loading import load, serialize
from .naming import unknown_name
from .tensors import array_of


def with_parameters(
    source: bytes | str | Path | ModelProto, values: Mapping[str, NDArray[Any]]
) -> bytes:
    """
    The bytes of a model with other initializers.

    An array has the dtype and the shape of the initializer that it replaces. Raises
    `DeployError` for one that has not, or when there is no such initializer.
    """
    model = load(source, None).model
    known = {tensor.name: tensor for tensor in model.graph.initializer}
    for name, array in values.items():
        if name not in known:
            raise unknown_name(name, known, "initializers of the model")
        replace_elements(known[name], array)
    return serialize(model)


def replace_elements(tensor: TensorProto, array: NDArray[Any]) -> None:
    """Gives an initializer the elements of `array`, which must be like its own."""
    old = array_of(tensor)
    check_array(tensor.name, array, old.dtype, old.shape)
    kept = tensor.data_type
    tensor.CopyFrom(numpy_helper.from_array(np.asarray(array, order="C"), tensor.name))
    assert tensor.data_type == kept, "numpy's type tells ONNX's"
