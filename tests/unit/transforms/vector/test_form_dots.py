"""Sums of bytes mean the same when they are taken four at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from deployopt.dialects import deploy
from deployopt.interpreters import run_module
from deployopt.machine import attach, load_machine
from deployopt.transforms.vector.choose_blocks import VectorChooseBlocksPass
from deployopt.transforms.vector.form_dots import VectorFormDotsPass
from deployopt.transforms.vector.lower_kernels import VectorLowerKernelsPass
from deployopt.universe import new_context
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser

MACHINE = load_machine("rv64gcv", {"isa": "rv64gcv_zvqdotq"})


@dataclass(frozen=True)
class Window:
    """A window that slides along rows of channels, as an operation on bytes."""

    rows: int
    """Results along the row."""
    taps: int
    channels: int
    columns: int
    """Results for each place."""
    groups: int
    step: int
    pad: int
    last: bool
    """Whether the channels come last in the weights."""
    unsigned: tuple[bool, bool]
    byte: int
    """The padding."""
    sides: str
    """Of the product, in order: `%p` is of what is read, `%q` of weights."""

    @property
    def width(self) -> int:
        """Places that are read, the padding on both sides included."""
        return (self.rows - 1) * self.step + self.taps

    @property
    def shapes(self) -> tuple[list[int], list[int], list[int]]:
        """Those of what is read without the padding, of weights and of results."""
        rest = [self.groups, self.columns, self.channels]
        weights = rest if self.last else [rest[0], rest[2], rest[1]]
        wide = [self.width - 2 * self.pad, self.groups * self.channels]
        return wide, [self.taps, *weights], [self.rows, self.groups, self.columns]

    def weights(self) -> NDArray[Any]:
        generator = np.random.default_rng(self.taps + self.channels)
        return generator.integers(-128, 128, self.shapes[1]).astype(np.int8)

    def text(self) -> str:
        """A module that calls one kernel, after phase `lower`."""
        x, w, y = (
            f'memref<{"x".join(map(str, shape))}x{element}, "{space}">'
            for shape, element, space in zip(
                self.shapes, ("i8", "i8", "i32"), ("ram", "flash", "ram"), strict=True
            )
        )
        order = "g, n, c" if self.last else "g, c, n"
        loops = "m, g, n, t, c"
        place = f"m * {self.step} + t, g * {self.channels} + c"
        casts = ["extui" if flag else "extsi" for flag in self.unsigned]
        read, registers = ("%x", x) if not self.pad else ("%all", self.registers())
        return f"""
memref.global "private" constant @w : {w}
    = dense<{self.weights().tolist()}> {{alignment = 16 : i64}}
func.func @run(%x: {x} {{deploy.role = "input", deploy.name = "x",
    deploy.dtype = "int8"}}, %y: {y} {{deploy.role = "output", deploy.name = "y",
    deploy.dtype = "int32"}}) {{
  %w = memref.get_global @w : {w}
  func.call @sums(%x, %w, %y) : ({x}, {w}, {y}) -> () loc("node")
  func.return
}}
func.func private @sums(%x: {x}, %w: {w}, %y: {y}) attributes {{deploy.kernel}} {{
  {self.padding(x)}
  %zero = arith.constant 0 : i32
  linalg.fill ins(%zero : i32) outs(%y : {y})
  linalg.generic {{indexing_maps = [affine_map<({loops}) -> ({place})>,
      affine_map<({loops}) -> (t, {order})>, affine_map<({loops}) -> (m, g, n)>],
      iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]}}
      ins({read}, %w : {registers}, {w}) outs(%y : {y}) {{
  ^bb0(%a: i8, %b: i8, %s: i32):
    %p = arith.{casts[0]} %a : i8 to i32
    %q = arith.{casts[1]} %b : i8 to i32
    %m = arith.muli {self.sides} : i32
    %r = arith.addi %m, %s : i32
    linalg.yield %r : i32
  }}
  func.return
}}
"""

    def registers(self) -> str:
        """The type of what is padded."""
        return f'memref<{self.width}x{self.shapes[0][1]}xi8, "register">'

    def padding(self, x: str) -> str:
        """What puts `%x` between two paddings."""
        if not self.pad:
            return ""
        rows, row = self.shapes[0]
        layout = f"strided<[{row}, 1], offset: {self.pad * row}>"
        part = f'memref<{rows}x{row}xi8, {layout}, "register">'
        same = "affine_map<(a, b) -> (a, b)>"
        return f"""%byte = arith.constant {self.byte} : i8
  %all = deploy.registers : {self.registers()}
  linalg.fill ins(%byte : i8) outs(%all : {self.registers()})
  %part = memref.subview %all[{self.pad}, 0] [{rows}, {row}] [1, 1]
      : {self.registers()} to {part}
  linalg.generic {{indexing_maps = [{same}, {same}],
      iterator_types = ["parallel", "parallel"]}}
      ins(%x : {x}) outs(%part : {part}) {{
  ^bb0(%e: i8, %o: i8):
    linalg.yield %e : i8
  }}"""

    def expected(self, x: NDArray[Any]) -> NDArray[Any]:
        """What the operation is to give, by its definition."""
        wide = np.pad(x, ((self.pad, self.pad), (0, 0)), constant_values=self.byte)
        weights = self.weights()
        weights = weights if self.last else weights.swapaxes(2, 3)
        wide, weights = (
            array.view(np.uint8) if flag else array
            for array, flag in zip((wide, weights), self.unsigned, strict=True)
        )
        wide = wide.reshape(self.width, self.groups, self.channels).astype(np.int32)
        places = np.arange(self.rows)[:, None] * self.step + np.arange(self.taps)
        return np.einsum("mtgc,tgnc->mgn", wide[places], weights.astype(np.int32))


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """Windows of up to a few hundred products; a third have no whole words."""
    taps = draw(st.integers(1, 3))
    pad = draw(st.integers(0, taps - 1))
    return Window(
        rows=draw(st.integers(2 * pad + 1, 2 * pad + 3)),
        taps=taps,
        channels=draw(st.sampled_from((4, 8, 12, 16, 6))),
        columns=draw(st.sampled_from((1, 2, 3, 7, 8))),
        groups=draw(st.integers(1, 2)),
        step=draw(st.integers(1, 2)),
        pad=pad,
        last=draw(st.booleans()),
        unsigned=(draw(st.booleans()), draw(st.booleans())),
        byte=draw(st.sampled_from((0, -3, 127, -128))),
        sides=draw(st.sampled_from(("%p, %q", "%q, %p"))),
    )


def changed(window: Window) -> tuple[ModuleOp, ModuleOp]:
    """The module of a window with sums of four products, and that as loops."""
    ctx = new_context()
    module = Parser(ctx, window.text()).parse_module()
    module.verify()
    attach(module, MACHINE)
    VectorFormDotsPass().apply(ctx, module)
    module.verify()
    lowered = module.clone()
    for step in (VectorChooseBlocksPass(), VectorLowerKernelsPass()):
        step.apply(ctx, lowered)
        lowered.verify()
    return module, lowered


@settings(max_examples=25, deadline=None)
@given(windows(), st.integers(0, 1000))
@example(Window(3, 2, 8, 8, 1, 1, 0, False, (True, False), 0, "%p, %q"), 0)
@example(Window(4, 3, 8, 7, 2, 2, 1, True, (False, True), -3, "%q, %p"), 0)
def test_four_at_a_time_mean_the_same(window: Window, seed: int):
    generator = np.random.default_rng(seed)
    x = generator.integers(-128, 128, window.shapes[0]).astype(np.int8)
    formed, lowered = changed(window)
    dots = [op for op in formed.walk() if isinstance(op, deploy.Dot4Op)]
    assert len(dots) == int(window.channels % 4 == 0)
    for module in (formed, lowered):
        (found,) = run_module(module, [x])
        np.testing.assert_array_equal(found, window.expected(x))
