"""Attributes by which arguments, constants and buffers are known from import to C."""

from __future__ import annotations

NAME_ATTRIBUTE = "deploy.name"
"""What a tensor of the caller is called, or what a reader is told of a buffer."""

DTYPE_ATTRIBUTE = "deploy.dtype"
"""The element type of the caller's tensor, as numpy calls it: below `nn` no sign is."""

ROLE_ATTRIBUTE = "deploy.role"
"""Of an argument of a driver: `input`, `output`, `arena` or `weights`."""

OFFSET_ATTRIBUTE = "deploy.offset"
"""Bytes from the start of the constants of a level to a constant."""
