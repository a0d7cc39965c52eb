"""What kernels take by the best way to cut them, before anything is decided."""

from __future__ import annotations

from dataclasses import dataclass, field

from xdsl.ir import Block

from ...machine import Machine
from .broadcasts import taken
from .candidates import Alike
from .costs import Costs
from .dataflow import Dataflow
from .reads import Reads
from .registers import Registers
from .tally import Tally

WORTH = 0.9
"""The part of its instructions that a kernel may take at most in another form."""


@dataclass(frozen=True)
class Price:
    """What a kernel takes by the best way to cut it."""

    instructions: float
    lanes: int
    """Of its widest vectors."""


@dataclass(frozen=True)
class Pricing:
    """Prices kernels for a machine."""

    machine: Machine
    alike: Alike = field(default_factory=Alike)

    def of(self, block: Block) -> Price:
        """What a kernel takes."""
        flow, registers = Dataflow.of(block), Registers.of(self.machine)
        total, lanes = 0.0, 1
        for op in flow.roots:
            costs = Costs(Reads.of(op, flow), registers, self.machine.has_fma)
            trial = self.alike.best(costs)
            if trial is not None:
                total += taken(Tally(costs, trial))
                lanes = max(lanes, trial.lanes)
        return Price(total, lanes)
