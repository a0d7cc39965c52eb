"""
Puts the bodies of functions where they are called, so that a program is one function.

Before:
```mlir
func.func private @twice(%x: tensor<4xf32>) -> tensor<4xf32> { … func.return %y }

%z = func.call @twice(%a) : (tensor<4xf32>) -> tensor<4xf32>
```
After:
```mlir
… // the body of @twice on %a
```

Later phases look at one driver at a time; a call of anything but a kernel would hide
from them what is computed. Private functions that nobody calls any more are erased. A
function without a body stays called: the program that it is linked with may have it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import func
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.traits import SymbolTable
from xdsl.utils.exceptions import PassFailedException

from ...analysis.groups import KERNEL_ATTRIBUTE, functions_of
from ...rewriting import locate


def callee_of(call: func.CallOp) -> func.FuncOp | None:
    """The function whose body belongs where `call` stands, if there is such a one."""
    found = SymbolTable.lookup_symbol(call, call.callee)
    if not isinstance(found, func.FuncOp) or found.is_declaration:
        return None
    return None if KERNEL_ATTRIBUTE in found.attributes else found


def calls_in(function: func.FuncOp) -> Iterator[tuple[func.CallOp, func.FuncOp]]:
    """The calls in `function` that are to be replaced, with what they call."""
    for op in tuple(function.walk()):
        if isinstance(op, func.CallOp) and (callee := callee_of(op)) is not None:
            yield op, callee


def inline(call: func.CallOp, callee: func.FuncOp) -> None:
    """Replaces `call` by the body of `callee`."""
    if len(callee.body.blocks) != 1:
        message = f"@{callee.sym_name.data} must have one block to stand here"
        call.emit_error(message, PassFailedException(message))
    mapper = dict[SSAValue, SSAValue](
        zip(callee.body.block.args, call.arguments, strict=True)
    )
    body = [op.clone(mapper) for op in callee.body.block.ops]
    last = body.pop()
    for op in body:
        Rewriter.insert_op(locate(op, call.location), InsertPoint.before(call))
    results = tuple(last.operands)
    last.erase()
    Rewriter.replace_op(call, [], results)


@dataclass
class Inliner:
    """Makes functions free of calls, those that are called first."""

    finished: set[func.FuncOp] = field(default_factory=set[func.FuncOp])
    open: list[func.FuncOp] = field(default_factory=list[func.FuncOp])
    """From a function to the one that is looked at, each called by the one before."""

    def run(self, function: func.FuncOp) -> None:
        """Replaces all calls in `function`."""
        if function in self.finished:
            return
        self.open.append(function)
        for call, callee in calls_in(function):
            if callee in self.open:
                message = f"@{callee.sym_name.data} calls itself"
                call.emit_error(message, PassFailedException(message))
            self.run(callee)
            inline(call, callee)
        self.finished.add(self.open.pop())


def erase_uncalled(module: ModuleOp, called: set[str]) -> None:
    """Erases the private ones of `called` that nobody names any more."""
    uses = (attribute for op in module.walk() for attribute in op.properties.values())
    named = {str(attribute) for attribute in uses}
    for function in functions_of(module):
        private = function.sym_visibility == StringAttr("private")
        name = function.sym_name.data
        if private and name in called and f"@{name}" not in named:
            function.detach()
            function.erase()


class DeployInlineCallsPass(ModulePass):
    """Replaces calls of functions, but for kernels, by what these do."""

    name = "deploy-inline-calls"

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        functions = functions_of(op)
        called = {f.sym_name.data for g in functions for _, f in calls_in(g)}
        inliner = Inliner()
        for function in functions:
            inliner.run(function)
        erase_uncalled(op, called)
