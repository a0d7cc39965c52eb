"""
A plan: every decision about a program, as plain values.

It travels as `deploy.plan` on the module, like the machine, and is what `plan.json`
holds; `docs/plan.md` has the schema. Passes put what it says on kernels and buffers and
write down what stands there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from xdsl.dialects.builtin import DictionaryAttr, ModuleOp

from ..errors import DeployError
from ..machines.checked_table import CheckedTable
from .plain import attribute_of, plain

PLAN_ATTRIBUTE = "deploy.plan"
"""Attribute of a module: the decisions that are known."""

Sizes: TypeAlias = tuple[int, ...]


@dataclass(frozen=True)
class KernelPlan:
    """What is decided about one kernel; None where nothing is."""

    nodes: tuple[str, ...]
    """The ONNX nodes that it does, to know it by."""
    loops: Sizes | None = None
    """The iterations of its root's loops."""
    chain: int | None = None
    level: str | None = None
    tile: Sizes | None = None
    """A size per loop of the root."""
    order: Sizes | None = None
    reduction: Sizes | None = None
    """A size per loop of what accumulates, when that is not the root."""
    cost: Mapping[str, Any] | None = None
    """What was predicted, for readers."""


@dataclass(frozen=True)
class BufferPlan:
    """Where one buffer stands."""

    label: str
    level: str
    size: int
    """Bytes."""
    offset: int
    """Bytes from the start of the level's arena."""

    def meets(self, other: BufferPlan) -> bool:
        """Whether both have a byte in common, if they are in one level."""
        return (
            self.offset < other.offset + other.size
            and other.offset < self.offset + self.size
        )


@dataclass(frozen=True)
class BlocksPlan:
    """How the loops of one kernel's operations are cut into blocks."""

    kernel: str
    """What the kernel is known by: its `signature`."""
    nodes: tuple[str, ...]
    """The ONNX nodes that it does, for readers."""
    operations: tuple[Mapping[str, Sizes], ...]
    """`deploy.blocks` of each structured operation; empty where it says nothing."""

    def table(self) -> dict[str, Any]:
        """The entry as JSON has it."""
        operations = [{k: list(v) for k, v in op.items()} for op in self.operations]
        nodes = list(self.nodes)
        return {"kernel": self.kernel, "nodes": nodes, "operations": operations}


@dataclass(frozen=True)
class Plan:
    """All decisions about a module."""

    residents: tuple[str, ...] = ()
    """The arguments of drivers that are brought near once."""
    kernels: tuple[KernelPlan, ...] = ()
    """In program order, as they are before they are tiled."""
    buffers: tuple[BufferPlan, ...] | None = None
    """In program order; None where nothing is placed yet."""
    blocks: tuple[BlocksPlan, ...] | None = None
    """An entry for each function that is a kernel; None where nothing is cut yet."""

    def table(self) -> dict[str, Any]:
        """The plan as JSON has it."""
        table: dict[str, Any] = {
            "residents": list(self.residents),
            "kernels": [kernel_table(kernel) for kernel in self.kernels],
        }
        if self.buffers is not None:
            table["buffers"] = [dict(vars(buffer)) for buffer in self.buffers]
        if self.blocks is not None:
            table["blocks"] = [entry.table() for entry in self.blocks]
        return table


def kernel_table(kernel: KernelPlan) -> dict[str, Any]:
    """What is decided about a kernel, as JSON has it."""
    values: dict[str, Any] = vars(kernel)
    return {
        key: list(cast("Sizes", value)) if isinstance(value, tuple) else value
        for key, value in values.items()
        if value is not None
    }


def plan_of(module: ModuleOp) -> Plan | None:
    """
    The plan attached to a module.

    Raises `DeployError` when it is not well formed.
    """
    attribute = module.attributes.get(PLAN_ATTRIBUTE)
    if attribute is None:
        return None
    table = plain(attribute)
    if not isinstance(attribute, DictionaryAttr):
        raise DeployError(f"expected a dictionary, got {table!r}", node=PLAN_ATTRIBUTE)
    return plan_from_table(table, PLAN_ATTRIBUTE)


def attach_plan(module: ModuleOp, plan: Plan) -> None:
    """Writes a plan onto the module, in place of the one it had."""
    module.attributes[PLAN_ATTRIBUTE] = attribute_of(plan.table())


# Reading.


def plan_from_table(table: Mapping[str, Any], subject: str) -> Plan:
    """The plan in a table; raises `DeployError` about `subject`, naming the key."""
    top = CheckedTable(subject, table)
    plan = Plan(
        top.strings("residents"),
        tuple(kernel_plan(entry) for entry in tables(top, "kernels")),
        tuple(buffer_plan(entry) for entry in tables(top, "buffers"))
        if "buffers" in table
        else None,
        tuple(blocks_plan(entry) for entry in tables(top, "blocks"))
        if "blocks" in table
        else None,
    )
    top.finish()
    return plan


def kernel_plan(table: CheckedTable) -> KernelPlan:
    """One entry of `kernels`."""
    kernel = KernelPlan(
        table.strings("nodes"),
        loops=sizes(table, "loops"),
        chain=table.integer("chain") if "chain" in table.values else None,
        level=table.string("level") if "level" in table.values else None,
        tile=sizes(table, "tile"),
        order=sizes(table, "order"),
        reduction=sizes(table, "reduction"),
        cost=any_table(table, "cost"),
    )
    table.finish()
    return kernel


def buffer_plan(table: CheckedTable) -> BufferPlan:
    """One entry of `buffers`."""
    label, level = table.string("label"), table.string("level")
    buffer = BufferPlan(label, level, table.integer("size"), table.integer("offset"))
    table.finish()
    return buffer


BLOCKS_KEYS = ("order", "sizes", "lanes")


def blocks_plan(table: CheckedTable) -> BlocksPlan:
    """One entry of `blocks`."""
    operations: list[Mapping[str, Sizes]] = []
    for entry in tables(table, "operations"):
        lists = {key: sizes(entry, key) for key in BLOCKS_KEYS}
        operations.append({k: v for k, v in lists.items() if v is not None})
        entry.finish()
    nodes = table.strings("nodes")
    found = BlocksPlan(table.string("kernel"), nodes, tuple(operations))
    table.finish()
    return found


def tables(table: CheckedTable, key: str) -> list[CheckedTable]:
    """The tables in the list at `key`, which must be there."""
    table.taken.add(key)
    if key not in table.values:
        table.refuse(key, "expected a list of tables, but the key is missing")
    entries = cast("Any", table.values[key])
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        table.refuse(key, f"expected a list of tables, got {entries!r}")
    found: list[CheckedTable] = []
    for number, entry in enumerate(cast("Sequence[Any]", entries)):
        if not isinstance(entry, Mapping):
            table.refuse(f"{key}[{number}]", f"expected a table, got {entry!r}")
        path = f"{table.path}.{key}[{number}]".strip(".")
        values = cast("Mapping[str, Any]", entry)
        found.append(CheckedTable(table.subject, values, path))
    return found


def sizes(table: CheckedTable, key: str) -> Sizes | None:
    """The numbers in the list at `key`, none of them negative, if there is one."""
    table.taken.add(key)
    values = cast("Any", table.values.get(key))
    if values is None:
        return None
    listed = isinstance(values, Sequence) and not isinstance(values, str)
    numbers = tuple(cast("Sequence[Any]", values)) if listed else ()
    if not listed or any(type(n) is not int or n < 0 for n in numbers):
        table.refuse(key, f"expected a list of integers of at least 0, got {values!r}")
    return numbers


def any_table(table: CheckedTable, key: str) -> Mapping[str, Any] | None:
    """The table at `key`, whatever is in it, if there is one."""
    inner = table.optional_table(key)
    return None if inner is None else inner.values
