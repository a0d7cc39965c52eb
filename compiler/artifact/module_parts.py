"""A module without some of its operations, results and arguments."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, TypeAlias

from xdsl.dialects import arith, func
from xdsl.dialects.builtin import (
    AnyFloat,
    ArrayAttr,
    DenseIntOrFPElementsAttr,
    DictionaryAttr,
    FloatAttr,
    FunctionType,
    IndexType,
    IntegerAttr,
    IntegerType,
    ModuleOp,
    ShapedType,
    TensorType,
    VectorType,
)
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.traits import IsolatedFromAbove, IsTerminator
from xdsl.utils.hints import isa

from ..analysis.groups import functions_of
from ..rewriting import locate

Number: TypeAlias = (
    IntegerAttr[Any] | FloatAttr[AnyFloat] | DenseIntOrFPElementsAttr[Any]
)
"""What a constant holds."""


def operations_at(module: ModuleOp, depth: int) -> list[Operation]:
    """The operations in that many regions, without those that end a block."""
    found: list[Operation] = [module]
    for _ in range(depth):
        found = [inner for op in found for inner in contents(op)]
    return found


def contents(op: Operation) -> list[Operation]:
    """The operations right in the regions of `op`, without those that end a block."""
    blocks = [block for region in op.regions for block in region.blocks]
    inside = [inner for block in blocks for inner in block.ops]
    return [inner for inner in inside if not inner.has_trait(IsTerminator)]


def without_operations(
    module: ModuleOp, depth: int, dropped: Collection[int]
) -> ModuleOp | None:
    """
    A copy without some of the operations at `depth`, by number.

    What is read of them is an argument of the function, or zero; tensors that only they
    read are given back. None where what is read can be neither.
    """
    copy = module.clone()
    found = operations_at(copy, depth)
    read: list[SSAValue] = []
    # What reads a result goes first, so that less is left to be replaced.
    for number in sorted(dropped, reverse=True):
        read += found[number].operands
        if not drop(found[number]):
            return None
    for value in dict.fromkeys(read):
        give_back(value)
    return copy


def give_back(value: SSAValue) -> None:
    """Returns a tensor that nobody reads from its function, which nobody calls."""
    owner = value.owner
    around = owner.parent_op() if isinstance(owner, Operation) else None
    is_unread = isinstance(value.type, TensorType) and not value.uses
    if not is_unread or not isinstance(around, func.FuncOp) or is_called(around):
        return
    end = around.body.block.last_op
    assert isinstance(end, func.ReturnOp), "the end of a function"
    end.operands = [*end.operands, value]
    around.properties |= with_empty(around, "res_attrs")
    renew_type(around)


def with_empty(function: func.FuncOp, name: str) -> dict[str, Attribute]:
    """The attributes of the arguments or results, for one more at the end."""
    own = function.properties.get(name)
    if not isa(own, ArrayAttr[DictionaryAttr]):
        return {}
    return {name: ArrayAttr([*own, DictionaryAttr({})])}


def drop(op: Operation) -> bool:
    """Erases `op`, if something can stand for what is read of it."""
    for result in op.results:
        if not result.uses:
            continue
        ways = (as_argument, as_zero)
        if not isinstance(result.type, ShapedType):  # which the caller supplies
            ways = (as_zero, as_argument)
        stand_ins = (way(op, result.type) for way in ways)
        stand_in = next((one for one in stand_ins if one is not None), None)
        if stand_in is None:
            return False
        result.replace_all_uses_with(stand_in)
    op.detach()
    op.erase()
    return True


def as_argument(op: Operation, type_: Attribute) -> SSAValue | None:
    """A new argument of the function around `op`, which nobody calls."""
    around = op.parent_op()
    while around is not None and not around.has_trait(IsolatedFromAbove):
        around = around.parent_op()
    if not isinstance(around, func.FuncOp) or is_called(around):
        return None
    block = around.body.block
    new = block.insert_arg(type_, len(block.args))
    around.properties |= with_empty(around, "arg_attrs")
    renew_type(around)
    return new


def as_zero(op: Operation, type_: Attribute) -> SSAValue | None:
    """A constant zero right before `op`."""
    value = zero(type_)
    if value is None:
        return None
    constant = locate(arith.ConstantOp(value, type_), op.location)
    Rewriter().insert_op(constant, InsertPoint.before(op))
    return constant.results[0]


def zero(type_: Attribute) -> Number | None:
    """Zero of that type, or as many as it holds; None for what holds no numbers."""
    if isinstance(type_, IndexType) or isa(type_, IntegerType):
        return IntegerAttr(0, type_)
    if isinstance(type_, AnyFloat):
        return FloatAttr(0.0, type_)
    if not (isa(type_, TensorType[Any]) or isa(type_, VectorType[Any])):
        return None
    is_number = zero(type_.get_element_type()) is not None
    is_known = is_number and type_.has_static_shape()
    return DenseIntOrFPElementsAttr.from_list(type_, [0]) if is_known else None


# Functions that nobody calls give back and take what they like.


def free_functions(module: ModuleOp) -> list[func.FuncOp]:
    """The functions with a body that no other one calls."""
    return [op for op in functions_of(module) if not is_called(op)]


def is_called(function: func.FuncOp) -> bool:
    """Whether some operation of the module calls `function`."""
    around = function.get_toplevel_object()
    calls = (op for op in around.walk() if isinstance(op, func.CallOp))
    name = function.sym_name.data
    return any(call.callee.string_value() == name for call in calls)


def returns(module: ModuleOp) -> list[tuple[func.FuncOp, int]]:
    """All that free functions give back, one by one."""
    return [
        (function, number)
        for function in free_functions(module)
        for number in range(len(function.function_type.outputs))
    ]


def without_returns(module: ModuleOp, dropped: Collection[int]) -> ModuleOp:
    """A copy whose free functions do not give back some results, by number."""
    copy = module.clone()
    found = returns(copy)
    for place in sorted(dropped, reverse=True):
        function, number = found[place]
        end = function.body.block.last_op
        assert isinstance(end, func.ReturnOp), "the end of a function"
        end.operands = less(end.operands, number)
        if function.res_attrs is not None:
            rest = ArrayAttr(less(function.res_attrs.data, number))
            function.properties["res_attrs"] = rest
        renew_type(function)
    return copy


def without_unread_arguments(module: ModuleOp) -> ModuleOp:
    """A copy whose free functions take no argument that they do not read."""
    copy = module.clone()
    for function in free_functions(copy):
        for argument in reversed(function.body.block.args):
            if argument.uses:
                continue
            if function.arg_attrs is not None:
                rest = ArrayAttr(less(function.arg_attrs.data, argument.index))
                function.properties["arg_attrs"] = rest
            function.body.block.erase_arg(argument)
        renew_type(function)
    return copy


def renew_type(function: func.FuncOp) -> None:
    """Gives `function` the type that its body has."""
    block = function.body.block
    end = block.last_op
    assert isinstance(end, func.ReturnOp), "the end of a function"
    inputs = [argument.type for argument in block.args]
    outputs = [operand.type for operand in end.operands]
    function.properties["function_type"] = FunctionType.from_lists(inputs, outputs)


def less(items: Sequence[Any], number: int) -> list[Any]:
    """`items` without one."""
    return [item for place, item in enumerate(items) if place != number]
