"""
What a model should compute: onnxruntime, or the evaluator of the onnx package.

And how far from it a result may be: `1e-4` of the largest magnitude for floats, one
step for integers that are quantised numbers, nothing for other integers.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from ..analysis.interface import Border
from ..errors import DeployError, one_line

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

Array: TypeAlias = NDArray[Any]

Borders: TypeAlias = tuple[Sequence[Border], Sequence[Border]]
"""What goes into a program and what comes out."""

RELATIVE_TOLERANCE = 1e-4

DIFFERS = "the output differs from the reference"
"""What is said of an output that is off."""

MOVING = (
    *("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Identity", "Slice"),
    *("MaxPool", "GlobalMaxPool", "Relu", "Clip", "Gather", "Concat", "Pad", "Split"),
)
"""Operators whose result is quantised like their first input."""

QUANTIZING = ("QuantizeLinear", "DynamicQuantizeLinear")


@dataclass(frozen=True)
class Comparison:
    """How far one output is from the reference."""

    name: str
    error: float
    """The largest absolute difference; infinite when only one of two is NaN."""
    tolerance: float

    @property
    def is_right(self) -> bool:
        """Whether the error is within the tolerance."""
        return self.error <= self.tolerance

    def __str__(self) -> str:
        verdict = "right" if self.is_right else "wrong"
        return (
            f"{self.name}: error {self.error:.3g}, allowed {self.tolerance:.3g}, "
            f"{verdict}"
        )


@dataclass(frozen=True)
class Expected:
    """What a model should compute."""

    names: list[str]
    values: list[Array]
    """As the model has them."""
    quantized: list[bool]

    @staticmethod
    def of(
        model: str | Path | bytes | ModelProto,
        borders: Borders,
        inputs: Mapping[str, Array],
    ) -> Expected:
        """For `inputs` as the caller has them; raises `DeployError`."""
        given, made = borders
        written = {b.name: b.to_model(inputs[b.name]) for b in given}
        (values,) = reference(model, [written])
        return Expected([b.name for b in made], values, quantized_outputs(model))

    def compare(
        self, values: Sequence[Array], borders: Sequence[Border]
    ) -> list[Comparison]:
        """How far each output is from what it should be, as the caller has it."""
        found = zip(
            self.names, values, self.values, self.quantized, borders, strict=True
        )
        return [
            compare(name, value, b.to_caller(wanted), quantized=quantized, step=b.step)
            for name, value, wanted, quantized, b in found
        ]


def reference(
    model: str | Path | bytes | ModelProto, runs: Sequence[Mapping[str, Array]]
) -> list[list[Array]]:
    """The outputs of the model as it was written, for each of `runs`."""
    try:
        if importlib.util.find_spec("onnxruntime") is not None:
            return onnxruntime_outputs(model, runs)
        return evaluator_outputs(model, runs)
    except Exception as error:
        reason = f"the reference cannot run the model: {one_line(str(error))}"
        raise DeployError(reason) from error


def onnxruntime_outputs(
    model: str | Path | bytes | ModelProto, runs: Sequence[Mapping[str, Array]]
) -> list[list[Array]]:
    """What onnxruntime computes, node by node as written."""
    runtime: Any = importlib.import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4  # a failure is told in one line, by us
    session = runtime.InferenceSession(
        distinct(model), options, ["CPUExecutionProvider"]
    )
    return [session.run(None, dict(run)) for run in runs]


def distinct(model: str | Path | bytes | ModelProto) -> str | bytes:
    """The model, without names of nodes where two are equal: onnxruntime minds that."""
    import onnx

    if is_path := isinstance(model, str | Path):
        known = cast(Any, onnx).load(str(model), load_external_data=False)
    else:
        known = loaded(model)
    names = [n.name for n in known.graph.node if n.name]
    if len(names) == len(set(names)):
        return str(model) if is_path else serialized(known)
    copy = onnx.ModelProto()
    copy.CopyFrom(loaded(model) if is_path else known)
    for node in copy.graph.node:
        node.ClearField("name")
    return serialized(copy)


def serialized(model: ModelProto) -> bytes:
    """The bytes of a model."""
    return model.SerializeToString(deterministic=True)


def evaluator_outputs(
    model: str | Path | bytes | ModelProto, runs: Sequence[Mapping[str, Array]]
) -> list[list[Array]]:
    """What the evaluator of the onnx package computes: slower, in numpy."""
    from onnx.reference import ReferenceEvaluator

    evaluator = cast(Any, ReferenceEvaluator(loaded(model)))
    return [list(evaluator.run(None, dict(run))) for run in runs]


def loaded(model: str | Path | bytes | ModelProto) -> ModelProto:
    """The model as onnx sees it."""
    import onnx

    if isinstance(model, bytes):
        return onnx.load_model_from_string(model)
    if isinstance(model, str | Path):
        return cast(Any, onnx).load(str(model))
    return model


def quantized_outputs(model: str | Path | bytes | ModelProto) -> list[bool]:
    """For each output of the graph, whether its integers are quantised numbers."""
    graph = loaded(model).graph
    makers = {name: node for node in graph.node for name in node.output}
    return [is_quantized(output.name, makers) for output in graph.output]


def is_quantized(value: str, makers: Mapping[str, NodeProto]) -> bool:
    """Whether a value comes out of a quantisation, perhaps moved since."""
    node = makers.get(value)
    while node is not None and node.op_type in MOVING and node.input:
        node = makers.get(node.input[0])
    if node is None:
        return False
    return node.op_type in QUANTIZING or node.op_type.startswith("QLinear")


def compare(
    name: str, value: Array, expected: Array, *, quantized: bool, step: float = 0.0
) -> Comparison:
    """
    How far `value` is from `expected`, and how far it may be.

    `step` is how far reals lie apart that are dequantised neighbours, if they are.
    """
    if value.shape != expected.shape or value.dtype != expected.dtype:
        return Comparison(name, float("inf"), 0.0)
    if value.size == 0:
        return Comparison(name, 0.0, 0.0)
    error = largest_difference(value, expected)
    if value.dtype.kind == "f":
        finite = np.abs(expected[np.isfinite(expected)].astype(np.float64))
        rounding = RELATIVE_TOLERANCE * max(finite, default=0.0)
        return Comparison(name, error, rounding + step)
    return Comparison(name, error, max(step, 1.0 if quantized else 0.0))


def largest_difference(value: Array, expected: Array) -> float:
    """The largest absolute difference; equal infinities and two NaNs differ by 0."""
    if value.dtype.kind in "ib" or value.dtype.kind == "u":
        pairs = zip(value.ravel().tolist(), expected.ravel().tolist(), strict=True)
        return float(max(abs(int(a) - int(b)) for a, b in pairs))
    wide, other = value.astype(np.float64), expected.astype(np.float64)
    same = (wide == other) | (np.isnan(wide) & np.isnan(other))
    with np.errstate(invalid="ignore"):
        difference = np.where(same, 0.0, np.abs(wide - other))
    return float(np.max(np.nan_to_num(difference, nan=np.inf, posinf=np.inf)))
