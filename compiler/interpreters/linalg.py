"""
Structured operations on tensors and memrefs, whole, through their own bodies.

The body is evaluated once per point of the reduction loops, in their order, on arrays
over all parallel loops; so sums come in the order in which the emitted C adds, and a
convolution takes as many numpy calls as its window has elements.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from xdsl.dialects.builtin import ShapedType
from xdsl.dialects.linalg import ops as linalg
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.dialects.linalg.attrs import IteratorType
from xdsl.interpreter import (
    Interpreter,
    InterpreterFunctions,
    PythonValues,
    ReturnedValues,
    TerminatorValue,
    impl,
    impl_terminator,
    register_impls,
)
from xdsl.ir import SSAValue
from xdsl.ir.affine import AffineMap
from xdsl.utils.exceptions import InterpretationError

from .affine import LoopView, loop_view
from .builtin import Array

Point: TypeAlias = tuple[int | slice, ...]
"""One entry per loop: a number for a reduction loop, everything for a parallel one."""

EVERYTHING = slice(None)


def reduction_points(
    ranges: Sequence[int], is_reduction: Sequence[bool]
) -> Iterator[Point]:
    """The points of the reduction loops, the last loop the fastest."""
    loops = (
        range(n) if reduced else (EVERYTHING,)
        for n, reduced in zip(ranges, is_reduction, strict=True)
    )
    return product(*loops)


def loop_index(dim: int, point: Point, ranges: Sequence[int]) -> Array:
    """The value of loop `dim` at `point`, shaped like the parallel loops."""
    here = point[dim]
    if not isinstance(here, slice):
        return np.array(here)
    parallel = [d for d, p in enumerate(point) if isinstance(p, slice)]
    shape = [ranges[d] if d == dim else 1 for d in parallel]
    return np.arange(ranges[dim]).reshape(shape)


class Loops(NamedTuple):
    """What holds of a structured operation however often it is done."""

    ranges: tuple[int, ...]
    maps: tuple[AffineMap | None, ...]
    """That of each operand; None for a scalar."""
    is_reduction: tuple[bool, ...]
    """Of each loop."""
    inputs: int
    """How many operands are only read."""
    on_tensors: bool
    """Whether it has results, instead of writing into memrefs."""

    @staticmethod
    def of(op: LinalgStructuredOperation) -> Loops:
        """Those of one operation."""
        kinds = (kind.data for kind in op.get_iterator_types())
        maps = zip(op.operands, op.get_indexing_maps(), strict=True)
        return Loops(
            op.get_static_loop_ranges() if op.get_num_loops() else (),
            tuple(map_.data if shaped(value) else None for value, map_ in maps),
            tuple(kind is IteratorType.REDUCTION for kind in kinds),
            len(op.inputs),
            bool(op.res),
        )


def operand_views(loops: Loops, args: Sequence[Array]) -> list[LoopView]:
    """What each operand is to the loops; a scalar is the same everywhere."""
    return [
        _everywhere(array, loops.ranges)
        if map_ is None
        else loop_view(array, map_, loops.ranges)
        for array, map_ in zip(args, loops.maps, strict=True)
    ]


def shaped(value: SSAValue) -> bool:
    """Whether `value` is a tensor or memref, not a scalar."""
    return isinstance(value.type, ShapedType)


def _everywhere(scalar: Array, ranges: Sequence[int]) -> LoopView:
    return LoopView(np.asarray(scalar).reshape([1] * len(ranges)))


def destinations(loops: Loops, args: Sequence[Array]) -> list[Array]:
    """Where the results go: a copy of each tensor, each memref itself."""
    outputs = args[loops.inputs :]
    return [np.array(array) for array in outputs] if loops.on_tensors else [*outputs]


@register_impls
class LinalgFunctions(InterpreterFunctions):
    """`linalg.generic`, the named operations with a body, and what stands in bodies."""

    def __init__(self) -> None:
        self.loops: list[tuple[Point, Sequence[int]]] = []
        """The point and ranges of the operation being evaluated, innermost last."""
        self.known: dict[LinalgStructuredOperation, Loops] = {}
        """What was found out about operations; those in loops are done often."""

    def run_structured(
        self,
        interpreter: Interpreter,
        op: LinalgStructuredOperation,
        args: PythonValues,
    ) -> PythonValues:
        """Any operation with indexing maps, iterator types and a body."""
        if op not in self.known:
            self.known[op] = Loops.of(op)
        loops = self.known[op]
        outputs = destinations(loops, args)
        if 0 not in loops.ranges:
            views = operand_views(loops, [*args[: loops.inputs], *outputs])
            for point in reduction_points(loops.ranges, loops.is_reduction):
                self._run_point(interpreter, op, views, (point, loops.ranges))
        return tuple(outputs) if loops.on_tensors else ()

    def _run_point(
        self,
        interpreter: Interpreter,
        op: LinalgStructuredOperation,
        views: Sequence[LoopView],
        place: tuple[Point, Sequence[int]],
    ) -> None:
        elements = tuple(view.at(place[0]) for view in views)
        self.loops.append(place)
        values = interpreter.run_ssacfg_region(op.body, elements, op.name)
        self.loops.pop()
        outputs = elements[self.known[op].inputs :]
        for target, value in zip(outputs, values, strict=True):
            _write(target, value)

    run_generic = impl(linalg.GenericOp)(run_structured)
    run_fill = impl(linalg.FillOp)(run_structured)
    run_copy = impl(linalg.CopyOp)(run_structured)
    run_add = impl(linalg.AddOp)(run_structured)
    run_sub = impl(linalg.SubOp)(run_structured)
    run_mul = impl(linalg.MulOp)(run_structured)
    run_max = impl(linalg.MaxOp)(run_structured)
    run_min = impl(linalg.MinOp)(run_structured)
    run_matmul = impl(linalg.MatmulOp)(run_structured)

    @impl(linalg.IndexOp)
    def run_index(
        self, interpreter: Interpreter, op: linalg.IndexOp, args: PythonValues
    ) -> PythonValues:
        """The index of one of the loops around."""
        point, ranges = self.loops[-1]
        return (loop_index(op.dim.value.data, point, ranges),)

    @impl_terminator(linalg.YieldOp)
    def run_yield(
        self, interpreter: Interpreter, op: linalg.YieldOp, args: PythonValues
    ) -> tuple[TerminatorValue, PythonValues]:
        """Ends a body with the elements of the results."""
        return ReturnedValues(args), ()


def _write(target: Array, value: Any) -> None:
    """Stores what the body yielded; the results' maps must cover the parallel loops."""
    if np.broadcast_shapes(target.shape, np.shape(value)) != target.shape:
        raise InterpretationError(
            f"results must have an element of their own per parallel iteration, "
            f"got {np.shape(value)} values for {target.shape} elements"
        )
    target[...] = value
