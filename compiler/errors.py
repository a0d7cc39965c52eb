"""
What a user is told when something is refused: one line, never a traceback.

`DeployError` is the only exception that leaves the package on purpose. Its text is what
stands behind `error: `; the command line tools print it and exit with `exit_status`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from types import TracebackType

    from xdsl.ir import Operation


def printable(text: str) -> str:
    """`text` on one line, with everything a terminal would obey escaped."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


class DeployError(Exception):
    """The model, IR, plan or machine is refused; or a check failed."""

    exit_status: ClassVar[int] = 1
    """What a command line tool exits with."""

    reason: str
    """What is wrong, what was expected, what was got."""
    node: str | None
    """The ONNX node, tensor, file or source position concerned, when one is known."""
    op_type: str | None
    """The ONNX operator of `node`, or the name of the operation in the IR."""
    hint: str | None
    """What would help, when that is known."""

    def __init__(
        self,
        reason: str,
        *,
        node: str | None = None,
        op_type: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.node = node
        self.op_type = op_type
        self.hint = hint

    def __str__(self) -> str:
        subject = self.node or self.op_type
        if self.node and self.op_type:
            subject = f"{self.node} ({self.op_type})"
        text = f"{subject}: {self.reason}" if subject else self.reason
        return printable(f"{text}; {self.hint}" if self.hint else text)


@dataclass(frozen=True)
class Shortage:
    """What a memory level lacks, in bytes."""

    level: str
    size: int
    """Of the whole level."""
    asked: int
    """What must be free in one piece."""
    available: int
    """What is free for that."""
    needed: int
    """The size of the level at which this very request would have been granted."""

    @property
    def reason(self) -> str:
        """What is wrong, what was expected, what was got."""
        return (
            f"memory level '{self.level}' of {self.size} bytes must have {self.asked} "
            f"free, got {self.available}"
        )

    @property
    def message(self) -> str:
        """The reason and what would help."""
        return f"{self.reason}; a size of {self.needed} bytes would do"


class MemoryShortage(DeployError):
    """A memory level does not suffice; `shortage` says for what and by how much."""

    shortage: Shortage

    def __init__(
        self,
        shortage: Shortage,
        *,
        node: str | None = None,
        op_type: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(shortage.reason, node=node, op_type=op_type, hint=hint)
        self.shortage = shortage


def combined(errors: Sequence[DeployError]) -> DeployError:
    """One refusal for all of `errors`, of which there is one at least, in one line."""
    first, *others = errors
    if not others:
        return first
    reason = "; ".join([first.reason, *map(str, others)])
    return DeployError(reason, node=first.node, op_type=first.op_type)


class UsageError(DeployError):
    """The call is wrong: unknown pass, option, target or machine, or a missing file."""

    exit_status: ClassVar[int] = 2


def one_line(text: str) -> str:
    """`text` with its line breaks and indentation turned into single spaces."""
    return " ".join(text.split())


def blamed_operation(error: Exception) -> Operation | None:
    """
    The operation a diagnostic is about.

    xDSL's `emit_error` and `verify` know it but do not keep it in the exception; the
    innermost of their frames still does.
    """
    from xdsl.ir import Operation

    from .shortage import LevelShortage

    if isinstance(error, LevelShortage):
        return error.op
    traceback: TracebackType | None = error.__traceback__
    emitters = {Operation.emit_error.__code__, Operation.verify.__code__}
    found = None
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_code in emitters:
            found = frame.f_locals["self"]
        traceback = traceback.tb_next
    return found


def located_name(op: Operation) -> str | None:
    """The first ONNX node name of `op`, or of the nearest operation around it."""
    from .rewriting import node_names

    around: Operation | None = op
    while around is not None:
        if names := node_names(around.location):
            return names[0]
        around = around.parent_op()
    return None


def onnx_operator(op: Operation, node: str) -> str | None:
    """The ONNX operator of `node`, from `deploy.nodes` of the module around `op`."""
    from xdsl.dialects.builtin import DictionaryAttr, ModuleOp, StringAttr

    module = op.get_toplevel_object()
    if not isinstance(module, ModuleOp):
        return None
    nodes = module.attributes.get("deploy.nodes")
    if not isinstance(nodes, DictionaryAttr):
        return None
    operator = nodes.data.get(node)
    return operator.data if isinstance(operator, StringAttr) else None


def refusal(error: Exception, position: str | None = None) -> DeployError:
    """
    The one line for an xDSL diagnostic, named after the ONNX node it concerns.

    `position` (file:line:column) is the place when no ONNX node is known.
    """
    from .shortage import BorderRefusal, LevelShortage

    if isinstance(error, BorderRefusal):
        return DeployError(error.reason, node=error.tensor)
    node, op_type = position, None
    op = blamed_operation(error)
    if op is not None:
        name = located_name(op)
        operator = onnx_operator(op, name) if name else None
        node, op_type = name or position, operator or op.name
    if isinstance(error, LevelShortage):
        return MemoryShortage(error.shortage, node=node, op_type=op_type)
    return DeployError(one_line(str(error)), node=node, op_type=op_type)
