"""The benchmarks' own parts: blocks of code, and models of single layers."""

from __future__ import annotations

import pytest
from deployopt.errors import DeployError
from deployopt.execution.counting.vector_types import Code
from layout_choice import Measured, layers, mean_loss
from odd_shapes import pairs
from onnx import checker, shape_inference
from random_shapes import nearest
from random_shapes import pairs as random_pairs
from single_layers import Layer, conv, depthwise, model
from throughput import Block, basic_blocks, hottest, plain, program

NOTHING, BACK, RETURN = 0x00000013, 0xFE001EE3, 0x00008067
"""`nop`, `bnez zero` to the instruction before it, `ret`."""

CODE = Code({0: NOTHING, 4: NOTHING, 8: BACK, 12: NOTHING, 16: RETURN}, 64)


def test_blocks_begin_where_code_is_entered():
    assert list(basic_blocks(CODE)) == [[0], [4, 8], [12, 16]]


def test_the_hottest_block_executes_most():
    assert hottest(CODE, {0: 1, 4: 9, 8: 9, 12: 1, 16: 1}) == [4, 8]
    assert hottest(CODE, {0: 1, 4: 1, 8: 1, 12: 7, 16: 7}) == [12, 16]


def test_random_layers_are_the_same_each_time():
    found = layers(40, 1)
    assert found == layers(40, 1) != layers(40, 2)
    assert len({layer for _, layer in found}) == 40
    assert all(layer.has_channels_first for _, layer in found)
    assert {kind.endswith(" int8") for kind, layer in found if layer.is_integer} == {
        True
    }


def test_a_loss_is_what_is_preferred_by_what_is_better():
    layer = conv((1, 8, 8, 4), 4, 3, 3)
    worse = Measured("3x3", layer, 2.0, 8.0, is_last=True)
    better = Measured("3x3", layer, 2.0, 8.0, is_last=False)
    assert (worse.loss, better.loss) == (4.0, 1.0)
    assert mean_loss([worse, better]) == pytest.approx(2.0)


def test_random_pairs_are_of_one_kind():
    found = random_pairs(60, 1, has_channels_first=True)
    assert found == random_pairs(60, 1, has_channels_first=True)
    assert found != random_pairs(60, 2, has_channels_first=True)
    for kind, odd, regular in found:
        assert (odd.op, odd.is_integer) == (regular.op, regular.is_integer)
        assert odd.is_integer == kind.endswith(" int8")
        assert {nearest(size) for size in regular.shape[1:]} == set(regular.shape[1:])
    assert [nearest(size) for size in (5, 6, 10, 20, 37, 77)] == [4, 8, 12, 24, 32, 96]


def test_targets_are_left_out():
    assert plain("bne\ta4, a0, 0x800100d8 <kernel+0x5a>") == "bne a4, a0, 0"
    assert plain("addi\ta2, a3, 0x7ff") == "addi a2, a3, 0x7ff"


def test_the_vector_type_is_told():
    e32_m4 = 2 << 3 | 2
    block = Block("m", "k", 1.0, ["nop"], True, e32_m4)
    told = ["# LLVM-MCA-RISCV-LMUL M4", "# LLVM-MCA-RISCV-SEW E32"]
    lines = ["# LLVM-MCA-BEGIN", *told, "nop", "# LLVM-MCA-END"]
    assert block.region().splitlines() == lines
    assert Block("m", "k", 1.0, ["nop"], True, None).group == ""


def test_without_llvm_there_is_advice(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DeployError, match=r"llvm-mca: expected .* LLVM 19"):
        program("llvm-mca")


@pytest.mark.parametrize("has_channels_first", [False, True])
def test_layers_are_models(has_channels_first: bool):
    found = pairs([], has_channels_first=has_channels_first)
    layers = {layer for _, *both in found for layer in both}
    assert any(layer.is_spatial for layer in layers)
    for layer in layers:
        made = model(layer)
        checker.check_model(made.SerializeToString())  # pyright: ignore[reportUnknownMemberType]
        (output,) = shape_inference.infer_shapes(made, strict_mode=True).graph.output
        assert len(output.type.tensor_type.shape.dim) == len(layer.shape)
        channels = output.type.tensor_type.shape.dim[1 if has_channels_first else -1]
        if layer.is_spatial:
            count = layer.weight[0] if layer.op == "Conv" else layer.shape[-1]
            assert channels.dim_value == count


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        (conv((1, 15, 16, 4), 8, 3, 3, stride=2), "1x15x16x4 3x3 to 8 stride 2"),
        (conv((1, 9, 9, 6), 6, 3, 3, groups=2), "1x9x9x6 3x3 to 6 groups 2"),
        (depthwise((1, 9, 9, 6), 3, 3), "1x9x9x6 3x3"),
        (Layer("Softmax", (3, 5)), "3x5"),
    ],
)
def test_layers_are_named_by_their_shapes(layer: Layer, name: str):
    assert str(layer) == name
