"""What each ONNX node costs, against what it cannot do without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .costs import Costs
from .origins import Hop, Moved, traffic
from .program import Program, Step


@dataclass(frozen=True)
class NodeRow:
    """One node that computes, with the nodes that are part of its kernels."""

    name: str
    operator: str
    fused: tuple[str, ...]
    """Other nodes that the same kernels do."""
    steps: tuple[int, ...]
    macs: int
    taken: float
    """Measured units or estimated cycles."""
    limit: int
    """The fewest instructions for its multiply-adds."""
    hops: Mapping[Hop, Moved]


def node_rows(program: Program, costs: Costs) -> list[NodeRow]:
    """The nodes in the order in which they begin."""
    steps: dict[str, list[Step]] = {}
    for step in program.steps:
        steps.setdefault(step.name, []).append(step)
    moved = traffic(program)
    taken = costs.of_kernels()
    return [
        _row(program, costs, name, mine, taken, moved.get(name, {}))
        for name, mine in steps.items()
    ]


def _row(
    program: Program,
    costs: Costs,
    name: str,
    steps: list[Step],
    taken: Mapping[int, float],
    hops: Mapping[Hop, Moved],
) -> NodeRow:
    together = dict.fromkeys(node for step in steps for node in step.nodes)
    own_rows = {step.name for step in program.steps}
    macs = sum(step.macs for step in steps)
    return NodeRow(
        name=name,
        operator=program.operators.get(name, ""),
        fused=tuple(node for node in together if node not in own_rows),
        steps=tuple(step.number for step in steps),
        macs=macs,
        taken=sum(taken.get(step.number, 0) for step in steps),
        limit=costs.limit(macs),
        hops=hops,
    )


def hop_totals(program: Program, rows: Sequence[NodeRow]) -> dict[Hop, Moved]:
    """Hop -> what all nodes move over it."""
    none = Moved()
    return {
        hop: sum((row.hops.get(hop, none) for row in rows), none)
        for hop in program.hops
    }


def idle_nodes(program: Program) -> list[str]:
    """The nodes of the model that no step does: folded, or nothing but a new shape."""
    busy = {node for step in program.steps for node in (step.name, *step.nodes)}
    return [name for name in program.operators if name not in busy]
