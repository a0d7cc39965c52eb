"""Trials make what the phases make, and what sizes do not change only once."""

from __future__ import annotations

import pytest
from deployopt.api import fitted, recipe_of
from deployopt.errors import MemoryShortage
from deployopt.fitting import Fitting
from deployopt.machine import Machine, attach, load_machine
from deployopt.printing import module_text
from deployopt.resolution import run
from deployopt.sizes import with_size
from deployopt.transforms.memory.bufferize import MemoryBufferizePass
from small_models import convolution
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

MACHINES = [
    load_machine("host"),
    load_machine("scratchpad"),
    load_machine("scratchpad", {"L1.size": "4096"}),
]


def fitting_for(machine: Machine) -> Fitting:
    return fitted(recipe_of(convolution(), machine, {}, {}))


@pytest.mark.parametrize("machine", MACHINES, ids=lambda m: f"{m.name}-{m.levels[0]}")
def test_they_make_what_the_phases_make(machine: Machine):
    fitting = fitting_for(machine)
    expected = fitting.module.clone()
    attach(expected, machine)
    run(fitting.ctx, expected, "tile,lower", fitting.passes)
    trials = fitting.trials
    tiled = trials.tiled(machine, None)
    trials.place(tiled, machine)
    lowered = trials.lowered(tiled, machine)
    assert module_text(fitting.ctx, lowered) == module_text(fitting.ctx, expected)
    again = trials.lowered(tiled, machine)
    assert again is not lowered
    assert module_text(fitting.ctx, again) == module_text(fitting.ctx, expected)


def test_what_sizes_do_not_change_is_made_once(monkeypatch: pytest.MonkeyPatch):
    made: list[ModuleOp] = []
    bufferize = MemoryBufferizePass.apply

    def apply(self: MemoryBufferizePass, ctx: Context, op: ModuleOp) -> None:
        made.append(op)
        bufferize(self, ctx, op)

    monkeypatch.setattr(MemoryBufferizePass, "apply", apply)
    machine = load_machine("scratchpad")
    trials = fitting_for(machine).trials
    tiled = trials.tiled(machine, None)
    trials.lowered(tiled, machine)
    for size in (1 << 20, 1 << 19):
        smaller = with_size(machine, "L2", size)
        trials.place(trials.tiled(smaller, None), smaller)
    with pytest.raises(MemoryShortage):
        trials.place(tiled, with_size(machine, "L3", 64))
    assert len(made) == 1
