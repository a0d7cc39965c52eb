"""
A plugin that makes every padding a part of a buffer.

    deployc bench resnet8.onnx --machine rv64gcv --plugin benchmarks/padded_buffers.py

What makes the source of a padding then writes it to its place inside, and kernels read
the border from memory, where by themselves they guard what they load.
"""

from __future__ import annotations

from typing import ClassVar

from deployopt.analysis.groups import driver_blocks, functions_of
from deployopt.dialects.deploy import KernelOp
from deployopt.properties import Property
from deployopt.transforms.linalg.lift_pads import Pad, lift, with_operands
from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import tensor
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block
from xdsl.passes import ModulePass


def lift_all(block: Block) -> None:
    """Moves the pads of all kernels in front of them, each once."""
    lifted: dict[Pad, tensor.PadOp] = {}
    for kernel in tuple(block.ops):
        if isinstance(kernel, KernelOp):
            pads = [op for op in kernel.block.ops if isinstance(op, tensor.PadOp)]
            if pads:
                with_operands(kernel, [lift(op, kernel, lifted) for op in pads], pads)


class PaddedBuffersPass(ModulePass):
    """Takes paddings out of the kernels that read them."""

    name = "padded-buffers"
    phase: ClassVar[str] = "tile"
    needs: ClassVar[tuple[Property, ...]] = (Property.KERNELS, Property.FREE_TILES)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for function in functions_of(op):
            for block in driver_blocks(function.body.block):
                lift_all(block)
