"""Twenty bugs, planted in passes and in the C that is printed, and who is blamed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import deployopt
import numpy as np
import pytest
from deployopt.artifact.arrays import random_arrays
from deployopt.artifact.artifact import Artifact
from deployopt.artifact.localization import Difference, differences
from deployopt.artifact.meanings import MOST_PRODUCTS, Meaning, meanings
from deployopt.artifact.reference import compare, reference
from deployopt.backend.c import statements, weights
from deployopt.backend.c.expressions import Expression
from deployopt.errors import DeployError
from deployopt.execution.tensors import Array
from deployopt.rewriting import node_names
from deployopt.tools.deployc import deployc
from deployopt.universe import UNIVERSE
from xdsl.dialects import arith, math
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, ModuleOp, f32
from xdsl.ir import Attribute, Operation
from xdsl.rewriter import Rewriter

pytestmark = pytest.mark.slow

DIGITS = Path(__file__).parents[2] / "examples" / "digits" / "digits.onnx"


def compiled() -> Artifact:
    """The digits for this computer, without vectors."""
    return deployopt.compile(DIGITS, machine="host", options={"set": {"vlen": "0"}})


@pytest.fixture(scope="module", name="known")
def fixture_known() -> tuple[Artifact, list[Array], Array]:
    """The digits, random inputs, and what the outputs should be."""
    artifact = compiled()
    inputs = inputs_of(artifact)
    ((expected,),) = reference(DIGITS, [inputs])
    return artifact, list(inputs.values()), expected


def inputs_of(artifact: Artifact) -> dict[str, Array]:
    """Random inputs by name."""
    with artifact.session("native") as session:
        arrays = random_arrays(session.inputs, 1)
        return {t.name: a for t, a in zip(session.inputs, arrays, strict=True)}


# In passes.


def negate_a_constant(module: ModuleOp) -> bool:
    """Changes the sign of one tensor of numbers."""
    for op in module.walk():
        for where in (op.properties, op.attributes):
            for name, value in where.items():
                if is_weights(value):
                    where[name] = negated(value)
                    return True
    return False


def is_weights(value: Any) -> bool:
    """Whether this is more than one float."""
    if not isinstance(value, DenseIntOrFPElementsAttr):
        return False
    numbers = cast(Any, value)
    return not numbers.is_splat() and numbers.get_element_type() == f32


def negated(value: Any) -> Attribute:
    """The numbers with the other sign."""
    numbers = -np.frombuffer(value.data.data, np.float32)
    return DenseIntOrFPElementsAttr(value.type, type(value.data)(numbers.tobytes()))


def subtract(module: ModuleOp) -> bool:
    """Makes one sum of floats a difference."""
    for op in module.walk():
        if isinstance(op, arith.AddfOp):
            Rewriter.replace_op(op, arith.SubfOp(op.rhs, op.lhs))
            return True
    return False


def forget_a_maximum(module: ModuleOp) -> bool:
    """Makes one maximum its first operand."""
    for op in module.walk():
        if isinstance(op, arith.MaximumfOp):
            Rewriter.replace_op(op, [], [op.lhs])
            return True
    return False


PASS_BUGS: list[tuple[str, Callable[[ModuleOp], bool]]] = [
    ("nn-generalize-elementwise", negate_a_constant),
    ("nn-generalize-elementwise", subtract),
    ("nn-fuse-epilogue", subtract),
    ("nn-fuse-epilogue", forget_a_maximum),
    ("nn-channels-last", negate_a_constant),
    ("nn-channels-last", forget_a_maximum),
    ("linalg-from-nn", subtract),
    ("linalg-expand-math", negate_a_constant),
    ("linalg-form-kernels", forget_a_maximum),
    ("memory-bufferize", negate_a_constant),
    ("memory-outline-kernels", subtract),
    ("vector-lower-kernels", subtract),
]


@pytest.mark.parametrize(("name", "bug"), PASS_BUGS)
def test_the_pass_with_a_bug_is_blamed(
    name: str,
    bug: Callable[[ModuleOp], bool],
    known: tuple[Artifact, list[Array], Array],
    monkeypatch: pytest.MonkeyPatch,
):
    plant(name, bug, monkeypatch)
    assert blamed(known, known[0].manifest["macs"]) == name


@pytest.mark.parametrize("name", ["vector-lower-kernels", "vector-share-nan-checks"])
def test_a_pass_on_loops_of_a_large_model_is_blamed(
    name: str,
    known: tuple[Artifact, list[Array], Array],
    monkeypatch: pytest.MonkeyPatch,
):
    plant(name, subtract, monkeypatch)
    assert blamed(known, MOST_PRODUCTS + 1) == name


def plant(
    name: str, bug: Callable[[ModuleOp], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lets a pass do something wrong after all that it does."""
    own = UNIVERSE.all_passes[name]()
    right: Callable[..., None] = own.apply

    def wrong(self: Any, ctx: Any, op: ModuleOp) -> None:
        right(self, ctx, op)
        assert bug(op), "there is nothing to get wrong"

    monkeypatch.setattr(own, "apply", wrong)


def blamed(known: tuple[Artifact, list[Array], Array], products: int) -> str | None:
    """The first pass behind which the results are off."""
    artifact, inputs, expected = known
    found = meanings(artifact.known_recipe(), inputs, products)
    return next((one.by for one in found if not is_right(one, expected)), None)


def is_right(meaning: Meaning, expected: Array) -> bool:
    """Whether the results behind a pass are what they should be."""
    return compare("y", meaning.outputs[0], expected, quantized=False).is_right


def test_without_a_bug_no_pass_is_blamed(known: tuple[Artifact, list[Array], Array]):
    artifact, inputs, expected = known
    recipe = artifact.known_recipe()
    found = list(meanings(recipe, inputs, artifact.manifest["macs"]))
    assert all(is_right(meaning, expected) for meaning in found)
    every = [meaning.by for meaning in found]
    assert every[0] == "import"
    assert "vector-lower-kernels" in every
    large = list(meanings(recipe, inputs, MOST_PRODUCTS + 1))
    assert all(is_right(meaning, expected) for meaning in large)
    assert [meaning.by for meaning in large] == every
    compiled = [meaning.by for meaning in large if meaning.is_compiled]
    assert compiled == every[every.index("vector-lower-kernels") :]


# In what is printed.


def wrong_weights(node: str) -> Iterator[tuple[Any, str, Any]]:
    """One number of a weight is another one in the C text."""
    right = weights.values

    def values(member: weights.Member) -> list[str]:
        words = right(member)
        return ["1.0F", *words[1:]] if node in member.name else words

    yield weights, "values", values


def wrong_operation(
    node: str, kind: type[Operation], operand: int
) -> Iterator[tuple[Any, str, Any]]:
    """An operation of one node is printed as one of its operands."""
    right = statements.scalars.evaluate

    def evaluate(op: Operation, args: Sequence[Expression]) -> Expression:
        is_wrong = isinstance(op, kind) and node in node_names(op.location)
        return args[operand] if is_wrong else right(op, args)

    yield statements.scalars, "evaluate", evaluate


NODE_BUGS = [
    ("conv1", wrong_weights("conv1_weight")),
    ("conv2", wrong_weights("conv2_weight")),
    ("dense", wrong_weights("dense_bias")),
    ("relu1", wrong_operation("relu1", arith.MaximumfOp, 0)),
    ("relu2", wrong_operation("relu2", arith.MaximumfOp, 1)),
    ("pool1", wrong_operation("pool1", arith.MaximumfOp, 1)),
    ("dense", wrong_operation("dense", math.FmaOp, 2)),
    ("softmax", wrong_operation("softmax", arith.DivfOp, 0)),
]


def first_difference(artifact: Artifact) -> Difference | None:
    """What is off first."""
    found = differences(artifact, "native", inputs_of(artifact))
    return next(filter(None, found), None)


@pytest.mark.parametrize(("node", "bug"), NODE_BUGS)
def test_the_node_with_a_bug_is_blamed(
    node: str, bug: Iterator[tuple[Any, str, Any]], monkeypatch: pytest.MonkeyPatch
):
    for patch in bug:
        monkeypatch.setattr(*patch)
    found = first_difference(compiled())
    assert found is not None
    assert found.node == node
    assert found.got != found.expected
    assert found.place is not None
    assert found.place.startswith("in ram at 0x")


def test_without_a_bug_no_node_is_blamed():
    assert first_difference(compiled()) is None


def test_the_command_says_what_is_off(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    command = ["check", str(DIGITS), "--machine", "host", "--set", "vlen=0"]
    assert deployc([*command, "--per-node", "--per-pass"]) == 0
    told = capsys.readouterr().out
    assert "9 tensors that nodes make: right" in told
    assert "passes that change something, up to vector-" in told
    for patch in wrong_weights("conv2_weight"):
        monkeypatch.setattr(*patch)
    with pytest.raises(DeployError, match=r"^conv2 \(Conv\): .*\[\d+, .*\]: expected"):
        deployc([*command, "--per-node"])
