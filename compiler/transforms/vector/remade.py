"""Constants that take another form, as kernels read them best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects import memref
from xdsl.dialects.builtin import (
    BytesAttr,
    DenseIntOrFPElementsAttr,
    MemRefType,
    ModuleOp,
    StringAttr,
    TensorType,
)
from xdsl.ir import BlockArgument, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.traits import SymbolTable
from xdsl.utils.hints import isa

from ...dialects.deploy import KernelOp
from ...dialects.memref import GlobalOp, constant_global
from ...rewriting import locate


def constant_behind(value: SSAValue) -> GlobalOp | None:
    """The constant that `value` is, if its elements are known."""
    owner = value.owner
    if not isinstance(owner, memref.GetGlobalOp):
        return None
    found = SymbolTable.lookup_symbol(owner, owner.name_)
    if not isinstance(found, GlobalOp):
        return None
    is_known = isinstance(found.initial_value, DenseIntOrFPElementsAttr)
    return found if is_known else None


def is_own(kernel: KernelOp, argument: BlockArgument) -> bool:
    """Whether an argument is a constant that is read by one operand of it alone."""
    value = kernel.operands[argument.index]
    source = constant_behind(value)
    if source is None or not value.has_one_use() or not argument.has_one_use():
        return False
    module = source.parent_op()
    assert module is not None, "a constant is in a module"
    readers = (
        op.name_.string_value() == source.sym_name.data
        for op in module.walk()
        if isinstance(op, memref.GetGlobalOp)
    )
    return sum(readers) == 1


def elements(source: GlobalOp) -> DenseIntOrFPElementsAttr:
    """Those of a constant."""
    data = source.initial_value
    assert isinstance(data, DenseIntOrFPElementsAttr), "its elements are known"
    return data


def taken(source: GlobalOp, places: NDArray[np.intp]) -> DenseIntOrFPElementsAttr:
    """A constant of elements of another one."""
    values = array(elements(source)).reshape(-1)
    return attribute(values[places], elements(source))


def lengthened(source: GlobalOp, shape: Sequence[int]) -> DenseIntOrFPElementsAttr:
    """A constant whose last axes are a row each, zeros behind their elements."""
    *before, length = shape
    rows = array(elements(source)).reshape(*before, -1)
    longer = np.zeros((*before, length), rows.dtype)
    longer[..., : rows.shape[-1]] = rows
    return attribute(longer, elements(source))


def turned(source: GlobalOp, order: Sequence[int]) -> DenseIntOrFPElementsAttr:
    """A constant with its axes in another order."""
    return attribute(array(elements(source)).transpose(order), elements(source))


def array(data: DenseIntOrFPElementsAttr) -> NDArray[np.void]:
    """Elements as numpy has them, whatever they mean."""
    size, shape = data.get_element_type().compile_time_size, data.get_shape()
    raw = np.frombuffer(data.data.data, dtype=np.dtype((np.void, size)))
    return np.broadcast_to(raw, shape) if raw.size == 1 else raw.reshape(shape)


def attribute(
    values: NDArray[np.void], like: DenseIntOrFPElementsAttr
) -> DenseIntOrFPElementsAttr:
    """Elements in another form."""
    type_ = TensorType(like.get_element_type(), values.shape)
    return DenseIntOrFPElementsAttr(type_, BytesAttr(values.tobytes()))


@dataclass
class Remade:
    """The constants of a module that take another form, each form once."""

    module: ModuleOp
    made: dict[DenseIntOrFPElementsAttr, GlobalOp] = field(
        default_factory=dict[DenseIntOrFPElementsAttr, GlobalOp]
    )
    sources: set[str] = field(default_factory=set[str])
    """The names of what they have been made of."""

    def of(
        self, source: GlobalOp, data: DenseIntOrFPElementsAttr
    ) -> memref.GetGlobalOp:
        """Access to a constant in another form."""
        self.sources.add(source.sym_name.data)
        if data not in self.made:
            assert isa(source.type, MemRefType), "a constant is a buffer"
            name = self._name(source)
            new = constant_global(name, data, source.type.memory_space)
            new.attributes = dict(source.attributes)
            Rewriter.insert_op(locate(new, source.location), InsertPoint.after(source))
            self.made[data] = new
        found = self.made[data]
        return memref.GetGlobalOp(found.sym_name.data, found.type)

    def remake(
        self,
        kernel: KernelOp,
        number: int,
        form: Callable[[GlobalOp], DenseIntOrFPElementsAttr],
    ) -> None:
        """Gives a kernel the constant that one of its operands is in another form."""
        source = constant_behind(kernel.operands[number])
        assert source is not None, "it is a constant"
        view = self.of(source, form(source))
        Rewriter.insert_op(locate(view, kernel.location), InsertPoint.before(kernel))
        kernel.operands[number] = view.memref

    def _name(self, source: GlobalOp) -> str:
        """A name that no other symbol has."""
        taken = {op.properties.get("sym_name") for op in self.module.body.block.ops}
        names = (f"{source.sym_name.data}_{number}" for number in count())
        return next(name for name in names if StringAttr(name) not in taken)

    def clear(self) -> None:
        """Erases what has taken another form, where nobody reads it any more."""
        sources = set(self.sources)
        for op in list(self.module.walk()):
            if isinstance(op, memref.GetGlobalOp):
                name = op.name_.string_value()
                if op.memref.first_use is not None:
                    sources.discard(name)
                elif name in sources:
                    op.detach()
                    op.erase()
        for name in sources:
            found = SymbolTable.lookup_symbol(self.module, name)
            assert found is not None, "something has been made of it"
            found.detach()
            found.erase()
