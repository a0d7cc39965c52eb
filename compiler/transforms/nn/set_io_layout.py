"""
Gives inputs and outputs the order of dimensions that a caller wants.

Before: `func.func @run(%x: tensor<1x3x8x8xf32> {deploy.name = "x"})`
After:  `func.func @run(%x: tensor<1x8x8x3xf32> {deploy.name = "x",
            deploy.io_layout = "nhwc", deploy.as_written = {layout = "nchw"}})`
        and `%t = nn.transpose(%x) {permutation = array<i64: 0, 3, 1, 2>} …`

`layouts` are words such as `nhwc`, for all tensors of that rank, or `NAME=nhwc` for
one.
A tensor has its channels where ONNX has them, unless nobody reads it but transposes
that put them there, or one that puts them last makes it. What transposes are needed is
the business of `nn-sink-transposes` and of the choice of layouts.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, TensorType
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import PassFailedException

from ...analysis.interface import LAYOUTS, layout_of_rank, permutation
from ...analysis.interface_choices import Choices, taken
from ...dialects import nn
from ...properties import Property
from ...shortage import BorderRefusal
from .permutations import channels_first, inverse, permuted
from .sides import Side, choices_for, sides_of
from .transposes import permutation_of


def written_layout(side: Side) -> str | None:
    """The layout of a tensor in the model; none for ranks that have no name."""
    rank = len(nn.shape_of(side.value))
    first = channels_first(rank) if rank > 1 else ()
    if side.is_input:
        users = [use.operation for use in side.value.uses]
        is_last = bool(users) and all(turns(user, first) for user in users)
    else:
        is_last = turns(side.value.owner, inverse(first))
    return layout_of_rank(rank, is_last=is_last)


def turns(op: object, order: tuple[int, ...]) -> bool:
    """Whether `op` is a transpose into this order."""
    return isinstance(op, nn.TransposeOp) and permutation_of(op) == order


def wanted_layout(side: Side, choices: Choices) -> str | None:
    """The word for a tensor; a diagnostic when it is of another rank."""
    shape = nn.shape_of(side.value)
    named = choices.named.get(side.name)
    if named is not None and len(named) != len(shape):
        expected = f"expected {len(named)} dimensions for layout {named}"
        raise BorderRefusal(side.name, f"{expected}, got {list(shape)}")
    fitting = (word for word in choices.others if len(word) == len(shape))
    return next(fitting, None) if named is None else named


def turn(side: Side, wanted: str, written: str) -> None:
    """Lets the caller have a tensor in layout `wanted`."""
    if side.is_input:
        type_ = nn.tensor_type(side.value)
        shape = permuted(type_.get_shape(), permutation(written, wanted))
        new = side.replace_argument(TensorType(type_.element_type, shape))
        old = side.block.args[side.number + 1]
        if old.uses:
            near = next(use.operation for use in old.uses)
            turned = nn.TransposeOp(new, permutation(wanted, written))
            old.replace_all_uses_with(side.add(turned, near))
        side.drop_argument()
    else:
        turned = nn.TransposeOp(side.value, permutation(written, wanted))
        side.return_instead(side.add(turned, side.value.owner))
    side.note_written(layout=written)


def check_used(choices: Choices, sides: list[Side]) -> None:
    """A diagnostic for a word that fits no tensor at all, or two that do."""
    ranks = [len(nn.shape_of(side.value)) for side in sides]
    for one, other in combinations(choices.others, 2):
        if len(one) == len(other):
            expected = f"expected one layout of {len(one)} dimensions"
            raise PassFailedException(f"{expected}, got {one} and {other}")
    for word in choices.others:
        if len(word) not in ranks:
            expected = f"expected an input or output of {len(word)} dimensions"
            raise BorderRefusal(f"layout {word}", f"{expected}, got none")


@dataclass(frozen=True)
class NnSetIoLayoutPass(ModulePass):
    """Gives inputs and outputs the order of dimensions that a caller wants."""

    name = "nn-set-io-layout"
    needs = (Property.NETWORK,)

    layouts: tuple[str, ...] = ()
    """Words such as `nhwc`, or `NAME=nhwc`; by default those of `deploy.interface`."""

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        texts = self.layouts or taken(op, "layouts")
        sides = list(sides_of(op))
        choices = choices_for(sides, texts, LAYOUTS)
        check_used(choices, sides)
        for side in sides:
            wanted, written = wanted_layout(side, choices), written_layout(side)
            if wanted is None or written is None:
                continue
            side.note(io_layout=wanted)
            if wanted != written:
                turn(side, wanted, written)
