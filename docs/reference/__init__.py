"""
The reference: pages that are made of docstrings, help texts and tables of the code.

Each module has a function that gives the text of its page.
"""

from __future__ import annotations

from collections.abc import Callable

from . import commands, machines, messages, operations, operators, passes, python

PAGES: dict[str, Callable[[], str]] = {
    "commands": commands.page,
    "machines": machines.page,
    "messages": messages.page,
    "operations": operations.page,
    "operators": operators.page,
    "passes": passes.page,
    "python": python.page,
}
"""Name of a page in `reference/` -> what makes its text."""
