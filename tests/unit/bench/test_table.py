"""Figures made by hand: their ratios, their order, and the table of them."""

from __future__ import annotations

from dataclasses import replace

from deployopt.bench.figures import Counted, Figures, Node, NodeTime, Times, Work
from deployopt.bench.measuring import dma_cycles, node_works, what_is_left
from deployopt.bench.table import lines, summary
from deployopt.execution.counting.counts import Counts
from deployopt.fit.needs import Need, Place
from deployopt.machine import load_machine

TOTAL = Work(4000, 4, 2500, 3000, 7)
NODES = [
    Node("dense", "Gemm", Work(4000, 4, 2000, 2400, 6), 2200),
    Node("soft", "Softmax", Work(0, 4, 300, 400, 1), 300),
]
COUNTED = Counted(TOTAL, NODES, what_is_left(TOTAL, NODES), 2000, 2600, 0)
NEEDS = [
    Need("L1", 2048, 100, None),
    Need("L2", 4096, 3000, Place("dense", "Gemm")),
]
MOVED, CYCLES = {"L2->L1": 3000}, {"L2->L1": 407}
FIGURES = Figures(
    "net", "rv64gcv", "spike", 4000, 1234, NEEDS, 2500, MOVED, CYCLES, COUNTED
)


def test_ratios():
    assert TOTAL.limit == 1000
    assert TOTAL.ratio == 3
    assert TOTAL.above == 2000
    assert replace(TOTAL, macs=0).ratio is None
    assert Times(0.002, 0.001).ratio == 2
    assert Times(0.002, None).ratio is None


def test_lanes():
    names = ("rv64gc", "rv32imc", "rv64gcv", "rv64gcv-vlen256")
    assert [load_machine(name).float_lanes for name in names] == [1, 1, 4, 8]


def test_cycles_of_dma():
    """32 and a cycle per 8 bytes, 128 and one per 4; what is awaited takes none."""
    steps = [
        {"from": "L3", "to": "L2", "bytes": 10, "repeat": 1},
        {"from": "L3", "to": "L2", "repeat": 1},
        {"symbol": "kernel", "repeat": 9},
        {"from": "L2", "to": "L1", "bytes": 17, "repeat": 3},
        {"from": "L1", "to": "L2", "bytes": 16, "repeat": 1},
        {"from": "L2", "to": "L1", "bytes": 8, "repeat": 1},
    ]
    found = dma_cycles(load_machine("scratchpad"), steps)
    once = 128 + 3
    assert found == {"L3->L2": once, "L2->L1": 3 * (32 + 3) + 33, "L1->L2": 32 + 2}


def test_what_is_between_the_nodes():
    assert COUNTED.rest == Work(0, 4, 200, 200, 0)


def test_the_table():
    assert list(lines(FIGURES)) == [
        "net for rv64gcv: 3.00 times the limit",
        "  instructions: 2,500, weighted 3,000, limit 1,000",
        "  outside of transfers: weighted 2,600",
        "  predicted: 2,500 weighted, kernels take 2,000, ratio 1.25",
        "  bytes: code 1,234, L1 100 of 2,048, L2 3,000 of 4,096",
        "  decided by: L2 (fullest) dense (Gemm)",
        "  moved: L2->L1 3,000",
        "  cycles of DMA: L2->L1 407",
        "  node       op       multiply-adds  weighted  predicted  limit  ratio"
        "  strided",
        "  dense      Gemm             4,000     2,400      2,200  1,000   2.40"
        "        6",
        "  soft       Softmax              0       400        300      0      -"
        "        1",
        "  (between)                       0       200          0      0      -"
        "        0",
    ]


def test_uncertain_counts_are_told():
    figures = replace(FIGURES, measured=replace(COUNTED, uncertain=1200))
    assert (
        "  1,200 vector instructions counted at the most registers they may have"
        in list(lines(figures))
    )


def test_long_names_are_cut_and_odd_ones_escaped():
    odd = [Node("a\x1b[2J" + "n" * 40, "Op" * 20, TOTAL, 0)]
    figures = replace(FIGURES, measured=replace(COUNTED, nodes=odd))
    text = list(lines(figures))[-2]
    assert "\x1b" not in text
    assert len(text) <= 100


def test_names_that_begin_and_end_alike_stay_apart():
    names = [f"net/layer_{n}/Relu;net/layer_{n}/Conv2D_prequant" for n in (1, 2)]
    nodes = [Node(name, "Conv", TOTAL, 0) for name in names]
    *_, one, two, _ = lines(replace(FIGURES, measured=replace(COUNTED, nodes=nodes)))
    assert one.split()[0] != two.split()[0]
    assert len(one.split()[0]) < len(names[0])


def test_times():
    both = replace(FIGURES, machine="host", measured=Times(0.0015, 0.001))
    alone = replace(both, measured=Times(0.0015, None))
    assert next(lines(both)) == (
        "net for host: 1.500 ms, 1.50 times onnxruntime's 1.000 ms"
    )
    assert next(lines(alone)) == "net for host: 1.500 ms"
    instructions, times = summary([both, FIGURES, alone])
    assert instructions.splitlines() == [
        "model  machine  instructions  weighted  predicted  limit  ratio  strided",
        "net    rv64gcv         2,500     3,000      2,500  1,000   3.00        7",
    ]
    assert times.splitlines() == [
        "model  machine     ms  onnxruntime  ratio",
        "net    host     1.500        1.000   1.50",
        "net    host     1.500            -      -",
    ]


def test_the_times_of_nodes():
    nodes = [
        NodeTime("dense", "Gemm", 15000, 3e-6),
        NodeTime("soft", "Softmax", 0, 1e-6),
        NodeTime("fast", "Relu", 8, 0.0),
    ]
    figures = replace(FIGURES, measured=Times(4e-6, None, nodes), traffic={})
    assert list(lines(figures))[4:] == [
        "  node   op       multiply-adds   us  share  per ns",
        "  dense  Gemm            15,000  3.0    75%    5.00",
        "  soft   Softmax              0  1.0    25%       -",
        "  fast   Relu                 8  0.0     0%       -",
    ]


def test_nodes_have_the_vectors_of_their_functions():
    steps = [
        ({"name": "one", "symbol": "k1", "macs": 30, "instructions": 90}, 100),
        ({"name": "one", "symbol": "k2", "macs": 10, "instructions": 20}, 20),
        ({"name": "two", "symbol": "k2", "macs": 20, "instructions": 30}, 40),
        ({"name": "three", "macs": 0, "instructions": 0}, 5),
    ]
    functions = {
        # two instructions on four registers each, six on one each
        "k1": Counts(100, arithmetic=2, registers=8),
        # thirty accesses on two registers each, fifteen of them strided
        "k2": Counts(60, loads=30, registers=60, strided=15),
    }
    nodes = node_works(steps, functions, {"one": "Conv", "two": "Gemm"}, lanes=2)
    assert nodes == [
        Node("one", "Conv", Work(40, 2, 120, 120 + 6 + 10, 5), 110),
        Node("two", "Gemm", Work(20, 2, 40, 40 + 20, 10), 30),
        Node("three", "", Work(0, 2, 5, 5, 0), 0),
    ]
