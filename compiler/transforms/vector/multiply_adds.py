"""
The multiply-adds of a kernel, which are seen while its operations are structured.
"""

from __future__ import annotations

from math import prod

from xdsl.dialects import arith, func
from xdsl.dialects.builtin import IntegerAttr, i64
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Block, Operation, SSAValue

from ...analysis.program import MULTIPLY_ADDS_ATTRIBUTE, integer_of
from ...dialects import deploy
from ...dialects.deploy.words import WORD_BYTES
from .dataflow import parallel_dims
from .vanishing import PRODUCTS

WANTED_ATTRIBUTE = "deploy.wanted"
"""Attribute of a structured operation: its rounds for results that are kept."""

SUMS = (arith.AddfOp, arith.AddiOp)


def note_multiply_adds(kernel: func.FuncOp) -> None:
    """Writes down how often a call of `kernel` multiplies and accumulates."""
    total = sum(map(multiply_adds, kernel.body.block.ops))
    kernel.attributes[MULTIPLY_ADDS_ATTRIBUTE] = IntegerAttr(total, i64)


def multiply_adds(op: Operation) -> int:
    """
    How often `op` multiplies and accumulates: 0 unless it is a contraction.

    A contraction sums products of different operands; a sum of squares is none.
    """
    if not isinstance(op, linalg.GenericOp):
        return 0
    if len(parallel_dims(op)) == len(op.iterator_types):
        return 0
    last = op.body.block.last_op
    assert last is not None, "a body ends with linalg.yield"
    each = max((products(value.owner) for value in last.operands), default=0)
    wanted = integer_of(op.attributes.get(WANTED_ATTRIBUTE))
    return each * (prod(op.get_static_loop_ranges()) if wanted is None else wanted)


def products(made: Operation | Block) -> int:
    """How many products of different elements an operation adds to something."""
    if isinstance(made, deploy.Dot4Op):
        return WORD_BYTES * (origins(made.lhs) != origins(made.rhs))
    return int(isinstance(made, SUMS) and adds_product(made))


def adds_product(op: arith.AddfOp | arith.AddiOp) -> bool:
    """Whether one side of a sum is the product of different elements."""
    products = (side.owner for side in (op.lhs, op.rhs))
    factors = (
        (origins(o.lhs), origins(o.rhs)) for o in products if isinstance(o, PRODUCTS)
    )
    return any(a and b and a != b for a, b in factors)


def origins(value: SSAValue) -> frozenset[SSAValue]:
    """The elements, as arguments of a body, that a scalar is computed from."""
    if not isinstance(value.owner, Operation):
        return frozenset({value})
    operands = value.owner.operands
    return frozenset(one for operand in operands for one in origins(operand))
