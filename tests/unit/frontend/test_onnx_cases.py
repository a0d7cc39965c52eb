"""ONNX's own cases for every operator we take, through the interpreter."""

from __future__ import annotations

import importlib
import pkgutil
import re
import warnings
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from deployopt.errors import DeployError
from deployopt.frontend.onnx import import_model, supported_operators
from deployopt.interpreters import run_module
from onnx import ModelProto, numpy_helper

FOLDED = "any other operator"
NODE_CASES = "onnx.backend.test.case.node"

SLOW = {"AveragePool": "averagepool", "MaxPool": "maxpool"}
"""Operators whose cases ONNX makes with loops in Python, and their modules."""

UNUSED = {"lppool", *SLOW.values()}

OPERATORS = [operator.name for operator in supported_operators()]

ELSEWHERE = {
    "Cast",
    "CastLike",
    "ConstantOfShape",
    "Einsum",
    "If",
    "Not",
    "Range",
    "ReduceLogSumExp",
}
"""Operators whose cases are all of other types, opsets or inputs; tested elsewhere."""

REFUSED = re.compile(
    r"element type must be|type must be one of|must be constant, got"
    r"|must not be empty|dimensions of this input must be positive|must be a tensor"
    r"|opset must be|training|got blocks|rank 0 or 1|got also indices|mode must be"
    r"|sums must be|base must be|one zero point|Split: result"
)
"""Why a case may be refused: types, shapes and modes that we do not claim."""


DIFFERENT = {
    "test_resize_downsample_scales_cubic_align_corners",
    "test_resize_downsample_scales_linear_align_corners",
}
"""Cases where onnxruntime computes with whole sizes, as we do, and ONNX does not."""


def make_cases(modules: Iterable[str]) -> dict[str, list[Any]]:
    """The cases of one node in some of ONNX's modules, by operator."""
    package: Any = importlib.import_module(NODE_CASES)
    found: list[Any] = package._NodeTestCases
    before = len(found)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for module in modules:
            importlib.import_module(f"{NODE_CASES}.{module}")
    by_operator: dict[str, list[Any]] = {}
    for case in found[before:]:
        if len(case.model.graph.node) == 1 and case.name not in DIFFERENT:
            by_operator.setdefault(case.model.graph.node[0].op_type, []).append(case)
    return by_operator


@cache
def quick_cases() -> dict[str, list[Any]]:
    """The cases of all operators but the slow ones."""
    package: Any = importlib.import_module(NODE_CASES)
    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    return make_cases(name for name in names if name not in UNUSED)


def with_constants(model: ModelProto, inputs: Sequence[Any]) -> ModelProto:
    """The model with all inputs but the first as initializers."""
    result = onnx.ModelProto()
    result.CopyFrom(model)
    for value, given in list(zip(model.graph.input, inputs, strict=False))[1:]:
        array = np.asarray(given)
        result.graph.initializer.append(numpy_helper.from_array(array, value.name))
        result.graph.input.remove(value)
    return result


def agree(got: npt.NDArray[Any], expected: Any) -> bool:
    """Whether shape, type and elements agree, elements as far as ONNX rounds."""
    wanted = np.asarray(expected)
    if got.shape != wanted.shape or got.dtype != wanted.dtype:
        return False
    if got.dtype.kind != "f":
        return bool((got == wanted).all())
    limit = 1e-3 * max(float(np.abs(wanted).max(initial=0)), 1e-3)
    return np.allclose(got, wanted, rtol=0, atol=limit, equal_nan=True)


def outcome(case: Any) -> str | None:
    """Why the case is refused; None when it runs and agrees."""
    inputs, outputs = case.data_sets[0]
    model = case.model
    try:
        try:
            module = import_model(model)
        except DeployError as error:
            if "must be constant" not in error.reason:
                raise
            module = import_model(with_constants(model, inputs))
            inputs = inputs[:1]
    except DeployError as error:
        return str(error)
    got = run_module(module, [np.asarray(given) for given in inputs])
    for result, expected in zip(got, outputs, strict=True):
        assert agree(result, expected), case.name
    return None


def check(operator: str, cases: Sequence[Any]) -> None:
    results = {case.name: outcome(case) for case in cases}
    strange = {
        name: reason
        for name, reason in results.items()
        if reason is not None and not REFUSED.search(reason)
    }
    assert not strange
    assert operator in ELSEWHERE or None in results.values(), "not one case runs"


@pytest.mark.parametrize("operator", sorted(set(OPERATORS) - SLOW.keys() - {FOLDED}))
def test_agrees_or_is_refused_for_a_reason(operator: str):
    check(operator, quick_cases()[operator])


@pytest.mark.slow
@pytest.mark.parametrize("operator", sorted(SLOW))
def test_pool_agrees_or_is_refused_for_a_reason(operator: str):
    check(operator, make_cases([SLOW[operator]])[operator])
