"""Fusion that a user asks for by naming operations."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import deployopt
import numpy as np
import pytest
from deployopt.artifact.explanation import explanation
from deployopt.artifact.reference import compare, reference
from numpy.typing import NDArray
from onnx import ModelProto, helper
from small_models import model, weights
from tiny_model import need
from tool import Call

CHAIN = "nn.conv+nn.add+nn.silu+nn.conv"

SILU = """
from collections.abc import Sequence
from deployopt.dialects import nn
from deployopt.dialects.nn.meanings import meaning
from deployopt.dialects.nn.scalars import Scalars
from deployopt.properties import Property
from deployopt.rewriting import replace
from xdsl.dialects import arith
from xdsl.ir import SSAValue
from xdsl.irdl import irdl_op_definition
from xdsl.pattern_rewriter import RewritePattern, op_type_rewrite_pattern

@irdl_op_definition
class SiluOp(nn.UnaryOp):
    name = "nn.silu"

@meaning.register
def _(op: SiluOp, scalars: Scalars, arguments: Sequence[SSAValue]) -> SSAValue:
    (x,) = arguments
    decay = scalars.exponential(scalars.emit(arith.NegfOp(x)))
    spread = scalars.add(scalars.constant(1, x.type), decay)
    return scalars.emit(arith.DivfOp(x, spread))

class RecognizeSilu(RewritePattern):
    phase = "fuse"
    needs = (Property.NAMED,)

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.MulOp, rewriter) -> None:
        x, gate = op.operands
        if isinstance(gate.owner, nn.SigmoidOp) and gate.owner.operands[0] is x:
            replace(rewriter, op, SiluOp(x), merged=[gate.owner])
"""
"""A plugin with an operation of its own, which it finds in the model."""


def swish_network() -> ModelProto:
    """Two convolutions with `x * sigmoid(x)` between them, 4 x 8 x 8 each."""
    nodes = [
        helper.make_node("Conv", ["x", "w1", "b1"], ["c"], "conv1", pads=[1] * 4),
        helper.make_node("Sigmoid", ["c"], ["g"], "gate"),
        helper.make_node("Mul", ["c", "g"], ["s"], "swish"),
        helper.make_node("Conv", ["s", "w2"], ["y"], "conv2", pads=[1] * 4),
    ]
    constants = {
        "w1": weights((4, 4, 3, 3), 1),
        "b1": weights((4,), 2),
        "w2": weights((4, 4, 3, 3), 3),
    }
    shape = ("float32", [1, 4, 8, 8])
    return model(nodes, {"x": shape}, {"y": shape}, constants)


@pytest.fixture(scope="module")
def x() -> NDArray[Any]:
    return np.random.default_rng(0).standard_normal((1, 4, 8, 8)).astype(np.float32)


@pytest.fixture(scope="module")
def silu(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plugin's file."""
    path = tmp_path_factory.mktemp("plugin") / "silu.py"
    path.write_text(SILU)
    return path


@pytest.fixture(scope="module", params=["host", "scratchpad-64k"])
def fused(request: pytest.FixtureRequest, silu: Path) -> deployopt.Artifact:
    """The network as one nest of loops."""
    options = {"plugins": [silu], "fuse": [CHAIN]}
    return deployopt.compile(swish_network(), request.param, options=options)


@pytest.fixture
def swish(tmp_path: Path) -> Path:
    """The network's file."""
    path = tmp_path / "swish.onnx"
    path.write_bytes(swish_network().SerializeToString())
    return path


def chained(artifact: deployopt.Artifact) -> list[list[str]]:
    """The nodes of the kernels that are tiled together."""
    return [k["nodes"] for k in artifact.plan["kernels"] if "chain" in k]


def test_results_are_right(fused: deployopt.Artifact, x: NDArray[Any]):
    need(fused.machine, fused.machine.default_runner)
    ((expected,),) = reference(swish_network(), [{"x": x}])
    with fused.session() as session:
        assert compare("y", session(x=x)["y"], expected, quantized=False).is_right


def test_what_is_asked_for_is_one_nest_and_nothing_else_would_be(
    fused: deployopt.Artifact, silu: Path
):
    assert chained(fused) == [["conv1", "swish", "gate"], ["conv2"]]
    whole = 4 * 8 * 8 * 4
    near = [b for b in fused.plan["buffers"] if b["label"].startswith("conv1")]
    moved = 1  # what brings channels to their place in the input, by the same node
    assert sum(buffer["size"] == whole for buffer in near) <= moved
    options = {"plugins": [silu]}
    alone = deployopt.compile(swish_network(), fused.machine, options=options)
    assert chained(alone) == []


def test_it_is_explained(fused: deployopt.Artifact):
    lines = explanation(fused.plan, fused.manifest)
    nodes = "conv1 (Conv), swish (Mul), gate (Sigmoid), conv2 (Conv)"
    assert f"{nodes}: computed together, as {CHAIN} asks" in lines


def test_a_plan_asks_for_the_same(
    fused: deployopt.Artifact, silu: Path, tmp_path: Path
):
    plan = tmp_path / "plan.json"
    plan.write_text(fused.files["plan.json"])
    options = {"plugins": [silu], "plan": plan}
    again = deployopt.compile(swish_network(), fused.machine, options=options)
    assert again.files == fused.files


def test_a_plan_that_parts_them_is_refused(
    fused: deployopt.Artifact, silu: Path, tmp_path: Path
):
    table = json.loads(fused.files["plan.json"])
    for kernel in table["kernels"]:
        kernel.pop("chain", None)
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(table))
    options = {"plugins": [silu], "plan": plan}
    with pytest.raises(deployopt.DeployError, match="the plan does not make a chain"):
        deployopt.compile(swish_network(), fused.machine, options=options)


def test_other_parameters_keep_it(fused: deployopt.Artifact):
    changed = fused.with_params({"b1": np.ones(4, np.float32)})
    assert changed.plan["fused"] == fused.plan["fused"]
    assert chained(changed) == chained(fused)


def test_what_somebody_looks_at_is_whole(fused: deployopt.Artifact):
    assert chained(fused.with_outputs(["s"])) == []


def test_chains_of_a_file(call: Call, swish: Path, tmp_path: Path):
    chains = tmp_path / "chains.toml"
    chains.write_text('chains = ["nn.sigmoid + nn.mul", "nn.add+nn.mul"]\n')
    status, text, _ = call("build", swish, "-o", tmp_path / "o", "--fuse", chains)
    assert status == 1, text
    chains.write_text('chains = ["nn.sigmoid + nn.mul"]\n')
    out = ("-o", tmp_path / "out", "--fuse", chains, "--explain")
    status, text, _ = call("build", swish, *out)
    assert status == 0
    assert text.splitlines().count(
        "gate (Sigmoid), swish (Mul): computed together, as nn.sigmoid+nn.mul asks"
    )


@pytest.mark.parametrize(
    ("chain", "status", "message"),
    [
        ("nn.conv", 2, "--fuse: expected names of operations with + between them"),
        ("nn.conv++nn.mul", 2, "--fuse: expected names of operations with + between"),
        (
            "nn.conv2d+nn.add",
            2,
            "nn.conv2d: no such operation; did you mean 'nn.conv'?",
        ),
        ("conv+nn.add", 2, "conv: no such operation; did you mean 'nn.conv'?"),
        ("none.toml", 2, "none.toml: no such file"),
        (
            "nn.pool+nn.add",
            1,
            "nn.pool+nn.add: expected nn.pool in the model, "
            "got nn.add, nn.conv, nn.mul, nn.sigmoid",
        ),
        (
            "nn.conv+nn.add+nn.mul",
            1,
            "conv1 (Conv): nn.conv+nn.add+nn.mul cannot be computed together: "
            "nn.add is read by 2: nn.mul, nn.sigmoid",
        ),
        (
            "nn.conv+nn.add+nn.relu",
            1,
            "conv1 (Conv): nn.conv+nn.add+nn.relu cannot be computed together: "
            "nn.conv+nn.add must be read by nn.relu, got nn.mul, nn.sigmoid",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    call: Call, swish: Path, tmp_path: Path, chain: str, status: int, message: str
):
    found, _, error = call("build", swish, "-o", tmp_path / "out", "--fuse", chain)
    assert (found, error.count("\n")) == (status, 1)
    assert error.startswith(f"error: {message}")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("chains = 3", "chains: expected a list of chains, got 3"),
        ("chains = []", "chains: expected a list of chains, got []"),
        ("", "chains: expected a list of chains, got None"),
        ('chain = ["nn.conv+nn.add"]', "chain: expected no key but chains"),
        ("chains = [", "expected chains in TOML, "),
        ('chains = ["nn.conv"]', "expected names of operations with + between them"),
    ],
)
def test_a_file_of_another_form_is_refused(
    call: Call, swish: Path, tmp_path: Path, text: str, message: str
):
    chains = tmp_path / "chains.toml"
    chains.write_text(text)
    folder = ("-o", tmp_path / "out", "--fuse", chains)
    status, _, error = call("build", swish, *folder)
    assert status in (1, 2)
    assert error.startswith(f"error: {chains}: {message}")


@pytest.mark.parametrize("given", [CHAIN, 3, [3]])
def test_options_that_are_no_chains_are_wrong_usage(given: Sequence[str] | int):
    with pytest.raises(deployopt.DeployError, match="option 'fuse' must be chains"):
        deployopt.compile(swish_network(), options={"fuse": given})


def test_a_folder_has_been_built_already(call: Call, swish: Path, tmp_path: Path):
    assert call("build", swish, "-o", tmp_path / "out", "-q")[0] == 0
    status, _, error = call("run", tmp_path / "out", "--fuse", "nn.conv+nn.add")
    assert status == 2
    assert "belongs to a model, got a folder" in error
