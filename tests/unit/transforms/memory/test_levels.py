"""Kernels get no level that they may not touch."""

from __future__ import annotations

from dataclasses import replace

import pytest
from deployopt.errors import DeployError
from deployopt.machine import attach, load_machine
from deployopt.transforms.memory.storage import levels_of
from xdsl.dialects.builtin import ModuleOp


def module_for(closed: str) -> ModuleOp:
    """An empty module for a machine with one level closed to kernels."""
    machine = load_machine("rv64gc")
    levels = [replace(v, kernels=v.name != closed) for v in machine.levels]
    module = ModuleOp([])
    attach(module, replace(machine, levels=tuple(levels)))
    return module


def test_open_levels_take_what_their_role_is():
    levels = levels_of(module_for("none"))
    assert [levels.buffers.data, levels.caller.data] == ["ram", "ram"]
    assert levels.constants.data == "flash"


@pytest.mark.parametrize("level", ["ram", "flash"])
def test_a_closed_level_is_refused(level: str):
    with pytest.raises(DeployError, match=f"level '{level}' must be open to kernels"):
        levels_of(module_for(level))
