"""Constants whose rows are repeated, so that vectors may begin anywhere in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod

import numpy as np
from xdsl.dialects import memref
from xdsl.dialects.builtin import (
    BytesAttr,
    DenseIntOrFPElementsAttr,
    MemRefType,
    ModuleOp,
    StringAttr,
    TensorType,
)
from xdsl.ir import SSAValue
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.traits import SymbolTable
from xdsl.utils.hints import isa

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


def repeated(data: DenseIntOrFPElementsAttr, length: int) -> DenseIntOrFPElementsAttr:
    """The same rows, repeated until they have so many elements."""
    *shape, row = data.get_shape()
    size = data.get_element_type().compile_time_size
    raw = np.frombuffer(data.data.data, dtype=np.dtype((np.void, size)))
    raw = np.broadcast_to(raw, row * prod(shape)) if raw.size == 1 else raw
    rows = raw.reshape(*shape, row)[..., np.arange(length) % row]
    type_ = TensorType(data.get_element_type(), [*shape, length])
    return DenseIntOrFPElementsAttr(type_, BytesAttr(rows.tobytes()))


@dataclass
class Repeats:
    """The constants of a module that are repeated, each once."""

    module: ModuleOp
    made: dict[tuple[str, int], GlobalOp] = field(
        default_factory=dict[tuple[str, int], GlobalOp]
    )
    """By the name of what is repeated, and the elements of a row."""

    def of(self, source: GlobalOp, length: int) -> GlobalOp:
        """A constant repeated until its rows have so many elements."""
        key = source.sym_name.data, length
        if key not in self.made:
            data = source.initial_value
            assert isinstance(data, DenseIntOrFPElementsAttr), "its elements are known"
            assert isa(source.type, MemRefType), "a constant is a buffer"
            longer = repeated(data, length)
            new = constant_global(self._name(key), longer, source.type.memory_space)
            new.attributes = dict(source.attributes)
            Rewriter.insert_op(locate(new, source.location), InsertPoint.after(source))
            self.made[key] = new
        return self.made[key]

    def _name(self, key: tuple[str, int]) -> str:
        """A name that no other symbol has."""
        taken = {op.properties.get("sym_name") for op in self.module.body.block.ops}
        name = f"{key[0]}_{key[1]}"
        while StringAttr(name) in taken:
            name += "_"
        return name

    def clear(self) -> None:
        """Erases what has been repeated where nobody reads it any more."""
        sources = {name for name, _ in self.made}
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
            assert found is not None, "it has been repeated"
            found.detach()
            found.erase()
