"""
What passes need of a module and what they make of it: the order follows from that.

A pass says so in its class, by `Property`:

```python
name = "linalg-tile-kernels"
needs = (Property.TILES,)
establishes = (Property.TILED,)
ends = (Property.TILES,)
```

A pass that says nothing may run anywhere. `resolution.py` adds what is missing, and
refuses what can no longer be had.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import permutations
from typing import TypeVar

from xdsl.passes import ModulePass

from .errors import DeployError


class Property(StrEnum):
    """Something that holds of a module between two passes."""

    NETWORK = "network"
    """Computations are nodes of a network, `nn`."""
    NAMED = "named"
    """Nodes still have the names of their operators, and nobody relies on which."""
    GENERIC_ELEMENTWISE = "generic-elementwise"
    """Elementwise nodes are bodies of arithmetic, which can be merged."""
    GENERIC_QUANTIZATION = "generic-quantization"
    """So are those that quantise."""
    EPILOGUES = "epilogues"
    """What follows a producer is done by it."""
    LAYOUTS = "layouts"
    """It is decided whose channels go last."""
    STRUCTURED = "structured"
    """Computations are structured operations, `linalg`, on tensors."""
    FUNCTIONS = "functions"
    """`exp`, `tanh` and their like have names."""
    GROUPS = "groups"
    """It is written down which operations share a kernel."""
    KERNELS = "kernels"
    """Every structured operation is in a kernel."""
    FREE_TILES = "free-tiles"
    """Nobody has decided about tiles yet."""
    TILES = "tiles"
    """Tiles are decided and not acted upon."""
    WHOLE_PADS = "whole-pads"
    """Paddings are operations of their own."""
    TILED = "tiled"
    """Kernels work on tiles that fit."""
    STAGED = "staged"
    """Kernels touch only levels that they may."""
    BUFFERS = "buffers"
    """Every value has a buffer, which has no place yet."""
    AWAITED = "awaited"
    """Each transfer is awaited where it starts."""
    WHOLE_TRANSFERS = "whole-transfers"
    """A transfer may be of any shape."""
    STEPS = "steps"
    """Each transfer is one that a DMA engine does, and one step of the program."""
    FREE_OFFSETS = "free-offsets"
    """Nobody has decided about offsets yet."""
    OFFSETS = "offsets"
    """Every buffer has an offset."""
    ARENAS = "arenas"
    """Buffers are views of arenas."""
    OUTLINED = "outlined"
    """Kernels are functions."""
    FREE_BLOCKS = "free-blocks"
    """Nobody has decided about blocks of loops yet."""
    BLOCKS = "blocks"
    """Blocks of loops are decided and not acted upon."""
    LOOPS = "loops"
    """Computations are loops on registers."""
    PACKED = "packed"
    """Products that fit one register share it."""
    PRODUCTS = "products"
    """Products and sums are apart."""


@dataclass(frozen=True)
class Effects:
    """What one pass declares."""

    needs: tuple[Property, ...]
    """What must hold before it."""
    establishes: tuple[Property, ...]
    """What holds behind it."""
    ends: tuple[Property, ...]
    """What no longer does."""


def effects_of(one: ModulePass | type[ModulePass]) -> Effects:
    """What a pass declares; nothing where it says nothing."""
    return _declared(one if isinstance(one, type) else type(one))


@cache
def _declared(type_: type[ModulePass]) -> Effects:
    """As `effects_of`, once for each pass: pipelines ask hundreds of times."""
    fields = ("needs", "establishes", "ends")
    return Effects(*(tuple(getattr(type_, field, ())) for field in fields))


Pass = TypeVar("Pass", bound=ModulePass)


def must_precede(first: ModulePass, second: ModulePass) -> Property | None:
    """The property because of which `first` stands before `second`, if one does."""
    own, other = effects_of(first), effects_of(second)
    for property_ in own.establishes:
        if property_ in other.needs and property_ not in own.needs:
            return property_
    for property_ in own.needs:
        if property_ in other.ends and property_ not in other.establishes:
            return property_
    return None


def ordered(passes: Sequence[Pass], had: Collection[Property] = ()) -> list[Pass]:
    """
    The passes so that each has what it needs, otherwise as they stand.

    `had` is there before them; what several establish is there behind the first. Raises
    `DeployError`, which names two passes that both want to be first.
    """
    waiting, done = list(passes), list[Pass]()
    while waiting:
        made = {p for other in done for p in effects_of(other).establishes}
        done.append(waiting.pop(next_free(waiting, made.union(had))))
    return done


def next_free(waiting: Sequence[ModulePass], had: Collection[Property]) -> int:
    """The number of the first of `waiting`, or of one that it must wait for."""
    number, seen = 0, [0]
    while (other := blocker(number, waiting, had)) is not None:
        if other in seen:
            circle = [waiting[one] for one in seen[seen.index(other) :]]
            raise both_first(*opposed(circle))
        number = other
        seen.append(number)
    return number


def opposed(circle: Sequence[ModulePass]) -> tuple[ModulePass, ModulePass]:
    """Two passes of a circle: two that wait for each other, if there are such."""
    for one, other in permutations(reversed(circle), 2):
        if must_precede(one, other) and must_precede(other, one):
            return one, other
    return circle[-1], circle[0]


def blocker(
    number: int, waiting: Sequence[ModulePass], had: Collection[Property]
) -> int | None:
    """The number of one of `waiting` that must run before number `number`."""
    for place, other in enumerate(waiting):
        because = must_precede(other, waiting[number])
        is_had = because in had and because in effects_of(other).establishes
        if place != number and because and not is_had:
            return place
    return None


def both_first(one: ModulePass, other: ModulePass) -> DeployError:
    """The refusal of two passes that wait for each other, perhaps by way of others."""
    because, against = must_precede(other, one), must_precede(one, other)
    reason = f"must run behind '{other.name}', for '{because}'"
    hint = f"'{other.name}' in turn waits for it"
    if against:
        hint += f", for '{against}'"
    return DeployError(reason, node=one.name, hint=hint)
