"""Random programs mean the same before and after every pass from tile to vectorize."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest
from agreement import held
from deployopt.analysis.levels import levels_around
from deployopt.analysis.structured import shape_of
from deployopt.dialects.deploy import KernelOp
from deployopt.interpreters import run_module
from deployopt.machine import attach, load_machine
from deployopt.printing import module_text
from deployopt.universe import all_passes, new_context
from transforms.random_decisions import chain_at_random, place_at_random
from transforms.random_steps import random_program
from xdsl.dialects.bufferization import AllocTensorOp
from xdsl.dialects.builtin import ModuleOp, TensorType
from xdsl.dialects.func import FuncOp
from xdsl.parser import Parser
from xdsl.utils.arg_spec import parse_pipeline

TILE = ("linalg-choose-groups", "linalg-form-kernels")
LOWER = (
    "linalg-tile-kernels",
    "linalg-expand-pads",
    "linalg-form-kernels",
    "linalg-stage-operands",
    "memory-bufferize",
    "memory-assign-offsets",
    "memory-materialize-arenas",
    "memory-outline-kernels",
)


def passes(random: np.random.Generator, tiled: bool) -> Iterator[str]:
    """The passes in order, with random tile sizes for each number of loops."""
    yield from TILE
    for loops in range(1, 8) if tiled else ():
        sizes = ",".join(str(n) for n in random.integers(0, 4, loops))
        yield f"linalg-choose-tiles{{sizes={sizes}}}"
    yield from LOWER


def inputs(
    module: ModuleOp, random: np.random.Generator
) -> list[npt.NDArray[np.int32]]:
    (entry,) = (op for op in module.ops if isinstance(op, FuncOp))
    shapes = [shape_of(type_) for type_ in entry.function_type.inputs]
    return [random.integers(-99, 99, shape).astype(np.int32) for shape in shapes]


def check(seed: int, extra: tuple[str, ...] = (), length: int = 6) -> None:
    random = np.random.default_rng(seed)
    ctx = new_context()
    module = Parser(ctx, random_program(seed, length)).parse_module()
    values = inputs(module, random)
    expected = run_module(module, values)
    for text in (*passes(random, seed % 2 == 1), *extra):
        (spec,) = parse_pipeline(text)
        before = held(module)
        all_passes()[spec.name]().from_spec(spec).apply(ctx, module)
        if held(module) == before:
            continue
        module.verify()
        if spec.name == "linalg-choose-tiles":
            continue
        got = run_module(module, values)
        for want, have in zip(expected, got, strict=True):
            np.testing.assert_array_equal(have, want, err_msg=f"{seed}: {text}")
    text = module_text(ctx, module)
    assert "tensor" not in text
    assert "alloc" not in text
    again = Parser(ctx, text).parse_module()
    assert module_text(ctx, again) == text


@pytest.mark.parametrize("seed", range(10))
def test_same_results_after_every_pass(seed: int):
    check(seed, length=4 + seed % 5)


def check_decisions(seed: int) -> int:
    """Random chains and levels on a machine with levels; how many chains there are."""
    random = np.random.default_rng(seed)
    ctx = new_context()
    module = Parser(ctx, random_program(seed, 4 + seed % 7)).parse_module()
    attach(module, load_machine("scratchpad"))
    values = inputs(module, random)
    expected = run_module(module, values)
    chains = 0
    for name in (*TILE, *LOWER):
        if name == "linalg-tile-kernels":
            chains = chain_at_random(module, random)
            place_at_random(module, random)
        before = held(module)
        all_passes()[name]()().apply(ctx, module)
        if name == "linalg-stage-operands":
            check_near(module)
        if held(module) == before:
            continue
        module.verify()
        got = run_module(module, values)
        for want, have in zip(expected, got, strict=True):
            np.testing.assert_array_equal(have, want, err_msg=f"{seed}: {name}")
    return chains


def check_near(module: ModuleOp) -> None:
    """Kernels work on open levels, and copies are between neighbours."""
    levels = levels_around(module)
    for op in module.walk():
        if isinstance(op, KernelOp):
            tensors = [v for v in op.operands if isinstance(v.type, TensorType)]
            assert all(levels.is_open(levels.of(value)) for value in tensors)
        if isinstance(op, AllocTensorOp) and op.copy is not None:
            way = levels.path(levels.of(op.copy), levels.of(op.tensor))
            assert len(way) <= 2


@pytest.mark.parametrize("seed", range(12))
def test_same_results_whatever_is_decided(seed: int):
    check_decisions(seed)


@pytest.mark.slow
def test_many_same_results_whatever_is_decided():
    assert sum(check_decisions(seed) for seed in range(12, 30)) > 5


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 20))
def test_many_same_results_after_every_pass(seed: int):
    check(seed, length=4 + seed % 5)


@pytest.mark.parametrize("seed", range(100, 103))
def test_same_results_as_loops(seed: int):
    check(seed, ("vector-lower-kernels",), length=4)
