"""Which operations of a module need which phase of the compiler still."""

from __future__ import annotations

from xdsl.dialects import linalg
from xdsl.dialects.builtin import ShapedType, TensorType
from xdsl.dialects.func import CallOp, FuncOp
from xdsl.ir import Attribute, Operation
from xdsl.traits import IsTerminator, SymbolTable

from .legality import SCALAR, STRUCTURED


def is_tensor(type: Attribute) -> bool:
    """Whether values of that type are tensors."""
    return isinstance(type, TensorType)


def on_tensors(op: Operation) -> bool:
    """Whether `op` makes a tensor."""
    return any(map(is_tensor, op.result_types))


def is_network(op: Operation) -> bool:
    """Whether `op` is a node of the network as written."""
    return op.dialect_name() == "nn"


def takes_scalars(op: Operation) -> bool:
    """Whether `op` is a structured computation with inputs that have no shape."""
    generic = isinstance(op, linalg.ops.GenericOp)
    return generic and not all(isinstance(v.type, ShapedType) for v in op.inputs)


def is_named(op: Operation) -> bool:
    """Whether `op` is known by its name, or not written as later phases read it."""
    is_function = op.dialect_name() == "math" and op.name not in SCALAR
    is_computation = op.dialect_name() == "linalg" and op.name not in STRUCTURED
    is_written = is_computation or takes_scalars(op) or calls_function(op)
    return is_network(op) or is_function or is_written


def calls_function(op: Operation) -> bool:
    """Whether `op` calls something else than a kernel."""
    if not isinstance(op, CallOp):
        return False
    callee = SymbolTable.lookup_symbol(op, op.callee)
    return (
        isinstance(callee, FuncOp)
        and bool(callee.body.blocks)
        and not is_kernel(callee)
    )


def is_ungrouped(op: Operation) -> bool:
    """Whether `op` is a structured computation that is in no kernel yet."""
    structured = op.dialect_name() == "linalg" or op.name == "tensor.pad"
    if not structured or op.has_trait(IsTerminator):
        return False
    parent = op.parent_op()
    return parent is None or not is_kernel(parent)


def is_kernel(op: Operation) -> bool:
    """Whether `op` is a kernel, in its driver or a function of its own."""
    return op.name == "deploy.kernel" or "deploy.kernel" in op.attributes


UNPLACED = frozenset(
    {"deploy.buffer", "deploy.kernel", "memref.alloc", "memref.alloca"}
)
"""Memory without an address, and what is in its driver still."""


def is_unplaced(op: Operation) -> bool:
    """Whether `op` makes or takes a value that has no place in memory yet."""
    is_driver = isinstance(op, FuncOp) and any(map(is_tensor, op.function_type.inputs))
    return on_tensors(op) or is_driver or op.name in UNPLACED
