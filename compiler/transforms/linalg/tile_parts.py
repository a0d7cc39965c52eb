"""
The tensors that the kernels of one tile read: windows, padded parts, slices.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from xdsl.dialects import linalg, tensor
from xdsl.ir import SSAValue

from ...analysis.chains import Chain, Demand, Part, absorbed, is_inner
from ...analysis.clips import Axes, Clip, clip_of, hull, is_inside
from ...analysis.footprint import Span
from ...analysis.levels import MemoryLevels
from ...analysis.pads import padding_value
from ...analysis.structured import shape_of
from ...rewriting import locate
from .level_tensors import tensor_in
from .tile_driver import Driver, insert_slice, tile_type


def relative(axes: Axes, window: Axes) -> Axes:
    """`axes` of a tensor, counted from the start of a window of it."""
    return tuple(
        Span(
            span.offset + around.offset * -1,
            span.size,
            whole=span.size == around.size,
            depth=span.depth,
        )
        for span, around in zip(axes, window, strict=True)
    )


@dataclass
class Reader:
    """Makes the operands of one tile's kernels."""

    chain: Chain
    demand: Demand
    levels: MemoryLevels
    inner: dict[SSAValue, Part]
    made: dict[SSAValue, SSAValue] = field(default_factory=dict[SSAValue, SSAValue])
    """The window of each tensor that has one."""
    fills: dict[tuple[tensor.PadOp, Axes], SSAValue] = field(
        default_factory=dict[tuple[tensor.PadOp, tuple[Span, ...]], SSAValue]
    )
    """Parts of padded inner tensors that hold nothing but padding yet."""

    def prepare(self, driver: Driver) -> None:
        """Brings near what several kernels read of a tensor in a closed level."""
        for value, reads in self.demand.reads.items():
            if len(reads) > 1 and not self.levels.is_open(self.levels.of(value)):
                self._bring(driver, value, reads)

    def fill_around(self, driver: Driver, value: SSAValue) -> None:
        """
        Fills the padded parts of an inner tensor.

        Right before it is made, so that it can be computed in its place in one of them.
        """
        for (pad, axes), clip in self.demand.pads.items():
            if not clip.is_inside and is_inner(pad.source, {value: self.inner[value]}):
                self.fills[pad, axes] = filled(driver, pad, axes)

    def _bring(self, driver: Driver, value: SSAValue, reads: list[Axes]) -> None:
        """One near copy around all that is read of a tensor in a closed level."""
        around: Axes | None = reads[0]
        for axes in reads[1:]:
            around = around and hull(around, axes, shape_of(value))
        if around is None:
            return
        part = driver.slice(value, around)
        self.made[value] = self.near(driver.needed(part, around), part)
        self.demand.windows[value] = around

    def operand(self, driver: Driver, value: SSAValue, axes: Axes) -> SSAValue:
        """
        The part of a tensor that a kernel reads.

        Out of a closed level it is brought near where it is known, once for all tiles.
        """
        part = self.read(driver, value, axes)
        if self.levels.is_open(self.levels.of(part)):
            return part
        here = driver.needed(part, axes)
        if (part, ()) not in here.slices:
            here.slices[part, ()] = self.near(here, part)
        return here.slices[part, ()]

    def near(self, here: Driver, part: SSAValue) -> SSAValue:
        """A near copy of a tensor."""
        return here.append(tensor_in(self.levels.near, part.type, part))[0]

    def read(self, driver: Driver, value: SSAValue, axes: Axes) -> SSAValue:
        """The part of a tensor of the untiled driver at `axes`, wherever it is."""
        if value in self.made:
            window = self.demand.windows[value]
            return driver.slice(self.made[value], relative(axes, window))
        pad = absorbed(value, axes, self.chain)
        if pad is None:
            return driver.slice(value, axes)
        clip = clip_of(pad, axes, driver.bounds)
        if clip is None:
            return self._part_of_tile(driver, pad, axes)
        if clip.is_inside:
            assert clip.source is not None, "a part without padding is all source"
            return self.read(driver, pad.source, clip.source)
        return self._padded(driver, pad, axes, clip)

    def _part_of_tile(self, driver: Driver, pad: tensor.PadOp, axes: Axes) -> SSAValue:
        """A part that differs from round to round, out of what the whole tile reads."""
        around = (
            whole
            for own, whole in self.demand.pads
            if own is pad and is_inside(axes, whole, driver.bounds)
        )
        whole = next(around, None)
        if whole is None:
            return driver.slice(pad.result, axes)
        tile = self.read(driver, pad.result, whole)
        return driver.slice(tile, relative(axes, whole))

    def _padded(
        self, driver: Driver, pad: tensor.PadOp, axes: Axes, clip: Clip
    ) -> SSAValue:
        """A part with padding in it, made once where it can be."""
        here = (
            driver
            if is_inner(pad.source, self.inner)
            else driver.needed(pad.result, axes)
        )
        if (pad.result, axes) not in here.slices:
            tile = self.fills.get((pad, axes))
            tile = filled(here, pad, axes) if tile is None else tile
            if clip.source is not None:
                source = self.read(here, pad.source, clip.source)
                op = locate(insert_slice(source, tile, clip.low), pad.location)
                tile = here.append(op)[0]
            here.slices[pad.result, axes] = tile
        return here.slices[pad.result, axes]


def filled(here: Driver, pad: tensor.PadOp, axes: Axes) -> SSAValue:
    """A tile of a padded tensor that holds nothing but padding."""
    constant = padding_value(pad)
    assert constant is not None, "checked before anything is cut"
    value = locate(constant.clone(), pad.location)
    (scalar,) = here.append(value)
    (empty,) = here.append(tensor.EmptyOp([], tile_type(pad.result, axes)))
    fill = linalg.ops.FillOp([scalar], [empty])
    return here.append(locate(fill, pad.location))[0]
