"""
The tensors that a caller gives and gets: what they are, and what the model has instead.

On an argument or result of an entry function stand, besides `deploy.name` and
`deploy.dtype`,

* `deploy.io_layout`: the order of its dimensions, where somebody has asked for one,
* `deploy.quantization`: what its integers mean, where somebody has asked for a type,
* `deploy.as_written`: `dtype` and `layout` in the model, where they are others,
* `deploy.entries`: of how many entries its elements select one, where they are indices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, IntegerAttr, ShapedType
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute

from ..dialects.deploy.marks import ROLE_ATTRIBUTE
from .plain import plain, text_of

Array: TypeAlias = NDArray[Any]

LAYOUT = "deploy.io_layout"
QUANTIZATION = "deploy.quantization"
AS_WRITTEN_ATTRIBUTE = "deploy.as_written"
ENTRIES = "deploy.entries"

LAYOUTS = ("ncw", "nwc", "nchw", "nhwc", "ncdhw", "ndhwc")
"""Orders of dimensions: batch, channels, depth, height, width."""

TYPES = ("float32", "int8", "uint8", "int16", "uint16")
"""What the elements of a quantised tensor may be for the caller."""


def permutation(source: str, target: str) -> tuple[int, ...]:
    """The dimensions of layout `source` in the order of layout `target`."""
    return tuple(source.index(letter) for letter in target)


def layout_of_rank(rank: int, *, is_last: bool) -> str | None:
    """The layout with channels last, or as ONNX has them; none for other ranks."""
    found = (name for name in LAYOUTS if len(name) == rank)
    return next((name for name in found if name.endswith("c") == is_last), None)


@dataclass(frozen=True)
class Quantization:
    """`real = (integer - zero_point) * scale`, in float32."""

    dtype: str
    """Of the integers."""
    scale: float
    zero_point: int

    def quantized(self, reals: Array) -> Array:
        """The nearest integers, ties to even, saturated; as QuantizeLinear does."""
        limits = np.iinfo(self.dtype)
        steps = np.rint(reals / np.float32(self.scale)).astype(np.float64)
        return np.clip(steps + self.zero_point, limits.min, limits.max).astype(
            self.dtype
        )

    def dequantized(self, integers: Array) -> Array:
        """What the integers mean, as DequantizeLinear does."""
        wide = integers.astype(np.int32) - np.int32(self.zero_point)
        return wide.astype(np.float32) * np.float32(self.scale)


@dataclass(frozen=True)
class Written:
    """What the model has for a tensor of the caller."""

    dtype: str
    layout: str | None


@dataclass(frozen=True)
class Border:
    """An input or output: the caller's tensor, and what the model has for it."""

    name: str
    dtype: str
    """numpy's name."""
    shape: tuple[int, ...]
    layout: str | None = None
    """The order of its dimensions, where somebody has asked for one."""
    quantization: Quantization | None = None
    """What its integers mean, or those of the model, where somebody has asked."""
    written: Written | None = None
    """None where the model has the same."""
    entries: int | None = None
    """Of how many entries an element selects one; None where it is no index."""

    @staticmethod
    def of_entry(entry: Mapping[str, Any]) -> Border:
        """The inverse of `entry`."""
        quantization, written = entry.get("quantization"), entry.get("model")
        return Border(
            entry["name"],
            entry["dtype"],
            tuple(entry["shape"]),
            entry.get("layout"),
            None if quantization is None else Quantization(**quantization),
            None
            if written is None
            else Written(written["dtype"], written.get("layout")),
            entry.get("entries"),
        )

    def entry(self) -> dict[str, Any]:
        """How the manifest has it."""
        found: dict[str, Any] = {
            "name": self.name,
            "dtype": self.dtype,
            "shape": list(self.shape),
        }
        if self.layout is not None:
            found["layout"] = self.layout
        if self.entries is not None:
            found["entries"] = self.entries
        if self.quantization is not None:
            found["quantization"] = vars(self.quantization)
        if self.written is not None:
            layout = self.written.layout
            order = {} if layout is None else {"layout": layout}
            shape = list(self.written_shape)
            found["model"] = {"dtype": self.written.dtype, "shape": shape, **order}
        return found

    @property
    def turn(self) -> tuple[int, ...]:
        """The caller's dimensions in the model's order."""
        if self.layout is None or self.written is None or self.written.layout is None:
            return tuple(range(len(self.shape)))
        return permutation(self.layout, self.written.layout)

    @property
    def written_shape(self) -> tuple[int, ...]:
        """The shape in the model."""
        return tuple(self.shape[axis] for axis in self.turn)

    @property
    def step(self) -> float:
        """
        How far two values lie apart that differ by one integer; 0 where all may occur.

        Only of a tensor whose type is another one than the model's.
        """
        if self.quantization is None or self.written is None:
            return 0.0
        if self.written.dtype == self.dtype:
            return 0.0
        return self.quantization.scale if self.dtype == "float32" else 1.0

    def to_model(self, array: Array) -> Array:
        """The caller's `array` as the model has it."""
        turned = array.transpose(self.turn)
        return np.asarray(self._converted(turned, to_model=True), order="C")

    def to_caller(self, array: Array) -> Array:
        """The model's `array` as the caller has it."""
        turned = array.transpose(tuple(np.argsort(self.turn)))
        return np.asarray(self._converted(turned, to_model=False), order="C")

    def _converted(self, array: Array, *, to_model: bool) -> Array:
        if self.written is None or self.written.dtype == self.dtype:
            return array
        assert self.quantization is not None, "types differ by a quantisation"
        makes_reals = (self.dtype == "float32") != to_model
        map_ = self.quantization
        return map_.dequantized(array) if makes_reals else map_.quantized(array)


def border(name: str, dtype: str, shape: Sequence[int], own: DictionaryAttr) -> Border:
    """What the attributes of an argument or result say of a tensor."""
    quantization, written = (
        table(own.data.get(key)) for key in (QUANTIZATION, AS_WRITTEN_ATTRIBUTE)
    )
    entries = own.data.get(ENTRIES)
    return Border(
        name,
        dtype,
        tuple(shape),
        text_of(own.data.get(LAYOUT)) or None,
        Quantization(**quantization) if quantization else None,
        Written(written.get("dtype", dtype), written.get("layout"))
        if written
        else None,
        entries.value.data if isinstance(entries, IntegerAttr) else None,
    )


def table(attribute: Attribute | None) -> dict[str, Any]:
    """The table in an attribute; empty for anything else."""
    found = None if attribute is None else plain(attribute)
    return dict(cast("Mapping[str, Any]", found)) if isinstance(found, dict) else {}


def borders_of(entry: FuncOp) -> tuple[list[Border], list[Border]]:
    """The inputs and the outputs of an entry function, on tensors or on memrefs."""
    inputs: list[Border] = []
    outputs: list[Border] = []
    arguments = entry.body.block.arg_types
    for type_, own in zip(arguments, noted(entry.arg_attrs), strict=False):
        role = text_of(own.data.get(ROLE_ATTRIBUTE))
        if role in ("", "input", "output"):
            side = outputs if role == "output" else inputs
            side.append(noted_border(type_, own))
    types = entry.function_type.outputs
    results = zip(types, noted(entry.res_attrs), strict=False)
    return inputs, [*outputs, *(noted_border(t, own) for t, own in results)]


def noted(attributes: ArrayAttr[DictionaryAttr] | None) -> tuple[DictionaryAttr, ...]:
    """The attributes of all arguments or results."""
    return () if attributes is None else attributes.data


def noted_border(type_: Attribute, own: DictionaryAttr) -> Border:
    """The border that an argument or result with a name and a dtype is."""
    assert isinstance(type_, ShapedType), "a caller gives tensors"
    name, dtype = (text_of(own.data.get(f"deploy.{key}")) for key in ("name", "dtype"))
    return border(name, dtype, type_.get_shape(), own)
