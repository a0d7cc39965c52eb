"""
What holds of a module in the middle of a phase, written on it as `deploy.properties`.

`{tiles, network = "linalg-from-nn"}`: tiles hold, and that pass has ended the network.
Between phases the table in `pipeline.py` says all of it, so the attribute is not there;
neither is it on a module written by hand, which is taken as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from xdsl.context import Context
from xdsl.dialects.builtin import DictionaryAttr, ModuleOp, StringAttr, UnitAttr
from xdsl.ir import Attribute
from xdsl.passes import ModulePass

from .errors import DeployError
from .properties import Effects, Property

PROPERTIES_ATTRIBUTE = "deploy.properties"
"""Module attribute: property -> unit where it holds, else the pass that ended it."""


@dataclass
class State:
    """The properties that a module has had."""

    ended_by: dict[Property, str | None] = field(
        default_factory=dict[Property, str | None]
    )
    """Property -> the pass that ended it; None while it holds."""

    def holds(self, property_: Property) -> bool:
        """Whether a pass that needs it may run."""
        return self.ended_by.get(property_, "") is None

    def establish(self, properties: Iterable[Property]) -> None:
        """From here on `properties` hold."""
        self.ended_by |= dict.fromkeys(properties)

    def follow(self, name: str, effects: Effects) -> None:
        """The pass `name`, which declares `effects`, has run."""
        self.ended_by |= dict.fromkeys(effects.ends, name)
        self.establish(effects.establishes)

    def missing(self, effects: Effects) -> list[Property]:
        """What a pass needs that does not hold."""
        return [need for need in effects.needs if not self.holds(need)]

    def as_attribute(self) -> DictionaryAttr:
        """The same as an attribute of a module."""
        entries = sorted(self.ended_by.items())
        return DictionaryAttr(
            {p: UnitAttr() if by is None else StringAttr(by) for p, by in entries}
        )


def written_state(module: ModuleOp) -> State | None:
    """
    The state on `module`; None where none is written.

    Raises `DeployError` for an attribute that means nothing.
    """
    attribute = module.attributes.get(PROPERTIES_ATTRIBUTE)
    if attribute is None:
        return None
    entries: Mapping[str, Attribute] = (
        attribute.data if isinstance(attribute, DictionaryAttr) else {"": attribute}
    )
    unknown = entries.keys() - set(Property)
    if unknown:
        known = ", ".join(Property)
        reason = f"expected properties out of {known}, got {attribute}"
        raise DeployError(reason, node=PROPERTIES_ATTRIBUTE)
    return State({Property(name): ender(by) for name, by in entries.items()})


def ender(attribute: Attribute) -> str | None:
    """The pass named by an entry of the attribute."""
    return attribute.data if isinstance(attribute, StringAttr) else None


@dataclass(frozen=True)
class WriteStatePass(ModulePass):
    """Writes down what holds where a pipeline stops in the middle of a phase."""

    name = "write-state"

    state: State | None
    """What holds; None to say nothing, as between phases."""

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Writes or removes the attribute."""
        op.attributes.pop(PROPERTIES_ATTRIBUTE, None)
        if self.state is not None:
            op.attributes[PROPERTIES_ATTRIBUTE] = self.state.as_attribute()
