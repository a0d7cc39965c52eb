"""Verdicts made by hand: what is printed, what is saved."""

from __future__ import annotations

from dataclasses import replace

from deployopt.fit.needs import Need, Place
from deployopt.fit.table import lines, summary
from deployopt.fit.verdicts import Figures, Verdict

NEEDS = (
    Need("L1", 2048, 100, None),
    Need("L2", 4096, 5120, Place("pool", "MaxPool")),
)
SMALLEST = {"L1": 64, "L2": 5120}
FIGURES = Figures(4000, 1234, {"L2->L1": 3000}, NEEDS, SMALLEST)
SHORT = Verdict("tiny", "pool (MaxPool): 9 bytes are missing", FIGURES)


def test_all_that_is_known_of_a_machine():
    assert list(lines("net", SHORT)) == [
        "net for tiny: does not fit",
        "  pool (MaxPool): 9 bytes are missing",
        "  multiply-adds: 4,000; weighted instructions: about 1,234; "
        "moved: L2->L1 3,000",
        "  level  decided by       used   size   share  smallest",
        "  L1     -                 100  2,048    4.9%        64",
        "  L2*    pool (MaxPool)  5,120  4,096  125.0%     5,120",
    ]


def test_nothing_moves():
    flat = replace(SHORT, reason=None, figures=replace(FIGURES, traffic={}))
    text = list(lines("net", flat))
    assert text[0] == "net for tiny: fits"
    assert text[1].endswith("about 1,234")


def test_nothing_helps():
    hopeless = Verdict("tiny", "no size of L1 works", None)
    assert list(lines("net", hopeless)) == [
        "net for tiny: does not fit",
        "  no size of L1 works",
    ]
    assert summary([SHORT, hopeless]) == [
        "machine  fits  level   share  moved  instructions",
        "tiny     no    L2     125.0%  3,000         1,234",
        "tiny     no    -           -      -             -",
    ]
    assert hopeless.json() == {
        "machine": "tiny",
        "fits": False,
        "reason": "no size of L1 works",
    }


def test_names_are_printable():
    odd = replace(SHORT, reason="a\x1b[2J", machine="m\n")
    assert "\x1b" not in "".join(lines("n\x1b", odd))


def test_what_is_saved():
    assert SHORT.json() == {
        "machine": "tiny",
        "fits": False,
        "reason": "pool (MaxPool): 9 bytes are missing",
        "macs": 4000,
        "instructions": 1234,
        "traffic": {"L2->L1": 3000},
        "levels": {
            "L1": {"used": 100, "size": 2048, "decides": None, "smallest": 64},
            "L2": {
                "used": 5120,
                "size": 4096,
                "decides": {"node": "pool", "op": "MaxPool"},
                "smallest": 5120,
            },
        },
        "deciding": "L2",
    }
