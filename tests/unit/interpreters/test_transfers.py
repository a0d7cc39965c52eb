"""When a transfer's bytes arrive."""

from __future__ import annotations

import numpy as np
from deployopt.interpreters import run_module
from deployopt.universe import new_context
from numpy.typing import NDArray
from xdsl.parser import Parser

FAR, NEAR = 'memref<4xi32, "L2">', 'memref<4xi32, "L1">'


def result(*lines: str, deferred: bool) -> NDArray[np.int32]:
    """What a driver with these lines makes of 1, 2, 3, 4 in %x, by %n, in %y."""
    body = "\n".join(lines)
    text = f"""
    func.func @run(%x: {FAR} {{deploy.role = "input"}},
                   %y: {FAR} {{deploy.role = "output"}}) {{
      %n = deploy.buffer "n" : {NEAR}
      {body}
      func.return
    }}"""
    module = Parser(new_context(), text).parse_module()
    module.verify()
    values = np.array([1, 2, 3, 4], np.int32)
    (got,) = run_module(module, [values], deferred=deferred)
    return got


IN = f"%i = deploy.dma_start %x, %n : {FAR}, {NEAR}"
OUT = f"%o = deploy.dma_start %n, %y : {NEAR}, {FAR}"


def wait(token: str) -> str:
    return f"deploy.dma_wait %{token}"


def test_a_transfer_is_there_after_its_wait():
    for deferred in (False, True):
        got = result(IN, wait("i"), OUT, wait("o"), deferred=deferred)
        assert got.tolist() == [1, 2, 3, 4]


def test_a_deferred_transfer_is_not_there_before():
    early = IN, OUT, wait("o"), wait("i")
    assert result(*early, deferred=False).tolist() == [1, 2, 3, 4]
    assert result(*early, deferred=True).tolist() == [0x5A5A5A5A] * 4
