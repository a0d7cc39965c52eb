"""
Kernels on memrefs, made from kernels on tensors or from nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects import linalg, memref, tensor
from xdsl.dialects.builtin import AffineMapAttr, MemRefType, TensorType
from xdsl.dialects.linalg.attrs import IteratorTypeAttr
from xdsl.ir import Attribute, Block, Operation, Region, SSAValue
from xdsl.ir.affine import AffineMap
from xdsl.rewriter import Rewriter
from xdsl.utils.hints import isa

from ...analysis.pads import padding_value
from ...analysis.structured import shape_of
from ...dialects.deploy import REGISTER_SPACE, KernelOp, RegistersOp, YieldOp


def memref_of(tensor_type: Attribute, space: Attribute) -> MemRefType[Attribute]:
    """A whole buffer in `space` for a tensor of that type."""
    return MemRefType(
        element_type_of(tensor_type), shape_of(tensor_type), memory_space=space
    )


def element_type_of(type_: Attribute) -> Attribute:
    """The element type of a tensor or memref."""
    assert isa(type_, TensorType | MemRefType), f"a shaped type, got {type_}"
    return type_.get_element_type()


def copy_kernel(source: SSAValue, destination: SSAValue) -> KernelOp:
    """A kernel that copies all elements of a memref to another of the same shape."""
    block = Block(arg_types=[source.type, destination.type])
    block.add_ops([copy_of(block.args[0], block.args[1]), YieldOp()])
    return KernelOp([source], [destination], Region(block))


def copy_of(source: SSAValue, destination: SSAValue) -> linalg.ops.GenericOp:
    """Copies all elements of a memref to another of the same shape."""
    identity = AffineMapAttr(AffineMap.identity(len(shape_of(source))))
    element = element_type_of(source.type)
    body = Block(arg_types=[element, element])
    body.add_op(linalg.ops.YieldOp(body.args[0]))
    loops = [IteratorTypeAttr.parallel()] * len(shape_of(source))
    return linalg.ops.GenericOp(
        [source], [destination], Region(body), [identity, identity], loops
    )


def pad_registers(op: tensor.PadOp) -> tuple[list[Operation], SSAValue]:
    """Registers filled with the padding, into a part of which the source is copied."""
    constant = padding_value(op)
    assert constant is not None, "checked when the kernel was formed"
    value, type_ = constant.clone(), memref_of(op.result.type, REGISTER_SPACE)
    registers = RegistersOp(type_)
    fill = linalg.ops.FillOp([value.result], [registers.result], res=())
    low, shape = op.static_low.get_values(), shape_of(op.source)
    part = memref.SubviewOp.from_static_parameters(
        registers.result, type_, low, shape, [1] * len(shape)
    )
    copy = copy_of(op.source, part.result)
    return [value, registers, fill, part, copy], registers.result


def on_memrefs(
    kernel: KernelOp, inputs: Sequence[SSAValue], outputs: Sequence[SSAValue]
) -> KernelOp:
    """
    The same kernel with memrefs (and scalars) as operands; `kernel` loses its body.

    Operands that are the same memory become one.
    """
    block = kernel.body.detach_block(0)
    values = [*inputs, *outputs]
    written = set(outputs)
    read = list(dict.fromkeys(value for value in inputs if value not in written))
    merged = [*read, *dict.fromkeys(outputs)]
    new = Block(arg_types=[value.type for value in merged])
    inside = dict(zip(merged, new.args, strict=True))
    for value, arg in zip(values, block.args, strict=True):
        arg.replace_all_uses_with(inside[value])
    for op in tuple(block.ops):
        op.detach()
        new.add_op(op)
        _on_memrefs(op)
    return KernelOp(read, merged[len(read) :], Region(new))


def _on_memrefs(op: Operation) -> None:
    """Makes one operation of a kernel work on memrefs."""
    if isinstance(op, tensor.EmptyOp):
        registers = RegistersOp(memref_of(op.tensor.type, REGISTER_SPACE))
        _replace(op, registers, [registers.result])
    elif isinstance(op, tensor.PadOp):
        new, whole = pad_registers(op)
        _replace(op, new, [whole])
    elif isinstance(op, linalg.ops.FillOp):
        fill = linalg.ops.FillOp(op.inputs, op.outputs, res=())
        _replace(op, fill, op.outputs)
    elif isinstance(op, linalg.ops.GenericOp):
        for inner in tuple(op.body.walk()):
            if isinstance(inner, tensor.ExtractOp):
                load = memref.LoadOp.get(inner.tensor, inner.indices)
                _replace(inner, load, [load.res])
        generic = linalg.ops.GenericOp(
            op.inputs,
            op.outputs,
            op.body.clone(),
            op.indexing_maps,
            op.iterator_types,
            doc=op.doc,
            library_call=op.library_call,
        )
        generic.attributes = dict(op.attributes)
        _replace(op, generic, op.outputs)
    elif isinstance(op, YieldOp):
        _replace(op, YieldOp(), [])


def _replace(
    op: Operation, new: Operation | Sequence[Operation], values: Sequence[SSAValue]
) -> None:
    for one in [new] if isinstance(new, Operation) else new:
        one.location = op.location
    Rewriter().replace_op(op, new, values)
