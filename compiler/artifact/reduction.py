"""
The smallest part of a model that still fails the way the whole of it does.

By delta debugging on the list of nodes. What a part reads and does not make are inputs
with the values that they have in the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import DeployError
from ..execution.tensors import Array
from .delta_debugging import kind, smallest
from .reference import DIFFERS, Expected, reference

if TYPE_CHECKING:
    from .artifact import Artifact

Compile = Callable[[bytes], "Artifact"]
"""How a model is compiled."""


@dataclass(frozen=True)
class Reduced:
    """A part of a model."""

    model: bytes
    inputs: Mapping[str, Array]
    """As the caller has them."""
    failure: str
    """What is wrong with it."""
    nodes: int
    of: int


@dataclass(frozen=True)
class Failure:
    """What is wrong with a model."""

    text: str
    inputs: Mapping[str, Array]
    """The inputs with which it is, as the caller has them."""


@dataclass
class Search:
    """What is looked for: parts that fail as the whole does."""

    model: Any
    """All of it."""
    nodes: Sequence[Any]
    known: Mapping[str, Array]
    """The value of each tensor."""
    compile: Compile
    runner: str | None
    progress: Callable[[str], None]
    latest: Failure | None = None
    """How the last part has failed that did."""

    def failure(self, nodes: Sequence[Any]) -> Failure | None:
        """What is wrong with the part of these nodes."""
        return failure_of(self.part(nodes), self.known, self.compile, self.runner)

    def part(self, nodes: Sequence[Any]) -> bytes:
        """The model of these nodes alone."""
        from ..frontend.onnx.parts import part

        return part(self.model, nodes, self.known)

    def fails_alike(self, nodes: Sequence[Any], failure: Failure) -> bool:
        """Whether the part of these nodes fails the same way."""
        found = self.failure(nodes)
        if found is None or kind(found.text) != kind(failure.text):
            return False
        self.latest = found
        self.progress(f"{len(nodes)} of {len(self.nodes)} nodes")
        return True

    def found(self) -> Reduced:
        """The smallest part; raises `DeployError` when the whole does not fail."""
        whole = self.failure(self.nodes)
        if whole is None:
            raise DeployError("expected a model that fails, got one that is right")
        kept = smallest(self.nodes, lambda nodes: self.fails_alike(nodes, whole))
        last = self.latest or whole
        made = self.part(kept)
        return Reduced(made, last.inputs, last.text, len(kept), len(self.nodes))


def reduced(
    source: Any,
    dims: Mapping[str, int],
    inputs: Mapping[str, Array],
    compile: Compile,
    runner: str | None,
    progress: Callable[[str], None],
) -> Reduced:
    """
    The smallest part that fails; `progress` is told the number of nodes left.

    `inputs` are as the model has them. Raises `DeployError` when the whole does not
    fail, or is not a model.
    """
    from ..frontend.onnx.parts import whole_model, with_all_tensors

    model, nodes = whole_model(source, dims)
    names = [value.name for value in model.graph.output]
    names += [n for node in nodes for n in node.output if n and n not in names]
    (values,) = reference(with_all_tensors(model, nodes), [inputs])
    known = {**dict(zip(names, values, strict=True)), **inputs}
    return Search(model, nodes, known, compile, runner, progress).found()


def given(model: bytes, known: Mapping[str, Array]) -> dict[str, Array]:
    """The values of the inputs of a part."""
    from onnx import load_model_from_string

    names = [value.name for value in load_model_from_string(model).graph.input]
    return {name: known[name] for name in names}


def failure_of(
    model: bytes, known: Mapping[str, Array], compile: Compile, runner: str | None
) -> Failure | None:
    """
    What is wrong with a model: a refusal, or a result that is off.

    Nothing where nobody knows what would be right.
    """
    inputs = given(model, known)
    try:
        artifact = compile(model)
    except DeployError as error:
        return Failure(str(error), inputs) if is_known(model, inputs) else None
    borders = artifact.borders
    own = {b.name: b.to_caller(inputs[b.name]) for b in borders[0]}
    try:
        expected = Expected.of(model, borders, own)
    except DeployError:
        return None
    try:
        with artifact.session(runner) as session:
            (values,) = session.run_many([own])
    except DeployError as error:
        return Failure(str(error), own)
    found = expected.compare(values, borders[1])
    wrong = [one for one in found if not one.is_right]
    return Failure(f"{wrong[0].name}: {DIFFERS}", own) if wrong else None


def is_known(model: bytes, inputs: Mapping[str, Array]) -> bool:
    """Whether it is known what would be right."""
    try:
        reference(model, [inputs])
    except DeployError:
        return False
    return True
