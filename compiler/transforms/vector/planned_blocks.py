"""
The blocks of a kernel in a plan: what the kernel is known by, and what is written.

Kernels of the same operations on the same shapes have the same signature, in whatever
program, so what has been found for one of them holds for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from xdsl.dialects import func
from xdsl.dialects.builtin import DenseArrayBase, DictionaryAttr, StringAttr, i64
from xdsl.dialects.linalg import ops as linalg

from ...analysis.plain import plain
from ...analysis.plans import BlocksPlan
from ...rewriting import node_names
from .blocks import BLOCKS_ATTRIBUTE
from .dataflow import Structured, refuse

SIGNATURE_DIGITS = 16


def structured(kernel: func.FuncOp) -> list[Structured]:
    """The operations of a kernel whose loops can be cut, in order."""
    return [
        op for op in kernel.walk() if isinstance(op, linalg.FillOp | linalg.GenericOp)
    ]


def signature(kernel: func.FuncOp) -> str:
    """A hash of what a kernel does, whatever it is called and however it is cut."""
    copy = kernel.clone()
    copy.sym_name = StringAttr("kernel")
    for op in copy.walk():
        op.attributes.pop(BLOCKS_ATTRIBUTE, None)
        arguments = (
            arg for region in op.regions for b in region.blocks for arg in b.args
        )
        for value in (*op.results, *arguments):
            value.name_hint = None
    return sha256(str(copy).encode()).hexdigest()[:SIGNATURE_DIGITS]


def written(kernel: func.FuncOp) -> BlocksPlan:
    """What stands on the operations of a kernel."""
    entries: list[Mapping[str, tuple[int, ...]]] = []
    for op in structured(kernel):
        blocks = op.attributes.get(BLOCKS_ATTRIBUTE)
        table: dict[str, list[int]] = {} if blocks is None else plain(blocks)
        entries.append({key: tuple(numbers) for key, numbers in table.items()})
    nodes = node_names(kernel.location)
    return BlocksPlan(signature(kernel), nodes, tuple(entries))


def write(kernel: func.FuncOp, plan: BlocksPlan) -> None:
    """Puts what a plan says on the operations of a kernel that say nothing yet."""
    operations = structured(kernel)
    if len(operations) != len(plan.operations):
        expected = f"{len(operations)} operations of kernel {plan.kernel}"
        refuse(kernel, f"plan must cut {expected}, got {len(plan.operations)}")
    array = DenseArrayBase.from_list
    for op, entry in zip(operations, plan.operations, strict=True):
        if entry and BLOCKS_ATTRIBUTE not in op.attributes:
            numbers = {key: array(i64, values) for key, values in entry.items()}
            op.attributes[BLOCKS_ATTRIBUTE] = DictionaryAttr(numbers)
