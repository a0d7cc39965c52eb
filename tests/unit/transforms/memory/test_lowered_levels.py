"""Random decisions about levels, lowered: same results, each byte in its level."""

from __future__ import annotations

import numpy as np
import pytest
from deployopt.analysis.levels import MemoryLevels, levels_around
from deployopt.analysis.lifetimes import lifetimes_of
from deployopt.analysis.memory import level_of
from deployopt.analysis.occupancy import Occupancy
from deployopt.analysis.program import Program
from deployopt.analysis.structured import shape_of
from deployopt.dialects.deploy import BufferOp, DmaStartOp, KernelOp
from deployopt.dialects.deploy.marks import NAME_ATTRIBUTE
from deployopt.interpreters import run_module
from deployopt.machine import attach, load_machine
from deployopt.pipeline import PHASE_NAMES, PHASES
from deployopt.universe import all_passes, new_context
from transforms.random_decisions import chain_at_random, place_at_random
from transforms.random_steps import random_program
from xdsl.dialects import memref
from xdsl.dialects.builtin import MemRefType, ModuleOp, StringAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation
from xdsl.parser import Parser

TILE = PHASES[PHASE_NAMES.index("tile")].passes
LOWER = PHASES[PHASE_NAMES.index("lower")].passes
DECIDED = "linalg-choose-tiles"
"""Here random decisions take the place of ours."""

Place = tuple[str, str]
"""What a buffer is called, and its level."""


def tiled(seed: int, machine: str = "scratchpad") -> tuple[ModuleOp, ModuleOp]:
    """A random program, as it is and after tiling with random decisions."""
    random, ctx = np.random.default_rng(seed), new_context()
    module = Parser(ctx, random_program(seed, 4 + seed % 6)).parse_module()
    attach(module, load_machine(machine))
    before = module.clone()
    for name in TILE:
        if name == DECIDED:
            chain_at_random(module, random)
            place_at_random(module, random)
        else:
            all_passes()[name]()().apply(ctx, module)
    return before, module


def check_levels(op: Operation, levels: MemoryLevels) -> None:
    """Kernels touch open levels, transfers lead between neighbours."""
    if isinstance(op, KernelOp):
        for operand in op.operands:
            on_memory = isinstance(operand.type, MemRefType)
            assert not on_memory or levels.is_open(level_of(operand.type))
    if isinstance(op, DmaStartOp):
        source, destination = op.levels
        assert source == destination or levels.is_linked(source, destination)
        assert not levels.is_copied_by_kernel(source, destination)


def check(seed: int) -> ModuleOp:
    """Lowers a random program, comparing results after each pass; what came of it."""
    before, module = tiled(seed)
    (entry,) = (op for op in before.ops if isinstance(op, FuncOp))
    random = np.random.default_rng(seed)
    values = [
        random.integers(-99, 99, shape_of(type_)).astype(np.int32)
        for type_ in entry.function_type.inputs
    ]
    expected = run_module(before, values)
    for name in LOWER:
        all_passes()[name]()().apply(new_context(), module)
        module.verify()
        for deferred in (False, True):
            got = run_module(module, values, deferred=deferred)
            for want, have in zip(expected, got, strict=True):
                np.testing.assert_array_equal(have, want, err_msg=f"{seed}: {name}")
        for op in module.walk():
            check_levels(op, levels_around(module))
    return module


@pytest.mark.parametrize("seed", range(200, 206))
def test_every_byte_is_in_its_level(seed: int):
    check(seed)


@pytest.mark.slow
def test_many_times_every_byte_is_in_its_level():
    for seed in range(206, 214):
        check(seed)


HALVES = """
func.func @run(%x: tensor<8x4xi32>) -> tensor<8x4xi32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c8 = arith.constant 8 : index
  %x2 = bufferization.alloc_tensor() copy(%x) {memory_space = "L2"} : tensor<8x4xi32>
  %d2 = bufferization.alloc_tensor() {memory_space = "L2"} : tensor<8x4xi32>
  %y2 = scf.for %i = %c0 to %c8 step %c2 iter_args(%d = %d2) -> (tensor<8x4xi32>) {
    %s = tensor.extract_slice %x2[%i, 0] [2, 4] [1, 1]
      : tensor<8x4xi32> to tensor<2x4xi32>
    %t = bufferization.alloc_tensor() copy(%s) {memory_space = "L1"} : tensor<2x4xi32>
    %e = tensor.empty() : tensor<2x4xi32>
    %k = deploy.kernel(%t : tensor<2x4xi32>) outs(%e : tensor<2x4xi32>) {
    ^bb0(%kx: tensor<2x4xi32>, %ko: tensor<2x4xi32>):
      %r = linalg.generic {
          indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
          iterator_types = ["parallel", "parallel"]}
          ins(%kx : tensor<2x4xi32>) outs(%ko : tensor<2x4xi32>) {
      ^bb0(%a: i32, %o: i32):
        %c = arith.addi %a, %a : i32
        linalg.yield %c : i32
      } -> tensor<2x4xi32>
      deploy.yield %r : tensor<2x4xi32>
    }
    %n = tensor.insert_slice %k into %d[%i, 0] [2, 4] [1, 1]
      : tensor<2x4xi32> into tensor<8x4xi32>
    scf.yield %n : tensor<8x4xi32>
  }
  func.return %y2 : tensor<8x4xi32>
}"""
"""Twice the argument, two rows at a time."""


def test_results_take_the_place_of_operands():
    ctx = new_context()
    module = Parser(ctx, HALVES).parse_module()
    attach(module, load_machine("scratchpad"))
    for name in LOWER:
        all_passes()[name]()().apply(ctx, module)
        if name == "memory-share-buffers":
            levels = [op.level for op in module.walk() if isinstance(op, BufferOp)]
            assert sorted(levels) == ["L1", "L2"]
    x = np.arange(32, dtype=np.int32).reshape(8, 4)
    (got,) = run_module(module, [x], deferred=True)
    np.testing.assert_array_equal(got, x + x)


def planned(module: ModuleOp) -> dict[Place, tuple[int, int]]:
    """When each buffer is live, as offsets are planned by it."""
    return {
        (op.label.data, op.level): (life.start, life.end)
        for driver in module.ops
        if isinstance(driver, FuncOp)
        for value, life in lifetimes_of(driver).items()
        if isinstance(op := value.owner, BufferOp)
    }


def told(module: ModuleOp) -> dict[Place, tuple[int, int]]:
    """When each buffer is live, as the manifest tells."""
    return {
        (name.data, level_of(view.source.type)): (span.start, span.end)
        for value, span in Occupancy(Program.of(module)).spans.items()
        if isinstance(view := value.owner, memref.ViewOp)
        and isinstance(name := view.attributes.get(NAME_ATTRIBUTE), StringAttr)
    }


@pytest.mark.parametrize("seed", range(214, 222))
def test_buffers_live_in_the_manifest_as_they_were_planned(seed: int):
    _, module = tiled(seed)
    wanted: dict[Place, tuple[int, int]] = {}
    for name in LOWER:
        if name == "memory-materialize-arenas":
            wanted = planned(module)
        all_passes()[name]()().apply(new_context(), module)
    found = told(module)
    assert wanted
    assert {place: found[place] for place in wanted} == wanted
