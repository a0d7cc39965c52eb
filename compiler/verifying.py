"""
Verifies modules in less time: of operations that are alike to a verifier, only one.

A network's kernels are thousands of loads, products and sums of a few types each.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, ErasedSSAValue, Operation

PLAIN = frozenset({"arith", "math", "vector", "memref.load", "memref.store"})
"""
Operations, or dialects, whose verifiers look at nothing around them, and of the values
that they take and make at the types.
"""


def verify(module: ModuleOp) -> None:
    """Raises what `module.verify()` raises."""
    if not is_right(module):
        module.verify()


def is_right(module: ModuleOp) -> bool:
    """Whether `module` verifies."""
    looks, seen = Looks(), set[Hashable]()
    for op in module.walk():
        look = looks.of(op)
        if look is not None and look in seen:
            continue
        try:
            op.verify(verify_nested_ops=False)
        except Exception:  # what is wrong is said by who verifies all of it
            return False
        seen.add(look)
        if any(not block.ops for region in op.regions for block in region.blocks):
            return False
    return True


@dataclass
class Looks:
    """What operations look like to a verifier."""

    _by_identity: dict[int, int] = field(default_factory=dict[int, int])
    """What is the same is found without looking at it, which takes long."""
    _numbers: dict[Attribute, int] = field(default_factory=dict[Attribute, int])

    def of(self, op: Operation) -> Hashable | None:
        """All that is verified of `op`; None where it may be more than `op` itself."""
        is_alone = not op.regions and not op.successors and op.next_op is not None
        if not is_alone or not (op.dialect_name() in PLAIN or op.name in PLAIN):
            return None
        if any(type(value) is ErasedSSAValue for value in op.operands):
            return None
        number = self._number
        return (
            type(op),
            tuple([number(value.type) for value in op.operands]),
            tuple([number(value.type) for value in op.results]),
            tuple([(name, number(value)) for name, value in op.properties.items()]),
            tuple([(name, number(value)) for name, value in op.attributes.items()]),
        )

    def _number(self, attribute: Attribute) -> int:
        """The same for attributes that are equal."""
        found = self._by_identity.get(id(attribute))
        if found is None:
            found = self._numbers.setdefault(attribute, len(self._numbers))
            self._by_identity[id(attribute)] = found
        return found
