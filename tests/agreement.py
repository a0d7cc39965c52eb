"""Whether a module still means what its ONNX model means."""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from deployopt.frontend.onnx import import_model
from deployopt.interpreters import run_module
from deployopt.machine import attach, load_machine
from deployopt.pipeline import PHASES
from deployopt.requests import phase_passes
from deployopt.universe import all_passes, new_context
from onnx import ModelProto, numpy_helper
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.exceptions import DiagnosticException, InterpretationError

Array: TypeAlias = npt.NDArray[Any]

FLOAT_TOLERANCE = 2e-5
"""Of the largest element: floats are added in another order, no more."""

QUANTIZERS = {"QuantizeLinear", "DequantizeLinear"}


class Case(NamedTuple):
    """A model, inputs for it, and what onnxruntime makes of them."""

    model: ModelProto
    inputs: list[Array]
    expected: list[Array]


def session(model: ModelProto) -> Any:
    """An onnxruntime session that computes what the graph says, unoptimised."""
    onnxruntime: Any = importlib.import_module("onnxruntime")  # it has no types
    options = onnxruntime.SessionOptions()
    levels = onnxruntime.GraphOptimizationLevel
    options.graph_optimization_level = levels.ORT_DISABLE_ALL
    options.log_severity_level = 3
    provider = ["CPUExecutionProvider"]
    return onnxruntime.InferenceSession(model.SerializeToString(), options, provider)


def random_input(
    shape: Sequence[int], dtype: str, random: np.random.Generator
) -> Array:
    """Normal floats, or integers of the whole range of a short type."""
    if dtype == "float":
        return np.asarray(random.standard_normal(shape)).astype(np.float32)
    if dtype in ("int8", "uint8"):
        limits = np.iinfo(dtype)
        return random.integers(limits.min, limits.max + 1, shape).astype(dtype)
    return random.integers(-1000, 1000, shape).astype(dtype)


def case(model: ModelProto) -> Case:
    """Inputs for `model`, the same every time, and the results for them."""
    random = np.random.default_rng(zlib.crc32(model.graph.name.encode()))
    reference = session(model)
    feeds = {
        wanted.name: random_input(
            [size if isinstance(size, int) else 1 for size in wanted.shape],
            wanted.type.removeprefix("tensor(").removesuffix(")"),
            random,
        )
        for wanted in reference.get_inputs()
    }
    expected = [np.asarray(value) for value in reference.run(None, feeds)]
    return Case(model, list(feeds.values()), expected)


def smallest_step(model: ModelProto) -> float:
    """
    How far a float output may be off because a rounding went the other way.

    Zero without quantisation; else the largest scale in the model, which bounds one
    step of the value that was rounded last.
    """
    constants = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    scales = [
        float(constants[node.input[1]].max())
        for node in model.graph.node
        if node.op_type in QUANTIZERS and node.input[1] in constants
    ]
    return max(scales, default=0.0)


def disagreement(got: Array, expected: Array, step: float) -> str | None:
    """What is wrong with one output, or None."""
    if got.shape != expected.shape or got.dtype != expected.dtype:
        return f"is {got.dtype}{got.shape}, not {expected.dtype}{expected.shape}"
    if not got.size:
        return None
    error = np.abs(got.astype(np.float64) - expected.astype(np.float64))
    if got.dtype.kind == "f":
        allowed = FLOAT_TOLERANCE * float(np.abs(expected).max()) + step
    else:
        allowed = 1.0 if got.dtype.itemsize == 1 and step else 0.0
    worst = float(np.where(np.isnan(error), np.inf, error).max())
    return None if worst <= allowed else f"is off by {worst:g}, allowed {allowed:g}"


class Disagreement(Exception):
    """A pass has failed, or changed what a module means."""


@contextmanager
def told_where(where: str) -> Generator[None]:
    """Names the place in a diagnostic, and leaves out the module that xDSL adds."""
    try:
        yield
    except (DiagnosticException, InterpretationError, TypeError, ValueError) as error:
        reason = f"{where}: {type(error).__name__}: {error}"
    else:
        return
    raise Disagreement(reason.splitlines()[0])


def check(module: ModuleOp, case: Case, where: str) -> None:
    """Raises `Disagreement` unless `module` gives what the model gives."""
    with told_where(where):
        results = run_module(module, case.inputs)
    if len(results) != len(case.expected):
        raise Disagreement(f"{where}: {len(results)} outputs, not {len(case.expected)}")
    step = smallest_step(case.model)
    for i, (got, expected) in enumerate(zip(results, case.expected, strict=True)):
        if wrong := disagreement(got, expected, step):
            raise Disagreement(f"{where}: output {i} {wrong}")


def held(module: ModuleOp) -> list[tuple[object, ...]]:
    """
    All that a module is made of: equal as long as nobody has changed anything.

    Operations and values are themselves only, so one put in the place of its equal is a
    change as well.
    """
    found: list[tuple[object, ...]] = []
    for op in module.walk():
        types = [result.type for result in op.results]
        data = (dict(op.attributes), dict(op.properties), types)
        found.append((op, op.parent, list(op.operands), *data))
        blocks = [block for region in op.regions for block in region.blocks]
        found += [(b, b.parent, [arg.type for arg in b.args]) for b in blocks]
    return found


def every_pass(module: ModuleOp, context: Context, last: str) -> Iterator[str]:
    """
    Runs the compiler on `module` up to the phase `last`.

    Yields what to call the place after each pass that changes something.
    """
    passes = all_passes()
    for phase in PHASES[1:]:
        for one in phase_passes(phase, None, passes):
            where = f"{phase.name}: {one.name}"
            before = held(module)
            with told_where(where):
                one.apply(context, module)
                if held(module) == before:
                    continue
                module.verify()
            yield where
        if phase.name == last:
            return


def imported(model: ModelProto, machine: str = "rv64gcv") -> ModuleOp:
    """The module of `model`, for a machine."""
    module = import_model(model)
    attach(module, load_machine(machine))
    return module


def first_disagreement(model: ModelProto, last: str) -> str | None:
    """The first pass up to the phase `last` behind which the module means another."""
    known, module = case(model), imported(model)
    try:
        check(module, known, "import")
        for where in every_pass(module, new_context(), last):
            check(module, known, where)
    except Disagreement as disagreement:
        return str(disagreement)
    return None


def example_models(folder: Path) -> list[Path]:
    """The ONNX files under `folder`."""
    return sorted(folder.rglob("*.onnx"))
