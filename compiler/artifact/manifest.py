"""`manifest.json`: what a folder holds."""

from __future__ import annotations

import json
import re
from importlib.metadata import version
from typing import Any, cast

from xdsl.ir import Attribute

from .. import __version__
from ..analysis.plain import text_of
from ..analysis.program import Argument
from ..backend.c.source import Source
from ..backend.c.weights_image import image_bytes
from ..errors import MemoryShortage, Shortage
from ..machine import machine_table
from .memory import MemoryMap
from .memory_section import memory_section, traffic

ESCAPED = re.compile(
    r"\\x(?:[0189a-f][0-9a-f]|7f)"
    r"|\\u(?!00[0-7]|d[89a-f])[0-9a-f]{4}"
    r"|\\U00(?:0[0-9a-f]|10)[0-9a-f]{4}"
)
"""How import writes what ASCII does not print: xDSL's MLIR cannot hold it in texts."""

FORMAT = 1
"""The number of this layout of the file."""

MADE_BY = "deployopt"
"""The key of `versions` by which a folder is known to be ours."""


def json_text(value: Any) -> str:
    """`value` as JSON that a person can read."""
    return json.dumps(value, indent=2, ensure_ascii=True) + "\n"


def tensor_entry(argument: Argument) -> dict[str, Any]:
    """One input or output."""
    return argument.border.entry() | {"name": model_name(argument.name)}


def model_name(text: str) -> str:
    r"""The name as the model has it: in the IR, `π` is written `\u03c0`."""
    return ESCAPED.sub(lambda match: chr(int(match[0][2:], 16)), text)


def manifest(memory: MemoryMap) -> dict[str, Any]:
    """The manifest of a program on a machine."""
    source, machine = memory.source, memory.machine
    section = memory_section(memory)
    check_fit(memory, section)
    program = source.program
    attributes = program.module.attributes
    return {
        "format": FORMAT,
        "name": source.name,
        "entry": f"{source.name}_run",
        "inputs": [tensor_entry(a) for a in program.having("input")],
        "outputs": [tensor_entry(a) for a in program.having("output")],
        "arenas": [
            {"name": arena.name, "bytes": arena.bytes, "align": arena.alignment}
            for arena in source.arenas
        ],
        "weights": weights_table(source),
        "machine": machine_table(machine),
        "cflags": list(machine.compiler_flags),
        "clang_flags": list(machine.clang_flags),
        "versions": {MADE_BY: __version__, "xdsl": version("xdsl")},
        "sha256": text_of(attributes.get("deploy.model_sha256")),
        "macs": sum(op["macs"] for op in section["ops"]),
        "instructions": sum(op["instructions"] for op in section["ops"]),
        "traffic": traffic(memory),
        "nodes": node_table(source),
        "memory": section,
    }


def weights_table(source: Source) -> dict[str, Any]:
    """How the constants are held: their form, and the section or address."""
    form = "binary" if source.has_image else "c"
    size = image_bytes(source.members) if source.members else 0
    return {**source.form.table(), "form": form, "bytes": size}


def check_fit(memory: MemoryMap, section: dict[str, Any]) -> None:
    """Refuses a program that is too large for a level, and says what would do."""
    for name, claim in section["claimed"].items():
        size = memory.machine.level(name).size
        if claim["peak"] <= size:
            continue
        mine = [b for b in memory.buffers if b.level == name]
        largest = max(mine, key=lambda buffer: (not buffer.reserved, buffer.size))
        lacking = Shortage(name, size, claim["peak"], size, claim["peak"])
        hint = f"--set {name}.size={claim['peak']}"
        raise MemoryShortage(lacking, node=largest.name, hint=hint)


def node_table(source: Source) -> dict[str, str]:
    """ONNX node name -> ONNX operator."""
    nodes = source.program.module.attributes.get("deploy.nodes")
    data = cast("dict[str, Attribute]", getattr(nodes, "data", {}))
    return {name: text_of(value) for name, value in data.items()}
