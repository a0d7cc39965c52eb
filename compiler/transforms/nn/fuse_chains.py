"""
Finds where operations follow each other that a user wants to be computed together.

Before: a module with `deploy.fuse = ["nn.conv+nn.relu"]` and
        `%a = nn.conv(%x, %w) … loc("conv1")`, `%y = nn.relu(%a) … loc("relu1")`
After:  the same with
        `deploy.fused = [{chain = "nn.conv+nn.relu", nodes = ["conv1", "relu1"]}]`

A chain stands where each operation but the last has one reader, the next. An operation
is in one chain: that of the first in program order, of the chains as they are given. A
place at which somebody else reads what is in between is written down as `left`, with
the reason; a chain that stands nowhere is refused. `nn-fuse-epilogue` and
`linalg-chain-kernels` act on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from typing_extensions import override
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import PassFailedException

from ...analysis.fused import Fused, asked_of, attach_fused, fused_of
from ...properties import Property
from ...rewriting import node_names


@dataclass(frozen=True)
class Match:
    """The operations of a chain from its first one on, as far as they are there."""

    ops: tuple[Operation, ...]
    left: str | None = None
    """What stands in the way of the next one, if that is there."""

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes of the operations, each once."""
        names = (name for op in self.ops for name in node_names(op.location))
        return tuple(dict.fromkeys(names))


def readers(op: Operation) -> tuple[Operation, ...]:
    """The operations that read a result of `op`, each once."""
    users = (use.operation for result in op.results for use in result.uses)
    return tuple(dict.fromkeys(users))


@dataclass
class Search:
    """Looks for one chain after the other."""

    module: ModuleOp
    taken: dict[Operation, str] = field(default_factory=dict[Operation, str])
    """The operations of chains that are found, and which ones these are."""

    def found(self, chain: str) -> Iterator[Fused]:
        """The places of one chain; fails where there is none."""
        names = chain.split("+")
        starts = (op for op in self.module.walk() if op.name == names[0])
        matches = [self.match(op, names) for op in starts if op not in self.taken]
        whole = False
        for match in self.apart(matches, chain, len(names)):
            whole = whole or match.left is None
            yield Fused(chain, match.nodes, match.left)
        if not whole:
            self.refuse(chain, names, matches)

    def match(self, op: Operation, names: Sequence[str]) -> Match:
        """As much of a chain as begins with `op`."""
        ops = [op]
        for name in names[1:]:
            after = readers(ops[-1])
            following = [reader for reader in after if reader.name == name]
            if not following:
                break
            if len(after) > 1:
                others = ", ".join(sorted({reader.name for reader in after}))
                left = f"{len(after)} operations read {ops[-1].name}: {others}"
                return Match(tuple(ops), left)
            ops.append(following[0])
        return Match(tuple(ops))

    def apart(
        self, matches: Sequence[Match], chain: str, length: int
    ) -> Iterator[Match]:
        """Those that are whole, and no two of one operation; and those left."""
        for match in matches:
            if len(match.ops) < length:
                if match.left is not None:
                    yield match
                continue
            other = next((op for op in match.ops if op in self.taken), None)
            if other is None:
                self.check_nodes(match)
                self.taken |= dict.fromkeys(match.ops, chain)
                yield match
            elif match.ops[0] not in self.taken:
                left = f"{other.name} is in {self.taken[other]} already"
                yield Match(match.ops, left)

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
            message = f"{chain} must stand in the model, got {', '.join(sorted(known))}"
            self.module.emit_error(message, PassFailedException(message))
        best = max(matches, key=lambda match: (len(match.ops), match.left is not None))
        if best.left is not None or len(best.ops) == len(names):
            reason = best.left or "all of it is in other chains already"
        else:
            after = sorted({reader.name for reader in readers(best.ops[-1])})
            known = "+".join(names[: len(best.ops)])
            wanted = names[len(best.ops)]
            reason = f"{known} must be read by {wanted}, got {', '.join(after)}"
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
        search = Search(op)
        fused = [
            entry
            for chain in wanted
            if chain not in known
            for entry in search.found(chain)
        ]
        if fused:
            attach_fused(op, fused)
