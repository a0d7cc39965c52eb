"""
Makes every kernel a function of its own.

Before:
```mlir
deploy.kernel(%x : memref<4xf32, "ram">) outs(%y : memref<4xf32, "ram">) { … }
```
After:
```mlir
func.call @kernel_0(%x, %y) : (memref<4xf32, "ram">, memref<4xf32, "ram">) -> ()

func.func private @kernel_0(%x: memref<4xf32, "ram"> {deploy.access = "read"},
                            %y: memref<4xf32, "ram"> {deploy.access = "write"})
    attributes {deploy.kernel} { … }
```

Kernels with the same text share a function; the call has the location.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import func
from xdsl.dialects.builtin import (
    ArrayAttr,
    DictionaryAttr,
    MemRefType,
    ModuleOp,
    StringAttr,
    UnitAttr,
)
from xdsl.ir import Attribute, BlockArgument
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter
from xdsl.utils.exceptions import PassFailedException

from ...analysis.access import ACCESS_ATTRIBUTE, reads_argument, writes_argument
from ...analysis.groups import KERNEL_ATTRIBUTE
from ...dialects.deploy import KernelOp, YieldOp
from ...printing import nameless_text
from ...properties import Property
from ...rewriting import locate


def access_of(arg: BlockArgument) -> DictionaryAttr:
    """How a kernel uses a memref argument, as the attributes of that argument."""
    if not isinstance(arg.type, MemRefType):
        return DictionaryAttr({})
    kinds = {(True, True): "readwrite", (False, True): "write"}
    kind = kinds.get((reads_argument(arg), writes_argument(arg)), "read")
    return DictionaryAttr({ACCESS_ATTRIBUTE: StringAttr(kind)})


def function_of(kernel: KernelOp, name: str) -> func.FuncOp:
    """The function that does what `kernel` does; the kernel loses its body."""
    attributes = ArrayAttr([access_of(arg) for arg in kernel.block.args])
    types = tuple(kernel.block.arg_types)
    last = kernel.yield_op
    Rewriter().replace_op(last, locate(func.ReturnOp(), last.location))
    region = kernel.detach_region(kernel.body)
    function = func.FuncOp(name, (types, ()), region, "private", arg_attrs=attributes)
    function.attributes[KERNEL_ATTRIBUTE] = UnitAttr()
    function.location = kernel.location
    return function


@dataclass
class Outliner:
    """Outlines the kernels of one module."""

    module: ModuleOp
    names: dict[str, str] = field(default_factory=dict[str, str])
    """Text of a kernel -> name of its function."""
    texts: dict[int, tuple[Attribute, str]] = field(
        default_factory=dict[int, tuple[Attribute, str]]
    )
    """The texts of attributes."""

    def free_name(self) -> str:
        """The first name that no symbol of the module has."""
        symbols = {op.properties.get("sym_name") for op in self.module.body.block.ops}
        number = len(self.names)
        while StringAttr(f"kernel_{number}") in symbols:
            number += 1
        return f"kernel_{number}"

    def outline(self, kernel: KernelOp) -> None:
        """Replaces `kernel` by a call."""
        if kernel.results:
            message = "kernel must work on memrefs, got tensors"
            kernel.emit_error(message, PassFailedException(message))
        assert isinstance(kernel.yield_op, YieldOp), "a kernel ends with deploy.yield"
        text = nameless_text(kernel.body, self.texts)
        if text not in self.names:
            name = self.free_name()
            self.module.body.block.add_op(function_of(kernel, name))
            self.names[text] = name
        call = func.CallOp(self.names[text], kernel.operands, ())
        Rewriter().replace_op(kernel, locate(call, kernel.location))


class MemoryOutlineKernelsPass(ModulePass):
    """Moves the body of every `deploy.kernel` into a function."""

    name = "memory-outline-kernels"
    needs = (Property.KERNELS, Property.ARENAS)
    establishes = (Property.OUTLINED, Property.FREE_BLOCKS)
    ends = (Property.KERNELS,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        outliner = Outliner(op)
        for kernel in tuple(op.walk()):
            if isinstance(kernel, KernelOp):
                outliner.outline(kernel)
