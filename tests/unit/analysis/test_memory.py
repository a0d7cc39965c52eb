"""What a level must have is what the manifest and the linker script place there."""

from __future__ import annotations

from deployopt.analysis.memory import Budget, buffer_align, place_reserved
from deployopt.machine import load_machine


def test_needed_bytes():
    budget = Budget("ram", size=1000, align=16, before=100, behind=(10, 20))
    # stack to 100, arena from 128 to 137, input at 144 to 154, output at 160 to 180
    assert budget.needed(9) == 180
    assert budget.available(9) == 1000 - 171
    assert Budget("ram", size=50, align=16, before=100).available(9) == 0


def test_an_arena_begins_where_its_buffers_may():
    assert Budget("ram", size=1000, align=256, before=100).needed(9) == 265


def test_alignment_is_of_addresses():
    budget = Budget("ram", size=1000, align=8, before=100, base=0x8028)
    # The arena begins at 0x80c0, which is a multiple of 64: 152 bytes from the base.
    assert budget.start == 0xC0 - 0x28
    machine = load_machine("scratchpad", {"roles.io": "L2", "L2.base": "0x82000010"})
    places = {p.name: at for p, at in place_reserved(machine)}
    assert places["(stack)"] == 0
    assert (0x82000010 + places["(runtime)"]) % 64 == 0


def test_what_every_program_of_a_machine_has():
    machine = load_machine("scratchpad", {"roles.io": "L2", "stack.size": "100"})
    places = [(p.name, p.level, at) for p, at in place_reserved(machine)]
    # In L2 the stack ends at 100, and the runtime's state begins on 64 bytes.
    assert places == [
        ("(start)", "L3", 0),
        ("(stack)", "L2", 0),
        ("(runtime)", "L2", 128),
    ]
    native = place_reserved(load_machine("host"))
    assert [(p.name, at) for p, at in native] == [("(stack)", 0)]


def test_buffers_are_aligned_to_the_largest_element():
    machine = load_machine("scratchpad", {"L1.align": "2", "L2.align": "32"})
    aligns = {level.name: buffer_align(level) for level in machine.levels}
    assert aligns == {"L1": 8, "L2": 32, "L3": 16}
