"""
The tensors of a driver about whose level something is to be decided.

Views of a tensor are that tensor, and so is a whole together with the parts that are
inserted into it. A `tensor.pad` is not a tensor of its own: near, it is its source with
room around it, or it is made for one tile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import cast

from xdsl.dialects import arith, func, tensor
from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, BlockArgument, SSAValue

from ...dialects.deploy import KernelOp
from ..chains import RESIDENT_ATTRIBUTE
from ..levels import MemoryLevels
from ..memory import element_bytes
from ..structured import shape_of
from .kernel_model import Access, KernelModel
from .kernel_reader import model_of

View = tensor.ExtractSliceOp | tensor.CollapseShapeOp | tensor.ExpandShapeOp


@dataclass(frozen=True)
class Pad:
    """A `tensor.pad` between a tensor and the kernels that read it."""

    op: tensor.PadOp
    low: tuple[int, ...]
    source: tuple[int, ...]
    """The shape of what is padded."""
    bytes: int
    """The bytes of the whole padded tensor."""
    direct: bool
    """Whether kernels read the pad itself, so that it can be made for one tile."""


@dataclass
class Tensor:
    """A tensor that is made once and read later."""

    number: int
    value: SSAValue
    bytes: int
    level: str | None
    """The level it is in; None where that is still to be decided."""
    born: int
    """Number of the kernel that makes it first; -1 for what the caller gives."""
    last: int
    """Number of the kernel that reads it last; that of all kernels for results."""
    inserted: int = 0
    """Bytes of the caller's tensors and of constants that are inserted into it."""
    returned: int = 0
    """Bytes that the caller is given of it."""
    returned_padded: int = 0
    """Bytes that the caller is given of its paddings, which are made near."""
    always_near: bool = False
    """Whether no level but the near one can be asked for."""
    starts: tuple[tensor.EmptyOp, ...] = ()
    """What wholes begin as, into which kernels' results are inserted."""
    resident: bool = False
    """Whether somebody has decided that this argument is brought near once."""
    pads: dict[tensor.PadOp, Pad] = field(default_factory=dict[tensor.PadOp, Pad])

    @property
    def is_argument(self) -> bool:
        """Whether the caller gives it."""
        return self.born < 0 and isinstance(self.value, BlockArgument)


@dataclass(frozen=True)
class Source:
    """Where an operand of a kernel comes from."""

    tensor: Tensor | None
    """None for a constant."""
    level: str | None
    """The level of a constant or argument."""
    pad: Pad | None = None


@dataclass(frozen=True)
class Step:
    """One kernel of a driver."""

    number: int
    kernel: KernelModel
    reads: tuple[tuple[Access, Source], ...]
    makes: tuple[Tensor, ...]
    returned: bool
    """Whether its result is given to the caller as it is."""


@dataclass
class DriverModel:
    """All kernels of a driver, in program order."""

    function: func.FuncOp
    levels: MemoryLevels
    steps: list[Step] = field(default_factory=list[Step])
    tensors: list[Tensor] = field(default_factory=list[Tensor])


def tensor_bytes(value: SSAValue) -> int:
    """The bytes of a tensor value."""
    type_ = cast(TensorType[Attribute], value.type)
    return prod(type_.get_shape()) * element_bytes(type_.element_type)


def is_tensor(value: SSAValue) -> bool:
    """Whether `value` is a tensor."""
    return isinstance(value.type, TensorType)


@dataclass
class _Builder:
    """Finds which values are one tensor."""

    function: func.FuncOp
    levels: MemoryLevels
    residents: frozenset[SSAValue]
    models: Sequence[KernelModel] = ()
    """What is known of the kernels."""
    parent: dict[SSAValue, SSAValue] = field(default_factory=dict[SSAValue, SSAValue])
    tensors: dict[SSAValue, Tensor] = field(default_factory=dict[SSAValue, Tensor])
    wholes: list[tensor.InsertSliceOp] = field(
        default_factory=list[tensor.InsertSliceOp]
    )

    def root(self, value: SSAValue) -> SSAValue:
        """The value that stands for all that are one tensor with `value`."""
        while value in self.parent:
            value = self.parent[value]
        return value

    def join(self, value: SSAValue, other: SSAValue) -> None:
        """Makes two values one tensor; the larger one stands for both."""
        one, two = self.root(value), self.root(other)
        if one is two:
            return
        if tensor_bytes(one) > tensor_bytes(two):
            one, two = two, one
        self.parent[one] = two

    def join_all(self) -> None:
        """Joins parts and wholes."""
        for op in self.function.body.block.ops:
            if isinstance(op, View):
                self.join(op.result, op.operands[0])
            elif isinstance(op, KernelOp):
                for made, into in zip(op.results, op.outputs, strict=True):
                    if not isinstance(into.owner, tensor.EmptyOp):
                        self.join(made, into)
            elif isinstance(op, tensor.InsertSliceOp):
                self.wholes.append(op)
                for part in (op.dest, op.source):
                    if not self.is_given(part):
                        self.join(part, op.result)

    def is_given(self, value: SSAValue) -> bool:
        """Whether a value is, or is a part of, an input or a constant."""
        while isinstance(value.owner, View | tensor.PadOp):
            value = value.owner.operands[0]
        return isinstance(value, BlockArgument) or isinstance(
            value.owner, arith.ConstantOp
        )

    def note_wholes(self) -> None:
        """Notes what is inserted into the tensors that are made of parts."""
        for op in self.wholes:
            found = self.tensor_of(op.result, -1)
            given = [v for v in (op.source, op.dest) if self.is_given(v)]
            found.inserted += sum(map(tensor_bytes, given))
            found.always_near = found.always_near or op.dest in given
            if isinstance(op.dest.owner, tensor.EmptyOp):
                found.starts = (*found.starts, op.dest.owner)
            if not isinstance(op.dest.owner, tensor.EmptyOp | tensor.InsertSliceOp):
                found.always_near = True

    def tensor_of(self, value: SSAValue, born: int) -> Tensor:
        """The tensor that `value` is or belongs to."""
        root = self.root(value)
        if root not in self.tensors:
            argument = isinstance(root, BlockArgument)
            level = self.levels.caller if argument else None
            number = len(self.tensors)
            size = tensor_bytes(root)
            resident = isinstance(root, BlockArgument) and root in self.residents
            found = Tensor(number, root, size, level, born, born, resident)
            self.tensors[root] = found
        return self.tensors[root]

    def source_of(self, value: SSAValue, reader: int) -> Source:
        """Where an operand of kernel number `reader` comes from."""
        pad, direct = None, True
        root = self.root(value)
        while isinstance(root.owner, tensor.PadOp):
            direct = direct and value is root and pad is None
            pad = pad or root.owner
            value = root.owner.source
            root = self.root(value)
        if isinstance(root.owner, arith.ConstantOp):
            return Source(None, self.levels.constants, self._pad(pad, direct))
        found = self.tensor_of(root, -1)
        found.last = max(found.last, reader)
        known = self._pad(pad, direct)
        if known is not None:
            before = found.pads.get(known.op, known)
            direct = known.direct and before.direct
            found.pads[known.op] = replace(known, direct=direct)
        return Source(found, found.level, known)

    @staticmethod
    def _pad(op: tensor.PadOp | None, direct: bool) -> Pad | None:
        if op is None:
            return None
        low = tuple(int(n) for n in op.static_low.get_values())
        return Pad(op, low, shape_of(op.source), tensor_bytes(op.result), direct)

    def give(self, value: SSAValue, count: int) -> None:
        """Notes that the caller is given `value` after `count` kernels."""
        source = self.source_of(value, count)
        if source.tensor is None:
            return
        if source.pad is None:
            source.tensor.returned += tensor_bytes(value)
        else:
            source.tensor.returned_padded += tensor_bytes(value)

    def step(self, number: int, kernel: KernelOp, returned: Sequence[SSAValue]) -> Step:
        """Kernel number `number`."""
        known = self.models
        model = known[number].moved(kernel) if known else model_of(kernel)
        read = [
            (a, self.source_of(kernel.operands[a.operand], number))
            for a in model.reads
            if a.operand < len(kernel.inputs)
        ]
        makes = dict.fromkeys(
            self.tensor_of(result, number).number for result in kernel.results
        )
        by_number = {t.number: t for t in self.tensors.values()}
        made = tuple(by_number[n] for n in makes)
        gives = any(result in returned for result in kernel.results)
        return Step(number, model, tuple(read), made, gives)


def _residents(function: func.FuncOp) -> frozenset[SSAValue]:
    """The arguments of which somebody has decided that they are brought near once."""
    given = () if function.arg_attrs is None else function.arg_attrs.data
    args = zip(function.body.block.args, given, strict=False)
    return frozenset(arg for arg, own in args if RESIDENT_ATTRIBUTE in own.data)


def driver_model(
    function: func.FuncOp, levels: MemoryLevels, alike: DriverModel | None = None
) -> DriverModel:
    """
    The kernels that stand directly in a function, and their tensors.

    What can be known of the kernels is taken from that of a function `alike`, if given.
    """
    block = function.body.block
    kernels = [op for op in block.ops if isinstance(op, KernelOp)]
    known = [] if alike is None else [step.kernel for step in alike.steps]
    builder = _Builder(function, levels, _residents(function), known)
    builder.join_all()
    last = block.last_op
    assert last is not None, "a function ends with its results"
    returned = tuple(v for v in last.operands if is_tensor(v))
    for arg in block.args:
        if is_tensor(arg):
            builder.tensor_of(arg, -1)
    model = DriverModel(function, levels)
    model.steps = [builder.step(n, k, returned) for n, k in enumerate(kernels)]
    for value in returned:
        builder.give(value, len(kernels))
    builder.note_wholes()
    model.tensors = list(builder.tensors.values())
    return model
