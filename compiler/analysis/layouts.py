"""
What is decided about the order of dimensions, as it stands in a module.

`deploy.layout` on an operation is the decision. `deploy.layouts` on the module
has, for readers, what each group of nodes costs, what the other order would have cost,
and the transposes that are left.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from xdsl.dialects.builtin import ModuleOp

from .plain import attribute_of, plain

LAYOUT_ATTRIBUTE = "deploy.layout"
"""Attribute of a window, or what follows one: one of the two orders."""

LAYOUTS_ATTRIBUTE = "deploy.layouts"
"""Attribute of a module: a table of `groups` and `transposes`."""

AS_WRITTEN = "as written"
CHANNELS_LAST = "channels last"


def layouts_of(module: ModuleOp) -> dict[str, Any]:
    """What stands on a module; empty where nothing does."""
    attribute = module.attributes.get(LAYOUTS_ATTRIBUTE)
    found = None if attribute is None else plain(attribute)
    return dict(cast("Mapping[str, Any]", found)) if isinstance(found, dict) else {}


def attach_layouts(module: ModuleOp, layouts: Mapping[str, Any]) -> None:
    """Writes it on a module."""
    module.attributes[LAYOUTS_ATTRIBUTE] = attribute_of(layouts)
