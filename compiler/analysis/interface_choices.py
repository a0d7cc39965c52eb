"""
What somebody asks for at the borders of a network: `int8`, or `image=int8`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..errors import DeployError, UsageError


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
