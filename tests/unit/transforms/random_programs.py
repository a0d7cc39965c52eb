"""
Programs on tensors of `i32`, whose wrapping arithmetic makes all orders of a sum equal.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

Shape = tuple[int, ...]
Value = tuple[str, Shape]


def tensor(shape: Shape) -> str:
    return f"tensor<{''.join(f'{n}x' for n in shape)}i32>"


def affine(dims: int, *results: str) -> str:
    names = ", ".join(f"d{i}" for i in range(dims))
    return f"affine_map<({names}) -> ({', '.join(results)})>"


@dataclass
class Program:
    """A function `@run` that grows operation by operation."""

    random: np.random.Generator
    lines: list[str] = field(default_factory=list[str])
    values: list[Value] = field(default_factory=list[Value])
    arguments: list[Value] = field(default_factory=list[Value])
    count: int = 0

    def number(self, low: int, high: int) -> int:
        return int(self.random.integers(low, high + 1))

    def name(self) -> str:
        self.count += 1
        return f"%v{self.count}"

    def line(self, text: str) -> None:
        self.lines.append(f'  {text} loc("node{self.count}")')

    def add(self, text: str, shape: Shape) -> str:
        name = self.name()
        self.line(f"{name} = {text}")
        self.values.append((name, shape))
        return name

    def argument(self, shape: Shape) -> str:
        name = f"%x{len(self.arguments)}"
        self.arguments.append((name, shape))
        self.values.append((name, shape))
        return name

    def constant(self, shape: Shape) -> str:
        name = self.name()
        data = self.random.integers(-9, 9, shape).tolist()
        self.line(f"{name} = arith.constant dense<{data}> : {tensor(shape)}")
        return name

    def empty(self, shape: Shape) -> str:
        name = self.name()
        self.line(f"{name} = tensor.empty() : {tensor(shape)}")
        return name

    def fill(self, shape: Shape) -> str:
        start, name = self.empty(shape), self.name()
        self.line(
            f"{name} = linalg.fill ins(%c{self.number(0, 1)} : i32) "
            f"outs({start} : {tensor(shape)}) -> {tensor(shape)}"
        )
        return name

    def generic(
        self,
        maps: list[str],
        kinds: str,
        inputs: list[tuple[str, Shape]],
        output: str,
        shape: Shape,
        body: str,
    ) -> str:
        iterators = {"p": '"parallel"', "r": '"reduction"'}
        types = ", ".join(tensor(s) for _, s in inputs)
        ins = f"ins({', '.join(n for n, _ in inputs)} : {types}) " if inputs else ""
        args = ", ".join(f"%a{i}: i32" for i in range(len(inputs)))
        args = f"{args}, %o: i32" if args else "%o: i32"
        return self.add(
            f"linalg.generic {{indexing_maps = [{', '.join(maps)}], iterator_types = "
            f"[{', '.join(iterators[k] for k in kinds)}]}} {ins}"
            f"outs({output} : {tensor(shape)}) {{\n  ^bb0({args}):\n{body}"
            f"    linalg.yield %r : i32\n  }} -> {tensor(shape)}",
            shape,
        )

    def pick(self, rank: int | None = None) -> tuple[str, Shape] | None:
        fitting = [v for v in self.values if rank is None or len(v[1]) == rank]
        if not fitting:
            return None
        # the latest values are the likeliest, so that chains come about
        index = len(fitting) - 1 - min(self.number(0, 3), self.number(0, 9))
        return fitting[max(index, 0)]
