"""
From a tile of the last kernel of a chain to all that the chain touches for it.

The ranges go backwards: from a tile of the root to what its producers must make for it,
with halos, clipped where a `tensor.pad` stands between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from xdsl.dialects.tensor import PadOp
from xdsl.ir import SSAValue

from ..structured import shape_of
from .chains import Chain, Intermediate, Spans, Window
from .driver_model import Pad, Source, Step
from .kernel_model import Access
from .ranges import (
    Box,
    LoopTiles,
    Range,
    axis_range,
    box,
    hull,
    same,
    shifted,
    tiled,
    whole,
)


@dataclass
class _Needs:
    """The parts of a tensor that its readers in the chain need."""

    shape: tuple[int, ...]
    raw: list[Spans] = field(default_factory=list[Spans])
    """Of the tensor itself, also where it is read through a padding."""
    padded: dict[PadOp, list[tuple[Spans, Spans]]] = field(
        default_factory=dict[PadOp, list[tuple[Spans, Spans]]]
    )
    """Of each padding, with what that is of the tensor."""
    last: int = 0

    def part(self) -> Spans | None:
        """What the producer makes."""
        return _hulls(self.raw, self.shape)

    def boxes(self, part: Spans) -> tuple[Box, ...]:
        """
        The near buffers.

        What is made can stand inside its padding if nobody needs more than that.
        """
        boxes: list[Box] = []
        inside = False
        for op, parts in self.padded.items():
            around = _hulls([p for p, _ in parts], shape_of(op.result))
            own = _hulls([p for _, p in parts], self.shape)
            assert around is not None, "a padding is cut like what it surrounds"
            assert own is not None, "it is a part of what is made"
            boxes.append(box(around))
            inside = inside or all(map(same, own, part))
        return tuple(boxes) if inside else (*boxes, box(part))


def chain_of(steps: Sequence[Step], tiles: Mapping[int, LoopTiles]) -> Chain | None:
    """
    The chain of these kernels when loops of the last one have these tiles.

    None when the tiles do not lead to one part of each tensor.
    """
    return _Walk(steps, tiles).chain()


@dataclass
class _Walk:
    """Goes from the root of a chain to its inputs."""

    steps: Sequence[Step]
    tiles: Mapping[int, LoopTiles]
    needs: dict[int, _Needs] = field(default_factory=dict[int, _Needs])
    """Tensor -> what of it is needed."""
    windows: list[Window] = field(default_factory=list[Window])
    readers: dict[SSAValue, list[tuple[int, Spans]]] = field(
        default_factory=dict[SSAValue, list[tuple[int, Spans]]]
    )
    """Tensor from outside -> the windows of it, and which part each one is."""
    made: list[Intermediate] = field(default_factory=list[Intermediate])
    loops: list[Spans] = field(default_factory=list[Spans])

    def chain(self) -> Chain | None:
        """The whole chain."""
        inner = {t.number for step in self.steps[:-1] for t in step.makes}
        for position in reversed(range(len(self.steps))):
            loops = self._loops(position)
            if loops is None or not self._read(position, loops, inner):
                return None
            self.loops.append(tuple(loops))
        root = self.steps[-1].kernel
        loops = self._loops(len(self.steps) - 1)
        assert loops is not None, "the loops of the root are given"
        self._share()
        outputs = tuple(
            (access.element, box(spans))
            for access in root.writes
            if (spans := _spans(access, loops)) is not None
        )
        if len(outputs) != len(root.writes):
            return None
        return Chain(tuple(self.windows), tuple(self.made), outputs, tuple(self.loops))

    def _loops(self, position: int) -> list[Range] | None:
        """The loops of one kernel; None when its readers need no one part."""
        kernel = self.steps[position].kernel
        loops = [whole(extent) for extent in kernel.extents]
        if position == len(self.steps) - 1:
            for loop, tiles in self.tiles.items():
                loops[loop] = tiled(loop, tiles)
            return loops
        (write,) = kernel.writes
        needs = self.needs[self.steps[position].makes[0].number]
        part = needs.part()
        if part is None:
            return None
        for axis, span in zip(write.axes, part, strict=True):
            if span.loop is None:
                continue
            if len(axis.factors) != 1 or axis.factors[0][0] in kernel.locked:
                return None
            loops[axis.factors[0][0]] = span
        boxes = needs.boxes(part)
        self.made.append(Intermediate(position, needs.last, write.element, boxes))
        return loops

    def _read(self, position: int, loops: list[Range], inner: set[int]) -> bool:
        """Notes what one kernel reads; whether each is one part."""
        for access, source in self.steps[position].reads:
            spans = _spans(access, loops)
            if spans is None:
                return False
            clipped = spans if source.pad is None else _clipped(source.pad, spans)
            if clipped is None:
                return False
            if source.tensor is not None and source.tensor.number in inner:
                self._need(position, source, spans, clipped)
                continue
            padded = _padded_loops(source.pad, spans)
            parts = box(clipped), box(spans), padded
            value = raw_value(self.steps[position], access, source, parts[0])
            readers = self.readers.setdefault(value, [])
            readers.append((len(self.windows), clipped))
            self.windows.append(Window(position, source, access.element, *parts))
        return True

    def _share(self) -> None:
        """Lets the windows of one tensor share one near copy."""
        for value, readers in self.readers.items():
            numbers = [number for number, _ in readers]
            if len(numbers) < 2:
                continue
            around = _hulls([spans for _, spans in readers], raw_shape(value, readers))
            if around is None:
                continue
            last = max(self.windows[number].step for number in numbers)
            for number in numbers:
                window = self.windows[number]
                own = window.source.pad is not None
                first = number == numbers[0]
                read = box(around) if first else NOTHING
                copy = read if first else None
                self.windows[number] = replace(
                    window, read=read, copy=copy, copy_last=last, own=own
                )

    def _need(self, position: int, source: Source, spans: Spans, own: Spans) -> None:
        """Notes what a producer must make."""
        assert source.tensor is not None, "a producer makes a tensor"
        shape = shape_of(source.tensor.value)
        needs = self.needs.setdefault(source.tensor.number, _Needs(shape))
        needs.raw.append(own)
        needs.last = max(needs.last, position)
        if source.pad is not None:
            needs.padded.setdefault(source.pad.op, []).append((spans, own))


NOTHING = Box(0, ())
"""No elements."""


def raw_value(step: Step, access: Access, source: Source, read: Box) -> SSAValue:
    """The tensor of which a window is brought: not its padding when that is cut."""
    value = step.kernel.op.operands[access.operand]
    pad = source.pad
    return value if pad is None or not read.cut else pad.op.source


def raw_shape(value: SSAValue, readers: Sequence[tuple[int, Spans]]) -> tuple[int, ...]:
    """The shape of what is read, which an uncut padding hides."""
    static = all(span.loop is None for _, spans in readers for span in spans)
    if static:
        return tuple(int(span.extent) for span in readers[0][1])
    return shape_of(value)


def _spans(access: Access, loops: Sequence[Range]) -> Spans | None:
    found = [axis_range(axis, loops) for axis in access.axes]
    spans = tuple(span for span in found if span is not None)
    return spans if len(spans) == len(found) else None


def _clipped(pad: Pad, spans: Spans) -> Spans | None:
    """The part of a pad's source; None when a view of the pad is cut."""
    if not pad.direct:
        if any(span.loop is not None for span in spans):
            return None
        return tuple(whole(size) for size in pad.source)
    axes = zip(spans, pad.low, pad.source, strict=True)
    return tuple(shifted(span, low, size) for span, low, size in axes)


def _padded_loops(pad: Pad | None, spans: Spans) -> frozenset[int]:
    """The cut loops that reach an axis with padding."""
    if pad is None or not pad.direct:
        return frozenset()
    axes = enumerate(zip(spans, pad.low, pad.source, strict=True))
    shape = shape_of(pad.op.result)
    return frozenset(
        span.loop
        for axis, (span, low, size) in axes
        if span.loop is not None and (low or shape[axis] != size)
    )


def _hulls(parts: Sequence[Spans], shape: Sequence[int]) -> Spans | None:
    """What holds all of these parts of a tensor of that shape."""
    axes = zip(zip(*parts, strict=True), shape, strict=True)
    found = [hull(spans, size) for spans, size in axes]
    spans = tuple(span for span in found if span is not None)
    return spans if len(spans) == len(found) else None
