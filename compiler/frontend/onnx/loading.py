"""From a file, bytes or a model in memory to a checked model."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, cast

import onnx
import onnx.inliner
from google.protobuf.message import DecodeError
from onnx import ModelProto, NodeProto, ValueInfoProto

from ...errors import DeployError, UsageError, one_line
from .external import load_external_data
from .nodes import spelled

OLDEST_OPSET = 7
MAIN_DOMAINS = ("", "ai.onnx")


@dataclass(frozen=True)
class Source:
    """A model, and what is known about where it came from."""

    model: ModelProto
    sha256: str
    """Of the bytes as they were given."""
    label: str
    """What messages about the whole model begin with."""
    name: str
    """A C identifier."""
    version: int
    """The main domain's opset."""


def load(source: bytes | str | Path | ModelProto, name: str | None) -> Source:
    """
    Parses and checks a model, reads external data and inlines local functions.

    Raises `DeployError`; `UsageError` when there is no such file.
    """
    data, path = _read(source)
    label = str(path) if path else "model"
    model = _parse(data, label)
    _check_names(model, label)
    version = opset(model, label)
    load_external_data(model, path.parent if path else None)
    name_nodes(model)
    _check(model, label)
    model = _inline(model, label)
    chosen = name or (path.stem if path else model.graph.name)
    digest = hashlib.sha256(data).hexdigest()
    return Source(model, digest, label, identifier(chosen), version)


def sha256_of(source: bytes | str | Path | ModelProto) -> str:
    """The sha256 of the bytes of a model; raises `UsageError` when there are none."""
    return hashlib.sha256(_read(source)[0]).hexdigest()


def _read(source: bytes | str | Path | ModelProto) -> tuple[bytes, Path | None]:
    if isinstance(source, bytes):
        return source, None
    if isinstance(source, ModelProto):
        return serialize(source), None
    path = Path(source)
    try:
        return path.read_bytes(), path
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(reason, node=str(path)) from error


def is_model(value: object) -> bool:
    """Whether `value` is a model in memory."""
    return isinstance(value, ModelProto)


def serialize(model: ModelProto) -> bytes:
    """The bytes of a model, always the same; raises `DeployError` beyond 2 GB."""
    try:
        return model.SerializeToString(deterministic=True)
    except (ValueError, RuntimeError) as error:
        raise DeployError(one_line(str(error)), node="model") from error


def _parse(data: bytes, label: str) -> ModelProto:
    model = ModelProto()
    try:
        model.ParseFromString(data)
    except (DecodeError, ValueError, RuntimeError) as error:
        reason = "must be an ONNX model, got bytes that do not parse as one"
        raise DeployError(reason, node=label, hint="truncated?") from error
    if not model.HasField("graph"):
        raise DeployError("must be an ONNX model, got no graph in it", node=label)
    if not model.graph.output:
        raise DeployError("graph must have an output, got none", node=label)
    return model


def _check_names(model: ModelProto, label: str) -> None:
    """Raises `DeployError` for a name that is not UTF-8: protobuf gives it as bytes."""
    graph = model.graph
    named = chain(graph.input, graph.output, graph.initializer, graph.node)
    nodes = chain(graph.node, *(body.node for body in model.functions))
    names: Iterator[object] = chain(
        (graph.name,),
        (item.name for item in named),
        *((node.domain, node.op_type, *node.input, *node.output) for node in nodes),
    )
    for name in names:
        if not isinstance(name, str):
            raise DeployError(f"names must be UTF-8, got {name}", node=label)


def opset(model: ModelProto, label: str) -> int:
    """The main domain's opset; raises `DeployError` when it is unknown."""
    versions = [o.version for o in model.opset_import if o.domain in MAIN_DOMAINS]
    newest = onnx.defs.onnx_opset_version()
    if not versions:
        raise DeployError("must import ONNX's main opset, got none", node=label)
    if not OLDEST_OPSET <= versions[0] <= newest:
        reason = f"opset must be {OLDEST_OPSET} to {newest}, got {versions[0]}"
        raise DeployError(reason, node=label)
    return versions[0]


def identifier(text: str) -> str:
    """`text` as a C identifier that does not begin with an underscore."""
    word = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_")
    return word if word[:1].isalpha() else f"model_{word}".strip("_")


def name_nodes(model: ModelProto) -> None:
    """Gives every node a name of its own: unnamed ones are called `OpType_index`."""
    taken = {spelled(node.name) for node in model.graph.node}
    seen: set[str] = set()
    for index, node in enumerate(model.graph.node):
        name = spelled(node.name)
        if not name or name in seen:
            name = _fresh(name or f"{node.op_type}_{index}", taken)
        node.name = name
        taken.add(name)
        seen.add(name)


def _fresh(name: str, taken: set[str]) -> str:
    candidate, number = name, 0
    while candidate in taken:
        number += 1
        candidate = f"{name}_{number}"
    return candidate


def has_schema(node: NodeProto, version: int) -> bool:
    """Whether ONNX defines the operator of `node`."""
    if node.domain not in MAIN_DOMAINS:
        return False
    try:
        onnx.defs.get_schema(node.op_type, version, "")
    except onnx.defs.SchemaError:
        return False
    return True


def _check(model: ModelProto, label: str) -> None:
    """Raises `DeployError`, unless operators that will be named anyway are to blame."""
    shapeless = [o.type.tensor_type for o in model.graph.output if _shapeless(o)]
    try:
        for type_ in shapeless:  # which only the checker minds
            type_.shape.SetInParent()
        cast(Any, onnx.checker).check_model(model)
    except (onnx.checker.ValidationError, ValueError) as error:
        version = opset(model, label)
        own = {function.name for function in model.functions}
        if _foreign(error) and any(
            not has_schema(node, version) and node.op_type not in own
            for node in model.graph.node
        ):
            return
        raise _refusal(error, label) from error
    finally:
        for type_ in shapeless:
            type_.ClearField("shape")


def _shapeless(value: ValueInfoProto) -> bool:
    type_ = value.type
    return type_.HasField("tensor_type") and not type_.tensor_type.HasField("shape")


def _foreign(error: Exception) -> bool:
    return "No Op registered" in str(error) or "No opset import" in str(error)


def _refusal(error: Exception, label: str) -> DeployError:
    text, _, context = str(error).partition("==> Context:")
    match = re.search(r"Name: (.*?) OpType: (\S+)", context)
    if not match:
        return DeployError(one_line(text), node=label)
    return DeployError(one_line(text), node=match[1] or label, op_type=match[2])


def _inline(model: ModelProto, label: str) -> ModelProto:
    """Calls of local functions become nodes; those of another opset stay calls."""
    if not model.functions:
        return model
    try:
        model = onnx.inliner.inline_local_functions(model, False)
    except (RuntimeError, ValueError, DecodeError) as error:
        raise DeployError(one_line(str(error)), node=label) from error
    name_nodes(model)
    return model
