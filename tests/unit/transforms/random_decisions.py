"""Random decisions about kernels: what a person could write, and is mostly unwise."""

from __future__ import annotations

import numpy as np
from deployopt.analysis.chains import (
    CHAIN_ATTRIBUTE,
    LEVEL_ATTRIBUTE,
    RESIDENT_ATTRIBUTE,
    chain_of,
)
from deployopt.analysis.structured import loop_ranges, reduction_loops
from deployopt.analysis.tiles import TILE_ATTRIBUTE
from deployopt.dialects.deploy import KernelOp
from deployopt.transforms.linalg.tile_kernels import LinalgTileKernelsPass
from deployopt.universe import new_context
from xdsl.dialects.builtin import (
    ArrayAttr,
    DenseArrayBase,
    DictionaryAttr,
    IntegerAttr,
    ModuleOp,
    StringAttr,
    UnitAttr,
    i64,
)
from xdsl.dialects.func import FuncOp
from xdsl.utils.exceptions import PassFailedException, VerifyException


def kernels_of(module: ModuleOp) -> list[KernelOp]:
    return [op for op in module.walk() if isinstance(op, KernelOp)]


def is_possible(module: ModuleOp) -> bool:
    """Whether the decisions written so far can be acted on."""
    trial = module.clone()
    try:
        LinalgTileKernelsPass().apply(new_context(), trial)
        trial.verify()
    except (PassFailedException, VerifyException):
        return False
    return True


def tile_at_random(kernel: KernelOp, random: np.random.Generator) -> None:
    chain = chain_of([kernel])
    if chain is None:
        return
    root = chain.root.group.root
    reduced = reduction_loops(root)
    sizes = [
        0 if loop in reduced or random.random() < 0.4 else int(random.integers(1, 5))
        for loop, _ in enumerate(loop_ranges(root))
    ]
    root.attributes[TILE_ATTRIBUTE] = DenseArrayBase.from_list(i64, sizes)


def chain_at_random(module: ModuleOp, random: np.random.Generator) -> int:
    """Chains of up to four kernels that can be cut together; how many there are."""
    count, first = 0, 0
    while first < len(kernels_of(module)) - 1:
        members = kernels_of(module)[first : first + int(random.integers(2, 5))]
        while len(members) > 1:
            before = [dict(kernel.attributes) for kernel in members]
            for kernel in members:
                kernel.attributes[CHAIN_ATTRIBUTE] = IntegerAttr(first, i64)
            tile_at_random(members[-1], random)
            if is_possible(module):
                count += 1
                break
            for kernel, attributes in zip(members, before, strict=True):
                kernel.attributes = attributes
            tiled = chain_of(members[-1:])
            if tiled is not None:
                tiled.root.group.root.attributes.pop(TILE_ATTRIBUTE, None)
            members = members[:-1]
        first += len(members)
    return count


def place_at_random(module: ModuleOp, random: np.random.Generator) -> None:
    """Some results in levels further out, some arguments near for good."""
    chained = {
        kernel
        for kernel, other in zip(
            kernels_of(module), kernels_of(module)[1:], strict=False
        )
        if CHAIN_ATTRIBUTE in kernel.attributes
        and kernel.attributes[CHAIN_ATTRIBUTE] == other.attributes.get(CHAIN_ATTRIBUTE)
    }
    for kernel in kernels_of(module):
        if kernel not in chained and random.random() < 0.5:
            level = ("L2", "L3")[int(random.integers(0, 2))]
            kernel.attributes[LEVEL_ATTRIBUTE] = StringAttr(level)
    for function in module.body.block.ops:
        if isinstance(function, FuncOp) and random.random() < 0.5:
            own = DictionaryAttr({RESIDENT_ATTRIBUTE: UnitAttr()})
            count = len(function.function_type.inputs)
            function.properties["arg_attrs"] = ArrayAttr([own] * count)
