"""Operators that ONNX itself defines by others: their function bodies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onnx import AttributeProto, FunctionProto, ModelProto, NodeProto

from .calls import Call
from .schemas import schema_of
from .tensors import onnx_type


def local_functions(model: ModelProto) -> dict[tuple[str, str], FunctionProto]:
    """The functions a model brings along, by domain and name."""
    return {(body.domain, body.name): body for body in model.functions}


def function_body(call: Call) -> FunctionProto | None:
    """What the operator of `call` is in simpler ones; None for a primitive."""
    if (schema := schema_of(call)) is None:
        return None
    if schema.has_function:
        return schema.function_body
    if schema.has_context_dependent_function:
        return _context_dependent_body(schema, call)
    return None


def _context_dependent_body(schema: Any, call: Call) -> FunctionProto | None:
    versions = schema.context_dependent_function_opset_versions
    known = [version for version in versions if version <= call.version]
    types = [
        b"" if operand is None else onnx_type(call.type(index)).SerializeToString()
        for index, operand in enumerate(call.operands)
    ]
    data = schema.get_context_dependent_function_with_opset_version(
        max(known, default=schema.since_version), call.proto.SerializeToString(), types
    )
    if not data:
        return None
    body = FunctionProto()
    body.ParseFromString(data)
    return body


def body_version(body: FunctionProto, default: int) -> int:
    """The main domain's opset in which `body` is written."""
    versions = [entry.version for entry in body.opset_import if not entry.domain]
    return versions[0] if versions else default


def given_attributes(call: Call, body: FunctionProto) -> dict[str, AttributeProto]:
    """The attributes of `call`, with defaults where the operator has them."""
    given = {attribute.name: attribute for attribute in body.attribute_proto}
    schema = None if call.proto.domain else schema_of(call)
    for name, attribute in schema.attributes.items() if schema else ():
        if attribute.default_value.type != AttributeProto.UNDEFINED:
            given[name] = attribute.default_value
    return given | {attribute.name: attribute for attribute in call.proto.attribute}


def with_attributes(node: NodeProto, given: Mapping[str, AttributeProto]) -> NodeProto:
    """`node` of a body, its attribute references replaced by what was given."""
    result = NodeProto()
    result.CopyFrom(node)
    del result.attribute[:]
    for attribute in node.attribute:
        source = attribute.ref_attr_name
        if source and source not in given:
            continue
        copy = result.attribute.add()
        copy.CopyFrom(given[source] if source else attribute)
        copy.name = attribute.name
    return result
