"""
Cuts kernels into tiles, as their operations say.

Before:
```mlir
%y = deploy.kernel(%x : tensor<10xf32>) outs(%e : tensor<8xf32>) {
  … linalg.generic {indexing_maps = [(d0, d1) -> (d0 + d1), …]} … {deploy.tile = [4, 0]}
```
After:
```mlir
%y = scf.for %i = %c0 to %c8 step %c4 iter_args(%d = %e) -> (tensor<8xf32>) {
  %xi = tensor.extract_slice %x[%i] [6] [1] : tensor<10xf32> to tensor<6xf32>
  %di = tensor.extract_slice %d[%i] [4] [1] : tensor<8xf32> to tensor<4xf32>
  %t = deploy.kernel(%xi : tensor<6xf32>) outs(%di : tensor<4xf32>) { … }
  %r = tensor.insert_slice %t into %d[%i] [4] [1] : tensor<4xf32> into tensor<8xf32>
  scf.yield %r : tensor<8xf32>
}
```

Loops run over full tiles; what remains is a tile of its own behind them, so that every
shape stays static. A tile on the accumulating operation also cuts its reduction: then
the accumulator is memory, filled before, and a kernel of its own finishes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from typing_extensions import override
from xdsl.builder import Builder
from xdsl.context import Context
from xdsl.dialects import scf, tensor
from xdsl.dialects.builtin import IndexType, ModuleOp
from xdsl.ir import Block, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter

from ...analysis.footprint import Offset, Span
from ...analysis.structured import loop_ranges, reduction_loops
from ...analysis.tiles import (
    Group,
    Sizes,
    Structured,
    feeding,
    group_of,
    is_cuttable,
    reduction_sizes,
    root_sizes,
    spans_of,
    tile_of,
    whole_loops,
)
from ...dialects.deploy import KernelOp
from .tile_bodies import (
    Driver,
    Spans,
    TileKernel,
    part_of,
    refuse,
    start_of,
    tile_type,
)

Tensors: TypeAlias = Sequence[SSAValue]
TileBody: TypeAlias = Callable[[Driver, Sequence[Span], Tensors], Tensors]
"""What is done to the carried tensors for one tile of the loops."""


def for_each_tile(
    driver: Driver,
    spans: Sequence[Span],
    sizes: Sizes,
    carried: Tensors,
    body: TileBody,
    loop: int = 0,
) -> Tensors:
    """Runs `body` for every tile of the loops from number `loop` on."""
    if loop == len(spans):
        return body(driver, spans, carried)

    def at(inner: Driver, span: Span, values: Tensors) -> Tensors:
        cut = [*spans[:loop], span, *spans[loop + 1 :]]
        return for_each_tile(inner, cut, sizes, values, body, loop + 1)

    extent, size = spans[loop].size, sizes[loop]
    if not 0 < size < extent:
        return at(driver, spans[loop], carried)
    full = extent // size * size
    if full == size:
        carried = at(driver, Span(Offset(), size, whole=False), carried)
    else:
        carried = tile_loop(driver, full, size, carried, at)
    if full == extent:
        return carried
    return at(driver, Span(Offset(full), extent - full, whole=False), carried)


def tile_loop(
    driver: Driver,
    end: int,
    size: int,
    carried: Tensors,
    at: Callable[[Driver, Span, Tensors], Tensors],
) -> Tensors:
    """A loop over full tiles."""
    block = Block(arg_types=[IndexType(), *(value.type for value in carried)])
    index, *inside = block.args
    inner = driver.inside(block)
    results = at(inner, Span(Offset(0, ((index, 1),)), size, whole=False), inside)
    inner.append(scf.YieldOp(*results))
    bounds = driver.index(0), driver.index(end), driver.index(size)
    return driver.append(scf.ForOp(*bounds, carried, block))


@dataclass
class Tiler:
    """Tiles one kernel."""

    kernel: KernelOp
    group: Group
    reduction: Sizes
    """A size per loop of the accumulating member; empty when it is not cut."""

    def tile(self, driver: Driver, spans: Sequence[Span], whole: Tensors) -> Tensors:
        """Puts the kernels of one tile of the root's loops into the destinations."""
        root = self.group.root
        loops: Spans = {root: tuple(spans)}
        count = len(root.inputs)
        parts = [
            part_of(root, count + number, loops)[0] for number in range(len(whole))
        ]
        outputs = list(map(driver.slice, whole, parts))
        results = self.kernels(driver, spans, outputs)
        return list(map(driver.insert, results, whole, parts))

    def kernels(
        self, driver: Driver, spans: Sequence[Span], outputs: Tensors
    ) -> Tensors:
        """The kernels of one tile."""
        members, root = self.group.members, self.group.root
        loops = spans_of(root, spans, members)
        reducer = self.group.accumulating
        if reducer is None or not any(self.reduction):
            return TileKernel(driver, loops, {}).build(members, outputs)
        if reducer is root:
            return self.reduce(driver, loops, outputs)
        axes = part_of(reducer, len(reducer.inputs), loops)[0]
        type_ = tile_type(reducer.results[0], axes)
        accumulator = driver.append(tensor.EmptyOp([], type_))
        (total,) = self.reduce(driver, loops, accumulator)
        done = feeding(reducer, members)
        rest = [op for op in members if op not in done]
        replaced: dict[SSAValue, SSAValue] = {reducer.results[0]: total}
        return TileKernel(driver, loops, replaced).build(rest, outputs)

    def reduce(self, driver: Driver, loops: Spans, outputs: Tensors) -> Tensors:
        """Fills the accumulator, then adds one tile of the reduction after another."""
        reducer = self.group.accumulating
        assert reducer is not None, "there is a reduction to cut"
        fill = start_of(reducer)
        members = [op for op in feeding(reducer, self.group.members) if op is not fill]
        if isinstance(fill, Structured):
            outputs = TileKernel(driver, loops, {}).build([fill], outputs)

        def step(inner: Driver, spans: Sequence[Span], carried: Tensors) -> Tensors:
            spans_here = spans_of(reducer, spans, members)
            return TileKernel(inner, spans_here, {}).build(members, carried)

        return for_each_tile(driver, loops[reducer], self.reduction, outputs, step)


def checked(op: Structured, sizes: Sizes) -> Sizes:
    """`sizes` for the loops of `op`, 0 where a whole loop is meant; or a refusal."""
    ranges = loop_ranges(op)
    if len(sizes) != len(ranges) or any(size < 0 for size in sizes):
        refuse(op, f"deploy.tile must have {len(ranges)} sizes >= 0, got {list(sizes)}")
    reduced = reduction_loops(op)
    return tuple(
        size if 0 < size < extent and loop not in reduced else 0
        for loop, (size, extent) in enumerate(zip(sizes, ranges, strict=True))
    )


def tile_kernel(kernel: KernelOp) -> None:
    """Replaces a kernel by loops over its tiles, if one of its operations asks."""
    group = group_of(kernel)
    if group is None:
        return
    for op in group.members:
        checked(op, tile_of(op) or (0,) * len(loop_ranges(op)))
    root = group.root
    sizes = checked(root, root_sizes(group) or (0,) * len(loop_ranges(root)))
    reduction = reduction_sizes(group)
    if not any(sizes) and not any(reduction):
        return
    for op in group.members:
        if not is_cuttable(op, tile_of(op) or (0,) * len(loop_ranges(op))):
            refuse(op, "a tile must write all of one slice, and divide no loop")
    driver = Driver(Builder(InsertPoint.before(kernel)), kernel)
    body = Tiler(kernel, group, reduction).tile
    outputs = tuple(kernel.outputs)
    results = for_each_tile(driver, whole_loops(root), sizes, outputs, body)
    Rewriter().replace_op(kernel, [], results)


@dataclass(frozen=True)
class LinalgTileKernelsPass(ModulePass):
    """Tiles every `deploy.kernel` on tensors as `deploy.tile` says."""

    name = "linalg-tile-kernels"

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for kernel in tuple(op.walk()):
            if isinstance(kernel, KernelOp) and kernel.results:
                tile_kernel(kernel)
