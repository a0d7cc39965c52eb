"""
Random kernels of one structured operation, with `deploy.blocks`, as text.

An operation is a list of loops and, for each input, a list of axes that are sums of
them: contractions in any layout, convolutions, pooling, reductions of rows, transposes
and elementwise operations with broadcasts are all of this form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from transforms.random_programs import affine

BODIES = {
    ("product", "f"): "%m = arith.mulf {a}, {b} : {t}\n%r = arith.addf %o, %m : {t}",
    ("product", "i"): "%m = arith.muli {a}, {b} overflow<nsw> : {t}\n"
    "%r = arith.addi %m, %o overflow<nsw> : {t}",
    ("sum", "f"): "%r = arith.addf {a}, %o : {t}",
    ("sum", "i"): "%r = arith.addi %o, {a} : {t}",
    ("most", "f"): "%r = arith.maximumf %o, {a} : {t}",
    ("most", "i"): "%r = arith.maxsi {a}, %o : {t}",
    ("difference", "f"): "%r = arith.subf {a}, {b} : {t}",
    ("difference", "i"): "%r = arith.subi {a}, {b} : {t}",
    ("copy", "f"): "%r = arith.negf {a} : {t}",
    ("copy", "i"): "%r = arith.addi {a}, {a} : {t}",
}
"""How `%r` is made of the inputs and what there was, for floats and integers."""

LEAST = {"f32": "0xFF800000", "i32": "-2147483648"}


@dataclass(frozen=True)
class Loop:
    """A loop, and whether it is over a reduction."""

    extent: int
    reduces: bool = False


@dataclass(frozen=True)
class Axis:
    """One axis of an input: loops with their factors, and elements of padding."""

    terms: tuple[tuple[int, int], ...]
    low: int = 0
    high: int = 0

    def extent(self, loops: Sequence[Loop]) -> int:
        """Elements with the padding."""
        return 1 + sum(by * (loops[loop].extent - 1) for loop, by in self.terms)

    def __str__(self) -> str:
        return " + ".join(f"d{loop} * {by}" for loop, by in self.terms) or "0"


@dataclass(frozen=True)
class Kernel:
    """An operation on memory, or on registers that another one finishes."""

    loops: tuple[Loop, ...]
    inputs: tuple[tuple[Axis, ...], ...]
    result: tuple[int, ...]
    """The loops that are the axes of the result."""
    kind: str
    element: str
    """Of the inputs: `f32`, `i32` or `i8`."""
    padding: str
    start: str
    """What accumulation begins with."""
    blocks: str
    finish: str | None = None
    """`deploy.blocks` of an operation that adds a bias to registers."""
    bias: tuple[int, ...] = ()
    """The axes of the result that the bias has."""
    onto: bool = False
    """Whether it accumulates onto a copy of the bias, which is in memory."""
    is_chosen: bool = False
    """Whether no blocks are written down."""

    @property
    def has_bias(self) -> bool:
        """Whether there is a bias."""
        return self.onto or self.finish is not None

    @property
    def target(self) -> str:
        """The type of the result's elements."""
        return "f32" if self.element == "f32" else "i32"

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """Of the inputs without their padding, and of the bias."""
        shapes = [
            tuple(axis.extent(self.loops) - axis.low - axis.high for axis in axes)
            for axes in self.inputs
        ]
        if self.has_bias:
            shapes.append(tuple(self.shape[axis] for axis in self.bias))
        return shapes

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the result."""
        return tuple(self.loops[loop].extent for loop in self.result)

    @property
    def types(self) -> list[str]:
        """Of all parameters."""
        shapes = [*self.shapes, self.shape]
        return [memory(s, e) for s, e in zip(shapes, self.elements, strict=True)]

    @property
    def elements(self) -> list[str]:
        """Of all parameters."""
        others = 1 + self.has_bias
        return [self.element] * len(self.inputs) + [self.target] * others

    def values(self, seed: int) -> list[npt.NDArray[Any]]:
        """Whole numbers for the inputs, so that no sum rounds or overflows."""
        random = np.random.default_rng(seed)
        dtypes = {"f32": np.float32, "i32": np.int32, "i8": np.int8}
        end = 128 if self.element == "i8" else 5
        return [
            random.integers(-end, end, shape).astype(dtypes[element])
            for shape, element in zip(self.shapes, self.elements, strict=False)
        ]

    def text(self, number: int) -> str:
        """The function `@kernel_<number>` of the inputs and the result."""
        names = ["x", "w"][: len(self.inputs)] + ["b"] * self.has_bias
        pairs = zip((*names, "y"), self.types, strict=True)
        arguments = ", ".join(f"%{name}: {type}" for name, type in pairs)
        lines = [
            f"func.func private @kernel_{number}({arguments}) "
            f"attributes {{deploy.kernel}} {{",
            f"%v = arith.constant {self.padding} : {self.element}",
            f"%s = arith.constant {self.start} : {self.target}",
            *self._padded(),
            *self._computed(),
            *self._finished(),
            "func.return",
            "}",
        ]
        return "\n".join(lines) + "\n"

    @property
    def is_padded(self) -> bool:
        return any(axis.low or axis.high for axis in self.inputs[0])

    @property
    def _whole(self) -> str:
        """The type of the first input with its padding."""
        extents = [axis.extent(self.loops) for axis in self.inputs[0]]
        return memory(extents, self.element, "register")

    def _padded(self) -> list[str]:
        """What writes the first input into padded registers."""
        if not self.is_padded:
            return []
        shape = self.shapes[0]
        extents = [axis.extent(self.loops) for axis in self.inputs[0]]
        strides = [int(np.prod(extents[n + 1 :])) for n in range(len(extents))]
        lows = [axis.low for axis in self.inputs[0]]
        offset = sum(low * step for low, step in zip(lows, strides, strict=True))
        part = (
            f"memref<{dimensions(shape)}{self.element}, "
            f'strided<{strides}, offset: {offset}>, "register">'
        )
        rank = len(shape)
        same = affine(rank, *(f"d{n}" for n in range(rank)))
        return [
            f"%p = deploy.registers : {self._whole}",
            f"linalg.fill ins(%v : {self.element}) outs(%p : {self._whole})",
            f"%part = memref.subview %p{lows} {list(shape)} {[1] * rank} "
            f": {self._whole} to {part}",
            *generic(
                (same, same),
                "p" * rank,
                (("%x", self.types[0], self.element),),
                ("%part", part, self.element),
                "",
                ["linalg.yield %in0 : " + self.element],
            ),
        ]

    def _computed(self) -> list[str]:
        """The operation itself."""
        count = len(self.loops)
        maps = [affine(count, *map(str, axes)) for axes in self.inputs]
        maps.append(affine(count, *(f"d{loop}" for loop in self.result)))
        kinds = "".join("pr"[loop.reduces] for loop in self.loops)
        types = [self.types[n] for n in range(len(self.inputs))]
        names = ["%x", "%w"][: len(types)]
        if self.is_padded:
            names[0], types[0] = "%p", self._whole
        ins = [(n, t, self.element) for n, t in zip(names, types, strict=True)]
        target, type = "%y", self.types[-1]
        lines: list[str] = []
        if self.finish is not None:
            target, type = "%acc", memory(self.shape, self.target, "register")
            lines.append(f"{target} = deploy.registers : {type}")
        if self.onto:
            lines += self._copied()
        elif self.kind in ("product", "sum", "most"):
            fill = f"linalg.fill ins(%s : {self.target}) outs({target} : {type})"
            lines.append(fill)
        out = target, type, self.target
        attributes = f"{self._cut(self.blocks)}deploy.finite = array<i64: 1>"
        return lines + generic(maps, kinds, ins, out, attributes, self._body())

    def _body(self) -> list[str]:
        """What the operation does with one element of each input."""
        used = 2 if self.kind in ("product", "difference") else 1
        names = [f"%in{n}" for n in range(used)]
        widened: list[str] = []
        if self.element == "i8":
            widened = [f"%wide{n[3:]} = arith.extsi {n} : i8 to i32" for n in names]
            names = [f"%wide{n[3:]}" for n in names]
        body = BODIES[self.kind, self.target[0]]
        text = body.format(a=names[0], b=names[-1], t=self.target)
        return [*widened, *text.split("\n"), f"linalg.yield %r : {self.target}"]

    def _copied(self) -> list[str]:
        """What copies the bias to the result."""
        rank = len(self.result)
        same = affine(rank, *(f"d{n}" for n in range(rank)))
        e, type = self.target, self.types[-1]
        body = [f"linalg.yield %in0 : {e}"]
        ins, out = (("%b", type, e),), ("%y", type, e)
        return generic((same, same), "p" * rank, ins, out, "", body)

    def _cut(self, blocks: str) -> str:
        """The attribute that says how loops are cut."""
        return "" if self.is_chosen else f"deploy.blocks = {blocks}, "

    def _finished(self) -> list[str]:
        """What adds a bias to registers."""
        if self.finish is None:
            return []
        rank = len(self.result)
        same = affine(rank, *(f"d{n}" for n in range(rank)))
        maps = (same, affine(rank, *(f"d{axis}" for axis in self.bias)), same)
        e = self.target
        ins = (
            ("%acc", memory(self.shape, e, "register"), e),
            ("%b", self.types[-2], e),
        )
        body = [f"%r = arith.add{e[0]} %in0, %in1 : {e}", f"linalg.yield %r : {e}"]
        attributes = self._cut(self.finish)
        return generic(
            maps, "p" * rank, ins, ("%y", self.types[-1], e), attributes, body
        )


def dimensions(shape: Sequence[int]) -> str:
    return "".join(f"{extent}x" for extent in shape)


def memory(shape: Sequence[int], element: str, level: str = "ram") -> str:
    """The type of a buffer."""
    return f'memref<{dimensions(shape)}{element}, "{level}">'


def generic(
    maps: Sequence[str],
    kinds: str,
    inputs: Sequence[tuple[str, str, str]],
    output: tuple[str, str, str],
    attributes: str,
    body: Sequence[str],
) -> list[str]:
    """A `linalg.generic` whose body reads `%in0`, `%in1` and `%o`."""
    iterators = {"p": '"parallel"', "r": '"reduction"'}
    names, types, elements = zip(*inputs, strict=True)
    args = [f"%in{n}: {element}" for n, element in enumerate(elements)]
    return [
        f"linalg.generic {{indexing_maps = [{', '.join(maps)}], "
        f"iterator_types = [{', '.join(iterators[kind] for kind in kinds)}]}} "
        f"ins({', '.join(names)} : {', '.join(types)}) "
        f"outs({output[0]} : {output[1]}) "
        f"attrs = {{{attributes.removesuffix(', ')}}} {{",
        f"^bb0({', '.join(args)}, %o: {output[2]}):",
        *body,
        "}",
    ]
