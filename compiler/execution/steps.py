"""The steps of a program as its manifest lists them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def program_steps(manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What the program does, in order, without what loops need besides."""
    return [op for op in manifest["memory"]["ops"] if "loop" not in op]
