"""Transfers that are wrong, too late or never waited for are named."""

from __future__ import annotations

import numpy as np
import pytest
from deployopt.artifact.artifact import Artifact
from deployopt.errors import DeployError
from staged_program import (
    POISON,
    SUM,
    TRAFFIC,
    X,
    changed,
    files,
    is_right,
    run,
    wait,
)
from tiny_model import need


@pytest.mark.parametrize("checked", [True, False])
@pytest.mark.parametrize("hal", ["sync", "deferred", "eager"])
@pytest.mark.parametrize("runner", ["spike", "qemu"])
def test_a_right_program_stays_right(runner: str, hal: str, checked: bool):
    artifact = Artifact(files())
    need(artifact.machine, runner)
    with artifact.session(runner, profile=True, checked=checked, hal=hal) as session:
        assert is_right(session(x=X))
        found = session.checks()
        costs = {node["name"]: node for node in session.node_costs()}
    assert found["traffic"] == {"predicted": TRAFFIC, "measured": TRAFFIC}
    assert 100 < found["stack"]["used"] < found["stack"]["size"] == 65536
    assert set(costs) == {"scale", "sum"}


def test_several_runs_are_counted_together():
    artifact = Artifact(files())
    need(artifact.machine, "spike")
    with artifact.session("spike", checked=True) as session:
        first, second = session.run_many([{"x": X}, {"x": 2 * X}])
        assert is_right(dict(zip("yz", first, strict=True)))
        assert (second[0] == 6 * X).all()
        measured = session.checks()["traffic"]["measured"]
    assert measured == {pair: 2 * count for pair, count in TRAFFIC.items()}


OUT = "const deploy_dma_t t4 = deploy_dma_start_1d(y2, y1, 128);"
TRANSFER_FAULTS = {
    "missing_wait": (
        [(wait(6), "")],
        r"sum \(Add\): deploy_dma_start_1d \(step 13\) starts a transfer that nobody",
    ),
    "second_wait": (
        [(wait(6), wait(5))],
        r"sum \(Add\): deploy_dma_wait \(step 15\) waits again for a transfer",
    ),
    "unknown_wait": (
        [(wait(6), "deploy_dma_wait(77);")],
        r"sum \(Add\): deploy_dma_wait \(step 15\) waits for a transfer that was never",
    ),
    "source_reused_before_wait": (
        [(SUM, SUM.replace("z1", "y1"))],
        r"scale \(Mul\): deploy_dma_wait \(step 11\) waits for a transfer whose source "
        "has changed",
    ),
    "destination_written_before_wait": (
        [(OUT, f"{OUT} y2[5] = 0;")],
        r"scale \(Mul\): deploy_dma_wait \(step 11\) waits for a transfer whose "
        "destination has changed",
    ),
    "transfer_to_nowhere": (
        [(OUT, OUT.replace("y2", "(void *)0x8217fff0"))],
        r"scale \(Mul\): deploy_dma_start_1d \(step 9\) writes outside of every level, "
        "at 0x8217fff0: level L2, byte 1572848",
    ),
    "fewer_bytes": (
        [(OUT, OUT.replace("128", "64"))],
        r"scale \(Mul\): deploy_dma_start_1d \(step 9\) moves 64 bytes, expected 128$",
    ),
    "another_way": (
        [(OUT, OUT.replace("y2", "y"))],
        r"scale \(Mul\): deploy_dma_start_1d \(step 9\) writes outside of its "
        r"buffer, at 0x80\w+: level L3, byte \d+ \(y\)$",
    ),
}


@pytest.mark.parametrize("hal", ["deferred", "eager"])
@pytest.mark.parametrize("name", TRANSFER_FAULTS)
def test_a_wrong_transfer_is_named(name: str, hal: str):
    changes, message = TRANSFER_FAULTS[name]
    with pytest.raises(DeployError, match=message):
        run(changed(*changes), checked=False, hal=hal)


def test_what_is_read_before_its_wait_is_poison():
    early = changed((wait(2), ""), (wait(7), wait(2) + wait(7)))
    assert is_right(run(early, checked=False, hal="eager"))
    values = run(early, checked=False, hal="deferred")
    assert (values["y"] == np.multiply(POISON, 3, dtype=np.int32)).all()


def test_what_was_sent_out_cannot_be_used_again():
    again = changed((wait(5), f"{wait(5)} y[0] = y1[0];"))
    assert is_right(run(again, checked=False, hal="sync"))
    assert run(again, checked=False, hal="eager")["y"][0] == POISON
