"""Calling the tools from tests."""

from __future__ import annotations

from collections.abc import Callable

Call = Callable[..., tuple[int, str, str]]
"""Arguments to status, standard output and standard error."""
