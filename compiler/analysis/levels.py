"""
The memory levels of a machine as a driver on tensors sees them.

A level is open when kernels may touch it. Which level a tensor is in follows from the
operation that made it; nothing is stored beside the IR.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from xdsl.dialects import arith, bufferization, scf, tensor
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import Block, Operation, SSAValue

from ..dialects.deploy import KernelOp
from ..errors import DeployError
from ..machine import Machine, has_machine, machine_of

View = tensor.ExtractSliceOp | tensor.CollapseShapeOp | tensor.ExpandShapeOp

SPACE_ATTRIBUTE = "memory_space"
"""Attribute of `bufferization.alloc_tensor`: the level of the new tensor."""


@dataclass(frozen=True)
class MemoryLevels:
    """Where tensors can be, and who may touch them there."""

    near: str
    """The level of every tensor that nothing else is said of: open and writable."""
    caller: str
    """The level of the caller's inputs and outputs."""
    constants: str
    """The level in which constants stand when the program starts."""
    open: frozenset[str]
    """The levels that kernels may touch."""
    hops: Mapping[str, str] = field(default_factory=dict[str, str])
    """Level -> its neighbour, the next one further from the core."""

    @property
    def is_flat(self) -> bool:
        """Whether kernels may touch all that there is, so that nothing has to move."""
        return self.open >= {self.near, self.caller, self.constants}

    def is_open(self, level: str) -> bool:
        """Whether kernels may touch `level`."""
        return level in self.open

    def outwards(self, level: str) -> tuple[str, ...]:
        """`level`, its neighbour, the neighbour of that one, and so on."""
        way = [level]
        while way[-1] in self.hops:
            way.append(self.hops[way[-1]])
        return tuple(way)

    def path(self, source: str, destination: str) -> tuple[str, ...]:
        """
        The levels that data goes through, both ends included.

        Raises `DeployError` when no transfer leads there.
        """
        there, back = self.outwards(source), self.outwards(destination)
        meeting = next((level for level in there if level in back), None)
        if meeting is None:
            raise DeployError(
                f"expected transfers that lead from level {source} to level "
                f"{destination}, got none",
                hint="levels.NAME.dma.neighbour says how levels are linked",
            )
        up = there[: there.index(meeting) + 1]
        down = back[: back.index(meeting)]
        return (*up, *reversed(down))

    def of(self, value: SSAValue) -> str:
        """The level of a tensor."""
        owner = value.owner
        if isinstance(owner, Block):
            return self._of_argument(value, owner)
        if isinstance(owner, arith.ConstantOp):
            return self.constants
        if isinstance(owner, bufferization.AllocTensorOp):
            space = owner.attributes.get(SPACE_ATTRIBUTE)
            return space.data if isinstance(space, StringAttr) else self.near
        source = _source(owner, value)
        if source is None or (not isinstance(owner, View) and is_known(source)):
            return self.near
        return self.of(source)

    def _of_argument(self, value: SSAValue, block: Block) -> str:
        loop = block.parent_op()
        if not isinstance(loop, scf.ForOp):
            return self.caller
        initial = loop.iter_args[block.args.index(value) - 1]
        return self.near if is_known(initial) else self.of(initial)

    def is_copied_by_kernel(self, source: str, destination: str) -> bool:
        """Whether a kernel makes copies from one level to the other, not a transfer."""
        if not (self.is_open(source) and self.is_open(destination)):
            return False
        linked = source != destination and self.is_linked(source, destination)
        return self.is_flat or not linked

    def is_linked(self, one: str, other: str) -> bool:
        """Whether transfers lead from one level to the other directly."""
        return self.hops.get(one) == other or self.hops.get(other) == one


def is_known(value: SSAValue) -> bool:
    """Whether `value` is data known at compile time, or a part of such data."""
    owner = value.owner
    while isinstance(owner, View):
        owner = owner.operands[0].owner
    return isinstance(owner, arith.ConstantOp)


def _source(op: Operation, value: SSAValue) -> SSAValue | None:
    """The operand in whose level the result `value` of `op` is."""
    place = op.results.index(value)
    if isinstance(op, KernelOp):
        return op.outputs[place]
    if isinstance(op, scf.ForOp):
        return op.iter_args[place]
    if isinstance(op, tensor.InsertSliceOp):
        return op.dest
    return op.operands[0] if isinstance(op, View) else None


FLAT = MemoryLevels("ram", "ram", "flash", frozenset({"ram", "flash"}))
"""Where no machine is attached."""


def levels_around(op: Operation) -> MemoryLevels:
    """The levels of the machine of the module around `op`."""
    module = op.get_toplevel_object()
    if not isinstance(module, ModuleOp) or not has_machine(module):
        return FLAT
    return levels_of_machine(machine_of(module))


def levels_of_machine(machine: Machine) -> MemoryLevels:
    """
    The levels of a machine.

    Raises `DeployError` when kernels have no level that they may write to.
    """
    near = next((v for v in machine.levels if v.writable and v.kernels), None)
    if near is None:
        raise DeployError(
            "expected a level with access rw and kernels = true, got none",
            node=f"machine {machine.name}",
        )
    return MemoryLevels(
        near.name,
        machine.io_level,
        machine.weights_level,
        frozenset(level.name for level in machine.levels if level.kernels),
        {v.name: v.dma.neighbour for v in machine.levels if v.dma is not None},
    )
