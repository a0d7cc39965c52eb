"""
The signature of a driver on memrefs: its results become the caller's buffers.
"""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects import func
from xdsl.dialects.builtin import (
    ArrayAttr,
    DictionaryAttr,
    FunctionType,
    StringAttr,
)
from xdsl.ir import Attribute, BlockArgument

from ...analysis.access import whole_buffer
from ...analysis.places import returned_values
from ...analysis.timeline import is_tensor
from ...dialects.deploy import KernelOp
from ...dialects.deploy.marks import ROLE_ATTRIBUTE
from .allocations import is_homeless, move_part
from .kernels import memref_of


def role(name: str, attributes: DictionaryAttr | None = None) -> DictionaryAttr:
    """`attributes` of an argument, with that role."""
    old = {} if attributes is None else dict(attributes.data)
    return DictionaryAttr({ROLE_ATTRIBUTE: StringAttr(name), **old})


def attributes_of(
    attributes: ArrayAttr[DictionaryAttr] | None, count: int
) -> list[DictionaryAttr]:
    """The attributes of each argument or result."""
    if attributes is None:
        return [DictionaryAttr({}) for _ in range(count)]
    return list(attributes.data)


def set_signature(
    function: func.FuncOp, arg_attributes: Sequence[DictionaryAttr]
) -> None:
    """Makes the type of `function` that of its block arguments, without results."""
    types = function.body.block.arg_types
    function.properties["function_type"] = FunctionType.from_lists(types, [])
    function.properties["arg_attrs"] = ArrayAttr(arg_attributes)
    function.properties.pop("res_attrs", None)


def memref_arguments(function: func.FuncOp, space: Attribute) -> list[BlockArgument]:
    """Adds a memref in `space` for each tensor argument, then for each result."""
    block = function.body.block
    tensors = [arg for arg in block.args if is_tensor(arg)]
    added: list[BlockArgument] = []
    for value in (*tensors, *returned_values(function)):
        new = block.insert_arg(memref_of(value.type, space), len(block.args))
        new.name_hint = value.name_hint
        added.append(new)
    return added


def give_roles(function: func.FuncOp, level: str) -> None:
    """
    Says of memrefs that a driver is given what they are for: kernels write outputs.

    They are in `level` where they name none. Does nothing where arguments are tensors
    or have roles, or no kernel works.
    """
    args = function.body.block.args
    attributes = attributes_of(function.arg_attrs, len(args))
    has_roles = any(ROLE_ATTRIBUTE in own.data for own in attributes)
    if has_roles or any(map(is_tensor, args)):
        return
    kernels = [op for op in function.walk() if isinstance(op, KernelOp)]
    written = {whole_buffer(value) for kernel in kernels for value in kernel.outputs}
    if kernels:
        kinds = ["output" if arg in written else "input" for arg in args]
        for arg in filter(is_homeless, tuple(args)):
            move_part(arg, StringAttr(level))
        set_signature(function, [*map(role, kinds, attributes)])


def result_attributes(function: func.FuncOp) -> list[DictionaryAttr]:
    """The attributes of each result."""
    return attributes_of(function.res_attrs, len(function.function_type.outputs))


def finish(function: func.FuncOp) -> None:
    """Removes the tensor arguments, which nobody uses any more, and the results."""
    block = function.body.block
    count = len(function.function_type.inputs)
    old = tuple(block.args[:count])
    inputs = attributes_of(function.arg_attrs, count)
    results = result_attributes(function)
    scalars = [own for own, arg in zip(inputs, old, strict=True) if not is_tensor(arg)]
    tensors = [own for own, arg in zip(inputs, old, strict=True) if is_tensor(arg)]
    for arg in filter(is_tensor, old):
        block.erase_arg(arg)
    roles = [role("input", own) for own in tensors]
    set_signature(function, [*scalars, *roles, *(role("output", r) for r in results)])
