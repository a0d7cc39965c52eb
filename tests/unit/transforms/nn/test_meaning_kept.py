"""Random networks mean the same before and after every pass of fuse and layout."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from deployopt.dialects import nn
from deployopt.interpreters import run_module
from deployopt.interpreters.builtin import dtype_of
from deployopt.universe import all_passes, new_context
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transforms.nn.random_nodes import is_real, random_network
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp

PASSES = (
    "nn-fold-constants",
    "nn-clean-reshapes",
    "nn-cancel-transposes",
    "nn-sink-transposes",
    "nn-fold-batch-norm",
    "nn-generalize-elementwise",
    "nn-fuse-epilogue",
    "nn-fuse-elementwise",
    "nn-fold-scalars",
    "nn-fold-pad",
    "nn-channels-last",
    "nn-fold-transpose-into-matmul",
)

ORDER = (
    *PASSES[:4],
    *PASSES[4:7],
    "nn-fuse-elementwise",
    "nn-fold-scalars",
    "nn-fuse-epilogue",
    "nn-fold-pad",
    "nn-choose-layout",
    "nn-channels-last",
    "nn-sink-transposes",
    "nn-clean-reshapes",
    "nn-fold-transpose-into-matmul",
    "nn-sink-transposes",
    "nn-fuse-epilogue",
    "nn-fuse-elementwise",
    "nn-fold-constants",
)
"""As the phases have them, so that each pass sees what the ones before leave."""


def outputs(module: ModuleOp) -> tuple[np.ndarray, ...]:
    entry = module.body.block.first_op
    assert isinstance(entry, FuncOp)
    argument = nn.tensor_type(entry.args[0])
    rng, shape = np.random.default_rng(7), argument.get_shape()
    x = (
        rng.uniform(-2, 2, shape)
        if is_real(entry.args[0])
        else rng.integers(9, size=shape)
    )
    return run_module(module, [x.astype(dtype_of(argument))])


def run_pass(module: ModuleOp, name: str) -> None:
    all_passes()[name]()().apply(new_context(), module)
    module.verify()


def assert_alike(got: Sequence[np.ndarray], wanted: Sequence[np.ndarray]) -> None:
    for a, b in zip(got, wanted, strict=True):
        if b.dtype.kind != "f":
            np.testing.assert_array_equal(a, b)
            continue
        finite = b[np.isfinite(b)]
        scale = float(np.abs(finite).max()) if finite.size else 1.0
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5 * scale + 1e-6)


FEW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.mark.parametrize("name", PASSES)
@given(st.data())
@FEW
def test_pass_keeps_the_meaning(name: str, data: st.DataObject):
    module = random_network(data)
    wanted = outputs(module)
    run_pass(module, name)
    assert_alike(outputs(module), wanted)


@given(st.data())
@FEW
def test_phases_keep_the_meaning(data: st.DataObject):
    module = random_network(data)
    wanted = outputs(module)
    for name in ORDER:
        run_pass(module, name)
        assert_alike(outputs(module), wanted)


@given(st.data())
@FEW
def test_passes_are_done_when_they_end(data: st.DataObject):
    module = random_network(data)
    for name in ORDER:
        run_pass(module, name)
    for name in ORDER[-8:]:
        before = str(module)
        run_pass(module, name)
        assert str(module) == before, name
