"""
Names and places: every pass, dialect and target of this project, resolved on first use.

xDSL finds `UNIVERSE` through the entry point group `xdsl.universe`, so `xdsl-opt` knows
these names too. A name that some other package also defines breaks every `xdsl-opt` on
the machine: hence the prefixes. Name = path = test: pass `nn-fold-constants` is class
`NnFoldConstantsPass` in `transforms/nn/fold_constants.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from xdsl.universe import Universe

DIALECTS: dict[str, str] = {
    "nn": "dialects.nn:NN",
    "deploy": "dialects.deploy:Deploy",
}
"""Dialect name -> `module:Dialect object`, relative to this package."""

PASSES: dict[str, str] = {
    # one line per pass
}
"""Pass name -> `module:Class`, relative to this package; in the order of their use."""

TARGETS: dict[str, str] = {
    # one line per target
}
"""Target name -> `module:Class`, relative to this package."""


def resolve(place: str) -> Any:
    """The object at `module:name`, where the module is relative to this package."""
    module, _, name = place.partition(":")
    return getattr(import_module(f".{module}", __package__), name)


def late(places: dict[str, str]) -> dict[str, Callable[[], Any]]:
    """The same table with each place behind a function that imports it when called."""

    def at(place: str) -> Callable[[], Any]:
        return lambda: resolve(place)

    return {name: at(place) for name, place in places.items()}


UNIVERSE = Universe(
    all_dialects=late(DIALECTS),
    all_passes=late(PASSES),
    all_targets=late(TARGETS),
)
"""What the entry point `xdsl.universe` offers to xDSL."""
