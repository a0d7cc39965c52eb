"""Databases of measured choices, written and read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from deployopt.analysis.plans import BlocksPlan
from deployopt.artifact.tuned import (
    Tuned,
    load_tuned,
    merged,
    tuned_from_text,
    tuned_text,
)
from deployopt.errors import DeployError, UsageError


def one(machine: str = "board", kernel: str = "ab", measured: int = 5) -> Tuned:
    cut = {"sizes": (1, 4), "lanes": (1, 4)}
    operations: tuple[dict[str, tuple[int, ...]], ...] = ({}, cut)
    return Tuned(machine, BlocksPlan(kernel, ("conv1",), operations), measured, 7)


def test_what_is_written_is_read():
    entries = (one(), one(kernel="cd"), one("other"))
    assert tuned_from_text(tuned_text(entries), "t.json") == entries


def test_new_entries_take_the_place_of_old_ones():
    found = merged((one(), one("other")), (one(measured=3), one(kernel="cd")))
    assert found == [one(measured=3), one("other"), one(kernel="cd")]


def table(**changes: Any) -> str:
    entry = {**json.loads(tuned_text([one()]))["kernels"][0], **changes}
    return json.dumps({"format": 1, "kernels": [entry]})


INVALID = {
    "x": "t.json: expected choices in JSON, got expecting value in line 1",
    "[]": "t.json: expected choices in JSON, got list",
    '{"format": 2}': "t.json: format: expected 1, got 2",
    '{"format": 1}': "kernels: expected a list of tables, but the key is missing",
    '{"format": 1, "kernels": [], "more": 1}': "more: unknown key, expected one of",
    table(machine=3): "kernels[0].machine: expected a string, got 3",
    table(measured=-1): "kernels[0].measured: expected an integer of at least 0",
    table(operations=[{"sizes": [1.5]}]): "operations[0].sizes: expected a list of int",
    table(operations=[{"width": [1]}]): "kernels[0].operations[0].width: unknown key",
    table(operations=3): "kernels[0].operations: expected a list of tables, got 3",
}


@pytest.mark.parametrize("text", INVALID)
def test_invalid(text: str):
    with pytest.raises(DeployError, match=re.escape(INVALID[text])):
        tuned_from_text(text, "t.json")


def test_invalid_files(tmp_path: Path):
    with pytest.raises(UsageError, match="no such file"):
        load_tuned(tmp_path / "none.json")
    odd = tmp_path / "odd.json"
    odd.write_bytes(b"\xff")
    with pytest.raises(DeployError, match="got other bytes"):
        load_tuned(odd)
