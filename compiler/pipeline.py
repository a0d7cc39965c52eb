"""
The compiler as one table: its phases, their passes, and what may be left after each.

A phase is a place where a person can stop, print, edit and resume. `resolution.py`
turns what was asked for on a command line into a list of passes by this table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import Operation
from xdsl.passes import ModulePass
from xdsl.traits import ConstantLike, IsTerminator
from xdsl.utils.exceptions import PassFailedException

from .legality import LOOPS, NETWORK, PLACED, STRUCTURED, TILED
from .properties import Property
from .rewriting import node_names
from .unfinished import is_named, is_network, is_ungrouped, is_unplaced, on_tensors

PHASE_ATTRIBUTE = "deploy.phase"
"""Module attribute: the last finished phase; absent on a hand-written module."""

NODES_ATTRIBUTE = "deploy.nodes"
"""Module attribute: ONNX node name -> operator; there when the module was imported."""


@dataclass(frozen=True)
class Phase:
    """One line of the compiler."""

    name: str
    """What a user calls it: `-p NAME`."""

    passes: tuple[str, ...]
    """Its passes in order, each `name` or `name{option=value}`."""

    legal: frozenset[str]
    """The dialects, or single operations, that may be there afterwards."""

    works_on: Callable[[Operation], bool]
    """The operations a hand-written module must hold to be in need of this phase."""

    tensors: bool = True
    """Whether tensors may be there afterwards."""

    establishes: tuple[Property, ...] = ()
    """What holds afterwards besides what its passes establish."""

    def allows(self, op: Operation) -> bool:
        """Whether `op` may be there after this phase."""
        named = op.name in self.legal or op.dialect_name() in self.legal
        return named and (self.tensors or not on_tensors(op))

    def leaves(self, op: Operation) -> bool:
        """Whether `op` is what neither this phase nor one before it works on."""
        so_far = PHASES[: PHASES.index(self) + 1]
        return self.allows(op) or not any(one.works_on(op) for one in so_far)


PHASES = (
    Phase(
        "import",
        (),
        NETWORK,
        works_on=lambda op: False,
        establishes=(Property.NETWORK, Property.NAMED),
    ),
    Phase(
        "fuse",
        (
            "nn-set-io-layout",  # first: what it turns is moved like all the rest
            "nn-fold-constants",  # then: what is known now hides no pattern below
            "nn-clean-reshapes",  # before transposes: they meet through fewer reshapes
            "nn-sink-dequantize",  # what only moves elements then moves integers
            "nn-set-io-type",  # behind it: borders have met their quantisation
            "nn-fold-constants",  # again: weights were moved as integers
            "nn-sink-transposes",  # a transpose must not part a producer and its work
            "nn-fold-batch-norm",  # before merging: it knows operations by their names
            "nn-quantize-linear",
            "nn-fold-zero-points",
            "nn-fuse-chains",  # behind all that looks for names, those of plugins too
            "nn-generalize-elementwise",
            "nn-generalize-quantization",  # into the bodies that there are now
            "nn-tabulate",  # before merging: a merged body may read a second operand
            "nn-fuse-epilogue",  # before merging, so that each producer ends its work
            "nn-fuse-elementwise",
            "nn-fold-scalars",
            "nn-fuse-epilogue",  # again: merged work may have one producer left
            "nn-fuse-elementwise",  # again: constants of what was taken in
            "nn-fold-constants",  # again: bodies on constants only
            "nn-integerize",  # after merging: bias and activation cost nothing then
            "nn-fold-pad",  # last: it reads the bounds that epilogues give
            "cse",
            "dce",
        ),
        NETWORK,
        works_on=is_network,
    ),
    Phase(
        "layout",
        (
            "nn-choose-layout",
            "nn-channels-last",
            "nn-sink-transposes",  # right after: most transposes meet their inverse
            "nn-clean-reshapes",
            "nn-fold-transpose-into-matmul",  # what is left before a constant weight
            "nn-sink-transposes",  # again: reshapes are out of the way now
            "nn-clean-reshapes",
            "nn-fold-pad",  # again: a transpose may have stood between
            "nn-fuse-epilogue",  # again: so may a transpose or reshape
            "nn-fuse-elementwise",
            "nn-fold-constants",
            "cse",
            "dce",
            "nn-record-layout",  # last: what nobody needs is gone
        ),
        NETWORK,
        works_on=is_network,
    ),
    Phase(
        "to-linalg",
        (
            "deploy-inline-calls",  # first: behind it a program is one function
            "linalg-generalize",  # then: what is not of a network may have names
            "linalg-from-nn",  # the last pass that knows operators
            "linalg-fuse-producers",  # a reduction then reads what is stored anyway
            "linalg-expand-math",  # last: before it, functions have names
            "dce",  # a shape-only value may be left without a user
        ),
        STRUCTURED,
        works_on=is_named,
    ),
    Phase(
        "tile",
        (
            "linalg-fold-transposes",  # first: fewer kernels, and fewer copies
            "linalg-slice-operands",  # behind it: a strided map may be of a transpose
            "linalg-scan-tables",
            "linalg-pack-words",
            "linalg-choose-groups",
            "linalg-form-kernels",
            "linalg-chain-kernels",  # before a plan: it knows them by order
            "linalg-apply-plan",  # before choosing, which is not done then
            "linalg-choose-tiles",  # after kernels: a tile is of a whole group
            "linalg-record-plan",  # before tiling, which uses it up
            "linalg-tile-kernels",  # before pads are expanded: a tile pads its own part
            "linalg-widen-pads",
            "linalg-expand-pads",
            "linalg-form-kernels",  # again: fills of paddings are kernels as well
            "linalg-stage-operands",  # last: behind it kernels touch open levels only
            "dce",  # what was only read by what is tiled now
        ),
        TILED,
        works_on=is_ungrouped,
    ),
    Phase(
        "lower",
        (
            "memory-bufferize",
            "memory-sink-fills",
            "memory-fill-borders",  # before splitting: an inside is one transfer
            "memory-share-buffers",  # before moving: each transfer is awaited at once
            "memory-pipeline-transfers",  # whole ones: what is split has more tokens
            "memory-split-transfers",  # before offsets: each transfer is a step
            "vector-turn-weights",
            "vector-join-rows",  # before joining axes, which knows no gaps
            "vector-join-axes",  # before offsets: constants may get longer
            "vector-lengthen-weights",  # behind it: fewer vectors are a part then
            "memory-apply-plan",  # before choosing offsets, which is not done then
            "memory-assign-offsets",
            "memory-record-plan",  # before arenas: behind it, buffers have no names
            "memory-materialize-arenas",  # behind it, types are final
            "memory-outline-kernels",
        ),
        PLACED,
        works_on=is_unplaced,
        tensors=False,
    ),
    Phase(
        "vectorize",
        (
            "vector-transpose-squares",
            "vector-form-dots",  # before the plan, which knows loops as they are then
            "vector-apply-plan",
            "vector-choose-blocks",
            "vector-record-plan",  # before it is acted upon
            "vector-predict-instructions",  # from what is decided, so before as well
            "vector-pack-weights",  # behind the plan, which knows kernels as they were
            "vector-lower-kernels",
            "vector-pack-products",
            "vector-start-sums",  # behind packing, which starts sums of its own
            "vector-hide-factors",  # behind it: a constant may be what sums begin with
            "vector-order-products",  # behind packing, which leaves fewer of them
            "vector-share-nan-checks",
            "vector-load-again",
            "vector-anchor-loads",  # behind it: what is loaded again stands apart
            "vector-fuse-multiply-adds",  # last: a product with zero is known before
        ),
        LOOPS,
        works_on=lambda op: op.dialect_name() == "linalg",
        tensors=False,
    ),
)
"""Read top to bottom: this is the compiler."""

PHASE_NAMES = tuple(phase.name for phase in PHASES)
"""The phases in order; all but the first, which reads the model, can be asked for."""


def check_legal(phase: Phase, module: ModuleOp) -> None:
    """
    Fails on the first operation that should be gone after `phase`.

    A module written by hand may be ahead of its phases: what none of them works on so
    far may stay until the last.
    """
    is_strict = NODES_ATTRIBUTE in module.attributes or phase is PHASES[-1]
    for op in module.walk():
        if not (phase.allows(op) if is_strict else phase.leaves(op)):
            message = f"should be gone after phase '{phase.name}'"
            op.emit_error(message, PassFailedException(message))


def is_located(op: Operation) -> bool:
    """Whether `op` names its ONNX nodes, itself or by an operation around it."""
    around: Operation | None = op
    while around is not None and not node_names(around.location):
        around = around.parent_op()
    return around is not None


def needs_location(op: Operation) -> bool:
    """Whether `op` does some node's work: it is inside a function and no constant."""
    if op.name in {"builtin.module", "func.func", "memref.global"}:
        return False
    return not (op.has_trait(IsTerminator) or op.has_trait(ConstantLike))


def check_located(phase: Phase, module: ModuleOp) -> None:
    """Fails on the first operation of an imported module that has lost its location."""
    if NODES_ATTRIBUTE not in module.attributes:
        return
    for op in module.walk():
        if not is_located(op) and needs_location(op):
            message = f"has lost its location in phase '{phase.name}'"
            op.emit_error(message, PassFailedException(message))


@dataclass(frozen=True)
class FinishPhasePass(ModulePass):
    """Checks what a phase promises and writes down that it is finished."""

    name = "finish-phase"

    phase: str
    """The phase that has just run."""

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Fails where the promise is broken."""
        phase = PHASES[PHASE_NAMES.index(self.phase)]
        check_legal(phase, op)
        check_located(phase, op)
        op.attributes[PHASE_ATTRIBUTE] = StringAttr(self.phase)
