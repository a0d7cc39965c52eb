"""
The decisions that stand as attributes on kernels, buffers and arguments of a module.
"""

from __future__ import annotations

from collections.abc import Iterator

from xdsl.dialects import func
from xdsl.dialects.builtin import (
    ArrayAttr,
    DenseArrayBase,
    DictionaryAttr,
    IntegerAttr,
    IntegerType,
    ModuleOp,
    StringAttr,
    UnitAttr,
    i64,
)
from xdsl.ir import Attribute, Operation
from xdsl.utils.hints import isa

from ..dialects.deploy import BufferOp, KernelOp
from ..dialects.deploy.marks import NAME_ATTRIBUTE
from ..rewriting import node_names
from .chains import (
    CHAIN_ATTRIBUTE,
    LEVEL_ATTRIBUTE,
    ORDER_ATTRIBUTE,
    RESIDENT_ATTRIBUTE,
)
from .groups import functions_of
from .memory import bytes_of
from .plain import attribute_of, plain
from .plans import BufferPlan, KernelPlan, Sizes
from .structured import Structured, loop_ranges
from .tiles import TILE_ATTRIBUTE, group_of

COST_ATTRIBUTE = "deploy.cost"
"""Attribute of a kernel: what its decisions cost, for readers."""


# Kernels.


def tensor_kernels(module: ModuleOp) -> list[KernelOp]:
    """The kernels on tensors, in program order."""
    return [op for op in module.walk() if isinstance(op, KernelOp) and op.results]


def kernel_decisions(kernel: KernelOp) -> KernelPlan:
    """What stands on `kernel`."""
    root, reducer = cut_operations(kernel)
    chain = kernel.attributes.get(CHAIN_ATTRIBUTE)
    level = kernel.attributes.get(LEVEL_ATTRIBUTE)
    cost = kernel.attributes.get(COST_ATTRIBUTE)
    return KernelPlan(
        node_names(kernel.location),
        None if root is None else loop_ranges(root),
        chain.value.data if isa(chain, IntegerAttr) else None,
        level.data if isinstance(level, StringAttr) else None,
        sizes_on(root, TILE_ATTRIBUTE),
        sizes_on(root, ORDER_ATTRIBUTE),
        sizes_on(reducer, TILE_ATTRIBUTE),
        plain(cost) if isinstance(cost, DictionaryAttr) else None,
    )


def cut_operations(
    kernel: KernelOp,
) -> tuple[Structured | None, Structured | None]:
    """The root of a kernel, and what accumulates in it when that is another one."""
    group = group_of(kernel)
    if group is None:
        return None, None
    reducer = group.accumulating
    return group.root, None if reducer is group.root else reducer


def sizes_on(op: Operation | None, key: str) -> Sizes | None:
    """The numbers that stand on `op` as attribute `key`."""
    numbers = None if op is None else op.attributes.get(key)
    return (
        tuple(numbers.get_values())
        if isa(numbers, DenseArrayBase[IntegerType])
        else None
    )


def decide(kernel: KernelOp, plan: KernelPlan) -> None:
    """Writes what is planned on `kernel`, except where something stands already."""
    root, reducer = cut_operations(kernel)
    written: list[tuple[Operation | None, str, Attribute | None]] = [
        (kernel, CHAIN_ATTRIBUTE, number_attribute(plan.chain)),
        (kernel, LEVEL_ATTRIBUTE, text_attribute(plan.level)),
        (kernel, COST_ATTRIBUTE, attribute_of(plan.cost) if plan.cost else None),
        (root, TILE_ATTRIBUTE, sizes_attribute(plan.tile)),
        (root, ORDER_ATTRIBUTE, sizes_attribute(plan.order)),
        (reducer, TILE_ATTRIBUTE, sizes_attribute(plan.reduction)),
    ]
    for op, key, value in written:
        if op is not None and value is not None:
            op.attributes.setdefault(key, value)


def number_attribute(value: int | None) -> Attribute | None:
    """A number, if there is one."""
    return None if value is None else IntegerAttr(value, i64)


def text_attribute(value: str | None) -> Attribute | None:
    """A text, if there is one."""
    return None if value is None else StringAttr(value)


def sizes_attribute(value: Sizes | None) -> Attribute | None:
    """A list of numbers, if there is one."""
    return None if value is None else DenseArrayBase.from_list(i64, value)


# Arguments.


def driver_arguments(
    module: ModuleOp,
) -> Iterator[tuple[func.FuncOp, int, str, DictionaryAttr]]:
    """Function, number, name and attributes of each argument of each driver."""
    for function in functions_of(module):
        count = len(function.function_type.inputs)
        given = function.arg_attrs
        own = [DictionaryAttr({})] * count if given is None else list(given.data)
        for number, attributes in enumerate(own):
            name = attributes.data.get(NAME_ATTRIBUTE)
            text = name.data if isinstance(name, StringAttr) else f"argument_{number}"
            yield function, number, text, attributes


def residents_of(module: ModuleOp) -> tuple[str, ...]:
    """The names of the arguments that are brought near once."""
    return tuple(
        name
        for _, _, name, attributes in driver_arguments(module)
        if RESIDENT_ATTRIBUTE in attributes.data
    )


def make_resident(module: ModuleOp, names: set[str]) -> None:
    """Marks the arguments with these names."""
    for function, number, name, attributes in list(driver_arguments(module)):
        if name not in names:
            continue
        count = len(function.function_type.inputs)
        given = function.arg_attrs
        own = [DictionaryAttr({})] * count if given is None else list(given.data)
        marked = {**attributes.data, RESIDENT_ATTRIBUTE: UnitAttr()}
        own[number] = DictionaryAttr(marked)
        function.properties["arg_attrs"] = ArrayAttr(own)


# Buffers.


def used_buffers(module: ModuleOp) -> list[BufferOp]:
    """The buffers that somebody uses, in program order."""
    buffers = (op for op in module.walk() if isinstance(op, BufferOp))
    return [buffer for buffer in buffers if buffer.result.uses]


def buffer_decision(buffer: BufferOp) -> BufferPlan:
    """Where `buffer` stands, which has an offset."""
    assert buffer.offset is not None, "it has been placed"
    size, offset = bytes_of(buffer.result.type), buffer.offset.value.data
    return BufferPlan(buffer.label.data, buffer.level, size, offset)
