"""
Which two loops of a kernel are one: neighbours over what is one row in memory.

The loops are those of the two last axes of what is written; `ways` tells how operands
are read then. All that read or write a buffer have to agree in it.
"""

from __future__ import annotations

from typing import NamedTuple

from xdsl.dialects import arith, memref
from xdsl.dialects.builtin import MemRefType
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Block, Operation, SSAValue
from xdsl.ir.affine import AffineDimExpr
from xdsl.utils.hints import isa

from ...dialects import deploy
from .blocks import BLOCKS_ATTRIBUTE
from .dataflow import is_register, root_buffer
from .ways import Joint, Role, Way, joint_of, way_of


class Form(NamedTuple):
    """What becomes of a buffer."""

    role: Role
    rounds: int = 0
    """Of the inner loop; none for what stays."""


APART = Form(Role.APART)


class Plan(NamedTuple):
    """What becomes of a kernel."""

    joints: dict[linalg.GenericOp, Joint]
    ways: dict[tuple[linalg.GenericOp, int], Way]
    forms: dict[SSAValue, Form]
    """Of buffers, and of what is a part of registers with the whole."""


def plan_of(block: Block) -> Plan | None:
    """How two loops of all operations of a kernel become one, if they can."""
    plan = Plan({}, {}, {})
    # Backwards: who reads what an operation makes says whether its loops are joined.
    for op in reversed(list(block.ops)):
        is_known = isinstance(op, PLAIN) or (
            note(plan, op) if isinstance(op, linalg.GenericOp) else is_part(op)
        )
        if not is_known or BLOCKS_ATTRIBUTE in op.attributes:
            return None
    views = (op for op in block.ops if isinstance(op, memref.SubviewOp))
    are_whole = all(is_whole(view, plan) for view in views)
    return plan if plan.joints and are_whole else None


PLAIN = (arith.ConstantOp, linalg.FillOp, deploy.RegistersOp, deploy.YieldOp)
"""What has no loops, or those of its result."""


def is_part(op: Operation) -> bool:
    """Whether `op` is a part of registers, of known place."""
    if not isinstance(op, memref.SubviewOp) or not is_register(op.source):
        return False
    return not op.offsets and not op.sizes


def is_whole(view: memref.SubviewOp, plan: Plan) -> bool:
    """Whether a part of registers stays one block where two of its axes are one."""
    if plan.forms.get(root_buffer(view.result), APART).role is not Role.JOINED:
        return True
    offsets, sizes = view.static_offsets.get_values(), view.static_sizes.get_values()
    assert isa(view.source.type, MemRefType), "it is a part of a buffer"
    return not offsets[-1] and sizes[-1] == view.source.type.get_shape()[-1]


def note(plan: Plan, op: linalg.GenericOp) -> bool:
    """Notes what becomes of one operation; whether it can."""
    known = (plan.forms.get(buffer_of(value)) for value in op.outputs)
    if any(form is not None and form.role is not Role.JOINED for form in known):
        return all(is_agreed(plan, value, APART) for value in op.operands)
    joint = joint_of(op)
    if joint is None:
        return False
    plan.joints[op] = joint
    for number, value in enumerate(op.operands):
        way = way_of(op, number, joint)
        rounds = 0 if way is None or way.role is Role.APART else joint.rounds
        if way is None or not is_agreed(plan, value, Form(way.role, rounds)):
            return False
        plan.ways[op, number] = way
    ways = [plan.ways[op, n] for n in range(len(op.operands))]
    indices = (index for way in ways for index in way.map.results)
    plain = {e.position for e in indices if isinstance(e, AffineDimExpr)}
    are_joined = all(way.role is Role.JOINED for way in ways[len(op.inputs) :])
    return are_joined and plain == set(range(len(op.iterator_types) - 1))


def buffer_of(value: SSAValue) -> SSAValue:
    """The registers that a value is a part of, or what it is itself."""
    return root_buffer(value) if is_register(value) else value


def is_agreed(plan: Plan, value: SSAValue, form: Form) -> bool:
    """Whether a buffer gets a form from all who read or write it; notes it."""
    is_buffer = isa(value.type, MemRefType)
    return not is_buffer or plan.forms.setdefault(buffer_of(value), form) == form
