"""Reads the loops and accesses of a kernel off the indexing maps in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from xdsl.dialects import linalg
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, BlockArgument, Operation, SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineExpr
from xdsl.utils.hints import isa

from ...dialects.deploy import KernelOp
from ..decisions import kernel_decisions
from ..footprint import linear
from ..memory import element_bytes
from ..structured import (
    body_reads,
    captured,
    covers,
    indexing_maps,
    loop_ranges,
    output_map,
    reads_output,
    reduction_loops,
    shape_of,
)
from ..tiles import Group, Structured, group_of
from .kernel_model import Access, Axis, Given, KernelModel


@dataclass
class _Reader:
    """Collects what the members of a group touch."""

    group: Group
    kernel: KernelOp
    extents: list[int]
    ids: dict[Operation, tuple[int, ...]] = field(
        default_factory=dict[Operation, tuple[int, ...]]
    )
    locked: set[int] = field(default_factory=set[int])

    def name_loops(self) -> None:
        """Gives the loops of every member their numbers in the kernel."""
        for member in reversed(self.group.members):
            if member is self.group.root:
                continue
            self.ids[member] = self._ids_from_reader(member)

    def _ids_from_reader(self, member: Structured) -> tuple[int, ...]:
        known: dict[int, int] = {}
        for use in member.results[0].uses:
            reader = use.operation
            if not isinstance(reader, Structured) or reader not in self.ids:
                continue
            read = indexing_maps(reader)[use.index].results
            made = output_map(member, 0).results
            for inner, outer in zip(made, read, strict=True):
                if isinstance(inner, AffineDimExpr) and isinstance(
                    outer, AffineDimExpr
                ):
                    known[inner.position] = self.ids[reader][outer.position]
        return tuple(
            known[loop] if loop in known else self._fresh(extent)
            for loop, extent in enumerate(loop_ranges(member))
        )

    def _fresh(self, extent: int) -> int:
        self.extents.append(extent)
        return len(self.extents) - 1

    def axes(
        self, op: Structured, exprs: Sequence[AffineExpr], shape: Sequence[int]
    ) -> tuple[Axis, ...]:
        """The axes of an operand of `op`."""
        ids = self.ids[op]
        found: list[Axis] = []
        for expr, size in zip(exprs, shape, strict=True):
            sums = linear(expr, len(ids))
            if sums is None:
                self.locked.update(ids[loop] for loop in expr.used_dims())
                found.append(Axis(size, whole=True))
                continue
            factors: dict[int, int] = {}
            for loop, factor in zip(ids, sums.factors, strict=True):
                if factor and self.extents[loop] > 1:
                    factors[loop] = factors.get(loop, 0) + factor
            found.append(Axis(size, tuple(sorted(factors.items())), sums.constant))
        return tuple(found)

    def reads(self) -> Iterator[Access]:
        """What the members read."""
        for member in self.group.members:
            for index, value in enumerate(member.operands):
                argument = self._argument(value)
                if argument is None or not self._is_read(member, index):
                    continue
                exprs = indexing_maps(member)[index].results
                axes = self.axes(member, exprs, shape_of(value))
                yield Access(argument.index, axes, _element(value))
            for value in captured(member):
                argument = self._argument(value)
                if argument is not None:
                    axes = tuple(Axis(n, whole=True) for n in shape_of(value))
                    yield Access(argument.index, axes, _element(value))

    def _argument(self, value: SSAValue) -> BlockArgument | None:
        """`value` if it is a tensor operand of the kernel."""
        if not isinstance(value, BlockArgument) or value.block is not self.kernel.block:
            return None
        return value if isinstance(value.type, TensorType) else None

    def _is_read(self, member: Structured, index: int) -> bool:
        count = len(member.inputs)
        if index >= count:
            return reads_output(member, index - count)
        return isinstance(member, linalg.ops.FillOp) or body_reads(member, index)

    def writes(self) -> Iterator[Access]:
        """What the root writes."""
        root = self.group.root
        first = len(self.kernel.inputs)
        for number, result in enumerate(root.results):
            map_ = output_map(root, number)
            if not covers(map_, shape_of(result)):
                self.locked.update(range(len(self.extents)))
            axes = self.axes(root, map_.results, shape_of(result))
            yield Access(first + number, axes, _element(result))


def _element(value: SSAValue) -> int:
    assert isa(value.type, TensorType[Attribute]), "operands are tensors"
    return element_bytes(value.type.element_type)


def _opaque(kernel: KernelOp) -> KernelModel:
    """A kernel of which nothing can be said but what its operands are."""

    def whole(number: int) -> Access:
        value = kernel.operands[number]
        axes = tuple(Axis(size, whole=True) for size in shape_of(value))
        return Access(number, axes, _element(value))

    count = len(kernel.inputs)
    tensors = [
        n for n, v in enumerate(kernel.operands) if isinstance(v.type, TensorType)
    ]
    reads = tuple(whole(n) for n in tensors if n < count)
    writes = tuple(whole(n) for n in tensors if n >= count)
    return KernelModel(kernel, (), frozenset(), reads, writes)


def model_of(kernel: KernelOp) -> KernelModel:
    """The loops and accesses of a kernel on tensors."""
    group = group_of(kernel)
    if group is None:
        return _opaque(kernel)
    root, reducer = group.root, group.accumulating
    extents = list(loop_ranges(root))
    reader = _Reader(group, kernel, extents, {root: tuple(range(len(extents)))})
    reader.name_loops()
    reads = tuple(dict.fromkeys(reader.reads()))
    writes = tuple(reader.writes())
    own = () if reducer is None else reader.ids[reducer]
    reduced = () if reducer is None else reduction_loops(reducer)
    apart = None if reducer is root else reducer
    reductions = frozenset(own[loop] for loop in reduced)
    others = set(range(len(loop_ranges(root)), len(extents))) - reductions
    return KernelModel(
        kernel,
        tuple(extents),
        reductions,
        reads,
        writes,
        frozenset(reader.locked | others),
        0 if apart is None else _element(apart.results[0]),
        apart is not None and [r.type for r in root.results] == [apart.results[0].type],
        root,
        reducer,
        own,
        _given(kernel, extents, own),
    )


def _given(kernel: KernelOp, extents: Sequence[int], own: Sequence[int]) -> Given:
    """What stands on a kernel whose accumulating member has the loops `own`."""
    plan = kernel_decisions(kernel)
    sizes: dict[int, int] = {}
    pairs = [*enumerate(plan.tile or ()), *zip(own, plan.reduction or (), strict=False)]
    for loop, size in pairs:
        if 0 < size < extents[loop]:
            sizes[loop] = size
    cut = plan.tile is not None or plan.reduction is not None
    tile = tuple(sorted(sizes.items())) if cut else None
    return Given(plan.chain, plan.level, tile, plan.order)
