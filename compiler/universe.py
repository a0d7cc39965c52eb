"""
Names and places: every pass, dialect and target of this project, resolved on first use.

xDSL finds `UNIVERSE` through the entry point group `xdsl.universe`, so `xdsl-opt` knows
these names too. A name that some other package also defines breaks every `xdsl-opt` on
the machine: hence the prefixes. Name = path = test: pass `nn-fold-constants` is class
`NnFoldConstantsPass` in `transforms/nn/fold_constants.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from xdsl.context import Context
from xdsl.dialects import get_all_dialects
from xdsl.passes import ModulePass
from xdsl.transforms import get_all_passes
from xdsl.universe import Universe

from .errors import DeployError
from .plugins import from_file, installed
from .requests import Passes, Table

DIALECTS: dict[str, str] = {
    "nn": "dialects.nn:NN",
    "deploy": "dialects.deploy:Deploy",
}
"""Dialect name -> `module:Dialect object`, relative to this package."""

COMPLETED: dict[str, str] = {
    "linalg": "dialects.linalg:Linalg",
    "memref": "dialects.memref:MemRef",
}
"""Dialects of xDSL that lack syntax which we add."""

PASSES: dict[str, str] = {
    "deploy-attach-machine": (
        "transforms.deploy.attach_machine:DeployAttachMachinePass"
    ),
    "deploy-inline-calls": "transforms.deploy.inline_calls:DeployInlineCallsPass",
    "nn-set-io-layout": "transforms.nn.set_io_layout:NnSetIoLayoutPass",
    "nn-set-io-type": "transforms.nn.set_io_type:NnSetIoTypePass",
    "nn-fold-constants": "transforms.nn.fold_constants:NnFoldConstantsPass",
    "nn-clean-reshapes": "transforms.nn.clean_reshapes:NnCleanReshapesPass",
    "nn-cancel-transposes": "transforms.nn.cancel_transposes:NnCancelTransposesPass",
    "nn-sink-transposes": "transforms.nn.sink_transposes:NnSinkTransposesPass",
    "nn-fold-batch-norm": "transforms.nn.fold_batch_norm:NnFoldBatchNormPass",
    "nn-sink-dequantize": "transforms.nn.sink_dequantize:NnSinkDequantizePass",
    "nn-quantize-linear": "transforms.nn.quantize_linear:NnQuantizeLinearPass",
    "nn-fold-zero-points": "transforms.nn.fold_zero_points:NnFoldZeroPointsPass",
    "nn-fuse-chains": "transforms.nn.fuse_chains:NnFuseChainsPass",
    "nn-generalize-quantization": (
        "transforms.nn.generalize_quantization:NnGeneralizeQuantizationPass"
    ),
    "nn-tabulate": "transforms.nn.tabulate:NnTabulatePass",
    "nn-integerize": "transforms.nn.integerize:NnIntegerizePass",
    "nn-generalize-elementwise": (
        "transforms.nn.generalize_elementwise:NnGeneralizeElementwisePass"
    ),
    "nn-fuse-epilogue": "transforms.nn.fuse_epilogue:NnFuseEpiloguePass",
    "nn-fuse-elementwise": "transforms.nn.fuse_elementwise:NnFuseElementwisePass",
    "nn-fold-scalars": "transforms.nn.fold_scalars:NnFoldScalarsPass",
    "nn-fold-pad": "transforms.nn.fold_pad:NnFoldPadPass",
    "nn-choose-layout": "transforms.nn.choose_layout:NnChooseLayoutPass",
    "nn-record-layout": "transforms.nn.record_layout:NnRecordLayoutPass",
    "nn-channels-last": "transforms.nn.channels_last:NnChannelsLastPass",
    "nn-fold-transpose-into-matmul": (
        "transforms.nn.fold_transpose_into_matmul:NnFoldTransposeIntoMatmulPass"
    ),
    "linalg-generalize": "transforms.linalg.generalize:LinalgGeneralizePass",
    "linalg-from-nn": "transforms.linalg.from_nn:LinalgFromNnPass",
    "linalg-fuse-producers": "transforms.linalg.fuse_producers:LinalgFuseProducersPass",
    "linalg-expand-math": "transforms.linalg.expand_math:LinalgExpandMathPass",
    "linalg-expand-pads": "transforms.linalg.expand_pads:LinalgExpandPadsPass",
    "linalg-widen-pads": "transforms.linalg.widen_pads:LinalgWidenPadsPass",
    "linalg-fold-transposes": (
        "transforms.linalg.fold_transposes:LinalgFoldTransposesPass"
    ),
    "linalg-pack-words": "transforms.linalg.pack_words:LinalgPackWordsPass",
    "linalg-scan-tables": "transforms.linalg.scan_tables:LinalgScanTablesPass",
    "linalg-slice-operands": "transforms.linalg.slice_operands:LinalgSliceOperandsPass",
    "linalg-choose-groups": "transforms.linalg.choose_groups:LinalgChooseGroupsPass",
    "linalg-form-kernels": "transforms.linalg.form_kernels:LinalgFormKernelsPass",
    "linalg-chain-kernels": "transforms.linalg.chain_kernels:LinalgChainKernelsPass",
    "linalg-apply-plan": "transforms.linalg.apply_plan:LinalgApplyPlanPass",
    "linalg-choose-tiles": "transforms.linalg.choose_tiles:LinalgChooseTilesPass",
    "linalg-record-plan": "transforms.linalg.record_plan:LinalgRecordPlanPass",
    "linalg-tile-kernels": "transforms.linalg.tile_kernels:LinalgTileKernelsPass",
    "linalg-stage-operands": (
        "transforms.linalg.stage_operands:LinalgStageOperandsPass"
    ),
    "memory-bufferize": "transforms.memory.bufferize:MemoryBufferizePass",
    "memory-pipeline-transfers": (
        "transforms.memory.pipeline_transfers:MemoryPipelineTransfersPass"
    ),
    "memory-sink-fills": "transforms.memory.sink_fills:MemorySinkFillsPass",
    "memory-fill-borders": "transforms.memory.fill_borders:MemoryFillBordersPass",
    "memory-share-buffers": "transforms.memory.share_buffers:MemoryShareBuffersPass",
    "memory-split-transfers": (
        "transforms.memory.split_transfers:MemorySplitTransfersPass"
    ),
    "memory-apply-plan": "transforms.memory.apply_plan:MemoryApplyPlanPass",
    "memory-assign-offsets": (
        "transforms.memory.assign_offsets:MemoryAssignOffsetsPass"
    ),
    "memory-record-plan": "transforms.memory.record_plan:MemoryRecordPlanPass",
    "memory-materialize-arenas": (
        "transforms.memory.materialize_arenas:MemoryMaterializeArenasPass"
    ),
    "memory-outline-kernels": (
        "transforms.memory.outline_kernels:MemoryOutlineKernelsPass"
    ),
    "vector-turn-weights": "transforms.vector.turn_weights:VectorTurnWeightsPass",
    "vector-join-rows": "transforms.vector.join_rows:VectorJoinRowsPass",
    "vector-join-axes": "transforms.vector.join_axes:VectorJoinAxesPass",
    "vector-lengthen-weights": (
        "transforms.vector.lengthen_weights:VectorLengthenWeightsPass"
    ),
    "vector-transpose-squares": (
        "transforms.vector.transpose_squares:VectorTransposeSquaresPass"
    ),
    "vector-form-dots": "transforms.vector.form_dots:VectorFormDotsPass",
    "vector-anchor-loads": "transforms.vector.anchor_loads:VectorAnchorLoadsPass",
    "vector-apply-plan": "transforms.vector.apply_plan:VectorApplyPlanPass",
    "vector-choose-blocks": "transforms.vector.choose_blocks:VectorChooseBlocksPass",
    "vector-pack-weights": "transforms.vector.pack_weights:VectorPackWeightsPass",
    "vector-hide-factors": "transforms.vector.hide_factors:VectorHideFactorsPass",
    "vector-record-plan": "transforms.vector.record_plan:VectorRecordPlanPass",
    "vector-predict-instructions": (
        "transforms.vector.predict_instructions:VectorPredictInstructionsPass"
    ),
    "vector-lower-kernels": "transforms.vector.lower_kernels:VectorLowerKernelsPass",
    "vector-pack-products": "transforms.vector.pack_products:VectorPackProductsPass",
    "vector-share-nan-checks": (
        "transforms.vector.share_nan_checks:VectorShareNanChecksPass"
    ),
    "vector-start-sums": "transforms.vector.start_sums:VectorStartSumsPass",
    "vector-order-products": "transforms.vector.order_products:VectorOrderProductsPass",
    "vector-load-again": "transforms.vector.load_again:VectorLoadAgainPass",
    "vector-fuse-multiply-adds": (
        "transforms.vector.fuse_multiply_adds:VectorFuseMultiplyAddsPass"
    ),
    # one line per pass
}
"""Pass name -> `module:Class`, relative to this package; in the order of their use."""

PIPELINES: dict[str, str] = {
    "deploy-run-phases": "embedding:DeployRunPhasesPass",
}
"""Passes that run others, for tools that know nothing of phases."""

TARGETS: dict[str, str] = {
    "deploy-c": "backend.c.target:DeployCTarget",
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
    all_passes=late(PASSES) | late(PIPELINES),
    all_targets=late(TARGETS),
)
"""What the entry point `xdsl.universe` offers to xDSL."""


def multiverse() -> Universe:
    """Everything by name: xDSL's, other packages', and ours, installed or not."""
    everything = Universe.get_multiverse()
    return Universe(
        all_dialects=everything.all_dialects | late(COMPLETED) | UNIVERSE.all_dialects,
        all_passes=everything.all_passes | UNIVERSE.all_passes,
        all_targets=everything.all_targets | UNIVERSE.all_targets,
    )


def all_passes(plugins: Sequence[str | Path] = ()) -> Passes:
    """
    Every pass of this project, of xDSL and of plugins by name, imported when called.

    Raises `DeployError` as `with_plugins` does.
    """
    return with_plugins(get_all_passes() | UNIVERSE.all_passes, plugins)


def with_plugins(passes: Table, plugins: Sequence[str | Path]) -> Passes:
    """
    `passes`, those of the Python files `plugins`, and those of installed plugins.

    Raises `DeployError` for one that cannot be loaded, or whose name is taken.
    """
    found = dict(passes)
    loaded = [*installed(), *map(from_file, plugins)]
    added = [one for plugin in loaded for one in plugin.passes]
    for one in added:
        if one.type.name in found:
            raise DeployError("name is taken by another pass", node=one.type.name)
        found[one.type.name] = partial(itself, one.type)
    placed = [(one.phase, one.type.name) for one in added if one.phase is not None]
    operations = [op for plugin in loaded for op in plugin.operations]
    return Passes(found, placed, operations)


def itself(pass_: type[ModulePass]) -> type[ModulePass]:
    """What a table holds for a pass that is there already."""
    return pass_


def new_context(passes: Passes | None = None) -> Context:
    """
    A context that knows every dialect of this project and of xDSL by name.

    It knows the operations of the plugins that `passes` are of, too.
    """
    ctx = Context()
    dialects = get_all_dialects() | late(COMPLETED) | UNIVERSE.all_dialects
    for name, factory in dialects.items():
        ctx.register_dialect(name, factory)
    if passes is not None:
        add_operations(ctx, passes)
    return ctx


def add_operations(ctx: Context, passes: Passes) -> None:
    """
    Makes the operations of plugins known.

    Raises `DeployError` for a name that another operation has.
    """
    for operation in passes.operations:
        if ctx.get_optional_op(operation.name) is not None:
            reason = "name is taken by another operation"
            raise DeployError(reason, node=operation.name)
        ctx.load_op(operation)
