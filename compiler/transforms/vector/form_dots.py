"""
Takes products of bytes four at a time, where the machine has an instruction for that.

Before, on a machine with Zvqdotq:
```mlir
linalg.generic {indexing_maps = [(m, n, k) -> (m, k), (m, n, k) -> (k, n), …]}
    ins(%x, %w : memref<49x64xi8>, memref<64x32xi8>) outs(%acc : memref<49x32xi32>) {
^bb0(%a: i8, %b: i8, %s: i32):
  … %s + extsi(%a) * extsi(%b) …
}
```
After, where the bytes of the constant `%w` are in another order:
```mlir
%p = deploy.words %x : memref<49x64xi8> to memref<49x16xi32>
%q = deploy.words %w : memref<16x128xi8> to memref<16x32xi32>
linalg.generic {indexing_maps = [(m, n, k) -> (m, k), (m, n, k) -> (k, n), …]}
    ins(%p, %q : memref<49x16xi32>, memref<16x32xi32>) outs(%acc : memref<49x32xi32>) {
^bb0(%a: i32, %b: i32, %s: i32):
  %r = deploy.dot4 %s, %b, %a : i32, i32
  linalg.yield %r : i32
}
```
The loop is one over a reduction whose extent is a multiple of four, in which one
operand at least moves from byte to byte. Of the other, four bytes must stand together
as well: a constant that nobody else reads is rearranged (`words.py`). What a person has
cut into blocks stays as it is.
"""

from __future__ import annotations

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import AffineMapAttr, ModuleOp, i32
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Block, Region
from xdsl.passes import ModulePass

from ...analysis.byte_products import Factor, factors
from ...analysis.groups import kernels_of
from ...analysis.structured import loop_ranges, reduction_loops
from ...dialects import deploy
from ...dialects.deploy.words import WORD_BYTES
from ...machine import has_machine, machine_of
from ...properties import Property
from .blocks import BLOCKS_ATTRIBUTE
from .constants import Constants
from .dataflow import Dataflow
from .words import Operands, Way, put


def form(op: linalg.GenericOp, operands: Operands) -> None:
    """Takes the products of `op` four at a time, if they are products of bytes."""
    sides = factors(op)
    if sides is None or BLOCKS_ATTRIBUTE in op.attributes:
        return
    for loop in reversed(reduction_loops(op)):
        if loop_ranges(op)[loop] % WORD_BYTES:
            continue
        ways = [operands.way(op, side.operand, loop) for side in sides]
        one, other = ways
        if one is not None and other is not None:
            return replace(op, sides, (one, other))


def replace(
    op: linalg.GenericOp, sides: tuple[Factor, Factor], ways: tuple[Way, Way]
) -> None:
    """Puts sums of four products in the place of `op`."""
    inputs, maps = list(op.inputs), list(op.indexing_maps.data)
    types = list(op.body.block.arg_types)
    for side, way in zip(sides, ways, strict=True):
        maps[side.operand] = AffineMapAttr(way.map)
        types[side.operand] = i32
    body = Block(arg_types=types)
    one, other = sides
    words = body.args[one.operand], body.args[other.operand]
    unsigned = one.is_unsigned, other.is_unsigned
    dot = deploy.Dot4Op(body.args[-1], *words, unsigned)
    body.add_ops([dot, linalg.YieldOp(dot.result)])
    region, kinds = Region(body), op.iterator_types
    new = linalg.GenericOp(inputs, op.outputs, region, maps, kinds)
    new.attributes = dict(op.attributes)
    put(new, op)
    op.detach()
    op.erase()
    for side, way in zip(sides, ways, strict=True):
        new.operands[side.operand] = way.make(new)


class VectorFormDotsPass(ModulePass):
    """Takes products of bytes four at a time, where there is an instruction for it."""

    name = "vector-form-dots"
    needs = (Property.OUTLINED, Property.FREE_BLOCKS)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if not has_machine(op) or not machine_of(op).has_byte_dots:
            return
        constants = Constants(op)
        for kernel in kernels_of(op):
            flow = Dataflow.of(kernel.body.block)
            operands = Operands(kernel, flow, constants)
            for one in list(kernel.body.block.ops):
                if isinstance(one, linalg.GenericOp):
                    form(one, operands)
