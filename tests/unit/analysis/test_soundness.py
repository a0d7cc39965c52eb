"""Only what two buffers do to each other is asked when they become one."""

from __future__ import annotations

import deployopt
import pytest
from deployopt.analysis import places as deciding
from deployopt.analysis.sharing import Buffer, Places
from deployopt.analysis.soundness import (
    all_reads,
    all_writes,
    is_reachable,
    is_sound,
    spoils,
)
from deployopt.machine import load_machine
from random_networks import random_network


def is_sound_by_definition(places: Places, buffer: Buffer) -> bool:
    """Every read of every member by every write."""
    writes = list(all_writes(places, buffer))
    if writes and not buffer.writable:
        return False
    if not all(is_reachable(places, buffer, member) for member in buffer.members):
        return False
    reads = all_reads(places, buffer)
    return not any(spoils(places, w, read) for read in reads for w in writes)


@pytest.mark.parametrize("machine", ["rv64gcv", "scratchpad"])
@pytest.mark.parametrize("seed", range(6))
def test_sound_buffers_stay_sound_in_themselves(
    seed: int, machine: str, monkeypatch: pytest.MonkeyPatch
):
    answers: list[bool] = []

    def checked(places: Places, buffer: Buffer, parts: tuple[Buffer, Buffer]) -> bool:
        answer = is_sound(places, buffer, parts)
        assert answer == is_sound_by_definition(places, buffer)
        answers.append(answer)
        return answer

    monkeypatch.setattr(deciding, "is_sound", checked)
    settings = {"L1.size": "512"} if machine == "scratchpad" else {}
    deployopt.compile(random_network(seed), load_machine(machine, settings))
    assert answers
