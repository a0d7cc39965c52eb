"""Buffers that become one leave each other alone, whatever the tiles are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from deployopt.dialects.deploy import BufferOp
from deployopt.interpreters import run_module
from deployopt.machine import attach, load_machine
from deployopt.transforms.memory.share_buffers import MemoryShareBuffersPass
from deployopt.universe import new_context
from hypothesis import example, given, settings
from hypothesis import strategies as st
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser

ROWS = 12
WHOLE = f'memref<{ROWS}x2xi32, "L2">'


@dataclass(frozen=True)
class Tiles:
    """A loop that moves some rows of %a to rows of %b, by way of L1."""

    rounds: int
    step: int
    rows: int
    """Read and written in each round."""
    source: int
    """The first row that is read."""
    target: int
    """The first row that is written."""
    outer: int
    """How often all of that is done."""
    written_first: bool
    """Whether a round writes the rows of the one before, and then reads."""
    read_again: bool
    """Whether %a is needed behind the loop."""

    @property
    def fits(self) -> bool:
        """Whether all rows are there."""
        last = (self.rounds - 1) * self.step + max(self.source, self.target)
        return last + self.rows <= ROWS

    def text(self) -> str:
        """The driver."""
        part = f'memref<{self.rows}x2xi32, strided<[2, 1], offset: ?>, "L2">'
        tile = f'memref<{self.rows}x2xi32, "L1">'

        def at(name: str, buffer: str, first: int) -> str:
            return f"""
              %first_{name} = arith.constant {first} : index
              %row_{name} = arith.addi %i, %first_{name} : index
              %part_{name} = memref.subview %{buffer}[%row_{name}, 0]
                [{self.rows}, 2] [1, 1] : {WHOLE} to {part}"""

        read = at("s", "a", self.source) + move("part_s", part, "n", tile)
        write = at("d", "b", self.target) + move("n", tile, "part_d", part)
        body = write + read if self.written_first else read + write
        again = move("a", WHOLE, "z", WHOLE) if self.read_again else ""
        return f"""
        func.func @run(%x: {WHOLE} {{deploy.role = "input"}},
                       %y: {WHOLE} {{deploy.role = "output"}},
                       %z: {WHOLE} {{deploy.role = "output"}}) {{
          %c0 = arith.constant 0 : index
          %c1 = arith.constant 1 : index
          %outer = arith.constant {self.outer} : index
          %end = arith.constant {self.rounds * self.step} : index
          %step = arith.constant {self.step} : index
          %a = deploy.buffer "a" : {WHOLE}
          %b = deploy.buffer "b" : {WHOLE}
          %n = deploy.buffer "n" : {tile}
          {move("x", WHOLE, "a", WHOLE)}
          scf.for %k = %c0 to %outer step %c1 {{
            scf.for %i = %c0 to %end step %step {{
              {body}
            }}
          }}
          {again}
          {move("b", WHOLE, "y", WHOLE)}
          func.return
        }}"""


def move(source: str, of: str, destination: str, to: str) -> str:
    """A transfer that is awaited at once."""
    token = f"%t_{source}_{destination}"
    return f"""
      {token} = deploy.dma_start %{source}, %{destination} : {of}, {to}
      deploy.dma_wait {token}"""


TILES = st.builds(
    Tiles,
    rounds=st.integers(1, 5),
    step=st.integers(1, 4),
    rows=st.integers(1, 4),
    source=st.integers(0, 4),
    target=st.integers(0, 4),
    outer=st.integers(1, 2),
    written_first=st.booleans(),
    read_again=st.booleans(),
).filter(lambda tiles: tiles.fits)


def buffers(module: ModuleOp) -> int:
    return sum(isinstance(op, BufferOp) for op in module.walk())


def shares(tiles: Tiles) -> bool:
    """Whether the two become one; fails when that changes what is written."""
    module = Parser(new_context(), tiles.text()).parse_module()
    attach(module, load_machine("scratchpad"))
    values = np.arange(1, 2 * ROWS + 1, dtype=np.int32).reshape(ROWS, 2)
    expected, _ = run_module(module, [values])
    before = buffers(module)
    MemoryShareBuffersPass().apply(new_context(), module)
    module.verify()
    got, _ = run_module(module, [values])
    written = np.zeros(ROWS, bool)
    for first in range(0, tiles.rounds * tiles.step, tiles.step):
        written[tiles.target + first : tiles.target + first + tiles.rows] = True
    np.testing.assert_array_equal(got[written], expected[written])
    return buffers(module) < before


@settings(deadline=None)
@given(TILES)
@example(Tiles(4, 2, 3, 0, 0, 1, written_first=False, read_again=False))
@example(Tiles(4, 2, 2, 0, 1, 1, written_first=False, read_again=False))
def test_sharing_changes_nothing(tiles: Tiles):
    shares(tiles)


def test_what_shares():
    side_by_side = Tiles(4, 2, 2, 0, 0, 1, written_first=False, read_again=False)
    assert shares(side_by_side)
    assert shares(Tiles(4, 2, 2, 1, 0, 1, written_first=False, read_again=False))
    assert not shares(Tiles(4, 2, 2, 0, 1, 1, written_first=False, read_again=False))
    assert not shares(Tiles(4, 2, 2, 0, 0, 2, written_first=False, read_again=False))
    assert not shares(Tiles(4, 2, 2, 0, 0, 1, written_first=True, read_again=False))
    assert not shares(Tiles(4, 2, 2, 0, 0, 1, written_first=False, read_again=True))
