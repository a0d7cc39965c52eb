"""Operations that say when something is computed or loaded change no value."""

from __future__ import annotations

import numpy as np
from deployopt.interpreters import run_module
from deployopt.universe import new_context
from xdsl.parser import Parser

TYPE = 'memref<2xf32, "ram">'
ANEW = f"""
func.func @run(%x: {TYPE} {{deploy.role = "input"}},
               %y: {TYPE} {{deploy.role = "output"}}) {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = deploy.anew %y : {TYPE}
  %e = memref.load %x[%c0] : {TYPE}
  memref.store %e, %y[%c0] : {TYPE}
  %f = memref.load %z[%c0] : {TYPE}
  memref.store %f, %z[%c1] : {TYPE}
  func.return
}}
"""

OPAQUE = """
func.func @run(%x: memref<1xi8, "ram"> {deploy.role = "input"},
               %y: memref<1xi8, "ram"> {deploy.role = "output"}) {
  %c0 = arith.constant 0 : index
  %e = memref.load %x[%c0] : memref<1xi8, "ram">
  %f = deploy.opaque %e : i8
  memref.store %f, %y[%c0] : memref<1xi8, "ram">
  func.return
}
"""


def test_a_number_that_compilers_do_not_know_is_the_same():
    module = Parser(new_context(), OPAQUE).parse_module()
    module.verify()
    (result,) = run_module(module, [np.array([-128], np.int8)])
    assert result.tolist() == [-128]


def test_a_buffer_under_another_name_is_the_same():
    module = Parser(new_context(), ANEW).parse_module()
    module.verify()
    (result,) = run_module(module, [np.array([3, 4], np.float32)])
    assert result.tolist() == [3, 3]
