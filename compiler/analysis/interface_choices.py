"""
What somebody asks for at the borders of a network: `int8`, or `image=int8`.

It stands as `deploy.interface` on the module until passes have acted on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from xdsl.dialects.builtin import ModuleOp

from ..errors import DeployError, UsageError
from .interface import LAYOUTS, TYPES, table
from .plain import attribute_of

INTERFACE_ATTRIBUTE = "deploy.interface"
"""Attribute of a module: a table of `types` and `layouts`, what `Interface` has."""


@dataclass(frozen=True)
class Choices:
    """One word for each tensor that has one, and words for all others."""

    named: Mapping[str, str]
    """Name of a tensor -> word."""
    others: tuple[str, ...]
    """The words that belong to no tensor, each once."""

    @staticmethod
    def of(texts: Iterable[str], words: Sequence[str]) -> Choices:
        """
        What `texts` say, each `WORD` or `NAME=WORD`, with words among `words`.

        Raises `UsageError`.
        """
        named: dict[str, str] = {}
        others: list[str] = []
        for text in texts:
            name, equals, word = text.rpartition("=")
            if word not in words or (equals and not name):
                expected = f"expected one of {', '.join(words)}, or one for a tensor"
                raise UsageError(f"{expected} as NAME={words[-1]}, got '{text}'")
            if not equals:
                others.append(word)
            elif named.setdefault(name, word) != word:
                raise UsageError(
                    f"expected one, got {named[name]} and {word}", node=name
                )
        return Choices(named, tuple(dict.fromkeys(others)))

    def check_names(self, known: Sequence[str]) -> None:
        """Raises `DeployError` unless every tensor that has a word is among `known`."""
        for name in self.named:
            if name not in known:
                names = ", ".join(known) or "none"
                reason = f"expected one of the inputs and outputs {names}, got '{name}'"
                raise DeployError(reason)


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
        found = Interface(words("io_type", types), words("io_layout", layouts))
        Choices.of(found.types, TYPES)
        Choices.of(found.layouts, LAYOUTS)
        return found

    def or_else(self, other: Interface) -> Interface:
        """This, and what `other` says where this says nothing."""
        return Interface(self.types or other.types, self.layouts or other.layouts)

    def table(self) -> dict[str, Any]:
        """What is said, as JSON has it."""
        return {key: list(texts) for key, texts in vars(self).items() if texts}

    def attach(self, module: ModuleOp) -> None:
        """Asks the passes of `module` for it."""
        if self != AS_WRITTEN:
            module.attributes[INTERFACE_ATTRIBUTE] = attribute_of(self.table())


AS_WRITTEN = Interface()
"""The caller's tensors are as the model has them."""


def taken(module: ModuleOp, key: str) -> tuple[str, ...]:
    """What a module asks for at `key`; it asks no longer."""
    asked = table(module.attributes.pop(INTERFACE_ATTRIBUTE, None))
    found = words(key, asked.pop(key, None))
    if asked:
        module.attributes[INTERFACE_ATTRIBUTE] = attribute_of(asked)
    return found


def words(option: str, value: object) -> tuple[str, ...]:
    """
    The texts of an option: one, several, or words by the names of tensors.

    They are spelled as texts of the IR are.
    """
    if value is None:
        return ()
    if isinstance(value, str):
        return (value.encode("ascii", "backslashreplace").decode(),)
    if isinstance(value, Mapping):
        named = cast("Mapping[object, object]", value)
        value = [f"{name}={word}" for name, word in named.items()]
    texts = cast("Sequence[object]", value) if isinstance(value, list | tuple) else None
    if texts is None or not all(isinstance(text, str) for text in texts):
        expected = "expected a word, several, or a dictionary of words"
        raise UsageError(f"option {option!r}: {expected}, got {value!r}")
    return tuple(word for text in texts for word in words(option, text))
