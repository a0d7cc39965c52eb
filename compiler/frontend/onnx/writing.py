"""The finished module: one function `@run`, names, and where everything came from."""

from __future__ import annotations

from collections.abc import Sequence

from onnx import ModelProto
from xdsl.dialects.builtin import (
    ArrayAttr,
    DictionaryAttr,
    IntegerAttr,
    ModuleOp,
    StringAttr,
    i64,
)
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Attribute, Block, BlockArgument, Region, SSAValue

from ...analysis.interface import ENTRIES
from ...dialects import nn
from ...dialects.deploy.marks import DTYPE_ATTRIBUTE, NAME_ATTRIBUTE
from ...dialects.nn.base import tensor_type
from ...rewriting import node_names
from .dimensions import graph_inputs
from .loading import Source
from .nodes import spelled
from .tensors import element_name


def build_module(source: Source, block: Block, results: Sequence[SSAValue]) -> ModuleOp:
    """The module whose `@run` is `block`, returning `results`; both are consumed."""
    block.add_op(ReturnOp(*results))
    drop_unused(block)
    model = source.model
    inputs = [value.name for value in graph_inputs(model)]
    outputs = [value.name for value in model.graph.output]
    function = FuncOp(
        "run",
        ([arg.type for arg in block.args], [value.type for value in results]),
        Region(block),
        arg_attrs=ArrayAttr(map(_interface, inputs, block.args)),
        res_attrs=ArrayAttr(map(_interface, outputs, results)),
    )
    attributes: dict[str, Attribute] = {
        "deploy.phase": StringAttr("import"),
        "deploy.nodes": _nodes(model, block),
        "deploy.model_sha256": StringAttr(source.sha256),
    }
    module = ModuleOp([function], attributes, StringAttr(source.name))
    module.verify()
    return module


def drop_unused(block: Block) -> None:
    """Erases the operations whose results nobody reads; all but the last are pure."""
    for op in reversed(list(block.ops)):
        if op is not block.last_op and not any(r.uses for r in op.results):
            block.erase_op(op)


def _interface(name: str, value: SSAValue) -> DictionaryAttr:
    """What is noted of an input or output."""
    element = element_name(tensor_type(value).element_type)
    found: dict[str, Attribute] = {
        NAME_ATTRIBUTE: StringAttr(spelled(name)),
        DTYPE_ATTRIBUTE: StringAttr(element),
    }
    selected = _entries(value) if isinstance(value, BlockArgument) else []
    if selected:
        found[ENTRIES] = IntegerAttr(min(selected), i64)
    return DictionaryAttr(found)


def _entries(value: SSAValue) -> list[int]:
    """The sizes of the dimensions that elements of `value` select from, as they are."""
    found: list[int] = []
    for use in value.uses:
        op = use.operation
        if isinstance(op, nn.ReshapeOp):
            found += _entries(op.result)
        elif isinstance(op, nn.TakeOp) and use.index:
            axis = op.axes.get_values()[use.index - 1]
            found.append(nn.shape_of(op.source)[axis])
    return found


def _nodes(model: ModelProto, block: Block) -> DictionaryAttr:
    """The operator of each node that made an operation which is still there."""
    present = {name for op in block.ops for name in node_names(op.location)}
    return DictionaryAttr(
        {
            node.name: StringAttr(node.op_type)
            for node in model.graph.node
            if node.name in present
        }
    )
