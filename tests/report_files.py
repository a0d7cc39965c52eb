"""
A folder written by hand, with numbers that a reader can add up.

Three levels as of a scratchpad: L1 with DMA to L2 (10 cycles, then 4 bytes per cycle),
L2 with DMA to L3 (20 cycles, then 2 bytes per cycle), all asynchronous; 4 lanes.

The input `x` (400 bytes) and the weights `w` (200) go from L3 over L2 to L1, `conv`
makes `y` (100), which goes back over L2 to L3 while `add` works.
"""

from __future__ import annotations

import copy
import json
from typing import Any, TypeAlias

from deployopt.machine import load_machine, machine_table

Table: TypeAlias = dict[str, Any]
STEPS = 14


def machine() -> Table:
    """The machine of the folder."""
    table: Table = copy.deepcopy(dict(machine_table(load_machine("scratchpad-64k"))))
    table = json.loads(json.dumps(table))
    for name, outer, setup, speed in (("L1", "L2", 10, 4), ("L2", "L3", 20, 2)):
        table["levels"][name]["dma"] = {
            "neighbour": outer,
            "setup_cycles": setup,
            "bytes_per_cycle": speed,
            "asynchronous": True,
        }
    table["levels"]["L1"]["size"] = 800
    table["levels"]["L2"]["size"] = 4096
    table["stack"]["size"] = 96
    return table


def buffer(
    name: str, level: str, offset: int, size: int, start: int, end: int, **flags: bool
) -> Table:
    """A buffer of the manifest."""
    span = {"start": start, "end": end}
    place = {"level": level, "offset": offset, "size": size}
    return {"name": name, **place, **span, "align": 4, **flags}


def buffers() -> list[Table]:
    """The buffers of the manifest."""
    return [
        buffer("(stack)", "L2", 0, 96, 0, STEPS, reserved=True),
        buffer("(runtime)", "L3", 0, 64, 0, STEPS, reserved=True),
        buffer("w", "L3", 64, 200, 0, STEPS, pinned=True),
        buffer("conv.x2", "L2", 112, 400, 0, 6),
        buffer("conv.w2", "L2", 512, 200, 2, 8),
        buffer("conv.x1", "L1", 0, 400, 3, 11),
        buffer("conv.w1", "L1", 400, 200, 6, 9),
        buffer("conv", "L1", 600, 100, 8, 12),
        buffer("add", "L1", 400, 48, 10, 11),
        buffer("conv.y2", "L2", 112, 100, 9, 14),
        buffer("x", "L3", 264, 400, 0, 2),
        buffer("y", "L3", 264, 100, 12, STEPS),
    ]


def steps() -> list[Table]:
    """The steps of the manifest."""
    conv = ["conv", "relu"]
    found: list[Table] = []

    def add(
        name: str, reads: list[str], writes: list[str], symbol: str, **more: Any
    ) -> int:
        nodes = conv if name == "conv" else [name]
        about = {"name": name, "nodes": nodes, "macs": 0, "repeat": 1, **more}
        step = len(found)
        found.append(
            {"step": step, "reads": reads, "writes": writes, "symbol": symbol, **about}
        )
        return step

    def start(source: str, target: str, size: int, hop: str) -> int:
        levels = {"from": hop[:2], "to": hop[-2:]}
        symbol = "deploy_dma_start_1d"
        return add("conv", [source], [target], symbol, bytes=size, **levels)

    def wait(number: int) -> None:
        begun = found[number]
        levels = {key: begun[key] for key in ("from", "to")}
        reads, writes = begun["reads"], begun["writes"]
        add("conv", reads, writes, "deploy_dma_wait", starts=[number], **levels)

    wait(start("x", "conv.x2", 400, "L3 L2"))
    weights = start("w", "conv.w2", 200, "L3 L2")
    tensor = start("conv.x2", "conv.x1", 400, "L2 L1")
    wait(weights)
    wait(tensor)
    wait(start("conv.w2", "conv.w1", 200, "L2 L1"))
    add("conv", ["conv.x1", "conv.w1"], ["conv"], "net_kernel_0_conv", macs=4000)
    result = start("conv", "conv.y2", 100, "L1 L2")
    add("add", ["conv.x1"], ["add"], "net_kernel_1_add")
    wait(result)
    wait(start("conv.y2", "y", 100, "L2 L3"))
    return found


def manifest() -> Table:
    """`manifest.json`."""
    tensor = {"dtype": "int8", "shape": [400]}
    return {
        "format": 1,
        "name": "net",
        "inputs": [{"name": "x", **tensor}],
        "outputs": [{"name": "y", **tensor}],
        "machine": machine(),
        "cflags": ["-O2"],
        "versions": {"deployopt": "0"},
        "sha256": "",
        "macs": 4000,
        "nodes": {"conv": "Conv", "relu": "Relu", "add": "Add", "flat": "Flatten"},
        "memory": {
            "inputs": ["x"],
            "outputs": ["y"],
            "buffers": buffers(),
            "ops": steps(),
            "claimed": {
                "L1": {"peak": 700, "lower_bound": 700},
                "L2": {"peak": 712, "lower_bound": 696},
                "L3": {"peak": 664, "lower_bound": 664},
            },
        },
    }


def plan() -> Table:
    """`plan.json`."""
    return {
        "groups": [
            {"kernel": "net_kernel_0_conv", "loops": [], "tile": [100], "chain": 3},
            {"kernel": "net_kernel_1_add", "loops": [], "tile": [40]},
        ]
    }


def files(**changes: Table) -> dict[str, str]:
    """The folder, with `manifest` or `plan` as given."""
    found = {"manifest": manifest(), "plan": plan(), **changes}
    return {f"{name}.json": json.dumps(table) for name, table in found.items()}
