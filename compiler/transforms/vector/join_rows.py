"""
Rows of results become one row, together with what is between rows of what is read.

Before, on a machine with eight lanes:
```mlir
deploy.kernel(%x, %w) outs(%y) {
  linalg.generic {indexing_maps = [(f, h, w, c, i, j) -> (c, h + i, w + j), …]}
      ins(%kx, %kw : memref<12x19x19xf32>, memref<20x12x3x3xf32>)
      outs(%ky : memref<20x17x17xf32>) …
```
After:
```mlir
%r = deploy.buffer "conv.rows" : memref<20x305xf32>
deploy.kernel(%x_1, %w) outs(%r) {
  linalg.generic {indexing_maps = [(f, p, c, i, j) -> (c, p + i * 18 + j), …]}
      ins(%kx, %kw : memref<12x343xf32>, memref<20x12x3x3xf32>)
      outs(%ky : memref<20x305xf32>) …
%s = memref.reinterpret_cast %r … : memref<20x305xf32> to memref<20x17x17xf32, …>
deploy.kernel(%s) outs(%y) { … a copy … }
```
17 columns are two registers and one column alone. Rows that are padded have neighbours
in memory, so vectors go on from row to row, and what is summed up between two of them
is left behind by a copy. Where a buffer is padded before anything is put inside, its
rows come nearer to each other, since what is behind one is also before the next. All
that is done where it takes a tenth fewer instructions and there is memory for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects import func, memref
from xdsl.dialects.builtin import MemRefType, ModuleOp
from xdsl.ir import Attribute, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.hints import isa

from ...analysis.access import reads_argument
from ...analysis.memory import budget_of, bytes_of, level_of
from ...analysis.planning import aligned
from ...dialects.deploy import BufferOp, KernelOp
from ...properties import Property
from ...rewriting import locate, node_names
from ..memory.kernels import copy_kernel
from ..memory.storage import free_label, labels_in
from .flat_rows import flat_rows, flatten, readers, rows_type
from .joining import under_shape
from .pricing import WORTH
from .reforming import Reforming, reform, takes_dots
from .shared_borders import Border, border_of, share, shared_type


class Narrowed(NamedTuple):
    """An operand of a kernel whose rows share a border."""

    number: int
    border: Border
    pitch: int


class Flat(NamedTuple):
    """A kernel whose rows are one, not in the module yet."""

    kernel: KernelOp
    buffer: BufferOp
    """What it writes."""
    rows: memref.ReinterpretCastOp
    """The rows of results in it."""
    copy: KernelOp
    narrowed: Narrowed | None

    def drop(self) -> None:
        """Forgets it."""
        for op in (self.copy, self.kernel, self.rows, self.buffer):
            op.erase()


class JoiningRows(Reforming):
    """Joins rows of kernels where that takes fewer instructions."""

    @override
    def visit(self, kernel: KernelOp) -> None:
        trials = list(self._trials(kernel))
        if not trials:
            return
        prices = [self._price(trial) for trial in trials]
        best = trials[prices.index(min(prices))]
        limit = worth(kernel) * self.pricing.of(kernel.block).instructions
        is_better = min(prices) < limit and has_room(kernel, best)
        for trial in trials:
            if trial is not best or not is_better:
                trial.drop()
        if is_better:
            put(kernel, best)

    def _trials(self, kernel: KernelOp) -> Iterator[Flat]:
        """The kernel with one row, as its operands are and with narrowed ones."""
        is_once = isinstance(kernel.parent_op(), func.FuncOp)
        if not is_once or len(kernel.outputs) != 1 or takes_dots(kernel, self.machine):
            return
        if reads_argument(kernel.block.args[-1]) or flat_rows(kernel.block) is None:
            return
        # all before the first trial, which uses the same buffers
        for narrowed in [None, *narrowings(kernel)]:
            if (trial := flattened(kernel, narrowed)) is not None:
                yield trial

    def _price(self, trial: Flat) -> float:
        """What a kernel and its copy take."""
        blocks = (trial.kernel.block, trial.copy.block)
        return sum(self.pricing.of(block).instructions for block in blocks)


def worth(kernel: KernelOp) -> float:
    """
    The part of its instructions that a kernel may take at most with one row.

    Where no results share what is read, neighbouring rows of them do, which is known
    less well beforehand.
    """
    is_shared = any(reader.is_shared for reader in readers(kernel.block))
    return 1.0 if is_shared else WORTH


def narrowings(kernel: KernelOp) -> Iterator[Narrowed]:
    """The operands of a kernel whose rows may come nearer to each other."""
    for reader in readers(kernel.block):
        arg, value = reader.argument, kernel.operands[reader.argument.index]
        border = border_of(value)
        if border is None or not isa(arg.type, MemRefType):
            continue
        users = {use.operation for use in value.uses}.difference(border.fills)
        are_others = sum(isinstance(user, KernelOp) for user in users) > 1
        whole, is_once = arg.type.get_shape()[-1], arg.has_one_use()
        pitch = border.pitch(reader.columns if is_once and not are_others else whole)
        if pitch < whole:
            yield Narrowed(arg.index, border, pitch)


def flattened(kernel: KernelOp, narrowed: Narrowed | None) -> Flat | None:
    """A kernel whose rows are one; None where they are one already."""
    new, output = kernel.clone(), kernel.outputs[0]
    if narrowed is not None:
        type_ = shared_type(narrowed.border, narrowed.pitch)
        Rewriter.replace_value_with_new_type(new.block.args[narrowed.number], type_)
    plan = flat_rows(new.block)
    if plan is None:
        new.erase()
        return None
    flatten(new.block, plan)
    made = new.block.args[-1].type
    assert isa(made, MemRefType), "it writes to a buffer"
    buffer = BufferOp(label_for(kernel), made)
    rows = rows_of(buffer.result, output.type, plan.pitch)
    return Flat(new, buffer, rows, copy_kernel(rows.result, output), narrowed)


def label_for(kernel: KernelOp) -> str:
    """A name that no other buffer has."""
    name = next(iter(node_names(kernel.location)), "rows")
    return free_label(name, labels_in(driver_of(kernel)))


def driver_of(kernel: KernelOp) -> func.FuncOp:
    """The function that a kernel outside of loops is in."""
    driver = kernel.parent_op()
    assert isinstance(driver, func.FuncOp), "kernels are in a driver"
    return driver


def rows_of(value: SSAValue, like: Attribute, pitch: int) -> memref.ReinterpretCastOp:
    """The results in a row that has what is between them as well."""
    assert isa(like, MemRefType), "it is a buffer"
    assert isa(value.type, MemRefType), "it is a buffer"
    return under_shape(value, rows_type(value.type, like.get_shape(), pitch))


def has_room(kernel: KernelOp, found: Flat) -> bool:
    """Whether all buffers of a level find room beside each other, with one more."""
    driver = driver_of(kernel)
    level = level_of(found.buffer.result.type)
    sizes = [
        bytes_of(op.result.type)
        for op in (*driver.walk(), found.buffer)
        if isinstance(op, BufferOp) and op.level == level
    ]
    budget = budget_of(driver, level)
    asked = sum(aligned(size, budget.align) for size in sizes)
    return asked <= budget.available(asked)


def put(kernel: KernelOp, found: Flat) -> None:
    """Puts a kernel with one row, and a copy of its rows, into the place of one."""
    new = found.kernel
    if found.narrowed is not None:
        share(found.narrowed.border, found.narrowed.pitch)
    for arg, value in zip(new.block.args, kernel.inputs, strict=False):
        new.operands[arg.index] = value
        if arg.type != value.type and isa(arg.type, MemRefType):
            view = under_shape(value, arg.type)
            Rewriter.insert_op(
                locate(view, kernel.location), InsertPoint.before(kernel)
            )
            new.operands[arg.index] = view.results[0]
    new.operands[len(kernel.inputs)] = found.buffer.result
    location = kernel.location
    Rewriter.insert_op(locate(found.buffer, location), InsertPoint.before(kernel))
    for op in (found.copy, found.rows):
        Rewriter.insert_op(locate(op, location), InsertPoint.after(kernel))
    Rewriter.replace_op(kernel, new)


class VectorJoinRowsPass(ModulePass):
    """Makes rows one, with what is between them, where they do not fill registers."""

    name = "vector-join-rows"
    needs = (Property.BUFFERS, Property.KERNELS, Property.FREE_OFFSETS)

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        reform(op, JoiningRows)
