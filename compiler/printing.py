"""Modules as text, with the locations that say something."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import StringIO

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, UnknownLoc
from xdsl.ir import Attribute
from xdsl.printer import Printer


@dataclass(eq=False, repr=False)
class LocationPrinter(Printer):
    """Prints locations, but not ` loc(unknown)`, which says nothing."""

    _held: bool = field(default=False, init=False)
    """Whether a space has been held back, because a location may follow it."""

    def print_string(self, text: str, *, indent: int | None = None) -> None:
        """Prints `text`; a lone space waits for what comes next."""
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
