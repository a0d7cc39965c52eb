"""
C expressions with just the parentheses they need.

An expression knows how tightly its outermost operator binds. Only products inside sums
go without parentheses; for all other mixtures a reader (and gcc) wants to see them.
"""

from __future__ import annotations

from typing import NamedTuple

TERNARY = 1
"""Operators other than sums and products bind like this, and `?:`."""
SUM = 2
PRODUCT = 3
UNARY = 4
ATOM = 5


class Expression(NamedTuple):
    """A C expression and how tightly it binds."""

    text: str
    level: int = ATOM

    def inside(self, level: int) -> str:
        """The text as an operand of something that binds like `level`."""
        return self.text if self.level >= level else f"({self.text})"


def binary(a: Expression, operator: str, b: Expression) -> Expression:
    """`a operator b`."""
    level = {"+": SUM, "-": SUM, "*": PRODUCT}.get(operator, TERNARY)
    left, right = (level, level + 1) if level != TERNARY else (UNARY, UNARY)
    return Expression(f"{a.inside(left)} {operator} {b.inside(right)}", level)


def unary(operator: str, a: Expression) -> Expression:
    """`operator a`, where a sign never meets another sign."""
    needs = ATOM if a.text.startswith(operator) else UNARY
    return Expression(f"{operator}{a.inside(needs)}", UNARY)


def cast_to(type: str, a: Expression) -> Expression:
    """`(type)a`."""
    return Expression(f"({type}){a.inside(UNARY)}", UNARY)


def call(function: str, *arguments: Expression) -> Expression:
    """`function(arguments)`."""
    inside = ", ".join(argument.text for argument in arguments)
    return Expression(f"{function}({inside})")


def choose(condition: Expression, a: Expression, b: Expression) -> Expression:
    """`condition ? a : b`."""
    parts = (part.inside(SUM) for part in (condition, a, b))
    return Expression("{} ? {} : {}".format(*parts), TERNARY)


def subscript(pointer: Expression, index: Expression) -> Expression:
    """`pointer[index]`."""
    return Expression(f"{pointer.inside(ATOM)}[{index.text}]")
