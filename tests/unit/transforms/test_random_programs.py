"""Random programs mean the same before and after every pass from tile to vectorize."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest
from deployopt.analysis.structured import shape_of
from deployopt.interpreters import run_module
from deployopt.printing import module_text
from deployopt.universe import all_passes, new_context
from transforms.random_steps import random_program
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.parser import Parser
from xdsl.utils.arg_spec import parse_pipeline

TILE = ("linalg-expand-pads", "linalg-choose-groups", "linalg-form-kernels")
LOWER = (
    "linalg-tile-kernels",
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
        all_passes()[spec.name]().from_spec(spec).apply(ctx, module)
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


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 60))
def test_many_same_results_after_every_pass(seed: int):
    check(seed, length=4 + seed % 5)


@pytest.mark.parametrize("seed", range(100, 103))
def test_same_results_as_loops(seed: int):
    check(seed, ("vector-lower-kernels",), length=4)
