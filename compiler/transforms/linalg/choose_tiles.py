"""
Decides how kernels are cut, which of them run as a chain, and where results are kept.

Before: `%y = linalg.generic …` with three loops, in a `deploy.kernel`
After:  `%y = linalg.generic … {deploy.tile = array<i64: 8, 0, 16>}`

On a machine with levels that kernels may not touch, the choice is the one that moves
the fewest bytes over the boundary of the near level, where each instruction that
kernels take more than uncut ones counts as a small part of a byte; then with the fewest
transfers, then with the least work done twice. Where kernels would take more than
`added` percent more, instructions count more, up to the bytes that move in their time.

It writes `deploy.tile` (a size per loop, 0 for a whole one) and `deploy.order` on
roots, `deploy.chain`, `deploy.level` and `deploy.cost` on kernels, `deploy.resident` on
arguments. What stands there already is kept, so a choice can be made by hand; a module
with a plan keeps that. Elsewhere nothing is cut, unless `sizes` says so.
`linalg-tile-kernels` and `linalg-stage-operands` act on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import func, linalg, scf
from xdsl.dialects.builtin import (
    ArrayAttr,
    DenseArrayBase,
    DictionaryAttr,
    ModuleOp,
    StringAttr,
    UnitAttr,
    i64,
)
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import PassFailedException

from ...analysis.chains import LEVEL_ATTRIBUTE, RESIDENT_ATTRIBUTE
from ...analysis.decisions import COST_ATTRIBUTE, decide
from ...analysis.groups import functions_of
from ...analysis.levels import MemoryLevels, levels_of_machine
from ...analysis.memory import machine_around
from ...analysis.plans import plan_of
from ...analysis.tiles import TILE_ATTRIBUTE, is_cuttable
from ...analysis.traffic.searches import Searches
from ...dialects.deploy import KernelOp
from ...errors import Shortage
from ...machine import Machine
from ...properties import Property
from ...rewriting import node_names
from ...shortage import refuse_shortage

if TYPE_CHECKING:
    from ...analysis.traffic.residency import Budget


def drivers(module: ModuleOp) -> list[func.FuncOp]:
    """The functions of kernels on tensors that nobody has tiled yet."""
    found: list[func.FuncOp] = []
    for op in functions_of(module):
        inner = op.body.block.ops
        if any(isinstance(o, scf.ForOp) for o in inner):
            continue
        if any(isinstance(o, KernelOp) and o.results for o in inner):
            found.append(op)
    return found


def make_resident(function: func.FuncOp, chosen: frozenset[SSAValue]) -> None:
    """Marks the arguments that are brought near once."""
    args = function.body.block.args
    given = function.arg_attrs
    own = [DictionaryAttr({})] * len(args) if given is None else list(given.data)
    marked = [
        DictionaryAttr({**attributes.data, RESIDENT_ATTRIBUTE: UnitAttr()})
        if arg in chosen
        else attributes
        for arg, attributes in zip(args, own, strict=True)
    ]
    if chosen:
        function.properties["arg_attrs"] = ArrayAttr(marked)


def refuse_smallest(
    function: func.FuncOp, machine: Machine, budget: Budget, searches: Searches
) -> None:
    """Refuses the kernel that needs the most near memory when it is cut the finest."""
    from ...analysis.traffic.choosing import smallest_near

    levels = levels_of_machine(machine)
    kernel, asked = smallest_near(function, levels, budget, searches)
    facts = machine.level(levels.near)
    lack = max(asked - budget.near, facts.align)
    refuse_shortage(
        kernel,
        Shortage(facts.name, facts.size, asked, budget.near, facts.size + lack),
    )


@dataclass(frozen=True)
class LinalgChooseTilesPass(ModulePass):
    """Gives `deploy.tile` to the operations of kernels that have none."""

    name = "linalg-choose-tiles"
    needs = (Property.KERNELS,)
    establishes = (Property.TILES,)
    ends = (Property.FREE_TILES,)

    sizes: tuple[int, ...] = ()
    """Tile size per loop, for every operation with that many loops that can be cut."""

    node: str | None = None
    """Only operations of the ONNX node of that name."""

    near_bytes: int | None = None
    """Bytes of the near level that may be used; by default all that are free."""

    added: int = 12
    """
    Percent of the instructions of uncut kernels that cutting may add, about, before
    bytes are given for instructions.
    """

    budget: int = 200_000
    """How many tilings are looked at, about: more take longer and may be better."""

    @cached_property
    def searches(self) -> Searches:
        """What this pass has decided before: trials of sizes ask again."""
        return Searches()

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if any(size < 0 for size in self.sizes):
            message = f"tile sizes must not be negative, got {list(self.sizes)}"
            op.emit_error(message, PassFailedException(message))
        for inner in op.walk():
            if self.sizes and self.is_chosen(inner):
                tile = DenseArrayBase.from_list(i64, self.sizes)
                inner.attributes[TILE_ATTRIBUTE] = tile
        if self.added < 0:
            message = f"added must not be negative, got {self.added}"
            op.emit_error(message, PassFailedException(message))
        machine = machine_around(op)
        if machine is None or plan_of(op) is not None:
            return
        levels = levels_of_machine(machine)
        if levels.is_flat:
            return
        for function in drivers(op):
            self.choose(function, machine, levels)

    def is_chosen(self, op: object) -> bool:
        """Whether `op` gets these sizes."""
        if not isinstance(op, linalg.ops.GenericOp) or TILE_ATTRIBUTE in op.attributes:
            return False
        if not isinstance(op.parent_op(), KernelOp):
            return False
        here = self.node is None or self.node in node_names(op.location)
        fits = op.get_num_loops() == len(self.sizes)
        return here and fits and is_cuttable(op, self.sizes)

    def choose(
        self, function: func.FuncOp, machine: Machine, levels: MemoryLevels
    ) -> None:
        """Decides about the kernels of one driver."""
        from ...analysis.traffic.choosing import budget_for, plans_for

        budget = budget_for(
            function, machine, levels, self.near_bytes, self.added, self.budget
        )
        plans = plans_for(function, machine, levels, budget, self.searches)
        if plans is None:
            refuse_smallest(function, machine, budget, self.searches)
            return
        make_resident(function, plans.residents())
        for start, level in plans.wholes():
            start.attributes.setdefault(LEVEL_ATTRIBUTE, StringAttr(level))
        for kernel, plan in plans.kernels():
            kernel.attributes.pop(COST_ATTRIBUTE, None)
            decide(kernel, plan)
