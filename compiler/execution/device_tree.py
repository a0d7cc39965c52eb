"""
The device tree that Spike builds its processor from.

Spike would have it made by the program `dtc`, which many computers lack. The binary
form is small: a header, a tree of tokens, and the names of the properties.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import TypeAlias

from ..machine import Machine

Node: TypeAlias = "Mapping[str, int | str | Node]"
"""Properties (a 32-bit number or a text) and, by name, the nodes below."""

MAGIC = 0xD00DFEED
VERSION = 17
LAST_COMPATIBLE_VERSION = 16
HEADER_BYTES = 40
RESERVATIONS = bytes(16)
BEGIN_NODE, END_NODE, PROPERTY, END = 1, 2, 3, 9

PMP_REGIONS = 16
PMP_GRANULARITY = 4
"""Bytes."""
TIMEBASE_FREQUENCY = 10_000_000


def device_tree(machine: Machine, isa: str) -> bytes:
    """The tree of one processor of that `isa`, in binary."""
    processor: Node = {
        "device_type": "cpu",
        "reg": 0,
        "status": "okay",
        "compatible": "riscv",
        "riscv,isa": isa,
        "riscv,pmpregions": PMP_REGIONS,
        "riscv,pmpgranularity": PMP_GRANULARITY,
    }
    processors: Node = {
        "#address-cells": 1,
        "#size-cells": 0,
        "timebase-frequency": TIMEBASE_FREQUENCY,
        "cpu@0": processor,
    }
    root: Node = {
        "#address-cells": 2,
        "#size-cells": 2,
        "model": machine.name,
        "cpus": processors,
        "htif": {"compatible": "ucb,htif0"},
    }
    return flatten(root)


def flatten(root: Node) -> bytes:
    """The binary form of a tree."""
    names: dict[str, int] = {}
    tree = _node("", root, names) + struct.pack(">I", END)
    strings = b"".join(name.encode() + b"\0" for name in names)
    tree_start = HEADER_BYTES + len(RESERVATIONS)
    strings_start = tree_start + len(tree)
    header = struct.pack(
        ">10I",
        *(MAGIC, strings_start + len(strings), tree_start, strings_start),
        *(HEADER_BYTES, VERSION, LAST_COMPATIBLE_VERSION, 0),
        *(len(strings), len(tree)),
    )
    return header + RESERVATIONS + tree + strings


def _node(name: str, node: Node, names: dict[str, int]) -> bytes:
    """One node with all below it; `names` maps property names to their places."""
    parts = [struct.pack(">I", BEGIN_NODE), _padded(name.encode() + b"\0")]
    for key, value in node.items():
        if isinstance(value, Mapping):
            parts.append(_node(key, value, names))
        else:
            parts.append(_property(key, value, names))
    return b"".join((*parts, struct.pack(">I", END_NODE)))


def _property(name: str, value: int | str, names: dict[str, int]) -> bytes:
    """One property."""
    place = names.setdefault(name, sum(len(other) + 1 for other in names))
    data = (
        struct.pack(">I", value) if isinstance(value, int) else value.encode() + b"\0"
    )
    return struct.pack(">3I", PROPERTY, len(data), place) + _padded(data)


def _padded(data: bytes) -> bytes:
    """`data` filled up to whole words of four bytes."""
    return data + bytes(-len(data) % 4)
