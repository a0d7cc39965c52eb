"""Prints the body of one function: blocks of statements, loops and branches."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatchmethod

from typing_extensions import override
from xdsl.dialects import func, scf
from xdsl.ir import Block, Operation

from ...analysis.vectors import is_kept
from ...dialects.deploy import TokenType
from .carried import assignment, continued, used_once_in
from .expressions import SUM, Expression
from .inlining import inlined
from .statements import StatementPrinter
from .types import c_type, refuse


@dataclass
class FunctionPrinter(StatementPrinter):
    """Prints the statements of a function, and what says how often they are done."""

    def block(self, block: Block) -> None:
        """Prints every operation of `block`."""
        self._inlined |= inlined(block)
        for op in block.ops:
            self.operation(op)

    @singledispatchmethod
    @override
    def emit(self, op: Operation) -> None:
        super().emit(op)

    @emit.register
    def _(self, op: func.ReturnOp) -> None:
        if op.arguments:
            refuse(op, "a function must not return values")

    @emit.register
    def _(self, op: scf.ForOp) -> None:
        variables = [self.carried(op, number) for number in range(len(op.iter_args))]
        index, *inside = op.body.block.args
        for arg, result, name in zip(inside, op.results, variables, strict=True):
            self.values[arg] = self.values[result] = name
        first, last, step = (self.value(v) for v in (op.lb, op.ub, op.step))
        outside = self.names.copy()
        i = self.local(index, "i").text
        advance = f"{i}++" if step.text == "1" else f"{i} += {step.inside(SUM)}"
        if is_kept(op):
            self.line("DEPLOY_LOOP")
        self.line(f"for ({c_type(index.type, op)} {i} = {first.text};")
        self.lines[-1] += f" {i} < {last.inside(SUM)}; {advance}) {{"
        self.inner(op.body.block)
        self.names = outside
        self.line("}")

    def inner(self, block: Block) -> None:
        """Prints a block between braces."""
        outside = self.names.copy()
        self._depth += 1
        self.block(block)
        self._depth -= 1
        self.names = outside

    @emit.register
    def _(self, op: scf.IfOp) -> None:
        for number, result in enumerate(op.results):
            start = continued(op, number)
            if start is not None:
                self.values[result] = self.value(start)
                continue
            name = self.local(result, "v")
            self.line(f"{c_type(result.type, op)} {name.text};")
        self.line(f"if ({self.value(op.cond).text}) {{")
        self.inner(op.true_region.block)
        if op.false_region.blocks:
            self.line("} else {")
            before = len(self.lines)
            self.inner(op.false_region.block)
            if len(self.lines) == before:
                self.lines.pop()
        self.line("}")

    def carried(self, op: scf.ForOp, number: int) -> Expression:
        """The variable that loop `op` carries: the one around it where that will do."""
        start = op.iter_args[number]
        if continued(op, number) is start and used_once_in(op, start):
            return self.value(start)
        value = self.value(start)
        is_token = isinstance(start.type, TokenType)
        carried = op.body.block.args[number + 1]
        name = self.local(carried, "transfer" if is_token else "acc")
        self.line(f"{c_type(start.type, op)} {name.text} = {value.text};")
        return name

    @emit.register
    def _(self, op: scf.YieldOp) -> None:
        around = op.parent_op()
        if isinstance(around, scf.ForOp):
            targets = [self.value(arg) for arg in around.body.block.args[1:]]
        elif isinstance(around, scf.IfOp):
            targets = [self.value(result) for result in around.results]
        else:
            return refuse(op, "scf.yield must end an scf.for or scf.if")
        values = [self.value(value) for value in op.operands]
        changed = [
            (target, value, source)
            for target, value, source in zip(targets, values, op.operands, strict=True)
            if target != value
        ]
        if len(changed) > 1:
            changed = [(t, self.named(v, s, op), s) for t, v, s in changed]
        for target, value, _ in changed:
            self.line(assignment(target.text, value))
