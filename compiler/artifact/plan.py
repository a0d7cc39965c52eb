"""
`plan.json`: every decision behind a program, written and read.

What is read decides in place of a search, so nothing in it is trusted: its form is
checked here, and by `linalg-apply-plan` and `memory-apply-plan` whether it fits.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, cast

from xdsl.dialects import func
from xdsl.dialects.builtin import MemRefType, ModuleOp
from xdsl.ir import Attribute

from ..analysis.fused import Fused, fused_from, fused_of
from ..analysis.groups import KERNEL_ATTRIBUTE
from ..analysis.interface_choices import Interface
from ..analysis.layouts import layouts_of
from ..analysis.occupancy import loops_around
from ..analysis.plain import plain, text_of
from ..analysis.plans import Plan, attach_plan, plan_from_table, plan_of
from ..analysis.program import (
    INSTRUCTIONS_ATTRIBUTE,
    MULTIPLY_ADDS_ATTRIBUTE,
    callee,
)
from ..analysis.weights_form import WeightsForm, form_of
from ..backend.c.source import Source
from ..errors import DeployError, UsageError
from ..machine import Machine
from ..machines.checked_table import CheckedTable
from ..pipeline import PHASE_ATTRIBUTE, PHASE_NAMES
from ..rewriting import node_names

FORMAT = 2
"""The number of this layout of the file."""

UNDECIDED = (KERNEL_ATTRIBUTE, MULTIPLY_ADDS_ATTRIBUTE, INSTRUCTIONS_ATTRIBUTE)
"""What stands on kernels and is no decision."""

MODEL_ATTRIBUTE = "deploy.model_sha256"

LARGEST = 1 << 62
"""No number in a plan is as large."""


# Writing.


def plan_table(source: Source, machine: Machine) -> dict[str, Any]:
    """What `plan.json` holds for a program."""
    module = source.program.module
    kernels = {f.sym_name.data: f for f in source.program.functions}
    return {
        "format": FORMAT,
        "model": text_of(module.attributes.get(MODEL_ATTRIBUTE)),
        "machine": {
            "name": machine.name,
            "levels": {level.name: level.size for level in machine.levels},
        },
        **requests(source),
        "layouts": layouts_of(module),
        **fused_table(fused_of(module)),
        **(plan_of(module) or Plan(buffers=())).table(),
        "groups": [
            group(step, kernels[callee(step)], source) for step in source.program.calls
        ],
    }


def fused_table(fused: Sequence[Fused]) -> dict[str, Any]:
    """What was asked for to be computed together, if anything was."""
    return {"fused": [entry.table() for entry in fused]} if fused else {}


def requests(source: Source) -> dict[str, Any]:
    """What was asked for besides a machine, if anything was."""
    program = source.program
    borders = [a.border for role in ("input", "output") for a in program.having(role)]
    typed = [b for b in borders if b.quantization is not None]
    types = [f"{border.name}={border.dtype}" for border in typed]
    layouts = [f"{border.name}={border.layout}" for border in borders if border.layout]
    interface = Interface(tuple(types), tuple(layouts)).table()
    found = {"interface": interface, "weights": source.form.table()}
    return {key: table for key, table in found.items() if table}


def plan_text(table: Mapping[str, Any]) -> str:
    """A plan as JSON, each kernel and each buffer in one line."""
    parts = (f"  {json.dumps(key)}: {value_text(v)}" for key, v in table.items())
    return "{\n" + ",\n".join(parts) + "\n}\n"


def value_text(value: Any) -> str:
    """A value at the top of a plan; a list of tables has a line for each."""
    if not isinstance(value, list) or not value:
        return json.dumps(value)
    lines = ",\n".join(f"    {json.dumps(part)}" for part in cast("list[Any]", value))
    return f"[\n{lines}\n  ]"


def group(step: func.CallOp, kernel: func.FuncOp, source: Source) -> dict[str, Any]:
    """The nodes that one call of a kernel does, for readers."""
    _, writes = source.program.accesses[callee(step)]
    notes = {**kernel.attributes, **step.attributes}
    decisions = {
        key.removeprefix("deploy."): plain(value)
        for key, value in sorted(notes.items())
        if key.startswith("deploy.") and key not in UNDECIDED
    }
    return {
        "nodes": list(node_names(step.location)),
        "kernel": source.symbols[callee(step)],
        "loops": [list(bounds) for bounds in loops_around(step)],
        "tile": made_shape(kernel, writes),
        **decisions,
    }


def made_shape(kernel: func.FuncOp, writes: Iterable[int]) -> list[int]:
    """The shape of what one call of a kernel makes, which writes these arguments."""
    types = kernel.body.block.arg_types
    shaped = (types[n] for n in sorted(writes) if isinstance(types[n], MemRefType))
    made = cast("MemRefType[Attribute] | None", next(shaped, None))
    return list(made.get_shape()) if made is not None else []


# Reading.


@dataclass(frozen=True)
class PlanFile:
    """A plan and what it was made for."""

    subject: str
    """What to call it in messages: the file's name."""
    model: str
    """sha256 of the model's file."""
    machine: str
    """Name of the machine."""
    plan: Plan
    interface: Interface
    """What the caller's tensors are in it."""
    weights: WeightsForm
    """How it holds constants."""
    chains: tuple[str, ...] = ()
    """What was asked for to be computed together."""

    def attach(self, module: ModuleOp, machine: Machine) -> None:
        """
        Lets the plan decide in `module`.

        Raises `DeployError` when it was made for another model or machine.
        """
        model = text_of(module.attributes.get(MODEL_ATTRIBUTE))
        if model != self.model:
            reason = f"expected a plan for the model {model}, got one for {self.model}"
            raise DeployError(reason, node=self.subject)
        if machine.name != self.machine:
            reason = (
                f"expected a plan for machine {machine.name}, "
                f"got one for {self.machine}"
            )
            raise DeployError(reason, node=self.subject)
        attach_plan(module, self.plan)

    def ask(self, module: ModuleOp) -> None:
        """Asks an imported module for the interface and the form of the weights."""
        if text_of(module.attributes.get(PHASE_ATTRIBUTE)) == PHASE_NAMES[0]:
            self.interface.attach(module)
            self.weights.attach(module)


def load_plan(path: str | Path) -> PlanFile:
    """
    The plan in a file.

    Raises `UsageError` when there is no such file, `DeployError` when it is refused.
    """
    return plan_from_text(text_in_file(path, "a plan"), str(path))


def text_in_file(path: str | Path, what: str) -> str:
    """The text of a file that holds `what`, which `parsed` reads; raises the same."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        reason = f"expected {what} in JSON, got other bytes"
        raise DeployError(reason, node=str(path)) from None
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise UsageError(reason, node=str(path)) from None


def plan_from_text(text: str, subject: str) -> PlanFile:
    """The plan in the text of a file; raises `DeployError` about `subject`."""
    table = parsed(text, subject, "a plan")
    top = CheckedTable(subject, table)
    for path, got in odd_values(table):
        top.refuse(path, f"expected numbers and printable ASCII text, got {got}")
    version = top.integer("format")
    if version != FORMAT:
        top.refuse("format", f"expected {FORMAT}, got {version}")
    machine = top.table("machine")
    name = machine.string("name")
    levels = machine.table("levels")
    for level in levels.values:
        levels.integer(level)
    machine.finish()
    own = ("residents", "kernels", "buffers", "blocks")
    plan = plan_from_table({k: table[k] for k in own if k in table}, subject)
    model, interface = top.string("model"), interface_from(top)
    weights = form_of(table.get("weights", {}))
    fused = fused_from(table.get("fused", []), subject)
    chains = tuple(dict.fromkeys(entry.chain for entry in fused))
    top.taken.update((*own, "fused", "groups", "layouts", "weights"))
    top.finish()
    return PlanFile(subject, model, name, plan, interface, weights, chains)


def interface_from(top: CheckedTable) -> Interface:
    """What a plan says of the caller's tensors."""
    table = top.optional_table("interface")
    if table is None:
        return Interface()
    found = Interface.of(table.strings("types"), table.strings("layouts"))
    table.finish()
    return found


def parsed(text: str, subject: str, what: str) -> Mapping[str, Any]:
    """The object that `text` is in JSON, without what plans cannot hold."""

    def number(digits: str) -> int:
        if len(digits) > len(str(LARGEST)) or abs(int(digits)) >= LARGEST:
            refuse(f"got the number {digits[:30]}")
        return int(digits)

    def refuse(found: str) -> NoReturn:
        reason = f"expected {what} in JSON, {found}"
        raise DeployError(reason, node=subject)

    try:
        value = json.loads(
            text,
            parse_int=number,
            parse_constant=lambda word: refuse(f"got {word}"),
        )
    except json.JSONDecodeError as error:
        refuse(f"got {error.msg.lower()} in line {error.lineno}, column {error.colno}")
    except RecursionError:
        refuse("got one that is nested too deeply")
    if not isinstance(value, dict):
        refuse(f"got {type(value).__name__}")
    return cast("dict[str, Any]", value)


def odd_values(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Where in a plan there is something that no plan holds, and what."""
    if value is None:
        yield path, "null"
    elif isinstance(value, str) and not (value.isascii() and value.isprintable()):
        yield path, repr(value)
    elif isinstance(value, dict):
        for key, part in cast("dict[str, Any]", value).items():
            yield from odd_values(key, path)
            yield from odd_values(part, f"{path}.{key}".strip("."))
    elif isinstance(value, list):
        for number, part in enumerate(cast("list[Any]", value)):
            yield from odd_values(part, f"{path}[{number}]")
