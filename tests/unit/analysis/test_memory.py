"""What a level must have is what the manifest and the linker script place there."""

from __future__ import annotations

from deployopt.analysis.memory import ARENA_ALIGN, RUNTIME_STATE_BYTES, Budget
from deployopt.backend.c.source import ARENA_ALIGNMENT
from deployopt.execution import runtime_files


def test_the_same_figures_as_the_backend_and_the_runtime():
    assert ARENA_ALIGN == ARENA_ALIGNMENT
    assert RUNTIME_STATE_BYTES == runtime_files.RUNTIME_STATE_BYTES


def test_needed_bytes():
    budget = Budget("ram", size=1000, align=16, before=100, behind=(10, 20))
    # stack to 100, arena from 128 to 137, input at 144 to 154, output at 160 to 180
    assert budget.needed(9) == 180
    assert budget.available(9) == 1000 - 171
    assert Budget("ram", size=50, align=16, before=100).available(9) == 0
