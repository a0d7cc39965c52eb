"""
What a caller wants of the tensors that it gives and gets, as options of phase `fuse`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from xdsl.utils.arg_spec import ArgSpec, ParameterListType

from .errors import UsageError

PHASE = "fuse"
"""Where the passes are that act on it."""


@dataclass(frozen=True)
class Interface:
    """Types and layouts, each a word for all tensors or `NAME=WORD` for one."""

    types: tuple[str, ...] = ()
    layouts: tuple[str, ...] = ()

    @staticmethod
    def of(types: object, layouts: object) -> Interface:
        """
        What options `io_type` and `io_layout` say; None says nothing.

        Raises `UsageError` for words that nobody knows.
        """
        from .analysis.interface import LAYOUTS, TYPES
        from .analysis.interface_choices import Choices

        found = Interface(words("io_type", types), words("io_layout", layouts))
        Choices.of(found.types, TYPES)
        Choices.of(found.layouts, LAYOUTS)
        return found

    def or_else(self, other: Interface) -> Interface:
        """This, and what `other` says where this says nothing."""
        return Interface(self.types or other.types, self.layouts or other.layouts)

    def request(self, phase: str) -> ArgSpec:
        """What is asked of a phase, so that it acts on this."""
        from .frontend.onnx.nodes import spelled

        given = {"types": self.types, "layouts": self.layouts}
        options: dict[str, ParameterListType] = {
            key: tuple(map(spelled, texts)) for key, texts in given.items() if texts
        }
        return ArgSpec(phase, options if phase == PHASE else {})


def words(option: str, value: object) -> tuple[str, ...]:
    """The texts of an option: one, several, or words by the names of tensors."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, Mapping):
        named = cast("Mapping[object, object]", value)
        return tuple(f"{name}={word}" for name, word in named.items())
    texts = cast("Sequence[object]", value) if isinstance(value, list | tuple) else None
    if texts is None or not all(isinstance(text, str) for text in texts):
        expected = "expected a word, several, or a dictionary of words"
        raise UsageError(f"option {option!r}: {expected}, got {value!r}")
    return tuple(cast("Sequence[str]", texts))
