"""What the interpreter tests share: running a module written as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from deployopt.interpreters import run_module
from deployopt.universe import DIALECTS, resolve
from xdsl.context import Context
from xdsl.dialects import get_all_dialects
from xdsl.parser import Parser

Array = npt.NDArray[Any]


@pytest.fixture(scope="session")
def context() -> Context:
    context = Context()
    for name, factory in get_all_dialects().items():
        context.register_dialect(name, factory)
    for place in DIALECTS.values():
        context.load_dialect(resolve(place))
    return context


@pytest.fixture(scope="session")
def run(context: Context) -> Callable[..., tuple[Array, ...]]:
    """The results of the function `@run` of a module given as text."""

    def run(text: str, *inputs: Array) -> tuple[Array, ...]:
        module = Parser(context, text).parse_module()
        module.verify()
        return run_module(module, inputs)

    return run


NUMPY_NAMES = {"f": "float", "i": "int"}


@pytest.fixture(scope="session")
def scalar(
    run: Callable[..., tuple[Array, ...]],
) -> Callable[..., Array]:
    """The results of one scalar operation on whole arrays of operands."""

    def scalar(
        operation: str,
        types: str,
        result: str,
        *operands: Array,
        results: str = "%result",
    ) -> Array:
        """`operation` names its operands %0, %1, …; `types` have commas between."""
        names = types.split(", ")
        n = operands[0].size
        maps = ", ".join(["affine_map<(d) -> (d)>"] * (len(names) + 1))
        tensors = [f"tensor<{n}x{name}>" for name in names]
        heads = ", ".join(f"%t{i} : {t}" for i, t in enumerate(tensors))
        ins = ", ".join(f"%t{i}" for i in range(len(names)))
        block = ", ".join(f"%a{i} : {t}" for i, t in enumerate(names))
        body = operation
        for i in range(len(names)):
            body = body.replace(f"%{i}", f"%a{i}")
        text = f"""
        func.func @run({heads}) -> tensor<{n}x{result}> {{
          %e = tensor.empty() : tensor<{n}x{result}>
          %r = linalg.generic {{
            indexing_maps = [{maps}], iterator_types = ["parallel"]}}
            ins({ins} : {", ".join(tensors)}) outs(%e : tensor<{n}x{result}>) {{
          ^bb0({block}, %out : {result}):
            {results} = {body}
            linalg.yield %result : {result}
          }} -> tensor<{n}x{result}>
          func.return %r : tensor<{n}x{result}>
        }}"""
        (value,) = run(text, *operands)
        return np.asarray(value)

    return scalar
