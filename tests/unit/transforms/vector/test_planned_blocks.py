"""What kernels are known by, and that blocks come back as they were written down."""

from __future__ import annotations

from deployopt.analysis.groups import kernels_of
from deployopt.analysis.plans import plan_of
from deployopt.machine import attach, load_machine
from deployopt.transforms.vector.blocks import BLOCKS_ATTRIBUTE
from deployopt.transforms.vector.candidates import Alike
from deployopt.transforms.vector.choose_blocks import choose
from deployopt.transforms.vector.planned_blocks import signature, structured
from deployopt.universe import all_passes, new_context
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser

PRODUCT = """
#x = affine_map<(d0, d1, d2) -> (d0, d2)>
#w = affine_map<(d0, d1, d2) -> (d2, d1)>
#y = affine_map<(d0, d1, d2) -> (d0, d1)>
func.func private @product(
    {x}: memref<{rows}x32xf32, "ram">, %w: memref<32x48xf32, "ram">,
    %y: memref<{rows}x48xf32, "ram">
) attributes {{deploy.kernel}} {{
  {zero} = arith.constant 0.0 : f32
  linalg.fill ins({zero} : f32) outs(%y : memref<{rows}x48xf32, "ram">)
  linalg.generic {{indexing_maps = [#x, #w, #y],
      iterator_types = ["parallel", "parallel", "reduction"]}}
      ins({x}, %w : memref<{rows}x32xf32, "ram">, memref<32x48xf32, "ram">)
      outs(%y : memref<{rows}x48xf32, "ram">) {{
  ^bb0(%p: f32, %q: f32, %o: f32):
    %m = arith.mulf %p, %q : f32
    %s = arith.addf %o, %m : f32
    linalg.yield %s : f32
  }}
  func.return
}}
"""


def product(rows: int = 12, x: str = "%x", zero: str = "%zero") -> ModuleOp:
    text = PRODUCT.format(rows=rows, x=x, zero=zero)
    module = Parser(new_context(), text).parse_module()
    attach(module, load_machine("rv64gcv"))
    return module


def run(module: ModuleOp, *names: str) -> None:
    for name in names:
        all_passes()[name]()().apply(new_context(), module)


def test_names_do_not_matter_and_shapes_do():
    (one,), (same,) = map(kernels_of, (product(), product(x="%in", zero="%0")))
    (other,) = kernels_of(product(rows=13))
    assert signature(one) == signature(same)
    assert signature(one) != signature(other)


def test_blocks_do_not_matter():
    module = product()
    (kernel,) = kernels_of(module)
    before = signature(kernel)
    run(module, "vector-choose-blocks")
    assert any(BLOCKS_ATTRIBUTE in op.attributes for op in structured(kernel))
    assert signature(kernel) == before


def test_what_was_recorded_is_applied():
    module = product()
    run(module, "vector-choose-blocks", "vector-record-plan")
    chosen = str(module)
    for kernel in kernels_of(module):
        for op in structured(kernel):
            op.attributes.pop(BLOCKS_ATTRIBUTE, None)
    assert str(module) != chosen
    run(module, "vector-apply-plan")
    assert str(module) == chosen
    plan = plan_of(module)
    assert plan is not None
    assert plan.blocks is not None
    assert [len(entry.operations) for entry in plan.blocks] == [2]


def test_nests_that_are_alike_are_searched_once():
    alike, machine = Alike(), load_machine("rv64gcv")
    for rows in (12, 13, 12):
        module, other = product(rows), product(rows)
        (kernel,) = kernels_of(module)
        choose(kernel, machine, alike.best)
        run(other, "vector-choose-blocks")
        assert str(module) == str(other)
    assert len(alike.known) == 2
