"""The finished module: one function `@run`, names, and where everything came from."""

from __future__ import annotations

from collections.abc import Sequence

from onnx import ModelProto
from xdsl.dialects.builtin import (
    ArrayAttr,
    DictionaryAttr,
    ModuleOp,
    StringAttr,
)
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Attribute, Block, Region, SSAValue

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
        arg_attrs=_interface(inputs, block.args),
        res_attrs=_interface(outputs, results),
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


def _interface(
    names: Sequence[str], values: Sequence[SSAValue]
) -> ArrayAttr[DictionaryAttr]:
    return ArrayAttr(
        DictionaryAttr(
            {
                NAME_ATTRIBUTE: StringAttr(spelled(name)),
                DTYPE_ATTRIBUTE: StringAttr(
                    element_name(tensor_type(value).element_type)
                ),
            }
        )
        for name, value in zip(names, values, strict=True)
    )


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
