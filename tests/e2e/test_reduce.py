"""`deployc reduce`: what is left of a model that fails."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import deployopt
import deployopt.api
import numpy as np
import onnx
import pytest
from deployopt.artifact.delta_debugging import kind, smallest
from deployopt.backend.c import statements, weights
from deployopt.backend.c.expressions import Expression
from deployopt.errors import DeployError, UsageError
from deployopt.rewriting import node_names
from deployopt.tools.deployc import deployc
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects import arith
from xdsl.ir import Operation

DIGITS = Path(__file__).parents[2] / "examples" / "digits" / "digits.onnx"


def reduced(folder: Path, *arguments: str) -> list[str]:
    """The operators of what is left of the digits."""
    small = folder / "small.onnx"
    assert deployc(["reduce", str(DIGITS), "-o", str(small), "-q", *arguments]) == 0
    left = onnx.load_model_from_string(small.read_bytes())
    return [node.op_type for node in left.graph.node]


@given(st.integers(1, 40), st.data())
@settings(max_examples=60, deadline=None)
def test_what_is_left_is_what_fails(count: int, data: st.DataObject):
    items = st.sets(st.integers(0, count - 1), min_size=1, max_size=4)
    culprits = data.draw(items)
    left = smallest(range(count), lambda kept: culprits <= set(kept))
    assert set(left) == culprits


def test_kinds_of_failures():
    one = kind("a (Conv): memory level 'ram' must have 2560 free, got 2048")
    assert one == kind("b_1 (Conv): memory level 'ram' must have 512 free, got 12")
    assert one != kind("a (Conv): expected 4 dimensions, got 3")
    assert kind("x: the output differs from the reference") == kind(
        "y: the output differs from the reference"
    )


def test_a_wrong_weight_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    right = weights.values

    def values(member: weights.Member) -> list[str]:
        words = right(member)
        is_wrong = len(words) == 8 * 16 * 3 * 3
        return ["1.0F", *words[1:]] if is_wrong else words

    monkeypatch.setattr(weights, "values", values)
    assert reduced(tmp_path) == ["Conv"]
    again = ["check", str(tmp_path / "small.onnx")]
    with pytest.raises(DeployError, match="the output differs from the reference"):
        deployc([*again, "--inputs", str(tmp_path / "small.npz"), "-q"])
    monkeypatch.undo()
    assert deployc([*again, "--inputs", str(tmp_path / "small.npz"), "-q"]) == 0


def test_two_nodes_are_left_of_what_needs_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    right = statements.scalars.evaluate

    def evaluate(op: Operation, args: Sequence[Expression]) -> Expression:
        """Wrong where a convolution and its activation are one kernel."""
        fused = isinstance(op, arith.MaximumfOp) and is_fused(op)
        return args[0] if fused else right(op, args)

    monkeypatch.setattr(statements.scalars, "evaluate", evaluate)
    assert reduced(tmp_path, "--set", "vlen=0") == ["Conv", "Relu"]


def is_fused(op: Operation) -> bool:
    """Whether the kernel of `op` works for a convolution as well."""
    around = op.parent_op()
    while around is not None and around.name != "func.func":
        around = around.parent_op()
    names = node_names(around.location) if around is not None else ()
    return "conv2" in names and "relu2" in names


def test_a_refusal_is_reduced(tmp_path: Path):
    figures = ("--machine", "rv64gc", "--set", "ram.size=69632")
    assert reduced(tmp_path, *figures) == ["MaxPool"]


def test_a_chain_is_left_that_is_refused(tmp_path: Path):
    """Without it, there is memory enough."""
    figures = ("--machine", "scratchpad-64k", "--set", "L1.size=512")
    assert reduced(tmp_path, *figures, "--fuse", "nn.pool+nn.conv") == [
        "MaxPool",
        "Conv",
    ]


@pytest.mark.parametrize("given", [False, True])
def test_inputs_are_as_the_caller_has_them(
    given: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Also in a part, whose inputs come from inside the model."""
    right = weights.values

    def values(member: weights.Member) -> list[str]:
        words = right(member)
        return ["1.0F", *words[1:]] if len(words) == 8 * 16 * 3 * 3 else words

    monkeypatch.setattr(weights, "values", values)
    image = np.random.default_rng(0).random((1, 8, 8, 1)).astype(np.float32)
    np.savez(tmp_path / "image.npz", image=image)
    inputs = ("--inputs", str(tmp_path / "image.npz")) if given else ()
    assert reduced(tmp_path, "--io-layout", "nhwc", *inputs) == ["Conv"]
    with np.load(tmp_path / "small.npz") as arrays:
        assert {array.shape for array in arrays.values()} == {(1, 4, 4, 8)}
    again = ["check", str(tmp_path / "small.onnx"), "--io-layout", "nhwc", "-q"]
    again += ["--inputs", str(tmp_path / "small.npz")]
    with pytest.raises(DeployError, match="the output differs from the reference"):
        deployc(again)
    monkeypatch.undo()
    assert deployc(again) == 0


def test_the_smallest_part_is_compiled_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Its message is at hand."""
    seen: list[bytes] = []
    right = deployopt.api.compile

    def counted(model: bytes, *args: Any, **options: Any) -> deployopt.Artifact:
        seen.append(model)
        return right(model, *args, **options)

    monkeypatch.setattr(deployopt.api, "compile", counted)
    figures = ("--machine", "rv64gc", "--set", "ram.size=69632")
    assert reduced(tmp_path, *figures) == ["MaxPool"]
    assert seen.count((tmp_path / "small.onnx").read_bytes()) == 1


def test_a_model_that_is_right_is_refused(tmp_path: Path):
    with pytest.raises(DeployError, match="expected a model that fails, got one that"):
        reduced(tmp_path)
    assert not list(tmp_path.iterdir())


def test_wrong_usage(tmp_path: Path):
    with pytest.raises(UsageError, match="expected a name that ends in"):
        deployc(["reduce", str(DIGITS), "-o", str(tmp_path / "small.txt")])
    with pytest.raises(OSError, match="No such file"):
        deployc(["reduce", str(DIGITS), "-o", str(tmp_path / "none" / "small.onnx")])
