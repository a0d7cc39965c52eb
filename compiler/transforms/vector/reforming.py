"""Kernels that take another form where that takes fewer instructions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from xdsl.dialects.builtin import MemRefType, ModuleOp
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Attribute, BlockArgument
from xdsl.utils.hints import isa

from ...analysis.memory import element_bytes
from ...dialects.deploy import KernelOp
from ...machine import Machine, has_machine, machine_of
from .blocks import BLOCKS_ATTRIBUTE
from .pricing import Price, Pricing
from .remade import Remade

MOST_REGISTERS = 8
"""Registers, at most, of a vector: RISC-V has groups of eight."""


@dataclass(frozen=True)
class Reforming(ABC):
    """Gives the kernels of a module another form, and their constants with them."""

    pricing: Pricing
    constants: Remade

    @abstractmethod
    def visit(self, kernel: KernelOp) -> None:
        """Gives a kernel another form, if that is worth it."""

    @property
    def machine(self) -> Machine:
        """What kernels are priced for."""
        return self.pricing.machine

    @property
    def most_lanes(self) -> int:
        """Floats, at most, of a vector."""
        return MOST_REGISTERS * self.machine.float_lanes

    def price_with(
        self, kernel: KernelOp, change: Callable[[KernelOp], object]
    ) -> Price:
        """What a kernel takes once it is changed; it stays as it is."""
        trial = kernel.clone()
        change(trial)
        price = self.pricing.of(trial.block)
        trial.erase()
        return price


def reform(module: ModuleOp, made: Callable[[Pricing, Remade], Reforming]) -> None:
    """Visits the kernels of a module, if its machine has vectors."""
    if not has_machine(module) or not machine_of(module).has_vectors:
        return
    reforming = made(Pricing(machine_of(module)), Remade(module))
    for kernel in list(module.walk()):
        if isinstance(kernel, KernelOp):
            reforming.visit(kernel)
    reforming.constants.clear()


def uncut_inputs(
    kernel: KernelOp,
) -> Iterator[tuple[linalg.GenericOp, int, BlockArgument]]:
    """The arguments that operations whose blocks are not decided read, by number."""
    for op in kernel.block.ops:
        if isinstance(op, linalg.GenericOp) and BLOCKS_ATTRIBUTE not in op.attributes:
            for number, value in enumerate(op.inputs):
                if isinstance(value, BlockArgument):
                    yield op, number, value


def reader_of(argument: BlockArgument) -> tuple[linalg.GenericOp, int]:
    """The one operation that reads an argument, and by which operand."""
    (use,) = argument.uses
    assert isinstance(use.operation, linalg.GenericOp), "it is read by one operand"
    return use.operation, use.index


def buffer_type(argument: BlockArgument) -> MemRefType[Attribute]:
    """The type of an argument that is a buffer."""
    assert isa(argument.type, MemRefType), "it is a buffer"
    return argument.type


def takes_dots(kernel: KernelOp, machine: Machine) -> bool:
    """Whether bytes are multiplied, of which the machine takes four at a time."""
    types = (value.type for value in kernel.operands)
    buffers = [type_ for type_ in types if isa(type_, MemRefType)]
    has_bytes = any(element_bytes(type_.element_type) == 1 for type_ in buffers)
    return machine.has_byte_dots and has_bytes
