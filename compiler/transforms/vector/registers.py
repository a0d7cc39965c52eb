"""What a machine has to keep values in, and what instructions count as there."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

from ...machine import Machine
from .records import FIELDS

PASSING = 0.25
"""The part of what loops need that counts in cores that do several things at once."""

CHAINS = 8
"""Sums that keep two units busy, each of which needs four cycles for one."""

HALVING = 2.0
"""Instructions of RISC-V that add one half of a vector to the other, as compiled."""

APART = 1.5
"""What a field counts as that is taken apart: more than to move it with a row."""

LIBRARY = 60.0
"""Instructions, about, of a sum or product that the compiler's library does."""

LOADED_AGAIN = 8
"""Floats beside vectors, at most, that straight code loads once more for each use."""

GROWTH = log2(1.01)
"""
Code that is twice as long has to save one part in a hundred of what is executed.

What long code saves by counting is often less once it is compiled. Machines without
vectors have less to choose from: long rows of few loads, which save half of that.
"""


@dataclass(frozen=True)
class Registers:
    """What a machine has to keep values in."""

    vector_bits: int
    """0 without vectors."""
    vectors: int
    floats: int
    integers: int
    """Registers that are free for values, those of addresses left out."""
    group: int = 8
    """Registers, at most, that one vector may have."""
    fields: int = 1
    """Neighbours in memory, at most, that one instruction has in a register each."""
    apart: float = 1.0
    """
    What each of these registers counts as.

    Cores move rows at once but take records apart, so blocks are chosen by more than
    the instructions that predictions count.
    """
    any_lanes: bool = False
    """Whether an instruction does as many lanes as it is told, in whole registers."""
    widens: bool = False
    """
    Whether one instruction multiplies integers, to twice the width, and adds.

    Only predictions count so: all ways to cut a loop have the same products, and those
    chosen by this count have been a little slower.
    """
    halves: bool = False
    """Whether vector instructions take factors of half the width of their products."""
    halving: float = 0.0
    """Instructions, besides those of all, that put halves of a vector together."""
    shared: bool = False
    """Whether floats stand in vector registers."""
    loops: float = 1.0
    """The part of what loops need besides that counts."""
    cold: float = 8.0
    """What an instruction in the code counts as, in instructions that are executed."""
    library: float = 0.0
    """Instructions of a call that does with floats what no instruction does."""
    growth: float = 0.0
    """The power of the instructions in the code that what is executed counts by."""
    loaded_again: int = LOADED_AGAIN
    """None where that takes one instruction more: no product spreads a float."""
    chains: int = 0
    """Sums that a core adds to in turn so that none is waited for; 0: does not wait."""

    @property
    def widest(self) -> int:
        """Bits of the widest vector."""
        return self.vector_bits * self.group

    @staticmethod
    def of(machine: Machine) -> Registers:
        """Those of `machine`; a few are left for what comes between."""
        if machine.is_native:
            return native(machine)
        floats = 30 if machine.has_fpu else 14
        floats = min(floats, 20) if machine.has_vectors else floats
        integers = 22 if machine.has_vectors else 23
        library = 0.0 if machine.has_fpu else LIBRARY
        return Registers(
            machine.vlen,
            28,
            floats,
            integers,
            fields=FIELDS if machine.has_vectors else 1,
            apart=APART,
            any_lanes=machine.has_vectors,
            halves=machine.has_vectors,
            halving=HALVING,
            cold=code_weight(machine),
            growth=GROWTH if machine.has_vectors else 0.0,
            library=library,
        )


def native(machine: Machine) -> Registers:
    """Those of this computer, which products that are added at once leave to others."""
    few = machine.vector_registers < 32
    vectors, others = (16 if machine.has_fma else 14, 14) if few else (28, 22)
    # Some compilers keep what is wider than a register here in memory.
    return Registers(
        machine.vlen,
        vectors,
        vectors,
        others,
        1,
        any_lanes=True,
        shared=True,
        loops=PASSING,
        loaded_again=0 if few else LOADED_AGAIN,
        chains=CHAINS,
    )


def code_weight(machine: Machine) -> float:
    """
    What an instruction in the code counts as, in instructions that are executed once.

    Most where there is least room for code, on machines without floats.
    """
    return 1.0 if machine.has_fpu else 3.0
