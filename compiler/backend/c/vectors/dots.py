"""What sums of four products of bytes need to be declared in C."""

from __future__ import annotations

from collections.abc import Iterator

from xdsl.dialects.builtin import ModuleOp, VectorType

from ....dialects import deploy
from ....machine import Machine
from .dispatch import lane_count

LANE_BITS = 32
MOST_REGISTERS = 8
"""Of a group."""


def declarations(module: ModuleOp, machine: Machine | None) -> Iterator[str]:
    """A macro for each number of lanes that such sums of `module` have."""
    dots = (op for op in module.walk() if isinstance(op, deploy.Dot4Op))
    wide = (op for op in dots if isinstance(op.result.type, VectorType))
    for lanes in sorted({lane_count(op.result) for op in wide}):
        group = register_group(lanes, machine)
        if group is None:
            yield f"DEPLOY_DOTS_BY_LANE({lanes})"
        else:
            yield f"DEPLOY_DOTS({lanes}, {group})"


def register_group(lanes: int, machine: Machine | None) -> str | None:
    """
    What a group of vector registers with just so many words is called: `m4`, `mf2`.

    None where the machine has no such group, or no instruction for these sums. Of
    words there is no group of less than half a register (vector extension, 3.4.2).
    """
    is_group = lanes.bit_count() == 1
    if machine is None or not machine.has_byte_dots or not is_group:
        return None
    bits = lanes * LANE_BITS
    if bits * 2 == machine.vlen:
        return "mf2"
    is_whole = machine.vlen <= bits <= MOST_REGISTERS * machine.vlen
    return f"m{bits // machine.vlen}" if is_whole else None
