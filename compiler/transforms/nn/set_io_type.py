"""
Gives quantised inputs and outputs the type that a caller wants: integers or reals.

Before: `func.func @run(%x: tensor<4xf32> {deploy.name = "x",
            deploy.dtype = "float32"})`
        and `%q = nn.quantize(%x) {scale = dense<0.5> : …} : … -> tensor<4xi8>`
After:  `func.func @run(%q: tensor<4xi8> {deploy.name = "x", deploy.dtype = "int8",
            deploy.quantization = {dtype = "int8", scale = 0.5, zero_point = 0},
            deploy.as_written = {dtype = "float32"}})`

`types` are words such as `int8`, for all tensors, or `NAME=int8` for one. A caller's
`float32` brings a quantisation behind an input, and a dequantisation before an output.
A word for all leaves alone what is neither real nor quantised, such as indices.
"""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, TensorType
from xdsl.ir import Attribute
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import PassFailedException

from ...analysis.interface import TYPES
from ...analysis.interface_choices import Choices, taken
from ...dialects import nn
from ...interpreters.builtin import dtype_of
from ...properties import Property
from ...shortage import BorderRefusal
from .border_quantization import quantization
from .parameters import Parameters
from .sides import Side, choices_for, sides_of


def dtype_name(type_: Attribute) -> str:
    """What numpy calls an element type."""
    return dtype_of(type_).name


def wanted_type(side: Side, choices: Choices) -> str | None:
    """The word for a tensor."""
    own = dtype_name(side.value.type)
    others = choices.others if own in TYPES else ()
    return choices.named.get(side.name, next(iter(others), None))


def other_type(parameters: Parameters, own: str) -> str:
    """The type of a quantised tensor that it has not got now."""
    integers = dtype_name(parameters.integers)
    return dtype_name(parameters.reals) if own == integers else integers


def set_type(side: Side, wanted: str) -> None:
    """Gives a tensor the type `wanted`; a diagnostic where that cannot be."""
    own, parameters = dtype_name(side.value.type), quantization(side)
    if parameters is not None:
        note_quantization(side, parameters)
    if own == wanted:
        return
    if parameters is None:
        reason = f"expected {own}, since no one scale quantises it, got {wanted}"
        raise BorderRefusal(side.name, reason)
    if other_type(parameters, own) != wanted:
        reason = f"expected {own} or {other_type(parameters, own)}, got {wanted}"
        raise BorderRefusal(side.name, reason)
    if side.is_input:
        set_input(side, parameters)
    else:
        set_output(side, parameters)
    side.note(dtype=wanted)
    side.note_written(dtype=own)


def note_quantization(side: Side, parameters: Parameters) -> None:
    """Writes down what the integers mean."""
    side.note(
        quantization={
            "dtype": dtype_name(parameters.integers),
            "scale": float(parameters.scale),
            "zero_point": int(parameters.zero_point),
        }
    )


def set_input(side: Side, parameters: Parameters) -> None:
    """Reals that are quantised => the integers; integers => reals to be quantised."""
    shape = nn.shape_of(side.value)
    is_real = nn.is_float(nn.tensor_type(side.value).element_type)
    element = parameters.integers if is_real else parameters.reals
    new = side.replace_argument(TensorType(element, shape))
    old = side.block.args[side.number + 1]
    if is_real:
        for op in [use.operation for use in old.uses]:
            op.results[0].replace_all_uses_with(new)
            side.block.erase_op(op)
    else:
        near = next(use.operation for use in old.uses)
        old.replace_all_uses_with(side.add(parameters.quantize(new), near))
    side.drop_argument()


def set_output(side: Side, parameters: Parameters) -> None:
    """Reals that are dequantised => the integers; integers => what they mean."""
    owner = side.value.owner
    if isinstance(owner, nn.DequantizeOp):
        side.return_instead(owner.input)
        if not owner.result.uses:
            side.block.erase_op(owner)
        return
    side.return_instead(side.add(parameters.dequantize(side.value), owner))


@dataclass(frozen=True)
class NnSetIoTypePass(ModulePass):
    """Gives quantised inputs and outputs the type that a caller wants."""

    name = "nn-set-io-type"
    needs = (Property.NETWORK,)

    types: tuple[str, ...] = ()
    """Words such as `int8`, or `NAME=int8`; by default those of `deploy.interface`."""

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        texts = self.types or taken(op, "types")
        sides = list(sides_of(op))
        choices = choices_for(sides, texts, TYPES)
        if len(choices.others) > 1:
            got = " and ".join(choices.others)
            raise PassFailedException(f"expected one type, got {got}")
        for side in sides:
            if (wanted := wanted_type(side, choices)) is not None:
                set_type(side, wanted)
