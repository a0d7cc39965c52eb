"""What is decided, in words."""

from __future__ import annotations

from typing import Any

import deployopt
from deployopt.artifact.explanation import explanation
from small_models import convolution

MANIFEST = {
    "nodes": {"conv1": "Conv", "relu1": "Relu", "conv2": "Conv"},
    "traffic": {"L2->L1": 500, "L1->L2": 100},
    "machine": {"name": "board"},
}


def plan(*kernels: dict[str, Any], residents: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"residents": list(residents), "kernels": list(kernels)}


def test_a_kernel_with_its_cost_and_the_runner_up():
    kernel = {
        "nodes": ["conv1", "relu1"],
        "loops": [1, 8, 8, 16],
        "tile": [0, 2, 8, 4],
        "order": [3, 1],
        "level": "L2",
        "cost": {
            "bytes": {"L2->L1": 500, "L1->L2": 100},
            "lower_bound": 550,
            "transfers": 12,
            "near": 4096,
            "runner_up": {"choice": "whole", "bytes": 700, "reason": "100 more bytes"},
        },
    }
    assert explanation(plan(kernel, residents=("image",)), MANIFEST) == [
        "image: brought near once and kept",
        "conv1 (Conv), relu1 (Relu): cut d1 by 2 of 8 and d3 by 4 of 16, "
        "loops d3 d1, result in L2",
        "    moves L2->L1 500, L1->L2 100 bytes, at least 550, 12 transfers, "
        "4096 bytes near",
        "    else: whole: 700 bytes, 100 more bytes",
        "in all: moves L2->L1 500, L1->L2 100 bytes, "
        "at least 550 into and out of the near level",
    ]


def test_layouts_come_first_with_what_they_cost():
    other = {
        "layout": "as written",
        "transposed": 0,
        "strided": 900,
        "shifted": 70,
        "idle": 12,
    }
    layouts: dict[str, Any] = {
        "groups": [
            {
                "nodes": ["conv1", "relu1", "conv2"],
                "layout": "channels last",
                "packed": 288,
                "cost": {"transposed": 640, "strided": 0, "shifted": 0, "idle": 0},
                "runner_up": other,
            }
        ],
        "transposes": [{"nodes": ["conv1"], "bytes": 320}],
    }
    assert explanation(plan() | {"layouts": layouts}, MANIFEST)[:-1] == [
        "conv1 (Conv), relu1 (Relu), conv2 (Conv): channels last, "
        "weights packed now (288 bytes)",
        "    transposes move 640 bytes, 0 bytes are read with strides, "
        "0 anew for each place of a window, lanes for 0 are idle",
        "    else: as written: transposes move 0 bytes, "
        "900 bytes are read with strides, 70 anew for each place of a window, "
        "lanes for 12 are idle",
        "conv1 (Conv): a transpose of 320 bytes is left",
    ]


def test_the_layout_of_a_convolution_is_explained():
    artifact = deployopt.compile(convolution(), "rv64gcv")
    lines = explanation(artifact.plan, artifact.manifest)
    assert lines[0].startswith("conv (Conv), relu (Relu): channels last, weights")
    assert lines[2].startswith("    else: as written: ")
    assert "a transpose of" in lines[3]


def test_a_chain_costs_what_its_last_kernel_says():
    first: dict[str, Any] = {"nodes": ["conv1"], "chain": 3}
    last: dict[str, Any] = {
        "nodes": ["conv2"],
        "chain": 3,
        "loops": [8],
        "tile": [2],
        "cost": {},
    }
    apart: dict[str, Any] = {"nodes": ["relu1"], "reduction": [0, 4]}
    assert explanation(plan(first, last, apart), MANIFEST)[:-1] == [
        "conv1 (Conv): made tile by tile for conv2",
        "conv2 (Conv): cut d0 by 2 of 8",
        "relu1 (Relu): cut r1 by 4",
    ]


def test_costs_that_somebody_else_has_written():
    odd: list[dict[str, Any]] = [
        {"bytes": 3, "runner_up": "whole", "lower_bound": "none"},
        {"bytes": {}, "runner_up": {}},
    ]
    for cost in odd:
        assert explanation(plan({"nodes": [], "cost": cost}), MANIFEST)


def test_nothing_moves_on_a_flat_machine():
    artifact = deployopt.compile(convolution(), "rv64gc")
    lines = explanation(artifact.plan, artifact.manifest)
    last = "in all: nothing moves, kernels of rv64gc touch every level used"
    assert lines[-1] == last
    assert any(line.startswith("conv (Conv), relu (Relu): whole") for line in lines)


def test_every_kernel_of_a_machine_with_levels_has_its_cost():
    artifact = deployopt.compile(convolution(), "scratchpad-64k")
    lines = explanation(artifact.plan, artifact.manifest)
    costs = [line for line in lines if line.startswith("    moves ")]
    assert len(costs) == len(artifact.plan["kernels"])
    assert lines[-1].startswith("in all: moves ")
