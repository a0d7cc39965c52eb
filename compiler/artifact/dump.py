"""A folder with the inputs and outputs of every node of a model, for one run."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np

from ..errors import UsageError
from ..execution.tensors import Array
from ..frontend.onnx.graph import Graph, Node
from .folder import check_target, whole_folder
from .manifest import json_text

INDEX = "dump.json"
"""What stands where; also what tells that a folder is a dump."""

MADE_BY = "deployopt dump"
FORMATS = ("npz", "txt", "bin")
LONGEST_NAME = 60
UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
DIGITS = {"float16": 5, "float32": 9, "float64": 17}
"""Decimal digits that tell two numbers apart."""


def check_dump(folder: str | Path, format: str) -> None:
    """
    Refuses what cannot be written, before there is anything to write.

    Raises `UsageError` for a format that there is not, `DeployError` for a folder.
    """
    if format not in FORMATS:
        expected = ", ".join(FORMATS)
        raise UsageError(f"expected a format of {expected}, got {format!r}")
    check_target(Path(folder), is_dump)


def write_dump(
    folder: str | Path, graph: Graph, values: Mapping[str, Array], format: str
) -> None:
    """
    Writes the tensors that each node reads and makes, the folder whole or not at all.

    A dump that is there is replaced; raises `DeployError` for any other folder.
    """
    index: list[dict[str, Any]] = []
    with whole_folder(Path(folder), is_dump) as beside:
        for number, node in enumerate(graph.nodes):
            stem = file_stem(number, node.name)
            entry = node_entry(node, values)
            for name, data in files_of(stem, entry, values, format):
                (beside / name).write_bytes(data)
            index.append(entry)
        table = {"made_by": MADE_BY, "format": format, "nodes": index}
        (beside / INDEX).write_text(json_text(table), encoding="utf-8")


def is_dump(folder: Path) -> bool:
    """Whether a folder is a dump."""
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if not isinstance(index, dict):
        return False
    return cast("dict[str, Any]", index).get("made_by") == MADE_BY


def file_stem(number: int, name: str) -> str:
    """What the files of a node begin with; the names of models are no file names."""
    return f"{number:04}_{UNSAFE.sub('_', name)[:LONGEST_NAME]}".rstrip("_.")


def node_entry(node: Node, values: Mapping[str, Array]) -> dict[str, Any]:
    """What the index says about a node, but for the files."""
    return {
        "name": node.name,
        "op": node.op_type,
        **{
            role: [tensor_entry(name, values) for name in names if name in values]
            for role, names in (("inputs", node.inputs), ("outputs", node.outputs))
        },
    }


def tensor_entry(name: str, values: Mapping[str, Array]) -> dict[str, Any]:
    """What the index says about a tensor."""
    array = values[name]
    return {"name": name, "dtype": array.dtype.name, "shape": list(array.shape)}


def files_of(
    stem: str, entry: dict[str, Any], values: Mapping[str, Array], format: str
) -> Iterator[tuple[str, bytes]]:
    """The files of a node; writes into its entry what stands where."""
    arrays: dict[str, Array] = {}
    for role in ("inputs", "outputs"):
        for number, tensor in enumerate(entry[role]):
            key = f"{role.removesuffix('s')}_{number}"
            array = values[tensor["name"]]
            if format == "npz":
                tensor |= {"file": f"{stem}.npz", "key": key}
                arrays[key] = array
            else:
                tensor["file"] = f"{stem}.{key}.{format}"
                yield tensor["file"], WRITERS[format](array)
    if format == "npz":
        yield f"{stem}.npz", npz_bytes(arrays)


def npz_bytes(arrays: Mapping[str, Array]) -> bytes:
    """An npz file."""
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def raw_bytes(array: Array) -> bytes:
    """The elements in row-major order, little-endian."""
    return array.astype(array.dtype.newbyteorder("<")).tobytes()


def text_bytes(array: Array) -> bytes:
    """Type and shape behind `#`, then the elements, a line for each last axis."""
    rows = array.reshape(-1, array.shape[-1] if array.ndim else 1)
    digits = DIGITS.get(array.dtype.name)
    stream = io.BytesIO()
    np.savetxt(
        stream,
        rows,
        fmt="%d" if digits is None else f"%.{digits}g",
        header=f"{array.dtype.name} {list(array.shape)}",
    )
    return stream.getvalue()


WRITERS: Mapping[str, Callable[[Array], bytes]] = {"txt": text_bytes, "bin": raw_bytes}
