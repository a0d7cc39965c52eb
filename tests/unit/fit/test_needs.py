"""Which node decides, from manifests made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from deployopt.fit.needs import Need, Place, fullest, needs
from deployopt.machine import load_machine, machine_table


def buffer(name: str, level: str, offset: int, size: int, *span: int) -> dict[str, Any]:
    kind = {} if span else {"pinned": True}
    start, end = span or (0, 3)
    where = {"level": level, "offset": offset, "size": size}
    return {"name": name, **where, "start": start, "end": end, **kind}


def step(number: int, name: str, reads: list[str], writes: list[str]) -> dict[str, Any]:
    sides = {"reads": reads, "writes": writes}
    return {"name": name, "step": number, "symbol": f"k{number}", **sides}


BUFFERS = [
    buffer("stack", "ram", 0, 100),
    buffer("a", "ram", 100, 40, 0, 2),
    buffer("b", "ram", 140, 60, 1, 3),
    buffer("w", "flash", 0, 500),
    buffer("v", "flash", 500, 20),
]
STEPS = [
    step(0, "first", ["v"], ["a"]),
    step(1, "middle", ["a"], ["b"]),
    step(2, "last", ["b", "w"], ["b"]),
]
CLAIMS = {"ram": 200, "flash": 520}


def manifest(**changes: object) -> dict[str, Any]:
    machine = load_machine("rv32imc", {"ram.size": "400", "flash.size": "2000"})
    memory = {
        "inputs": [],
        "outputs": [],
        "buffers": BUFFERS,
        "ops": STEPS,
        "claimed": {k: {"peak": v, "lower_bound": v} for k, v in CLAIMS.items()},
    }
    return {
        "name": "net",
        "machine": machine_table(machine),
        "nodes": {"middle": "MaxPool", "last": "Gemm"},
        "macs": 0,
        "versions": {},
        "sha256": "",
        "cflags": [],
        "memory": memory | changes,
    }


def test_most_is_live_or_of_constants_most_is_touched():
    assert needs(manifest()) == [
        Need("ram", 400, 200, Place("middle", "MaxPool")),
        Need("flash", 2000, 520, Place("last", "Gemm")),
    ]


def test_a_level_that_no_step_touches_has_no_node():
    untouched = [step(0, "first", [], ["a"]), *STEPS[1:2], step(2, "last", [], ["b"])]
    assert needs(manifest(ops=untouched))[1].place is None


def test_a_node_without_an_operator():
    (ram, _) = needs(manifest(ops=[STEPS[0], step(1, "odd", ["a"], ["b"]), STEPS[2]]))
    assert str(ram.place) == "odd"


def test_the_fullest_level_is_told_by_its_share():
    ram, flash = needs(manifest())
    assert fullest([ram, flash]) is ram
    assert fullest([replace(ram, size=2000), flash]) is flash
    assert replace(ram, size=100).share == 2
