"""
Pads that leave their kernel again, because a tile of it pads only its own part.
"""

from __future__ import annotations

from typing import cast

from xdsl.dialects import tensor
from xdsl.ir import Attribute, Block, BlockArgument, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from ...analysis.chains import CHAIN_ATTRIBUTE
from ...analysis.pads import padding_value
from ...analysis.tiles import TILE_ATTRIBUTE
from ...dialects.deploy import KernelOp
from ...rewriting import locate

Pad = tuple[SSAValue, Attribute, Attribute, Attribute]
"""What is padded, by how much before and behind, and with what."""


def is_cut(kernel: KernelOp) -> bool:
    """Whether somebody has said how to cut `kernel`, alone or in a chain."""
    cut = any(TILE_ATTRIBUTE in op.attributes for op in kernel.block.ops)
    return cut or CHAIN_ATTRIBUTE in kernel.attributes


def lift_pads(block: Block) -> None:
    """Moves the pads of kernels that are cut to the driver, each once."""
    lifted: dict[Pad, tensor.PadOp] = {}
    for kernel in tuple(block.ops):
        if isinstance(kernel, KernelOp) and is_cut(kernel):
            pads = [op for op in kernel.block.ops if isinstance(op, tensor.PadOp)]
            if pads:
                with_operands(kernel, [lift(op, kernel, lifted) for op in pads], pads)


def lift(
    op: tensor.PadOp, kernel: KernelOp, lifted: dict[Pad, tensor.PadOp]
) -> SSAValue:
    """What `op` makes inside of `kernel`, made in front of it."""
    arg, constant = cast(BlockArgument, op.source), padding_value(op)
    assert constant is not None, "checked when the kernel was formed"
    source = kernel.operands[arg.index]
    key = (source, op.static_low, op.static_high, constant.value)
    if key not in lifted:
        value = locate(constant.clone(), op.location)
        mapper: dict[SSAValue, SSAValue] = {op.source: source}
        new = op.clone(mapper | {constant.result: value.results[0]})
        Rewriter().insert_op([value, new], InsertPoint.before(kernel))
        lifted[key] = new
    return lifted[key].result


def with_operands(
    kernel: KernelOp, values: list[SSAValue], pads: list[tensor.PadOp]
) -> None:
    """Replaces `kernel` by one that takes `values` instead of making them by `pads`."""
    block, count = kernel.block, len(kernel.inputs)
    for number, (value, op) in enumerate(zip(values, pads, strict=True)):
        arg = block.insert_arg(value.type, count + number)
        Rewriter().replace_op(op, [], [arg])
    inputs = [*kernel.inputs, *values]
    unused = [n for n in range(count) if not block.args[n].uses.get_length()]
    for number in reversed(unused):
        block.erase_arg(block.args[number])
        del inputs[number]
    new = KernelOp(inputs, kernel.outputs, kernel.detach_region(kernel.body))
    new.attributes = dict(kernel.attributes)
    Rewriter().replace_op(kernel, locate(new, kernel.location), new.results)
