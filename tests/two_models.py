"""Two small models, one of them with names that C++ does not like, in one program."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import deployopt
import numpy as np
from deployopt.artifact.reference import reference
from deployopt.machine import Machine
from numpy.typing import NDArray
from onnx import ModelProto, helper
from small_models import model, weights

INPUTS: dict[str, NDArray[Any]] = {
    "x": (np.arange(16, dtype=np.float32) / 4 - 2).reshape(2, 8),
    "class": np.array([1, -2, 3, 0, 5, -6], np.float32),
    "new": np.array([0, 2, 3, -1, 4, 6], np.float32),
    "namespace": np.array([True, False, True]),
}


def affine() -> ModelProto:
    """Two dense layers around a Relu: 2 x 8 to 2 x 5."""
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"], "first"),
        helper.make_node("Relu", ["h"], ["r"], "relu"),
        helper.make_node("MatMul", ["r", "v"], ["y"], "second"),
    ]
    return model(
        nodes,
        {"x": ("float32", [2, 8])},
        {"y": ("float32", [2, 5])},
        {"w": weights((8, 6), 1), "v": weights((6, 5), 2)},
    )


def switch() -> ModelProto:
    """Comparisons and a difference; inputs and outputs are called like keywords."""
    nodes = [
        helper.make_node("Greater", ["class", "new"], ["template"], "this"),
        helper.make_node("Sub", ["class", "new"], ["errno"], "delete"),
        helper.make_node("Not", ["namespace"], ["operator"], "not"),
    ]
    return model(
        nodes,
        {
            "class": ("float32", [6]),
            "new": ("float32", [6]),
            "namespace": ("bool", [3]),
        },
        {
            "template": ("bool", [6]),
            "errno": ("float32", [6]),
            "operator": ("bool", [3]),
        },
        {},
    )


MODELS = {"affine": affine, "again": affine, "switch": switch}
"""What programs are called -> what they compute; two are the same model."""


@functools.cache
def compiled(name: str, machine: str | Machine) -> deployopt.Artifact:
    """One of the models as a program of that name."""
    return deployopt.compile(MODELS[name](), machine, options={"name": name})


def inputs_of(name: str) -> dict[str, NDArray[Any]]:
    """The inputs of a program."""
    return {value.name: INPUTS[value.name] for value in MODELS[name]().graph.input}


def expected(name: str) -> list[NDArray[Any]]:
    """Its outputs, by the reference."""
    (outputs,) = reference(MODELS[name](), [inputs_of(name)])
    return list(outputs)


MAIN = """
#include "affine.h"
#include "again.h"
#include "switch.h"
#include "deploy.h"
#include "deploy_harness.h"

enum { STEPS = 1 };
static DEPLOY_ALIGN(64) float x[16], y[10], y_again[10], left[6], right[6], change[6];
static DEPLOY_ALIGN(64) bool known[3], greater[6], unknown[3];

static const struct deploy_tensor inputs[] = {
    {"x", x, sizeof x},
    {"class", left, sizeof left},
    {"new", right, sizeof right},
    {"namespace", known, sizeof known},
};
static const struct deploy_tensor outputs[] = {
    {"y", y, sizeof y},
    {"again", y_again, sizeof y_again},
    {"template", greater, sizeof greater},
    {"errno", change, sizeof change},
    {"operator", unknown, sizeof unknown},
};

static int run(void) {
    return affine_run(x, y) | switch_run(left, right, known, greater, change, unknown) |
           again_run(x, y_again);
}

int main(void) {
    return deploy_harness(inputs, 4, outputs, 5, STEPS, run);
}
"""


def join(folder: Path, machine: Machine) -> None:
    """All of the models as one folder, as one program that `execute` can run."""
    parts = {name: compiled(name, machine) for name in MODELS}
    for name, artifact in parts.items():
        for path, text in artifact.files.items():
            is_first = path.startswith(("platform/", "example/")) and name != "affine"
            if not is_first:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_text(text)
    (folder / "example/main.c").write_text(MAIN)
    manifest = parts["affine"].manifest
    outputs = [*manifest["outputs"], {**manifest["outputs"][0], "name": "again"}]
    manifest["inputs"] += parts["switch"].manifest["inputs"]
    manifest["outputs"] = outputs + parts["switch"].manifest["outputs"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
