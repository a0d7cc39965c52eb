"""
Reading nested tables (TOML, DLTI) so that each mistake is named by its key, once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn, TypeAlias, TypeVar

from ..errors import DeployError

Value: TypeAlias = "bool | int | str | Sequence[str] | Table"
Table: TypeAlias = Mapping[str, Value]
"""What TOML and DLTI have in common, as far as machines need it."""

ValueT = TypeVar("ValueT", bool, int, str)

LARGEST = 1 << 64
"""Bytes that addresses can tell apart; the IR holds no larger number."""

KINDS = {bool: "true or false", int: "an integer", str: "a string"}


@dataclass
class CheckedTable:
    """
    One table being read. Each key is taken once; `finish` refuses those left over.

    Every refusal is a `DeployError` about `subject` that begins with the key's path.
    """

    subject: str
    """What the table describes, such as `machine board.toml`."""
    values: Table
    path: str = ""
    """Where this table stands in the whole, such as `levels.ram`; empty at the top."""
    taken: set[str] = field(default_factory=set[str])

    def refuse(self, key: str, reason: str) -> NoReturn:
        """Raises the error about `key`."""
        place = f"{self.path}.{key}".strip(".")
        raise DeployError(f"{place}: {reason}" if place else reason, node=self.subject)

    def _take(
        self, key: str, kind: type[ValueT], default: ValueT | None = None
    ) -> ValueT:
        self.taken.add(key)
        value = self.values.get(key, default)
        if value is None:
            self.refuse(key, f"expected {KINDS[kind]}, but the key is missing")
        # `type`, not isinstance: in Python (not in TOML) true is an integer.
        if type(value) is not kind or not isinstance(value, kind):
            self.refuse(key, f"expected {KINDS[kind]}, got {value!r}")
        return value

    def integer(self, key: str, minimum: int = 0, default: int | None = None) -> int:
        """The integer at `key`, at least `minimum`, which 64 bits hold."""
        value = self._take(key, int, default)
        if value < minimum:
            self.refuse(key, f"expected an integer of at least {minimum}, got {value}")
        if value > LARGEST:
            self.refuse(key, f"expected an integer up to 2^64, got {value}")
        return value

    def power_of_two(self, key: str) -> int:
        """The integer at `key`, which is 1, 2, 4, ..."""
        value = self.integer(key, minimum=1)
        if value & (value - 1):
            self.refuse(key, f"expected a power of two, got {value}")
        return value

    def boolean(self, key: str, default: bool | None = None) -> bool:
        """The truth value at `key`."""
        return self._take(key, bool, default)

    def string(self, key: str, default: str | None = None) -> str:
        """The string at `key`, with nothing in it that does not print."""
        value = self._take(key, str, default)
        if not value.isprintable():
            self.refuse(key, f"expected printable text, got {value!r}")
        return value

    def choice(
        self, key: str, choices: Sequence[str], default: str | None = None
    ) -> str:
        """The string at `key`, one of `choices`."""
        value = self.string(key, default)
        if value not in choices:
            self.refuse(key, f"expected one of {', '.join(choices)}, got {value!r}")
        return value

    def strings(
        self, key: str, choices: Sequence[str] | None = None
    ) -> tuple[str, ...]:
        """The strings at `key`, none when absent, each one of `choices` when given."""
        self.taken.add(key)
        values = self.values.get(key, ())
        if isinstance(values, (str, Mapping)) or not isinstance(values, Sequence):
            self.refuse(key, f"expected a list of strings, got {values!r}")
        for value in values:
            # The type holds only for tables that have been checked.
            if type(value) is not str:
                self.refuse(key, f"expected a list of strings, got {value!r} in it")
            if not value.isprintable():
                self.refuse(key, f"expected printable text, got {value!r} in it")
            if choices is not None and value not in choices:
                self.refuse(key, f"expected any of {', '.join(choices)}, got {value!r}")
        return tuple(values)

    def table(self, key: str) -> CheckedTable:
        """The table at `key`."""
        table = self.optional_table(key)
        if table is None:
            self.refuse(key, "expected a table, but the key is missing")
        return table

    def optional_table(self, key: str) -> CheckedTable | None:
        """The table at `key` when there is one."""
        self.taken.add(key)
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self.refuse(key, f"expected a table, got {value!r}")
        path = f"{self.path}.{key}".strip(".")
        return CheckedTable(self.subject, value, path)

    def finish(self) -> None:
        """Refuses the first key that nothing has taken."""
        for key in self.values:
            if key not in self.taken:
                known = ", ".join(sorted(self.taken))
                self.refuse(key, f"unknown key, expected one of {known}")
