"""What NAME.h says of inputs and outputs that are not as the model has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...analysis.program import Program
from .names import comment_text, macro_part
from .types import float_literal


def border_macros(
    program: Program, names: Mapping[str, Sequence[str]], prefix: str
) -> Iterator[str]:
    """
    A comment on each tensor in a layout that was asked for; scale and zero point of one
    whose integers mean reals, as macros named after the parameter.
    """
    taken: set[str] = set()
    for role in ("input", "output"):
        for argument, name in zip(program.having(role), names[role], strict=True):
            border = argument.border
            if border.layout is not None:
                shape = " x ".join(map(str, border.shape))
                yield f"/* {name} is {border.layout}: {comment_text(shape)}. */"
            if border.quantization is None or border.dtype == "float32":
                continue
            macro = unique(f"{prefix}_{macro_part(name)}", taken)
            scale, zero = border.quantization.scale, border.quantization.zero_point
            yield f"/* What {name} means: (integer - zero point) * scale. */"
            yield f"#define {macro}_SCALE {float_literal(scale, single=True)}"
            yield f"#define {macro}_ZERO_POINT {f'({zero})' if zero < 0 else zero}"


def unique(wanted: str, taken: set[str]) -> str:
    """A name like `wanted` that is not taken yet, and is now."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    taken.add(name)
    return name
