"""Random structured operations that read a padded tensor, as text."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st
from transforms.random_programs import affine

BODIES = {
    ("product", "i32"): "    %p = arith.muli %a, %b : i32\n"
    "    %r = arith.addi %o, %p : i32\n",
    ("product", "f32"): "    %p = arith.mulf %a, %b : f32\n"
    "    %r = arith.addf %o, %p : f32\n",
    ("sum", "i32"): "    %r = arith.addi %o, %a : i32\n",
    ("sum", "f32"): "    %r = arith.addf %o, %a : f32\n",
    ("most", "i32"): "    %r = arith.maxsi %a, %o : i32\n",
    ("most", "f32"): "    %r = arith.maximumf %o, %a : f32\n",
}

VALUES = {
    "i32": ("0", "5", "-2147483648"),
    "f32": ("0.0", "-0.0", "2.0", "0xFF800000", "-3.0e+38"),
}

NEUTRAL = {
    ("product", "i32"): "0",
    ("product", "f32"): "0.0",
    ("sum", "i32"): "0",
    ("sum", "f32"): "0.0",
    ("most", "i32"): "-2147483648",
    ("most", "f32"): "0xFF800000",
}
"""What may change nothing where it is padded with."""


@dataclass(frozen=True)
class Axis:
    """One dimension that a window slides along."""

    size: int
    low: int
    high: int
    kernel: int
    stride: int
    dilation: int

    @property
    def padded(self) -> int:
        return self.size + self.low + self.high

    @property
    def outputs(self) -> int:
        return (self.padded - (self.kernel - 1) * self.dilation - 1) // self.stride + 1


@dataclass(frozen=True)
class Padded:
    """A reduction over windows of a padded tensor with channels last."""

    axes: tuple[Axis, ...]
    channels: int
    kind: str
    """`product`, `sum` or `most`."""
    separate: bool
    """Whether every channel has a result of its own."""
    element: str
    value: str
    start: str
    is_constant: bool
    """Whether weights are known."""
    is_read_twice: bool

    @property
    def source(self) -> tuple[int, ...]:
        return (*(axis.size for axis in self.axes), self.channels)

    @property
    def weights(self) -> tuple[int, ...]:
        return (*(axis.kernel for axis in self.axes), self.channels)

    @property
    def result(self) -> tuple[int, ...]:
        outputs = tuple(axis.outputs for axis in self.axes)
        return (*outputs, self.channels) if self.separate else outputs

    def type(self, shape: tuple[int, ...]) -> str:
        return f"tensor<{''.join(f'{n}x' for n in shape)}{self.element}>"

    @property
    def maps(self) -> tuple[int, list[str], list[str], list[str]]:
        """Loops, and how input, weights and result are reached."""
        rank = len(self.axes)
        outputs = [f"d{n}" for n in range(rank)]
        channel = f"d{rank}" if self.separate else f"d{2 * rank}"
        first = rank + self.separate
        taps = [f"d{first + n}" for n in range(rank)]
        places = [
            f"{out} * {axis.stride} + {tap} * {axis.dilation}"
            for out, tap, axis in zip(outputs, taps, self.axes, strict=True)
        ]
        result = [*outputs, channel] if self.separate else outputs
        return 2 * rank + 1, [*places, channel], [*taps, channel], result

    def text(self) -> str:
        """A function `@run` of input, weights and a tensor like the result."""
        padded = (*(axis.padded for axis in self.axes), self.channels)
        loops, read, weight, written = self.maps
        low = [axis.low for axis in self.axes] + [0]
        high = [axis.high for axis in self.axes] + [0]
        kinds = ['"parallel"'] * len(written)
        kinds += ['"reduction"'] * (loops - len(written))
        maps = ", ".join(affine(loops, *by) for by in (read, weight, written))
        same = affine(len(padded), *(f"d{n}" for n in range(len(padded))))
        out, whole = self.type(self.result), self.type(padded)
        source, weights = self.type(self.source), self.type(self.weights)
        w, given = ("%k", "") if self.is_constant else ("%w", f"%w: {weights}, ")
        e, parallel = self.element, ", ".join(['"parallel"'] * len(padded))
        twice = (
            f"  %z = tensor.empty() : {whole}\n"
            f"  %n = linalg.generic {{indexing_maps = [{same}, {same}], "
            f"iterator_types = [{parallel}]}} "
            f"ins(%y : {whole}) outs(%z : {whole}) {{\n  ^bb0(%a: {e}, %o: {e}):\n"
            f"    linalg.yield %a : {e}\n  }} -> {whole}\n"
        )
        results = f"%r, %n : {out}, {whole}" if self.is_read_twice else f"%r : {out}"
        return (
            f"func.func @run({given}%x: {source}) -> "
            f"({results.split(' : ')[1]}) {{\n"
            f"  %v = arith.constant {self.value} : {e}\n"
            f"  %s = arith.constant {self.start} : {e}\n"
            f"  %k = arith.constant dense<{'1' if e == 'i32' else '2.0'}> : {weights}\n"
            f"  %y = tensor.pad %x low{low} high{high} {{\n"
            f"  ^bb0({', '.join(f'%i{n}: index' for n in range(len(padded)))}):\n"
            f"    tensor.yield %v : {e}\n  }} : {source} to {whole}\n"
            f"  %e = tensor.empty() : {out}\n"
            f"  %f = linalg.fill ins(%s : {e}) outs(%e : {out}) -> {out}\n"
            f"  %r = linalg.generic {{indexing_maps = [{maps}], "
            f"iterator_types = [{', '.join(kinds)}]}} "
            f"ins(%y, {w} : {whole}, {weights}) outs(%f : {out}) {{\n"
            f"  ^bb0(%a: {e}, %b: {e}, %o: {e}):\n{BODIES[self.kind, e]}"
            f"    linalg.yield %r : {e}\n  }} -> {out}\n"
            f"{twice if self.is_read_twice else ''}"
            f"  func.return {results}\n}}\n"
        )


@st.composite
def axes(draw: st.DrawFn) -> Axis:
    number = st.integers
    size, low, high = (draw(number(a, b)) for a, b in ((1, 5), (0, 3), (0, 3)))
    kernel = draw(number(1, min(3, size + low + high)))
    room = size + low + high - kernel
    dilation = draw(number(1, 1 + room // (kernel - 1))) if kernel > 1 else 1
    return Axis(size, low, high, kernel, draw(number(1, 3)), dilation)


@st.composite
def operations(draw: st.DrawFn) -> Padded:
    element = draw(st.sampled_from(("i32", "f32")))
    kind = draw(st.sampled_from(("product", "sum", "most")))
    values = st.sampled_from(VALUES[element])
    return Padded(
        tuple(draw(st.lists(axes(), min_size=1, max_size=2))),
        draw(st.integers(1, 3)),
        kind,
        draw(st.booleans()),
        element,
        draw(st.one_of(st.just(NEUTRAL[kind, element]), values)),
        draw(values),
        draw(st.booleans()),
        draw(st.booleans()),
    )
