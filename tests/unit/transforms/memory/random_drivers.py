"""
Random drivers on memrefs as they are after `memory-bufferize`, with transfers.

Every array has rows of two numbers. Each layer reads arrays in L2 or L3, brings them
or tiles of them to L1, computes there, and takes the result to another array, through
a buffer in L2 where the way is longer. Kernels mix their operands so that any other
order or operand gives another result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

ROWS = 12
Draw = Callable[[int, int], int]
"""A number between two others, both included."""


def memref(rows: int, level: str, moved: bool = False) -> str:
    """The type of an array, or of rows of it that stand anywhere."""
    layout = ", strided<[2, 1], offset: ?>" if moved else ""
    return f'memref<{rows}x2xi32{layout}, "{level}">'


@dataclass(frozen=True)
class Value:
    """A memref under a name."""

    name: str
    rows: int
    level: str
    moved: bool = False

    @property
    def type(self) -> str:
        return memref(self.rows, self.level, self.moved)


@dataclass
class Driver:
    """A function `@run` that grows layer by layer."""

    draw: Draw
    arrays: list[Value] = field(default_factory=list[Value])
    """What layers may read; all of it has been written."""
    buffers: list[str] = field(default_factory=list[str])
    lines: list[str] = field(default_factory=list[str])
    indices: list[str] = field(default_factory=list[str])
    """The indices of the loops around, which go through rows."""
    count: int = 0

    def chance(self, of: int = 2) -> bool:
        return self.draw(0, of - 1) == 0

    def name(self, hint: str) -> str:
        self.count += 1
        return f"%{hint}{self.count}"

    def buffer(self, rows: int, level: str) -> Value:
        value = Value(self.name(level.lower()), rows, level)
        label = value.name.removeprefix("%")
        self.buffers.append(f'{value.name} = deploy.buffer "{label}" : {value.type}')
        return value

    def part(self, of: Value, start: str, rows: int) -> Value:
        value = Value(self.name("part"), rows, of.level, moved=True)
        self.lines.append(
            f"{value.name} = memref.subview {of.name}[{start}, 0] [{rows}, 2] [1, 1]"
            f" : {of.type} to {value.type}"
        )
        return value

    def fixed_part(self, of: Value, start: int, rows: int) -> Value:
        """A part whose place is known; the type says it only where it must."""
        if start == 0 and rows == of.rows:
            return of
        constant = self.name("at")
        self.lines.append(f"{constant} = arith.constant {start} : index")
        return self.part(of, constant, rows)

    def transfer(self, source: Value, destination: Value) -> None:
        token = self.name("t")
        self.lines.append(
            f"{token} = deploy.dma_start {source.name}, {destination.name}"
            f" : {source.type}, {destination.type}"
        )
        self.lines.append(f"deploy.dma_wait {token}")

    def kernel(self, inputs: list[Value], output: Value, adds: bool = False) -> None:
        """`output = k + 3 * first + 5 * second …`, plus 7 times what was there."""
        values = [*inputs, output]
        operands = ", ".join(f"{v.name} : {v.type}" for v in inputs)
        block = ", ".join(f"%k{n}: {v.type}" for n, v in enumerate(values))
        maps = ", ".join("affine_map<(i, j) -> (i, j)>" for _ in values)
        names = ", ".join(f"%k{n}" for n in range(len(inputs)))
        types = ", ".join(v.type for v in inputs)
        ins = f"ins({names} : {types}) " if inputs else ""
        elements = ", ".join(f"%e{n}: i32" for n in range(len(values)))
        body = [f"%s0 = arith.constant {self.draw(1, 99)} : i32"]
        used = range(len(values) if adds else len(inputs))
        for n in used:
            body += [
                f"%f{n} = arith.constant {2 * n + 3} : i32",
                f"%m{n} = arith.muli %e{n}, %f{n} : i32",
                f"%s{n + 1} = arith.addi %s{n}, %m{n} : i32",
            ]
        self.lines.append(
            f"deploy.kernel({operands}) outs({output.name} : {output.type}) {{\n"
            f"^bb0({block}):\n linalg.generic {{indexing_maps = [{maps}], "
            f'iterator_types = ["parallel", "parallel"]}} {ins}'
            f"outs(%k{len(inputs)} : {output.type}) {{\n ^bb0({elements}):\n "
            + "\n ".join(body)
            + f"\n linalg.yield %s{len(used)} : i32\n }}\n deploy.yield\n}}"
        )

    def bring(self, source: Value) -> Value:
        """`source` in L1, maybe with rows of padding around it."""
        if source.level == "L3":
            middle = self.buffer(source.rows, "L2")
            self.transfer(source, middle)
            source = middle
        if self.chance(4):
            padded = self.buffer(source.rows + 2, "L1")
            self.kernel([], padded)
            self.transfer(source, self.fixed_part(padded, 1, source.rows))
            return self.fixed_part(padded, self.draw(0, 2), source.rows)
        near = self.buffer(source.rows, "L1")
        self.transfer(source, near)
        return near

    def take(self, result: Value, destination: Value) -> None:
        """`result`, which is in L1, to where it belongs."""
        if destination.level == "L3":
            middle = self.buffer(result.rows, "L2")
            self.transfer(result, middle)
            result = middle
        self.transfer(result, destination)

    def compute(self, inputs: list[Value], rows: int) -> Value:
        """One or two kernels; the last one may work in place."""
        if inputs and self.chance(4) and inputs[0].rows == rows:
            self.kernel(inputs[1:], inputs[0], adds=True)
            return inputs[0]
        result = self.buffer(rows, "L1")
        self.kernel(inputs, result)
        if self.chance(3):
            second = self.buffer(rows, "L1")
            self.kernel([result, *inputs[:1]], second)
            return second
        return result

    def pick(self) -> Value:
        return self.arrays[self.draw(0, len(self.arrays) - 1)]

    def target(self) -> Value:
        """An array to write: an old one or a new one, all of it written."""
        olds = [v for v in self.arrays if not v.name.startswith("%x")]
        if olds and self.chance(3):
            return olds[self.draw(0, len(olds) - 1)]
        new = self.buffer(ROWS, "L2")
        self.kernel([], new)
        return new

    def straight(self) -> None:
        """A layer on whole arrays."""
        sources = [self.pick() for _ in range(self.draw(1, 2))]
        destination = self.target()
        result = self.compute([self.bring(source) for source in sources], ROWS)
        self.take(result, destination)
        self.arrays.append(destination)

    def loop(self, low: int, high: int, step: int, body: Callable[[str], None]) -> None:
        index = self.name("i")
        names = [self.name("c") for _ in range(3)]
        for name, value in zip(names, (low, high, step), strict=True):
            self.lines.append(f"{name} = arith.constant {value} : index")
        first, last, by = names
        self.lines.append(f"scf.for {index} = {first} to {last} step {by} {{")
        body(index)
        self.lines.append("}")

    def tiled(self) -> None:
        """A layer in tiles, with a halo, and perhaps a loop in the loop."""
        rows, halo = self.draw(1, 2), self.draw(0, 1)
        count = self.draw(1, (ROWS - halo) // rows)
        inner = self.draw(1, 3) if self.chance(3) else 1
        destination = self.target()
        sources = [self.pick() for _ in range(self.draw(1, 2))]
        total = self.buffer(rows, "L1") if self.chance(4) else None
        if total is not None:
            self.kernel([], total)

        def tile(index: str) -> None:
            inputs: list[Value] = []
            for source in sources:
                start = "0" if self.chance(6) else index
                near = self.bring(self.part(source, start, rows + halo))
                at = self.draw(0, halo)
                inputs.append(near if not halo else self.fixed_part(near, at, rows))
            if total is not None and self.chance():
                self.kernel(inputs, total, adds=True)
            result = self.compute(inputs, rows)
            if total is not None:
                self.kernel([total], result, adds=True)
            self.take(result, self.part(destination, index, rows))

        def again(index: str) -> None:
            if inner == 1:
                tile(index)
                return
            if self.chance():
                sources.append(self.pick())
            self.loop(0, inner, 1, lambda number: tile(self.shifted(index, number)))

        inside = (inner - 1) * rows
        first = 0 if count * rows + inside + halo > ROWS else self.draw(0, 1) * rows
        last = min(first + count * rows, ROWS - halo - inside)
        if last > first:
            self.loop(first, last - (last - first) % rows, rows, again)
        self.arrays.append(destination)

    def shifted(self, index: str, number: str) -> str:
        sum_ = self.name("j")
        self.lines.append(f"{sum_} = arith.addi {index}, {number} : index")
        return sum_

    def text(self) -> str:
        """The whole module; `%x` are inputs, `%y` outputs."""
        arguments: list[str] = []
        for value in (v for v in self.arrays if v.name[1] in "xy"):
            role = "input" if value.name[1] == "x" else "output"
            arguments.append(f'{value.name}: {value.type} {{deploy.role = "{role}"}}')
        head = ", ".join(dict.fromkeys(arguments))
        body = "\n".join((*self.buffers, *self.lines))
        return f"func.func @run({head}) {{\n{body}\nfunc.return\n}}\n"


def random_driver(draw: Draw) -> str:
    """A driver with some inputs, one output, and one to five layers."""
    driver = Driver(draw)
    levels = ("L2", "L3")
    for number in range(draw(1, 2)):
        driver.arrays.append(Value(f"%x{number}", ROWS, levels[draw(0, 1)]))
    for _ in range(draw(1, 4)):
        if driver.chance(3):
            driver.straight()
        else:
            driver.tiled()
    output = Value("%y0", ROWS, levels[draw(0, 1)])
    driver.take(driver.bring(driver.arrays[-1]), output)
    driver.arrays.append(output)
    return driver.text()
