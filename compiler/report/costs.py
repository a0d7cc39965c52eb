"""
What each step takes: instructions that were measured, or an estimate.

A kernel is estimated at one cycle per multiply-add and lane of 32 bits, or per element
that it makes if that is more; a transfer as the machine describes it: setup, then bytes
per cycle. Measured instructions count as a cycle each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, cast

from ..errors import DeployError, printable
from .program import Program, Step

ELEMENT_BYTES = 4
"""Of an element, when nothing says what a kernel makes."""


@dataclass(frozen=True)
class Profile:
    """What a run took, as `deployc run --profile` saves it."""

    runner: str
    unit: str
    """`instructions` or `ns`."""
    total: int
    nodes: Mapping[str, int]
    """ONNX node -> how many units its steps took."""


def read_profile(data: Any, program: Program) -> Profile:
    """The profile that was saved for `program`; raises `DeployError` for any other."""
    try:
        found = cast("Mapping[str, Any]", data)
        nodes = {
            printable(node["name"]): int(node["instructions"])
            for node in found["nodes"]
        }
        machine, total = printable(found["machine"]), int(found["total"])
        profile = Profile(
            printable(found["runner"]), printable(found["unit"]), total, nodes
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = f"expected a profile of deployc run, got none ({error})"
        raise DeployError(reason, node="profile") from error
    if machine != program.machine.name:
        reason = f"expected one for machine {program.machine.name}, got {machine}"
        raise DeployError(reason, node="profile")
    known = {step.name for step in program.steps}
    if stray := [name for name in nodes if name not in known]:
        reason = f"expected the nodes of {program.name}, got {stray[0]!r}"
        raise DeployError(reason, node="profile")
    return profile


@dataclass(frozen=True)
class Costs:
    """What the steps of a program take."""

    program: Program
    profile: Profile | None = None

    @property
    def unit(self) -> str:
        """What is measured; estimated cycles when transfers come into it."""
        if self.profile is None or self.program.hops:
            return "cycles"
        return self.profile.unit

    @property
    def lanes(self) -> int:
        """Multiply-adds that one instruction can do: sums of bytes are as wide."""
        return self.program.machine.float_lanes

    def limit(self, macs: int) -> int:
        """The fewest instructions in which so many multiply-adds can be done."""
        return ceil(macs / self.lanes)

    def of_kernels(self) -> dict[int, float]:
        """Number of a kernel's step -> what it takes, all repetitions together."""
        kernels = [step for step in self.program.steps if step.kind == "kernel"]
        guess = {step.number: self._estimate(step) for step in kernels}
        if self.profile is None:
            return guess
        whole: dict[str, float] = {}
        for step in kernels:
            whole[step.name] = whole.get(step.name, 0) + guess[step.number]
        taken = self.profile.nodes
        return {
            s.number: taken.get(s.name, 0) * guess[s.number] / whole[s.name]
            for s in kernels
        }

    def _estimate(self, step: Step) -> float:
        """At least one, so that shares can be taken of it."""
        sizes = (self.program.by_name[name].size for name in step.writes)
        made = step.elements or sum(sizes) / ELEMENT_BYTES
        return max(step.macs, made, self.lanes) / self.lanes

    def of_transfer(self, step: Step) -> float:
        """What a start takes until all its bytes have moved, all repetitions."""
        dma = self.program.machine.link(*step.hop)
        return dma.cycles(step.bytes) * step.repeat
