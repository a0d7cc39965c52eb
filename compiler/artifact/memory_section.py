"""The manifest's section on memory: levels, buffers, steps, and what is claimed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from xdsl.dialects import func

from ..analysis.planning import Request, lower_bound
from ..analysis.program import callee
from ..analysis.rows import bytes_moved, rows_of
from ..analysis.transfers import starts_of
from ..dialects.deploy import DmaStartOp, DmaWaitOp
from ..rewriting import node_names
from .memory import Buffer, MemoryMap


def memory_section(memory: MemoryMap) -> dict[str, Any]:
    """The section `memory` of the manifest."""
    used = {buffer.level for buffer in memory.buffers}
    return {
        "levels": {
            level.name: {
                "size": level.size,
                "base": level.base or 0,
                "align": level.align,
            }
            for level in memory.machine.levels
        },
        "inputs": caller_names(memory, "input"),
        "outputs": caller_names(memory, "output"),
        "buffers": [buffer.entry() for buffer in memory.buffers],
        "ops": [
            *(op_entry(memory, step) for step in range(len(memory.occupancy.steps))),
            *loop_entries(memory),
        ],
        "claimed": {
            level.name: claim(memory, level.name)
            for level in memory.machine.levels
            if level.name in used
        },
    }


def caller_names(memory: MemoryMap, role: str) -> list[str]:
    """What the caller's inputs or outputs are called."""
    return [memory.names[argument.value] for argument in memory.program.having(role)]


def loop_entries(memory: MemoryMap) -> Iterator[Mapping[str, Any]]:
    """
    What loops need of buffers of the program besides what the steps in them touch.

    A buffer that every round reads is needed up to the last step of the loop, and one
    that the rounds fill part by part from the first. These entries do nothing; they
    have the number of that step, and `loop`.
    """
    own = {buffer.name for buffer in memory.buffers if not is_fixed(buffer)}
    for step, held in memory.occupancy.held.items():
        reads, writes = (
            [
                name
                for name in unique_names(memory.names[v] for v in side)
                if name in own
            ]
            for side in held
        )
        if reads or writes:
            yield {
                "name": "(loop)",
                "step": step,
                "reads": reads,
                "writes": writes,
                "symbol": f"{memory.source.name}_run_in",
                "nodes": [],
                "macs": 0,
                "instructions": 0,
                "repeat": memory.occupancy.repetitions(step),
                "loop": True,
            }


def is_fixed(buffer: Buffer) -> bool:
    """Whether a buffer is there for the whole run."""
    return buffer.pinned or buffer.reserved


def traffic(memory: MemoryMap) -> dict[str, int]:
    """The bytes that transfers move in one run, as `FROM->TO`."""
    return {
        f"{source}->{target}": moved
        for (source, target), moved in memory.occupancy.traffic.items()
    }


def op_entry(memory: MemoryMap, step: int) -> Mapping[str, Any]:
    """One step."""
    op = memory.occupancy.steps[step]
    touched = [a for a in memory.occupancy.accesses if a.step == step]
    nodes = node_names(op.location)
    return {
        "name": nodes[0] if nodes else label_of_step(memory, step),
        "step": step,
        "reads": unique_names(memory.names[a.buffer] for a in touched if a.reads),
        "writes": unique_names(memory.names[a.buffer] for a in touched if a.writes),
        "symbol": symbol_of(memory, step),
        "nodes": list(nodes),
        "macs": memory.occupancy.multiply_adds(step),
        "instructions": memory.occupancy.instructions(step),
        "repeat": memory.occupancy.repetitions(step),
        **transfer_figures(memory, step),
    }


def label_of_step(memory: MemoryMap, step: int) -> str:
    """What a step without ONNX nodes is called."""
    op = memory.occupancy.steps[step]
    if isinstance(op, func.CallOp):
        return callee(op)
    return symbol_of(memory, step)


def symbol_of(memory: MemoryMap, step: int) -> str:
    """The C function that does a step."""
    op = memory.occupancy.steps[step]
    if isinstance(op, func.CallOp):
        return memory.source.symbols[callee(op)]
    if isinstance(op, DmaWaitOp):
        return "deploy_dma_wait"
    rows = rows_of(op)
    assert rows is not None, "what has more dimensions has no C"
    return f"deploy_dma_start_{'1d' if rows.is_contiguous else '2d'}"


def transfer_figures(memory: MemoryMap, step: int) -> dict[str, Any]:
    """What is moved from where to where: of a wait, by the transfers it may end."""
    op = memory.occupancy.steps[step]
    if isinstance(op, func.CallOp):
        return {}
    starts = [op] if isinstance(op, DmaStartOp) else list(starts_of(op.token))
    source, target = starts[0].levels
    own: dict[str, Any] = {"from": source, "to": target}
    if isinstance(op, DmaStartOp):
        return {"bytes": bytes_moved(op), **own}
    return {"starts": sorted(memory.occupancy.numbers[s] for s in starts), **own}


def claim(memory: MemoryMap, level: str) -> dict[str, int]:
    """The highest byte used in a level, and what no plan can go below."""
    mine = [buffer for buffer in memory.buffers if buffer.level == level]
    peak = max(buffer.offset + buffer.size for buffer in mine)
    needs = [Request(b.name, b.size, b.align, b.span.start, b.span.end) for b in mine]
    return {"peak": peak, "lower_bound": lower_bound(needs)}


def unique_names(names: Iterator[str]) -> list[str]:
    """The names in order, each once."""
    return list(dict.fromkeys(names))
