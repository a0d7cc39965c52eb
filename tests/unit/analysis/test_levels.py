"""In which memory level tensors are, and the ways between levels."""

from __future__ import annotations

from dataclasses import replace

import pytest
from deployopt.analysis.levels import levels_of_machine
from deployopt.errors import DeployError
from deployopt.machine import attach, load_machine
from deployopt.universe import new_context
from xdsl.dialects.func import FuncOp
from xdsl.parser import Parser


def levels_in(lines: str, machine: str = "scratchpad") -> dict[str, str]:
    """Name -> level of each tensor in a driver whose argument is %x."""
    text = f"func.func @run(%x: tensor<4xi8>) {{ {lines}\n func.return }}"
    module = Parser(new_context(), text).parse_module()
    attach(module, load_machine(machine))
    levels = levels_of_machine(load_machine(machine))
    (driver,) = (op for op in module.ops if isinstance(op, FuncOp))
    values = [v for op in driver.walk() for v in op.results if v.name_hint]
    return {str(v.name_hint): levels.of(v) for v in values}


def test_who_makes_a_tensor_says_where_it_is():
    found = levels_in("""
      %k = arith.constant dense<1> : tensor<4xi8>
      %e = tensor.empty() : tensor<4xi8>
      %a = bufferization.alloc_tensor() {memory_space = "L2"} : tensor<4xi8>
      %c = bufferization.alloc_tensor() copy(%x) {memory_space = "L2"} : tensor<4xi8>
      %n = bufferization.alloc_tensor() copy(%x) : tensor<4xi8>
    """)
    assert found == {"k": "L3", "e": "L1", "a": "L2", "c": "L2", "n": "L1"}


def test_a_part_is_where_its_whole_is():
    found = levels_in("""
      %e = tensor.empty() : tensor<4xi8>
      %s = tensor.extract_slice %x[0] [2] [1] : tensor<4xi8> to tensor<2xi8>
      %v = tensor.expand_shape %s [[0, 1]] output_shape [2, 1]
        : tensor<2xi8> into tensor<2x1xi8>
      %i = tensor.insert_slice %s into %e[0] [2] [1] : tensor<2xi8> into tensor<4xi8>
    """)
    assert found == {"e": "L1", "s": "L3", "v": "L3", "i": "L1"}


def test_a_loop_keeps_what_it_carries_where_it_began():
    found = levels_in("""
      %z = arith.constant 0 : index
      %d = bufferization.alloc_tensor() {memory_space = "L2"} : tensor<4xi8>
      %r = scf.for %i = %z to %z step %z iter_args(%c = %d) -> (tensor<4xi8>) {
        %p = tensor.extract_slice %c[0] [2] [1] : tensor<4xi8> to tensor<2xi8>
        scf.yield %c : tensor<4xi8>
      }
    """)
    assert [found[name] for name in "drp"] == ["L2", "L2", "L2"]


def test_what_replaces_a_constant_is_near():
    found = levels_in("""
      %k = arith.constant dense<1> : tensor<4xi8>
      %s = tensor.extract_slice %k[0] [2] [1] : tensor<4xi8> to tensor<2xi8>
      %r = tensor.insert_slice %s into %k[2] [2] [1] : tensor<2xi8> into tensor<4xi8>
    """)
    assert found == {"k": "L3", "s": "L3", "r": "L1"}


def test_the_way_between_two_levels():
    levels = levels_of_machine(load_machine("scratchpad"))
    assert levels.path("L3", "L1") == ("L3", "L2", "L1")
    assert levels.path("L1", "L2") == ("L1", "L2")
    assert levels.path("L1", "L1") == ("L1",)
    assert levels.is_linked("L1", "L2")
    assert not levels.is_linked("L1", "L3")


def test_kernels_copy_only_where_they_may():
    levels = levels_of_machine(load_machine("scratchpad"))
    assert levels.is_copied_by_kernel("L1", "L1")
    assert not levels.is_copied_by_kernel("L1", "L2")
    assert not levels.is_copied_by_kernel("L2", "L2")
    flat = levels_of_machine(load_machine("rv64gc"))
    assert flat.is_copied_by_kernel("flash", "ram")


def test_without_a_level_for_kernels_there_is_no_near_one():
    machine = load_machine("rv64gc")
    closed = tuple(replace(level, kernels=False) for level in machine.levels)
    with pytest.raises(DeployError, match="access rw and kernels = true, got none"):
        levels_of_machine(replace(machine, levels=closed))


def test_no_way():
    machine = load_machine("scratchpad")
    alone = tuple(replace(level, dma=None) for level in machine.levels)
    levels = levels_of_machine(replace(machine, levels=alone))
    with pytest.raises(DeployError, match="from level L3 to level L1, got none"):
        levels.path("L3", "L1")


def test_flat_machines():
    assert levels_of_machine(load_machine("host")).is_flat
    assert not levels_of_machine(load_machine("scratchpad")).is_flat
