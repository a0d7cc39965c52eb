"""Short names that still say which node is meant."""

from __future__ import annotations

import pytest
from deployopt.report.labels import Labels
from deployopt.report.program import read_program
from report_files import manifest, plan


def labels(first: str, second: str) -> Labels:
    """Labels for steps of two nodes."""
    table = manifest()
    for step in table["memory"]["ops"]:
        step["name"] = first if step["name"] == "conv" else second
    table["nodes"] |= {first: "Conv", second: "Add"}
    return Labels(read_program(table, plan()))


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        ("conv", "add", ("conv", "add")),
        ("net/a/Conv", "net/b/Conv", ("a", "b")),
        ("net/a/Conv", "net/a/Add", ("Conv", "Add")),
        ("/l1/conv1/Conv", "/l2/conv1/Conv", ("l1/conv1", "l2/conv1")),
        ("m/x/Relu;m/s/Conv", "m/y/Relu;m/s/Conv", ("x", "y")),
        ("a;b", "b;a", ("a;b", "b;a")),
        ("net/a/Conv", "softmax", ("Conv", "softmax")),
        ("/", "/a", ("/", "a")),
    ],
)
def test_labels(first: str, second: str, shown: tuple[str, str]):
    found = labels(first, second)
    assert (found.of(first), found.of(second)) == shown


def test_buffers_keep_their_numbers():
    found = labels("net/a/Conv", "net/b/Conv")
    assert found.of("net/a/Conv.1.2") == "a.1.2"
    assert found.of("net/a/Conv.w") == "a/Conv.w"
    assert found.of("net/c/weight") == "c/weight"
