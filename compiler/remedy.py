"""Which sizes of levels would do where one is short, and how that is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Remedy:
    """The sizes of levels that would do, where a level is short."""

    level: str
    others: tuple[str, ...]
    """What is short too, however large that level is."""
    sizes: Mapping[str, int]
    """The smallest ones, of all these levels together; none where none suffice."""

    def __str__(self) -> str:
        settings = " ".join(f"--set {n}.size={size}" for n, size in self.sizes.items())
        names = ", ".join(self.others)
        if not self.sizes:
            also = f"; {names} would be short too" if names else ""
            return f"no size of {self.level} works{also}"
        if not names:
            size = self.sizes[self.level]
            return f"the smallest size that works is {size} bytes: {settings}"
        verb = "are" if len(self.others) > 1 else "is"
        short = f"no size of {self.level} alone works, {names} {verb} short too"
        return f"{short}: {settings}"
