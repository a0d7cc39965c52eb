"""Random networks of `nn`, grown one operation at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np
from deployopt.dialects import nn
from deployopt.dialects.nn.scalars import number
from deployopt.interpreters.builtin import dtype_of
from deployopt.transforms.nn.arrays import constant
from hypothesis import strategies as st
from xdsl.dialects.builtin import IntegerType, ModuleOp, Signedness, TensorType, f32, i8
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Attribute as AnyAttribute
from xdsl.ir import Block, Operation, Region, SSAValue


class Network:
    """Grows one operation at a time from the choices of a test."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.rng = np.random.default_rng(data.draw(st.integers(0, 999)))
        shape, type_ = self.draw(INPUTS), self.draw(ELEMENTS)
        self.block = Block(arg_types=[TensorType(type_, shape)])
        self.values: list[SSAValue] = [self.block.args[0]]

    def draw(self, choices: Sequence[Any]) -> Any:
        return choices[self.data.draw(st.integers(0, len(choices) - 1))]

    def add(self, op: Operation) -> SSAValue:
        self.block.add_op(op)
        return op.results[0]

    def keep(self, op: Operation) -> None:
        self.values.append(self.add(op))

    def pick(self) -> SSAValue:
        """A value, more often a late one."""
        return self.draw(self.values[-3:])

    def weight(self, like: SSAValue, *shape: int) -> SSAValue:
        """A constant with the elements of `like`, sometimes the same everywhere."""
        type_ = nn.tensor_type(like).element_type
        if nn.is_float(type_):
            array = self.rng.uniform(-1, 1, shape)
        else:
            array = self.rng.integers(0, 100, shape)
        if self.draw([False, False, True]):
            array = np.full(shape, self.draw([0, 2, 1]))
        return self.add(constant(array.astype(dtype_of(type_)), type_))

    def module(self) -> ModuleOp:
        used = [v for v in self.values[1:] if v.first_use is None] or self.values[-1:]
        returned = used[-2:]
        self.block.add_op(ReturnOp(*returned))
        types: tuple[list[AnyAttribute], list[AnyAttribute]] = (
            [self.block.args[0].type],
            [value.type for value in returned],
        )
        module = ModuleOp([FuncOp("run", types, Region(self.block))])
        module.verify()
        return module


ui8 = IntegerType(8, Signedness.UNSIGNED)
ELEMENTS = [f32, f32, i8, ui8]
INPUTS = [(1, 2, 5, 4), (1, 1, 4, 4), (2, 3, 6), (1, 4, 1, 1), (3, 4), (2, 4, 3, 2)]


def unary(net: Network) -> None:
    x = net.pick()
    kinds = [nn.ReluOp, nn.NegOp, nn.AbsOp]
    if is_real(x):
        kinds += [nn.TanhOp, nn.SigmoidOp]
    net.keep(net.draw(kinds)(x))


def is_real(x: SSAValue) -> bool:
    return nn.is_float(nn.tensor_type(x).element_type)


def result_type(x: SSAValue, shape: Sequence[int], sums: bool) -> Any:
    """The type of a producer's result on `x`."""
    element = nn.tensor_type(x).element_type
    return TensorType(nn.accumulator_type(element) if sums else element, shape)


def binary(net: Network) -> None:
    kind = net.draw([nn.AddOp, nn.SubOp, nn.MulOp, nn.MaxOp])
    x = net.pick()
    alike = [v for v in net.values if v.type == x.type]
    other = net.draw([*alike[-2:], net.weight(x), channel_constant(net, x)])
    net.keep(kind(x, other) if net.draw([True, False]) else kind(other, x))


def channel_constant(net: Network, x: SSAValue) -> SSAValue:
    """A constant that varies along one dimension of `x`."""
    shape = nn.shape_of(x)
    axis: int = net.draw(range(len(shape)))
    after: int = len(shape) - 1 - axis
    return net.weight(x, shape[axis], *[1] * after)


def conv(net: Network) -> None:
    x = net.pick()
    rank = len(nn.shape_of(x))
    if rank < 3:
        return
    last = net.draw([False, False, True])
    places, wplaces = nn.activation_layout(rank, last), nn.weight_layout(rank, last)
    channels = nn.shape_of(x)[places.channel]
    groups = net.draw([1, channels])
    sizes = {wplaces.output: net.draw([1, 2]) * groups}
    sizes[wplaces.input] = channels // groups
    pads = [net.draw([0, 1, 1]) for _ in range(2 * (rank - 2))]
    for dim, place in enumerate(wplaces.spatial):
        whole = nn.shape_of(x)[places.spatial[dim]] + pads[dim]
        sizes[place] = net.draw([k for k in (1, 2, 3) if k <= whole])
    w = net.weight(x, *(sizes[dim] for dim in range(rank)))
    zero_point = None if is_real(x) else net.draw([None, 3])
    strides = [net.draw([1, 2]) for _ in range(rank - 2)]
    window = nn.Window(
        tuple(sizes[place] for place in wplaces.spatial),
        tuple(strides),
        (1,) * (rank - 2),
        tuple(pads[: rank - 2]),
        tuple(pads[rank - 2 :]),
    )
    spatial = window.outputs([nn.shape_of(x)[place] for place in places.spatial])
    shape = places.arrange(nn.shape_of(x)[0], sizes[wplaces.output], spatial)
    net.keep(
        nn.ConvOp(
            x,
            w,
            result_type(x, shape, sums=True),
            strides=strides,
            pads=pads,
            dilations=window.dilations,
            groups=groups,
            channels_last=last,
            input_zero_point=zero_point,
        )
    )


def pool(net: Network) -> None:
    x = net.pick()
    rank = len(nn.shape_of(x))
    if rank < 3:
        return
    last = net.draw([False, False, True])
    places = nn.activation_layout(rank, last)
    sizes = [nn.shape_of(x)[place] for place in places.spatial]
    kernel = [net.draw([k for k in (1, 2, 3) if k <= size]) for size in sizes]
    pads = [net.draw([0, min(1, k - 1)]) for k in kernel] + [0] * len(kernel)
    ones = (1,) * len(kernel)
    strides = [net.draw([1, 2]) for _ in kernel]
    window = nn.Window(
        tuple(kernel),
        tuple(strides),
        ones,
        tuple(pads[: len(kernel)]),
        tuple(pads[len(kernel) :]),
    )
    channels = nn.shape_of(x)[places.channel]
    shape = places.arrange(nn.shape_of(x)[0], channels, window.outputs(sizes))
    kind = net.draw(["max", "sum"])
    net.keep(
        nn.PoolOp(
            x,
            result_type(x, shape, sums=kind == "sum"),
            kind=kind,
            kernel=kernel,
            strides=strides,
            pads=pads,
            dilations=ones,
            channels_last=last,
        )
    )


def matmul(net: Network) -> None:
    x = net.pick()
    *rows, inner = nn.shape_of(x)
    if not rows:
        return
    columns = net.draw([1, 2, 3])
    w = net.weight(x, inner, columns)
    net.keep(nn.MatMulOp(x, w, result_type(x, [*rows, columns], sums=True)))


def reduce(net: Network) -> None:
    x = net.pick()
    shape = nn.shape_of(x)
    axes = sorted({net.draw(range(len(shape))) for _ in range(2)})
    kept = [1 if axis in axes else size for axis, size in enumerate(shape)]
    kind = net.draw(["sum", "max", "min"])
    type_ = result_type(x, kept, sums=kind == "sum")
    net.keep(nn.ReduceOp(x, type_, kind=kind, axes=axes))


def transpose(net: Network) -> None:
    x = net.pick()
    rank = len(nn.shape_of(x))
    layouts = [(0, *range(2, rank), 1), (0, rank - 1, *range(1, rank - 1))]
    free = tuple(net.data.draw(st.permutations(range(rank))))
    net.keep(nn.TransposeOp(x, net.draw([*layouts, free]) if rank > 1 else free))


def reshape(net: Network) -> None:
    x = net.pick()
    shape = nn.shape_of(x)
    flat = (shape[0], prod(shape[1:]))
    squeezed = tuple(size for size in shape if size != 1) or (1,)
    axis = net.draw(range(len(shape) + 1))
    unsqueezed = (*shape[:axis], 1, *shape[axis:])
    even = [a for a, size in enumerate(shape) if size % 2 == 0]
    targets = [flat, squeezed, unsqueezed[:6]]
    if even and len(shape) < 5:
        a = even[0]
        targets.append((*shape[:a], shape[a] // 2, 2, *shape[a + 1 :]))
    targets = [target for target in targets if prod(target) == prod(shape)]
    net.keep(nn.ReshapeOp(x, net.draw(targets)))


def pad(net: Network) -> None:
    x = net.pick()
    low = [net.draw([0, 0, 1]) for _ in nn.shape_of(x)]
    high = [net.draw([0, 0, 1]) for _ in nn.shape_of(x)]
    element = nn.tensor_type(x).element_type
    value = net.draw([0, 0, float("-inf"), 1.5] if is_real(x) else [0, 0, 3, -128])
    net.keep(nn.PadOp(x, low, high, number(value, element)))


def slice_(net: Network) -> None:
    x = net.pick()
    choices: list[tuple[int, int, int]] = [
        net.draw([(0, 1, size), (size - 1, -1, size), (size // 2, 1, 1)])
        for size in nn.shape_of(x)
    ]
    starts, steps, sizes = zip(*choices, strict=True)
    net.keep(nn.SliceOp(x, starts, steps, sizes))


def concat(net: Network) -> None:
    x = net.pick()
    alike = [v for v in net.values if v.type == x.type]
    axis: int = net.draw(range(len(nn.shape_of(x))))
    net.keep(nn.ConcatOp([x, net.draw(alike)], axis))


def dequantize(net: Network) -> None:
    """Integers as reals, where there are any; else something else."""
    integers = [value for value in net.values if not is_real(value)]
    if not integers:
        unary(net)
        return
    x = net.draw(integers[-2:])
    axis: int | None = net.draw([None, *range(len(nn.shape_of(x)))])
    scales = net.rng.uniform(0.1, 1, () if axis is None else nn.shape_of(x)[axis])
    scale = constant(np.asarray(scales, np.float32), f32).value
    net.keep(nn.DequantizeOp(x, f32, scale, axis=axis))


def gather(net: Network) -> None:
    """At places that are known, then at places that need not be inside."""
    x = net.pick()
    axis: int = net.draw(range(len(nn.shape_of(x))))
    size: int = nn.shape_of(x)[axis]
    indices = [net.draw(range(size)) for _ in range(net.draw([1, 2, size]))]
    net.keep(nn.GatherOp(x, axis, indices))
    shape = [len(indices) if i == axis else 1 for i in range(len(nn.shape_of(x)))]
    array = net.rng.integers(-size - 1, size + 2, shape)
    places = net.add(constant(array, IntegerType(64)))
    others = [place for place in range(len(shape)) if place != axis]
    result = nn.shape_of(net.values[-1])
    net.keep(nn.TakeOp(x, [places], [axis], others, result))


GROWTH: tuple[Callable[[Network], None], ...] = (
    unary,
    binary,
    binary,
    conv,
    conv,
    pool,
    matmul,
    reduce,
    transpose,
    transpose,
    reshape,
    pad,
    slice_,
    concat,
    gather,
    dequantize,
)


def random_network(data: st.DataObject) -> ModuleOp:
    """A module of up to nine operations, not all of them in use."""
    net = Network(data)
    for _ in range(net.draw(range(2, 10))):
        net.draw(GROWTH)(net)
        if prod(nn.shape_of(net.values[-1])) > 4000:
            break
    return net.module()
