"""
What a watched program found: figures from its `checks.bin`, faults from its console.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import DeployError
from ..machine import Machine
from .steps import program_steps

MAGIC = b"DPLYCK01"
HEAD_NUMBERS = 4

TRAP = re.compile(r"trap: cause 0x(\w+) at pc 0x(\w+), address 0x(\w+)")
STEP = re.compile(r"monitor: in step (\d+)")
FOUND = re.compile(r"monitor: ([a-z ]+) (\d+) (\d+)$", re.MULTILINE)

ACTIONS = {1: "executes", 5: "reads", 7: "writes"}
"""What a kernel did, by the cause of the trap."""


@dataclass(frozen=True)
class CheckReport:
    """The figures of a run."""

    stack_size: int
    """Bytes reserved; 0 where nobody looks."""
    stack_used: int
    """Bytes of them that were used at most."""
    traffic: Mapping[str, int]
    """`FROM->TO` -> bytes moved by all runs; only pairs between which any moved."""
    step_bytes: Sequence[int]
    """Bytes moved by each step in all runs."""


def read_report(data: bytes, machine: Machine) -> CheckReport:
    """
    The figures in `data`, the contents of `checks.bin`.

    Raises `DeployError` when the stack was used up.
    """
    numbers = np.frombuffer(data[len(MAGIC) :], "<u8").tolist()
    size, used, levels, steps = numbers[:HEAD_NUMBERS]
    names = [level.name for level in machine.levels[:levels]]
    pairs = [f"{source}->{target}" for source in names for target in names]
    end = HEAD_NUMBERS + len(pairs)
    moved = zip(pairs, numbers[HEAD_NUMBERS:end], strict=True)
    assert len(numbers) == end + steps, "the format is our own"
    if size and used >= size:
        raise DeployError(
            f"the stack of {size} bytes is used to its end",
            node=f"machine {machine.name}",
            hint=f"--set stack.size={2 * size}",
        )
    return CheckReport(size, used, {k: n for k, n in moved if n}, numbers[end:])


def check_traffic(report: CheckReport, manifest: Mapping[str, Any], runs: int) -> None:
    """
    Raises `DeployError` unless as many bytes moved as the manifest says, in each step
    and from level to level.
    """
    for op, got in zip(program_steps(manifest), report.step_bytes, strict=True):
        expected = op.get("bytes", 0) * op.get("repeat", 1) * runs
        if got != expected:
            raise fault(f"moves {got} bytes, expected {expected}", manifest, op)
    predicted = {k: n * runs for k, n in manifest.get("traffic", {}).items() if n}
    for pair in sorted({*predicted, *report.traffic}):
        expected, got = predicted.get(pair, 0), report.traffic.get(pair, 0)
        if expected != got:
            reason = f"expected transfers of {expected} bytes, got {got}"
            raise DeployError(reason, node=pair)


def explained(
    console: str, machine: Machine, manifest: Mapping[str, Any]
) -> DeployError | None:
    """What the last words of a watched program mean; none if they mean nothing."""
    step = STEP.search(console)
    op = None if step is None else program_steps(manifest)[int(step[1])]
    if found := FOUND.search(console):
        return transfer_fault(found, machine, manifest, op)
    if trap := TRAP.search(console):
        return trap_fault(trap, machine, manifest, op)
    return None


def fault(
    text: str,
    manifest: Mapping[str, Any],
    op: Mapping[str, Any] | None,
    hint: str | None = None,
) -> DeployError:
    """A refusal about a step, or about the code between steps."""
    if op is None:
        return DeployError(f"the program outside of its kernels {text}", hint=hint)
    node = op["name"]
    operator = manifest.get("nodes", {}).get(node)
    subject = f"{op['symbol']} (step {op['step']})"
    return DeployError(f"{subject} {text}", node=node, op_type=operator, hint=hint)


def trap_fault(
    trap: re.Match[str],
    machine: Machine,
    manifest: Mapping[str, Any],
    op: Mapping[str, Any] | None,
) -> DeployError:
    """A trap, with what is known of the address."""
    cause, pc, address = (int(number, 16) for number in trap.groups())
    action = ACTIONS.get(cause)
    if action is None:
        return fault(f"traps: cause {cause} at pc {pc:#x}", manifest, op)
    where = place_of(address, machine, manifest)
    text = f"{action} address {address:#x} at pc {pc:#x}: {where}"
    return fault(text, manifest, op, stack_hint(address, machine, manifest))


def place_of(address: int, machine: Machine, manifest: Mapping[str, Any]) -> str:
    """The level of an address, with what is there and who may touch it."""
    for level in machine.levels:
        offset = address - (level.base or 0)
        if not 0 <= offset < level.size:
            continue
        access = "read-only" if not level.writable else "outside of every buffer"
        rule = access if level.kernels else "where kernels may not go"
        inside = buffers_at(level.name, offset, manifest)
        held = f" ({', '.join(inside)})" if inside else ""
        return f"level {level.name}, byte {offset}{held}, {rule}"
    return "in no level"


def buffers_at(level: str, offset: int, manifest: Mapping[str, Any]) -> list[str]:
    """The buffers of the manifest that have a byte of a level."""
    return [
        buffer["name"]
        for buffer in manifest["memory"]["buffers"]
        if buffer["level"] == level
        and buffer["offset"] <= offset < buffer["offset"] + buffer["size"]
    ]


def stack_hint(
    address: int, machine: Machine, manifest: Mapping[str, Any]
) -> str | None:
    """What to do when the address lies right below the stack."""
    stacks = [b for b in manifest["memory"]["buffers"] if b["name"] == "(stack)"]
    for stack in stacks:
        bottom = (machine.level(stack["level"]).base or 0) + stack["offset"]
        if bottom - stack["size"] <= address < bottom:
            return f"if the stack ran over: --set stack.size={2 * stack['size']}"
    return None


MEANINGS = {
    "awaited again": "waits again for a transfer that is done",
    "never started": "waits for a transfer that was never started",
    "never awaited": "starts a transfer that nobody waits for",
    "source changed": "waits for a transfer whose source has changed since its start",
    "destination changed": (
        "waits for a transfer whose destination has changed since its start"
    ),
    "too many under way": "starts a transfer while too many are under way",
    "started outside of every step": "starts a transfer",
}
ADDRESSES = {
    "written": "writes where no live buffer is",
    "source outside of every level": "reads from outside of every level",
    "destination outside of every level": "writes outside of every level",
    "source outside": "reads outside of its buffer",
    "destination outside": "writes outside of its buffer",
}


def transfer_fault(
    found: re.Match[str],
    machine: Machine,
    manifest: Mapping[str, Any],
    op: Mapping[str, Any] | None,
) -> DeployError:
    """What the checks themselves found."""
    what, number = found[1], int(found[2])
    if what == "stack overflow":
        size = machine.stack.size
        text = f"begins {number} bytes below the stack of {size} bytes"
        return fault(text, manifest, op, f"--set stack.size={2 * size}")
    if what in ADDRESSES:
        where = place_of(number, machine, manifest)
        where = where.removesuffix(", outside of every buffer")
        where = where.removesuffix(", where kernels may not go")
        return fault(f"{ADDRESSES[what]}, at {number:#x}: {where}", manifest, op)
    return fault(MEANINGS.get(what, what), manifest, op)
