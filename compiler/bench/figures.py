"""The figures of one model on one machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..fit.needs import Need, fullest


@dataclass(frozen=True)
class Work:
    """What a node or a whole program executes for its multiply-adds."""

    macs: int
    lanes: int
    """How many float32 numbers the machine works on at once."""
    instructions: int
    weighted: int
    """Instructions, with those on vectors as often as they have registers."""
    strided: int
    """Vector accesses that are strided or indexed."""

    @property
    def limit(self) -> float:
        """The multiply-adds at as many a time as there are lanes."""
        return self.macs / self.lanes

    @property
    def ratio(self) -> float | None:
        """Weighted instructions in multiples of the limit, where there is one."""
        return self.weighted / self.limit if self.macs else None

    @property
    def above(self) -> float:
        """Weighted instructions that are not in the limit."""
        return self.weighted - self.limit

    def json(self) -> dict[str, Any]:
        """All of it, as it is saved."""
        return asdict(self) | {"limit": self.limit, "ratio": self.ratio}


@dataclass(frozen=True)
class Node:
    """What one ONNX node does."""

    name: str
    op: str
    work: Work
    predicted: int
    """Weighted instructions of its kernels."""

    def json(self) -> dict[str, Any]:
        """All of it, as it is saved."""
        head = {"name": self.name, "op": self.op}
        return {**head, **self.work.json(), "predicted": self.predicted}


@dataclass(frozen=True)
class NodeTime:
    """How long one ONNX node takes, in seconds."""

    name: str
    op: str
    macs: int
    seconds: float

    def json(self) -> dict[str, Any]:
        """All of it, as it is saved."""
        return asdict(self)


@dataclass(frozen=True)
class Times:
    """Seconds per inference."""

    own: float
    onnxruntime: float | None
    """Of onnxruntime; none where it is not installed."""
    nodes: Sequence[NodeTime] = ()
    """The slowest first."""

    @property
    def ratio(self) -> float | None:
        """The program's time in multiples of onnxruntime's."""
        return self.own / self.onnxruntime if self.onnxruntime else None

    def json(self) -> dict[str, Any]:
        """All of it, as it is saved."""
        return {"seconds": self.own} | {
            "onnxruntime_seconds": self.onnxruntime,
            "ratio": self.ratio,
            "nodes": [node.json() for node in self.nodes],
        }


@dataclass(frozen=True)
class Counted:
    """What a simulator has counted."""

    work: Work
    nodes: Sequence[Node]
    """The one with the most instructions above its limit first."""
    rest: Work
    """What is executed between the nodes."""
    kernels: int
    """Weighted instructions of kernels alone, which is what is predicted."""
    outside: int
    """Weighted instructions outside of the functions that transfer."""
    uncertain: int
    """Vector instructions whose registers depend on the path; the most are counted."""

    def json(self) -> dict[str, Any]:
        """All of it, as it is saved."""
        return self.work.json() | {
            "uncertain": self.uncertain,
            "kernels": self.kernels,
            "outside_transfers": self.outside,
            "rest": self.rest.json(),
            "nodes": [node.json() for node in self.nodes],
        }


@dataclass(frozen=True)
class Figures:
    """What one model costs on one machine."""

    model: str
    machine: str
    runner: str
    macs: int
    code: int
    """Bytes of instructions in the model's own sources."""
    needs: Sequence[Need]
    """What is needed of each memory level, and who decides that."""
    predicted: int
    """Weighted instructions of kernels, as they are known before anything is built."""
    traffic: Mapping[str, int]
    """Bytes that one run moves, per hop."""
    dma_cycles: Mapping[str, int]
    """Cycles that DMA takes for them, as the machine says, per hop."""
    measured: Counted | Times

    def json(self) -> dict[str, Any]:
        """All of it, as it is saved."""
        return {
            "model": self.model,
            "machine": self.machine,
            "runner": self.runner,
            "macs": self.macs,
            "code": self.code,
            "levels": {need.level: need.json() for need in self.needs},
            "deciding": fullest(self.needs).level,
            "predicted": self.predicted,
            "traffic": dict(self.traffic),
            "dma_cycles": dict(self.dma_cycles),
            **self.measured.json(),
        }
