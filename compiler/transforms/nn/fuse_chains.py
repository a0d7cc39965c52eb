"""
Finds where operations follow each other that a user wants to be computed together.

Before: a module with `deploy.fuse = ["nn.conv+nn.relu"]` and
        `%a = nn.conv(%x, %w) … loc("conv1")`, `%y = nn.relu(%a) … loc("relu1")`
After:  the same with
        `deploy.fused = [{chain = "nn.conv+nn.relu", nodes = ["conv1", "relu1"]}]`

A chain stands where each operation but the last has one reader, the next. A node is at
one place: of the chains as they are given, and of their places in program order, the
first that has it. A place at which somebody else reads what is between, or with a node
of another place, is written down as `left`, with the reason; a chain that stands
nowhere is refused. `nn-fuse-epilogue` and
`linalg-chain-kernels` act on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass
from xdsl.transforms.dead_code_elimination import is_trivially_dead
from xdsl.utils.exceptions import PassFailedException

from ...analysis.fused import (
    Fused,
    asked_of,
    attach_fused,
    fused_of,
    together,
)
from ...dialects import nn
from ...errors import DeployError
from ...properties import Property
from ...rewriting import node_names


@dataclass(frozen=True)
class Match:
    """The operations of a chain from its first one on, as far as they are there."""

    ops: tuple[Operation, ...]
    reached: int
    """How many names of the chain that is."""
    left: str | None = None
    """What stands in the way of the next one, if that is there."""

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes of the operations, each once."""
        names = (name for op in self.ops for name in node_names(op.location))
        return tuple(dict.fromkeys(names))


def readers(op: Operation) -> tuple[Operation, ...]:
    """The operations that read a result of `op` and matter, each once."""
    users = (use.operation for result in op.results for use in result.uses)
    return tuple(u for u in dict.fromkeys(users) if not is_trivially_dead(u))


@dataclass
class Search:
    """Looks for one chain after the other."""

    module: ModuleOp
    taken: dict[str, str] = field(default_factory=dict[str, str])
    """Each node at a place that is found -> the chain of that place."""

    def found(self, chain: str) -> Iterator[Fused]:
        """The places of one chain; fails where there is none."""
        names = chain.split("+")
        starts = [op for op in self.module.walk() if op.name == names[0]]
        matches = [self.match(op, names) for op in starts]
        whole = [m for m in matches if m.reached == len(names) and len(m.ops) > 1]
        if not whole:
            self.refuse(chain, names, matches)
        for match in matches:
            if match in whole:
                yield from self.place(chain, match)
            elif match.left is not None:
                yield Fused(chain, match.nodes, match.left)

    def match(self, op: Operation, names: Sequence[str]) -> Match:
        """
        As much of a chain as begins with `op`.

        A reshape may have gone behind the work that was behind it: what it stood
        between follows each other then.
        """
        ops, reached = [op], 1
        for name in names[1:]:
            after = readers(ops[-1])
            following = [reader for reader in after if reader.name == name]
            if not following and name != nn.ReshapeOp.name:
                break
            reached += 1
            if not following:
                continue
            if len(after) > 1:
                others = ", ".join(sorted(reader.name for reader in after))
                left = f"{ops[-1].name} is read by {len(after)}: {others}"
                return Match(tuple(ops), reached - 1, left)
            ops.append(following[0])
        return Match(tuple(ops), reached)

    def place(self, chain: str, match: Match) -> Iterator[Fused]:
        """A place, unless a node of it is at another one already."""
        self.check_nodes(match)
        found = Fused(chain, match.nodes)
        taken = [name for name in found.nodes if name in self.taken]
        if not taken:
            self.taken |= dict.fromkeys(found.nodes, chain)
            yield found
        elif found.nodes[0] not in taken or self.taken[taken[0]] != chain:
            left = f"{taken[0]} is in {self.taken[taken[0]]} already"
            yield replace(found, left=left)

    @staticmethod
    def check_nodes(match: Match) -> None:
        """Refuses operations that nobody could find again."""
        for op in match.ops:
            if not node_names(op.location):
                message = "must have a node's name as its location, to be fused by name"
                op.emit_error(message, PassFailedException(message))

    def refuse(self, chain: str, names: list[str], matches: Sequence[Match]) -> None:
        """Fails, and says how far the chain goes where it goes farthest."""
        if not matches:
            known = {op.name for op in self.module.walk() if is_computation(op)}
            reason = f"expected {names[0]} in the model, got {', '.join(sorted(known))}"
            raise DeployError(reason, node=chain)
        best = max(matches, key=lambda match: (match.reached, match.left is not None))
        reason = best.left
        if reason is None:
            after = sorted({reader.name for reader in readers(best.ops[-1])})
            known, wanted = "+".join(names[: best.reached]), names[best.reached :]
            if not wanted:
                reason = "a reshape moves nothing, and nothing else is behind it"
            else:
                reason = f"{known} must be read by {wanted[0]}, got {', '.join(after)}"
        message = f"{chain} cannot be computed together: {reason}"
        best.ops[-1].emit_error(message, PassFailedException(message))


def is_computation(op: Operation) -> bool:
    """Whether `op` reads and makes something."""
    return bool(op.operands and op.results)


@dataclass(frozen=True)
class NnFuseChainsPass(ModulePass):
    """Finds where operations follow each other that are to be computed together."""

    name = "nn-fuse-chains"
    needs = (Property.NETWORK, Property.NAMED)
    ends = (Property.NAMED,)

    chains: tuple[str, ...] = ()
    """Names of operations, `name+name+…`, besides those that the module asks for."""

    @override
    def apply(self, ctx: Context, op: ModuleOp) -> None:
        known = {entry.chain for entry in fused_of(op)}
        wanted = dict.fromkeys((*asked_of(op), *self.chains))
        taken = {name: entry.chain for entry in together(op) for name in entry.nodes}
        search = Search(op, taken)
        fused = [
            entry
            for chain in wanted
            if chain not in known
            for entry in search.found(chain)
        ]
        if fused:
            attach_fused(op, fused)
