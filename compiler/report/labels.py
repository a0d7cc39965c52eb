"""
Short names for what has long ones.

Exporters write paths (`model/layer1/conv2/Conv`) and lists of what they have merged
(`a/Relu;a/BatchNorm;b/Conv`). A label keeps the first merged part that no other step
has, without the folders that all of them share, and without its last word when the rest
says enough.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property

from .program import Program

MERGED = ";"
FOLDER = "/"
NUMBERS = re.compile(r"(\.\d+)*")
"""What is appended to a node's name when it has several buffers."""


class Labels:
    """The labels of one program."""

    def __init__(self, program: Program) -> None:
        self._names = list(dict.fromkeys(step.name for step in program.steps))
        self._nodes = sorted(
            {*self._names, *program.operators}, key=lambda name: (-len(name), name)
        )
        self._found: dict[str, str] = {}

    @cached_property
    def _common(self) -> str:
        """The folders that all names in folders share."""
        names = [part for n in self._names for part in n.split(MERGED)]
        folders = [part.split(FOLDER)[:-1] for part in names if FOLDER in part]
        shared = common_start(folders)
        return "".join(folder + FOLDER for folder in shared)

    @cached_property
    def _parts(self) -> Counter[str]:
        """Merged part -> how many steps' names have it."""
        return Counter(part for n in self._names for part in set(n.split(MERGED)))

    def of(self, name: str) -> str:
        """The label of a node or buffer."""
        if name not in self._found:
            self._found[name] = self._label(name)
        return self._found[name]

    def of_all(self, names: Iterable[str]) -> str:
        """The labels of several, in a list."""
        return ", ".join(map(self.of, names))

    def _label(self, name: str) -> str:
        node = next((n for n in self._nodes if is_made_for(name, n)), name)
        found = self._steps.get(node) or self._own_part(node)
        return found + name.removeprefix(node)

    def _own_part(self, node: str) -> str:
        parts = node.split(MERGED)
        own = next((part for part in parts if self._parts[part] <= 1), node)
        alone = len(self._names) < 2
        return own if alone else own.removeprefix(self._common) or own

    @cached_property
    def _steps(self) -> dict[str, str]:
        """The labels of the steps' nodes."""
        long = {name: self._own_part(name) for name in self._names}
        cut = {name: label.rpartition(FOLDER)[0] for name, label in long.items()}
        seen = Counter([*cut.values(), *long.values()])
        return {
            name: cut[name] if cut[name] and seen[cut[name]] == 1 else label
            for name, label in long.items()
        }


def is_made_for(buffer: str, node: str) -> bool:
    """Whether a buffer is named after a node: the same name, perhaps with numbers."""
    if not node or not buffer.startswith(node):
        return False
    return NUMBERS.fullmatch(buffer, len(node)) is not None


def common_start(lists: Sequence[Sequence[str]]) -> list[str]:
    """What all lists begin with."""
    found: list[str] = []
    for parts in zip(*lists, strict=False):
        if len(set(parts)) > 1:
            break
        found.append(parts[0])
    return found
