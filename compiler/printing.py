"""Modules as text, with the locations that say something."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from io import StringIO

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, UnknownLoc
from xdsl.ir import Attribute, Region, SSAValue
from xdsl.printer import Printer

ESCAPED = re.compile(rb"[^ -!#-\[\]-~]")
"""What a string literal spells out."""


@dataclass(eq=False, repr=False)
class AttributePrinter(Printer):
    """Works out once what an attribute looks like: the same ones are everywhere."""

    texts: dict[int, tuple[Attribute, str]] = field(
        default_factory=dict[int, tuple[Attribute, str]], kw_only=True
    )
    """Attributes that have been printed, which stay alive here, by identity."""

    def print_string(self, text: str, *, indent: int | None = None) -> None:
        """Prints `text`."""
        if "\n" in text or self.stream is None:
            super().print_string(text, indent=indent)
        else:
            self._current_column += len(text)
            self.stream.write(text)

    def print_bytes_literal(self, bytestring: bytes) -> None:
        """Prints a string literal, all of it at once."""
        plain = ESCAPED.sub(escaped, bytestring)
        self.print_string(f'"{plain.decode("ascii")}"')

    def print_attribute(self, attribute: Attribute) -> None:
        """Prints `attribute`."""
        if id(attribute) not in self.texts:
            self.texts[id(attribute)] = attribute, self.text_of(attribute)
        self.print_string(self.texts[id(attribute)][1])

    def text_of(self, attribute: Attribute) -> str:
        """What `attribute` looks like."""
        outer, column = self.stream, self._current_column
        self.stream = own = StringIO()
        super().print_attribute(attribute)
        self.stream, self._current_column = outer, column
        return own.getvalue()


def escaped(byte: re.Match[bytes]) -> bytes:
    """A byte of a string literal as it is spelled out."""
    return b"\\\\" if byte[0] == b"\\" else b"\\%02X" % ord(byte[0])


@dataclass(eq=False, repr=False)
class NamelessPrinter(AttributePrinter):
    """Numbers all values, whatever they are called."""

    def print_ssa_value(self, value: SSAValue) -> str:
        """Prints `value`."""
        if value not in self._ssa_values:
            self._ssa_values[value] = self._get_new_valid_name_id()
        return super().print_ssa_value(value)


@dataclass(eq=False, repr=False)
class LocationPrinter(AttributePrinter):
    """Prints locations, but not ` loc(unknown)`, which says nothing."""

    _held: bool = field(default=False, init=False)
    """Whether a space has been held back, because a location may follow it."""

    def print_string(self, text: str, *, indent: int | None = None) -> None:
        """Prints `text`; a lone space waits for what comes next."""
        if self._held:
            self.release()
        if text == " ":
            self._held = True
        else:
            super().print_string(text, indent=indent)

    def _print_new_line(
        self, indent: int | None = None, print_message: bool = True
    ) -> None:
        self.release()
        super()._print_new_line(indent, print_message)

    def release(self) -> None:
        """Prints the space that was held back."""
        if self._held:
            self._held = False
            super().print_string(" ")

    def print_attribute(self, attribute: Attribute) -> None:
        """Prints `attribute`, unless it is a location that says nothing."""
        if self._held and isinstance(attribute, UnknownLoc):
            self._held = False
        else:
            self.release()
            super().print_attribute(attribute)


def module_text(
    ctx: Context,
    module: ModuleOp,
    *,
    generic: bool = False,
    as_attributes: bool = False,
) -> str:
    """
    `module` as MLIR text with its locations.

    `generic` prints no custom syntax, `as_attributes` prints properties as attributes.
    """
    output = StringIO()
    printer = LocationPrinter(
        stream=output,
        print_generic_format=generic,
        print_properties_as_attributes=as_attributes,
        print_debuginfo=True,
    )
    printer.print_op(module)
    printer.print_metadata(ctx.loaded_dialects)
    printer.release()
    return f"{output.getvalue()}\n"


def nameless_text(region: Region, texts: dict[int, tuple[Attribute, str]]) -> str:
    """
    What a region says, without locations and names.

    `texts` are those of attributes that have been printed before, and are now.
    """
    output = StringIO()
    printer = NamelessPrinter(output, texts=texts)
    printer.print_region(region, print_entry_block_args=True)
    return output.getvalue()
