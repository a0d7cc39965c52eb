"""
Cuts kernels, and chains of kernels, into tiles, as their operations say.

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

Kernels with the same `deploy.chain` are cut together, by the tile of the last one: the
others make what one tile of it needs, so that their results never exist whole. Loops
run over full tiles whose operands lie inside; a tile that reaches into a `tensor.pad`,
and what remains, is written out by itself, so that every shape stays static. A tile on
the accumulating operation also cuts its reduction: then the accumulator is memory,
filled before, and a kernel of its own finishes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from typing_extensions import override
from xdsl.builder import Builder
from xdsl.context import Context
from xdsl.dialects import bufferization, tensor
from xdsl.dialects.builtin import (
    DenseArrayBase,
    IntegerType,
    ModuleOp,
)
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.hints import isa

from ...analysis.chains import (
    CHAIN_ATTRIBUTE,
    LEVEL_ATTRIBUTE,
    ORDER_ATTRIBUTE,
    Chain,
    Part,
    chain_of,
    chains_of,
    demand_of,
)
from ...analysis.clips import Axes
from ...analysis.footprint import Span
from ...analysis.groups import driver_blocks, functions_of
from ...analysis.levels import SPACE_ATTRIBUTE, MemoryLevels, levels_around
from ...analysis.structured import loop_ranges, reduction_loops
from ...analysis.tiles import (
    Sizes,
    Structured,
    feeding,
    is_cuttable,
    reduction_sizes,
    root_sizes,
    spans_of,
    tile_of,
    whole_loops,
)
from ...dialects.deploy import KernelOp
from ...properties import Property
from ...rewriting import fused_location, locate
from .inner_kernels import check_chain, erase_unused
from .lift_pads import lift_pads
from .tile_bodies import Spans, TileKernel, part_of, start_of
from .tile_driver import Driver, refuse, tile_type
from .tile_loops import Tensors, for_each_tile, plain_runs, runs_of
from .tile_parts import Reader


@dataclass
class Tiler:
    """Tiles one chain."""

    chain: Chain
    reduction: Sizes
    """A size per loop of the root's accumulating member; empty when it is not cut."""
    levels: MemoryLevels

    def tile(self, driver: Driver, spans: Sequence[Span], whole: Tensors) -> Tensors:
        """Puts the kernels of one tile of the root's loops into the destinations."""
        root = self.chain.root.group.root
        demand = demand_of(self.chain, spans, driver.bounds)
        if demand is None:
            refuse(root, "a tile must take one slice of each tensor, the same in all")
        reader = Reader(self.chain, demand, self.levels, self.chain.inner)
        reader.prepare(driver)
        for part in self.chain.parts[:-1]:
            if part in demand.spans:
                self.window(driver, reader, part)
        count = len(root.inputs)
        loops = demand.spans[self.chain.root]
        parts = [
            part_of(root, count + number, loops)[0] for number in range(len(whole))
        ]
        outputs = list(map(driver.slice, whole, parts))
        results = self.kernels(driver, reader, self.chain.root, outputs)
        return list(map(driver.insert, results, whole, parts))

    def window(self, driver: Driver, reader: Reader, part: Part) -> None:
        """Makes the part of an inner tensor that this tile needs."""
        result = part.kernel.results[0]
        axes: Axes = reader.demand.windows[result]
        reader.fill_around(driver, result)
        (empty,) = driver.append(tensor.EmptyOp([], tile_type(result, axes)))
        (reader.made[result],) = self.kernels(driver, reader, part, [empty])

    def kernels(
        self, driver: Driver, reader: Reader, part: Part, outputs: Tensors
    ) -> Tensors:
        """The kernels that do the work of one part in one tile."""
        members, root = part.group.members, part.group.root
        loops = reader.demand.spans[part]
        reducer = part.group.accumulating
        if reducer is None or part is not self.chain.root or not any(self.reduction):
            kernel = TileKernel(driver, reader, part.kernel, loops, {})
            return kernel.build(members, outputs)
        if reducer is root:
            near = [self.accumulator(driver, reader, part, v) for v in outputs]
            return self.reduce(driver, reader, part, near)
        axes = part_of(reducer, len(reducer.inputs), loops)[0]
        type_ = tile_type(reducer.results[0], axes)
        accumulator = driver.append(tensor.EmptyOp([], type_))
        (total,) = self.reduce(driver, reader, part, accumulator)
        done = feeding(reducer, members)
        rest = [op for op in members if op not in done]
        replaced: dict[SSAValue, SSAValue] = {reducer.results[0]: total}
        kernel = TileKernel(driver, reader, part.kernel, loops, replaced)
        return kernel.build(rest, outputs)

    def accumulator(
        self, driver: Driver, reader: Reader, part: Part, output: SSAValue
    ) -> SSAValue:
        """What a reduction adds to: the destination, or a near tensor for a far one."""
        if self.levels.is_open(self.levels.of(output)):
            return output
        reducer = part.group.accumulating
        if reducer is None or start_of(reducer) is None:
            return reader.near(driver, output)
        return driver.append(tensor.EmptyOp([], output.type))[0]

    def reduce(
        self, driver: Driver, reader: Reader, part: Part, outputs: Tensors
    ) -> Tensors:
        """Fills the accumulator, then adds one tile of the reduction after another."""
        reducer = part.group.accumulating
        assert reducer is not None, "there is a reduction to cut"
        loops: Spans = reader.demand.spans[part]
        fill = start_of(reducer)
        members = [op for op in feeding(reducer, part.group.members) if op is not fill]
        if isinstance(fill, Structured):
            kernel = TileKernel(driver, reader, part.kernel, loops, {})
            outputs = kernel.build([fill], outputs)

        def step(inner: Driver, spans: Sequence[Span], carried: Tensors) -> Tensors:
            here = spans_of(reducer, spans, members)
            kernel = TileKernel(inner, reader, part.kernel, here, {})
            return kernel.build(members, carried)

        runs = [
            (loop, plain_runs(span.size, self.reduction[loop]))
            for loop, span in enumerate(loops[reducer])
            if 0 < self.reduction[loop] < span.size
        ]
        return for_each_tile(driver, loops[reducer], runs, outputs, step)


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


def order_of(root: Structured, sizes: Sizes) -> list[int]:
    """The loops that are cut, outermost first; or a refusal."""
    cut = [loop for loop, size in enumerate(sizes) if size]
    order = root.attributes.get(ORDER_ATTRIBUTE)
    if order is None:
        return cut
    wanted = list(order.get_values()) if isa(order, DenseArrayBase[IntegerType]) else []
    if sorted(wanted) != cut:
        refuse(root, f"deploy.order must name the cut loops {cut}, got {wanted}")
    return wanted


def check_cuttable(chain: Chain) -> None:
    """Refuses what cannot be cut."""
    for part in chain.parts:
        for op in part.group.members:
            sizes = tile_of(op) or (0,) * len(loop_ranges(op))
            checked(op, sizes)
            if not is_cuttable(op, sizes):
                refuse(op, "a tile must write all of one slice, and divide no loop")


def tile_chain(kernels: Sequence[KernelOp], levels: MemoryLevels) -> None:
    """Replaces kernels by loops over their tiles, if their last operation asks."""
    chain = chain_of(kernels)
    if chain is None:
        if len(kernels) > 1:
            refuse(kernels[0], "each kernel of a chain must have one root")
        return
    check_cuttable(chain)
    root = chain.root.group.root
    none = (0,) * len(loop_ranges(root))
    sizes = checked(root, root_sizes(chain.root.group) or none)
    reduction = reduction_sizes(chain.root.group)
    if len(kernels) == 1 and not any(sizes) and not any(reduction):
        return
    check_chain(chain)
    location = fused_location(*(kernel.location for kernel in reversed(kernels)))
    driver = Driver(Builder(InsertPoint.before(kernels[-1])), location)
    runs = [(loop, runs_of(chain, loop, sizes[loop])) for loop in order_of(root, sizes)]
    body = Tiler(chain, reduction, levels).tile
    outputs = [own_destination(driver, v) for v in chain.root.kernel.outputs]
    results = for_each_tile(driver, whole_loops(root), runs, outputs, body)
    rewriter = Rewriter()
    rewriter.replace_op(kernels[-1], [], results)
    erase_unused(kernels[:-1])


def own_destination(driver: Driver, value: SSAValue) -> SSAValue:
    """`value`, or a tensor of the chain's own where it is one without contents."""
    if not isinstance(value.owner, tensor.EmptyOp):
        return value
    return driver.append(tensor.EmptyOp([], value.type))[0]


def give_level(op: tensor.EmptyOp | KernelOp) -> None:
    """Moves the destination of `op` to the level that its attribute names."""
    level = op.attributes.pop(LEVEL_ATTRIBUTE)
    values = op.outputs if isinstance(op, KernelOp) else (op.tensor,)
    for index, value in enumerate(values):
        fresh = isinstance(value.owner, tensor.EmptyOp)
        new = bufferization.AllocTensorOp(value.type, copy=None if fresh else value)
        new.attributes[SPACE_ATTRIBUTE] = level
        Rewriter().insert_op(locate(new, op.location), InsertPoint.before(op))
        if isinstance(op, KernelOp):
            op.operands[len(op.inputs) + index] = new.tensor
        else:
            Rewriter().replace_op(op, [], [new.tensor])


class LinalgTileKernelsPass(ModulePass):
    """Tiles every `deploy.kernel` on tensors as `deploy.tile` says."""

    name = "linalg-tile-kernels"
    needs = (Property.KERNELS, Property.TILES, Property.WHOLE_PADS)
    establishes = (Property.TILED,)
    ends = (Property.TILES,)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        levels = levels_around(op)
        for inner in tuple(op.walk()):
            if LEVEL_ATTRIBUTE in inner.attributes and isinstance(
                inner, tensor.EmptyOp | KernelOp
            ):
                give_level(inner)
        for function in functions_of(op):
            for block in driver_blocks(function.body.block):
                lift_pads(block)
                for kernels in tuple(chains_of(block)):
                    tile_chain(kernels, levels)
        for kernel in op.walk():
            kernel.attributes.pop(CHAIN_ATTRIBUTE, None)
