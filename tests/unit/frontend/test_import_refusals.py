"""Whatever is wrong with a model is one refusal that names it, never a traceback."""

from __future__ import annotations

import random
import re
from pathlib import Path

import numpy as np
import onnx
import pytest
from deployopt.errors import DeployError, UsageError
from deployopt.frontend.onnx import (
    import_model,
    supported_nodes,
    supported_operators,
)
from onnx import ModelProto, TensorProto, helper, numpy_helper

HEADER = '<ir_version: 8, opset_import: ["": 17, "other": 1]>\n'
CHAIN = """g (float[1,4] x) => (float[1,4] y) {
    a = Det(x) b = other.Fancy(a) c = Bazz(b) d = Pad<mode="mirror">(x, p) y = Add(c, d)
}"""


def model(text: str) -> ModelProto:
    """The model that ONNX's own notation describes."""
    return onnx.parser.parse_model(HEADER + text)


def with_pads() -> ModelProto:
    """A model that is wrong in four nodes."""
    proto = model(CHAIN)
    pads = numpy_helper.from_array(np.zeros(4, np.int64), "p")
    proto.graph.initializer.append(pads)
    return proto


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "g (float[2,4] x, float[3,5] w) => (float[2,5] y) { y = MatMul(x, w) }",
            "MatMul_0 (MatMul): inner sizes must agree, got [2, 4] and [3, 5]",
        ),
        (
            "g (float[2] x, int32[2] z) => (float[2] y) { y = Add(x, z) }",
            "Add_0 (Add): inputs must be of one type, got float and int32",
        ),
        (
            "g (bool[2] x) => (bool[2] y) { y = Relu(x) }",
            "Relu_0 (Relu): input 0 must be of a type ONNX takes, got bool",
        ),
        (
            "g (float[2] x) => (float[3] y) { y = Relu(x) }",
            "y: output must have shape [3] as declared, got [2]",
        ),
        (
            "g (float[2] x) => (int32[2] y) { y = Relu(x) }",
            "y: output must be int32 as declared, got float32",
        ),
        (
            "g (float[N] x) => (float[N] y) { y = Relu(x) }",
            "x: dimension 0 of this input must have a size, got 'N'; "
            "--dim 'N=1' makes it 1",
        ),
        (
            "g (double[2] x) => (double[2] y) { y = Relu(x) }",
            "x: element type must be one of float32, bool, int8, int16, int32, int64, "
            "uint8, uint16, uint32, got float64",
        ),
        (
            "g (float[4] x, int64[2] s) => (float[2,2] y) { y = Reshape(x, s) }",
            "Reshape_0 (Reshape): shape must be constant, got the computed 's'",
        ),
        (
            "g (float[1,4,5] x, float[4,3,3] w) => (float[1,4,3] y) { y = Conv(x, w) }",
            "Conv_0 (Conv): 1 groups of 3 channels must make the input's 4 and divide "
            "the 4 outputs",
        ),
        (
            "g (float[2,0] x) => (float[2,0] y) { y = Relu(x) }",
            "x: dimensions of this input must be positive, got [2, 0]",
        ),
        (
            "g (float[1,1,4,4] x) => (float[1,1,4,4] y) { y = Elu<alpha=1.0>(z) }",
            "topologically sorted",
        ),
    ],
    ids=lambda value: str(value)[-30:],
)
def test_names_what_is_wrong(text: str, message: str):
    with pytest.raises(DeployError) as caught:
        import_model(model(text))
    assert message in str(caught.value)


def test_every_unsupported_node_is_named_in_one_run():
    with pytest.raises(DeployError) as caught:
        import_model(with_pads())
    assert str(caught.value) == (
        "Det_0 (Det): operator is not supported; "
        "Fancy_1 (Fancy): operator must be of ONNX's main domain, got 'other'; "
        "Bazz_2 (Bazz): operator is not supported; "
        "Pad_3 (Pad): mode must be constant, edge, reflect, wrap, got mirror"
    )
    assert caught.value.node == "Det_0"
    assert caught.value.op_type == "Det"


def test_supported_nodes_tells_both_kinds():
    reasons = [node.reason for node in supported_nodes(with_pads())]
    assert [reason is None for reason in reasons] == [False] * 4 + [True]


def test_supported_operators_are_sorted_and_unique():
    found = [operator.name for operator in supported_operators()]
    assert found == sorted(set(found))
    assert {"Conv", "LayerNormalization", "Elu", "QuantizeLinear"} <= set(found)


@pytest.mark.parametrize("dims", [{"M": 1}, {"M": 1, "N": 1}, {"N": 0}, {"N": -1}])
def test_size_of_no_dimension_or_no_size(dims: dict[str, int]):
    proto = model("g (float[N] x) => (float[N] y) { y = Relu(x) }")
    with pytest.raises(DeployError, match="--dim"):
        import_model(proto, dims=dims)


@pytest.mark.parametrize("opset", [6, 99])
def test_opset_out_of_range(opset: int):
    proto = model("g (float[2] x) => (float[2] y) { y = Relu(x) }")
    proto.opset_import[0].version = opset
    with pytest.raises(DeployError, match=f"opset must be 7 to .*, got {opset}"):
        import_model(proto)


def test_missing_file_is_wrong_usage(tmp_path: Path):
    with pytest.raises(UsageError, match="no such file"):
        import_model(tmp_path / "nothing.onnx")


@pytest.mark.parametrize("data", [b"", b"hello", b"\x08\x08", b"\xff" * 100])
def test_not_a_model(data: bytes):
    with pytest.raises(DeployError, match="must be an ONNX model"):
        import_model(data)


def external(tmp_path: Path, **entries: str) -> Path:
    """A model in a folder of its own whose weight is outside of the file."""
    (tmp_path / "secret").write_bytes(bytes(16))
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "weights").write_bytes(np.arange(4, dtype="<f4").tobytes())
    (folder / "link").symlink_to(tmp_path / "secret")
    proto = model("g (float[4] x) => (float[4] y) { y = Add(x, w) }")
    weight = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4])
    weight.data_location = TensorProto.EXTERNAL
    for key, value in entries.items():
        entry = weight.external_data.add()
        entry.key, entry.value = key, value
    proto.graph.initializer.append(weight)
    path = folder / "net.onnx"
    path.write_bytes(proto.SerializeToString())
    return path


def test_external_data_beside_the_model(tmp_path: Path):
    module = import_model(external(tmp_path, location="weights"))
    assert "[0.000000e+00, 1.000000e+00, 2.000000e+00, 3.000000e+00]" in str(module)


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"location": "../secret"}, "inside the model's folder, got '../secret'"),
        ({"location": "/etc/hostname"}, "inside the model's folder"),
        ({"location": "link"}, "inside the model's folder, got 'link'"),
        (
            {"location": "nothing"},
            "must be beside the model, got no file 'nothing'",
        ),
        ({"location": "."}, "must be beside the model"),
        ({"location": "weights", "length": "99"}, "99 bytes at 0 of 'weights', got 16"),
        ({"location": "weights", "offset": "99"}, "at 99 of 'weights', got 0"),
        ({"location": "weights", "offset": "-1"}, "must be a byte count, got '-1'"),
    ],
    ids=str,
)
def test_external_data_elsewhere(tmp_path: Path, entries: dict[str, str], message: str):
    with pytest.raises(DeployError, match=re.escape(message)) as caught:
        import_model(external(tmp_path, **entries))
    assert caught.value.node == "w"


def test_external_data_without_a_folder(tmp_path: Path):
    data = external(tmp_path, location="weights").read_bytes()
    with pytest.raises(DeployError, match="needs a model that is a file"):
        import_model(data)


def test_huge_constant_is_not_made():
    proto = model(
        "g (float[2] x) => (float[2] y) { c = ConstantOfShape(s) y = Add(x, c) }"
    )
    shape = numpy_helper.from_array(np.array([2**20, 2**20], np.int64), "s")
    proto.graph.initializer.append(shape)
    with pytest.raises(DeployError, match="must have at most"):
        import_model(proto)


def small_network() -> bytes:
    """A model with some of everything a damaged byte can reach."""
    proto = helper.make_model(
        helper.make_graph(
            [
                helper.make_node("Conv", ["x", "w", "b"], ["c"], pads=[1, 1, 1, 1]),
                helper.make_node("Relu", ["c"], ["r"]),
                helper.make_node("MaxPool", ["r"], ["p"], kernel_shape=[2, 2]),
                helper.make_node("Reshape", ["p", "shape"], ["f"]),
                helper.make_node("Softmax", ["f"], ["y"], axis=-1),
            ],
            "net",
            [helper.make_tensor_value_info("x", 1, [1, 1, 4, 4])],
            [helper.make_tensor_value_info("y", 1, [1, 18])],
            [
                numpy_helper.from_array(np.ones((2, 1, 3, 3), np.float32), "w"),
                numpy_helper.from_array(np.ones(2, np.float32), "b"),
                numpy_helper.from_array(np.array([1, -1], np.int64), "shape"),
            ],
        ),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    return proto.SerializeToString()


def accepts(data: bytes) -> bool:
    """Whether `data` is a model; anything but a refusal in one line fails."""
    refusal = ""
    try:
        import_model(data)
    except DeployError as error:
        refusal = str(error)
    assert "\n" not in refusal
    return not refusal


def test_truncated_anywhere():
    data = small_network()
    assert accepts(data)
    assert not any(accepts(data[:length]) for length in range(0, len(data) - 20, 7))


@pytest.mark.parametrize("seed", range(4))
def test_damaged_anywhere(seed: int):
    dice = random.Random(seed)
    for _ in range(60):
        data = bytearray(small_network())
        for _ in range(dice.choice([1, 2, 4])):
            data[dice.randrange(len(data))] = dice.randrange(256)
        accepts(bytes(data))
