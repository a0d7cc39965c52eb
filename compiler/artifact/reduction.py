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
from .reference import DIFFERS, compare_all, quantized_outputs, reference

if TYPE_CHECKING:
    from .artifact import Artifact

Compile = Callable[[bytes], "Artifact"]
"""How a model is compiled."""


@dataclass(frozen=True)
class Reduced:
    """A part of a model."""

    model: bytes
    inputs: Mapping[str, Array]
    failure: str
    """What is wrong with it."""
    nodes: int
    of: int


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

    Raises `DeployError` when the whole does not fail, or is not a model.
    """
    from ..frontend.onnx.parts import part, whole_model, with_all_tensors

    model, nodes = whole_model(source, dims)
    names = [value.name for value in model.graph.output]
    names += [n for node in nodes for n in node.output if n and n not in names]
    (values,) = reference(with_all_tensors(model, nodes), [inputs])
    known = {**dict(zip(names, values, strict=True)), **inputs}

    def failure(kept: Sequence[Any]) -> str | None:
        return failure_of(part(model, kept, known), known, compile, runner)

    whole = failure(nodes)
    if whole is None:
        raise DeployError("expected a model that fails, got one that is right")

    def fails(kept: Sequence[Any]) -> bool:
        told = failure(kept)
        is_same = told is not None and kind(told) == kind(whole)
        if is_same:
            progress(f"{len(kept)} of {len(nodes)} nodes")
        return is_same

    kept = smallest(nodes, fails)
    made = part(model, kept, known)
    told = failure(kept)
    assert told is not None, "it has failed before"
    return Reduced(made, given(made, known), told, len(kept), len(nodes))


def given(model: bytes, known: Mapping[str, Array]) -> dict[str, Array]:
    """The values of the inputs of a part."""
    from onnx import load_model_from_string

    names = [value.name for value in load_model_from_string(model).graph.input]
    return {name: known[name] for name in names}


def failure_of(
    model: bytes, known: Mapping[str, Array], compile: Compile, runner: str | None
) -> str | None:
    """What is wrong with a model: a refusal, or a result that is off."""
    inputs = given(model, known)
    try:
        (expected,) = reference(model, [inputs])
    except DeployError:
        return None  # nobody knows what would be right
    try:
        with compile(model).session(runner) as session:
            (values,) = session.run_many([inputs])
            names = [tensor.name for tensor in session.outputs]
    except DeployError as error:
        return str(error)
    found = compare_all(names, values, expected, quantized_outputs(model))
    wrong = [one for one in found if not one.is_right]
    return f"{wrong[0].name}: {DIFFERS}" if wrong else None
