"""Operators that import says by simpler ones agree with onnxruntime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from deployopt.artifact.reference import compare, onnxruntime_outputs
from deployopt.errors import DeployError
from deployopt.frontend.onnx import import_model
from deployopt.interpreters import run_module
from numpy.typing import NDArray
from onnx import ModelProto, helper
from small_models import model, weights

pytest.importorskip("onnxruntime")

Constants = Sequence[NDArray[Any] | None]


def of_node(
    operator: str,
    shapes: Sequence[Sequence[int]],
    constants: Constants = (),
    results: Sequence[str] = ("float32",),
    opset: int = 19,
    **attributes: Any,
) -> ModelProto:
    """One node: inputs of these shapes, then constants, None where one is left out."""
    names = [f"x{n}" for n in range(len(shapes))]
    known = {f"c{n}": array for n, array in enumerate(constants) if array is not None}
    read = [f"c{n}" if f"c{n}" in known else "" for n in range(len(constants))]
    made = [f"y{n}" for n in range(len(results))]
    network = model(
        [helper.make_node(operator, [*names, *read], made, operator, **attributes)],
        {name: ("float32", shape) for name, shape in zip(names, shapes, strict=True)},
        {name: (dtype, []) for name, dtype in zip(made, results, strict=True)},
        known,
    )
    for output in network.graph.output:
        output.type.tensor_type.ClearField("shape")
    network.opset_import[0].version = opset
    return network


def assert_agrees(network: ModelProto, seed: int = 0) -> None:
    """What the imported module means is what onnxruntime computes."""
    random = np.random.default_rng(seed)
    feeds: dict[str, NDArray[Any]] = {}
    for given in network.graph.input:
        sizes = [dim.dim_value for dim in given.type.tensor_type.shape.dim]
        feeds[given.name] = random.normal(0, 1, sizes).astype(np.float32)
    (expected,) = onnxruntime_outputs(network, [feeds])
    found = run_module(import_model(network), list(feeds.values()))
    for number, (one, other) in enumerate(zip(found, expected, strict=True)):
        comparison = compare(f"y{number}", one, other, quantized=False)
        assert comparison.is_right, comparison


def test_logarithms_of_sums_hand_on_infinities():
    rows = [[-np.inf] * 3, [np.inf, 0, 1], [-np.inf, 0, 1], [np.nan, 0, np.inf]]
    values = np.array([*rows, [1e30, 0, -1e30], [-3e38, -3e38, -3e38]], np.float32)
    network = of_node("ReduceLogSumExp", [values.shape], axes=[1], opset=13)
    ((expected,),) = onnxruntime_outputs(network, [{"x0": values}])
    with np.errstate(all="ignore"):
        (found,) = run_module(import_model(network), [values])
    np.testing.assert_allclose(found, expected, rtol=1e-6)


TRANSPOSED: dict[str, tuple[Sequence[int], Sequence[int], dict[str, Any]]] = {
    "upsampling": ((1, 3, 4, 5), (3, 2, 4, 4), {"strides": [2, 2], "pads": [1] * 4}),
    "no_overlap": ((2, 3, 3, 3), (3, 2, 2, 2), {"strides": [2, 2]}),
    "more_output": (
        (1, 2, 4, 3),
        (2, 3, 3, 3),
        {"strides": [2, 3], "pads": [1, 0, 1, 2], "output_padding": [1, 2]},
    ),
    "groups": (
        (1, 6, 3, 4),
        (6, 2, 3, 2),
        {"group": 3, "strides": [2, 1], "dilations": [2, 3]},
    ),
    "gaps": ((1, 2, 5), (2, 3, 2), {"strides": [4]}),
    "long_pads": ((1, 2, 6), (2, 2, 2), {"pads": [3, 2]}),
    "volume": ((1, 2, 2, 3, 2), (2, 2, 3, 1, 2), {"strides": [2, 2, 1]}),
    "same_upper": ((1, 2, 5), (2, 2, 3), {"strides": [2], "auto_pad": "SAME_UPPER"}),
    "same_lower": ((1, 2, 5), (2, 2, 3), {"strides": [2], "auto_pad": "SAME_LOWER"}),
    "output_shape": ((1, 2, 5), (2, 2, 4), {"strides": [3], "output_shape": [15]}),
}


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("name", TRANSPOSED)
def test_transposed_convolution(name: str, bias: bool):
    shape, kernel, attributes = TRANSPOSED[name]
    outputs = kernel[1] * attributes.get("group", 1)
    constants = [weights(tuple(kernel), 1), *([weights((outputs,), 2)] if bias else [])]
    assert_agrees(of_node("ConvTranspose", [shape], constants, **attributes))


INTERPOLATIONS: tuple[dict[str, Any], ...] = (
    {"mode": "nearest"},
    {"mode": "nearest", "nearest_mode": "ceil"},
    {"mode": "linear"},
    {"mode": "cubic"},
    {"mode": "cubic", "exclude_outside": 1, "cubic_coeff_a": -0.5},
)
COORDINATES = ("half_pixel", "pytorch_half_pixel", "asymmetric", "align_corners")


@pytest.mark.parametrize("coordinates", COORDINATES)
@pytest.mark.parametrize("sizes", [(10, 14), (7, 3), (1, 8), (15, 11)])
def test_resize(sizes: tuple[int, int], coordinates: str):
    wanted = np.array([1, 2, *sizes])
    for interpolation in INTERPOLATIONS:
        attributes = {**interpolation}
        attributes["coordinate_transformation_mode"] = coordinates
        constants = [None, None, wanted]
        assert_agrees(of_node("Resize", [(1, 2, 5, 7)], constants, **attributes))


@pytest.mark.parametrize("mode", ["nearest", "linear"])
@pytest.mark.parametrize("scales", [(2, 2), (0.6, 1.5), (3, 1)])
def test_resize_by_scales(scales: tuple[float, float], mode: str):
    factors = np.array([1, 1, *scales], np.float32)
    shapes = [(1, 2, 5, 7)]
    assert_agrees(of_node("Resize", shapes, [None, factors], mode=mode))
    assert_agrees(of_node("Resize", shapes, [factors], opset=10, mode=mode))
    if min(scales) >= 1:
        assert_agrees(of_node("Upsample", shapes, [factors], opset=9, mode=mode))


@pytest.mark.parametrize("policy", ["stretch", "not_larger", "not_smaller"])
def test_resize_keeps_the_aspect_ratio(policy: str):
    attributes: dict[str, Any] = {"axes": [2, 3], "keep_aspect_ratio_policy": policy}
    constants = [None, None, np.array([8, 9])]
    assert_agrees(of_node("Resize", [(1, 2, 5, 7)], constants, **attributes))


@pytest.mark.parametrize("mode", ["edge", "reflect", "wrap"])
def test_pads_made_of_the_tensor(mode: str):
    pads = np.array([0, 0, 2, 1, 0, 0, 1, 3])
    assert_agrees(of_node("Pad", [(1, 2, 4, 5)], [pads], mode=mode))


EQUATIONS: dict[str, list[Sequence[int]]] = {
    "bhqd,bhkd->bhqk": [(1, 2, 3, 4), (1, 2, 5, 4)],
    "bsnh,nhd->bsd": [(2, 3, 4, 5), (4, 5, 6)],
    "i,j": [(3,), (4,)],
    "ij,jk,kl->li": [(2, 3), (3, 4), (4, 5)],
    "ijk->j": [(2, 3, 4)],
    "...ij,...jk->...ik": [(2, 2, 3, 4), (2, 2, 4, 5)],
    "bij,ij->b": [(2, 3, 4), (3, 4)],
}


@pytest.mark.parametrize("equation", EQUATIONS)
def test_einsum(equation: str):
    assert_agrees(of_node("Einsum", EQUATIONS[equation], equation=equation))


GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


@pytest.mark.parametrize("direction", ["forward", "reverse", "bidirectional"])
@pytest.mark.parametrize("operator", GATES)
def test_recurrent(operator: str, direction: str):
    width, count = 3 * GATES[operator], 2 if direction == "bidirectional" else 1
    constants = [
        weights((count, width, 5), 1),
        weights((count, width, 3), 2),
        weights((count, 2 * width), 3),
    ]
    results = ("float32",) * (3 if operator == "LSTM" else 2)
    attributes: dict[str, Any] = {"hidden_size": 3, "direction": direction}
    shapes = [(4, 2, 5)]
    assert_agrees(of_node(operator, shapes, constants, results, **attributes))
    if operator == "GRU":
        attributes["linear_before_reset"] = 1
    states = [weights((count, 2, 3), seed) for seed in range(len(results) - 1)]
    constants += [np.full(2, 4, np.int32), *states]
    if operator == "LSTM":
        constants.append(weights((count, 9), 7))
    assert_agrees(of_node(operator, shapes, constants, results, **attributes))
    attributes["clip"] = 0.25
    assert_agrees(of_node(operator, shapes, constants, results, **attributes))


def test_a_factor_of_zero_leaves_nothing():
    constants = [weights((4, 5), 1), np.full(5, np.nan, np.float32)]
    assert_agrees(of_node("Gemm", [(3, 4)], constants, beta=0.0))


@pytest.mark.parametrize("axis", [0, 2])
@pytest.mark.parametrize("last", [0, 1])
@pytest.mark.parametrize("operator", ["ArgMax", "ArgMin"])
def test_place_of_an_extreme(operator: str, last: int, axis: int):
    network = of_node(
        operator, [(3, 4, 5)], results=("int64",), axis=axis, select_last_index=last
    )
    network.graph.node[0].input[0] = "whole"  # has ties
    network.graph.node.insert(0, helper.make_node("Round", ["x0"], ["whole"]))
    assert_agrees(network)


REFUSED: Mapping[str, tuple[ModelProto, str]] = {
    "crop": (
        of_node(
            "Resize",
            [(1, 2, 4, 4)],
            [np.zeros(8, np.float32), np.full(4, 2, np.float32)],
            coordinate_transformation_mode="tf_crop_and_resize",
        ),
        "coordinate_transformation_mode must be one of align_corners, .*, got tf_crop",
    ),
    "lengths": (
        of_node(
            "RNN",
            [(4, 2, 5)],
            [
                weights((1, 3, 5), 1),
                weights((1, 3, 3), 1),
                None,
                np.array([4, 2], "i4"),
            ],
            hidden_size=3,
        ),
        r"sequence_lens must be 4 everywhere, got \[4, 2\]",
    ),
    "activation": (
        of_node(
            "RNN",
            [(4, 2, 5)],
            [weights((1, 3, 5), 1), weights((1, 3, 3), 1)],
            hidden_size=3,
            activations=["Softsign"],
        ),
        r"activations must be 1 each of Relu, Sigmoid, Tanh, got \['Softsign'\]",
    ),
    "diagonal": (
        of_node("Einsum", [(3, 3)], equation="ii->i"),
        "each dimension must have a label of its own, got 'ii->i'",
    ),
    "nothing_left": (
        of_node("ConvTranspose", [(1, 2, 2)], [weights((2, 1, 2), 1)], pads=[2, 1]),
        "strides, dilations and result must be positive and pads not negative",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals(name: str):
    network, reason = REFUSED[name]
    with pytest.raises(DeployError, match=reason):
        import_model(network)
