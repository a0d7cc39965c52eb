"""What a module made from a model looks like: names, locations, interface, sizes."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections import Counter
from io import StringIO
from pathlib import Path

import numpy as np
import onnx
import pytest
from agreement import case, session
from deployopt.dialects import nn
from deployopt.errors import DeployError
from deployopt.frontend.onnx import import_model
from deployopt.interpreters import run_module
from deployopt.rewriting import node_names
from deployopt.universe import new_context
from onnx import ModelProto, helper, numpy_helper
from xdsl.dialects.builtin import DictionaryAttr, ModuleOp, StringAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation
from xdsl.parser import Parser
from xdsl.printer import Printer

HEADER = '<ir_version: 8, opset_import: ["": {opset}]>\n'


def model(text: str, opset: int = 17) -> ModelProto:
    """The model that ONNX's own notation describes."""
    return onnx.parser.parse_model(HEADER.format(opset=opset) + text)


def entry(module: ModuleOp) -> FuncOp:
    """The function `@run`."""
    (function,) = module.ops
    assert isinstance(function, FuncOp)
    return function


def operations(module: ModuleOp) -> list[Operation]:
    """What `@run` does, without its return."""
    return list(entry(module).body.block.ops)[:-1]


def names(module: ModuleOp) -> list[str]:
    """The operations of `@run` by name, constants left out."""
    found = [op.name for op in operations(module)]
    return [name for name in found if name != "nn.constant"]


def text_of(module: ModuleOp) -> str:
    """The module as MLIR with locations."""
    stream = StringIO()
    Printer(stream, print_debuginfo=True).print_op(module)
    return stream.getvalue()


RELU = "g (float[2,3] x) => (float[2,3] y) { y = Relu(x) }"


def test_module_says_where_it_is_from():
    data = model(RELU).SerializeToString()
    attributes = import_model(data).attributes
    assert attributes["deploy.phase"] == StringAttr("import")
    digest = hashlib.sha256(data).hexdigest()
    assert attributes["deploy.model_sha256"] == StringAttr(digest)
    assert attributes["deploy.nodes"] == DictionaryAttr({"Relu_0": StringAttr("Relu")})


def test_arguments_and_results_have_names_and_types():
    text = "g (uint8[4] in, bool[4] mask) => (float[4] out) "
    function = entry(import_model(model(text + "{ out = Cast<to=1>(in) }")))
    assert function.arg_attrs is not None
    assert function.res_attrs is not None
    assert [attribute.data for attribute in function.arg_attrs] == [
        {"deploy.name": StringAttr("in"), "deploy.dtype": StringAttr("uint8")},
        {"deploy.name": StringAttr("mask"), "deploy.dtype": StringAttr("bool")},
    ]
    assert function.res_attrs.data[0].data["deploy.dtype"] == StringAttr("float32")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("mnist-8", "mnist_8"), ("8bit", "model_8bit"), ("é", "model"), ("é; rm", "rm")],
)
def test_symbol_name_is_an_identifier(name: str, expected: str):
    proto = model(RELU)
    proto.graph.name = name
    assert import_model(proto).sym_name == StringAttr(expected)


def test_name_from_file_or_caller(tmp_path: Path):
    path = tmp_path / "my net.onnx"
    path.write_bytes(model(RELU).SerializeToString())
    assert import_model(path).sym_name == StringAttr("my_net")
    assert import_model(str(path), name="other").sym_name == StringAttr("other")


def test_unnamed_and_duplicate_nodes_get_names_of_their_own():
    proto = model(
        "g (float[2] x) => (float[2] y) { a = Relu(x) b = Relu(a) y = Exp(b) }"
    )
    proto.graph.node[0].name = "same"
    proto.graph.node[1].name = "same"
    module = import_model(proto)
    assert [node_names(op.location) for op in operations(module)] == [
        ("same",),
        ("same_1",),
        ("Exp_2",),
    ]


def test_a_graph_without_outputs_is_refused():
    proto = model(RELU)
    del proto.graph.output[:]
    with pytest.raises(DeployError, match="model: graph must have an output, got none"):
        import_model(proto)


def test_parts_of_a_composite_carry_its_name():
    text = "g (float[2,3] x) => (float[2,3] y) { y = Elu(x) }"
    module = import_model(model(text))
    computing = [op for op in operations(module) if op.name != "nn.constant"]
    assert len(computing) > 1
    assert {node_names(op.location) for op in computing} == {("Elu_0",)}


def test_any_name_survives_printing():
    proto = model("g (float[2] x) => (float[2] y) { a = Relu(x) y = Exp(a) }")
    proto.graph.node[0].name = 'é"\n\\'
    proto.graph.node[1].name = "\x00\x1b[31m"
    printed = text_of(import_model(proto))
    again = Parser(new_context(), printed).parse_module()
    assert text_of(again) == printed


def test_symbolic_dimension_is_bound_by_name():
    proto = model("g (float[N,3] x) => (float[N,3] y) { y = Relu(x) }")
    assert nn.shape_of(
        operations(import_model(proto, dims={"N": 5}))[0].results[0]
    ) == (
        5,
        3,
    )


def test_dimension_without_name_is_called_by_its_place():
    proto = model("g (float[?,3] x) => (float[?,3] y) { y = Relu(x) }")
    module = import_model(proto, dims={"x[0]": 2})
    assert nn.shape_of(entry(module).args[0]) == (2, 3)


def test_initializer_that_is_also_input_is_constant():
    proto = model("g (float[2] x, float[2] w) => (float[2] y) { y = Add(x, w) }")
    weight = numpy_helper.from_array(np.ones(2, np.float32), "w")
    proto.graph.initializer.append(weight)
    module = import_model(proto)
    assert len(entry(module).args) == 1
    assert Counter(op.name for op in operations(module))["nn.constant"] == 1


def test_node_that_nothing_needs_is_dropped_even_when_unsupported():
    text = "g (float[2,2] x) => (float[2,2] y) { z = Det(x) y = Relu(x) }"
    assert names(import_model(model(text))) == ["nn.relu"]


def test_shape_arithmetic_is_folded():
    text = """g (float[2,3,4] x) => (float[6,4] y) {
        s = Shape(x)
        last = Constant<value_ints=[2]>()
        four = Gather<axis=0>(s, last)
        rest = Constant<value_ints=[-1]>()
        shape = Concat<axis=0>(rest, four)
        y = Reshape(x, shape)
    }"""
    assert names(import_model(model(text))) == ["nn.reshape"]


def test_constant_weights_stay_quantised():
    proto = model(
        "g (float[2] x) => (float[2] y) { w = DequantizeLinear(q, s) y = Add(x, w) }"
    )
    for name, array in (("q", np.array([1, 2], np.int8)), ("s", np.float32(0.5))):
        tensor = numpy_helper.from_array(np.asarray(array), name)
        proto.graph.initializer.append(tensor)
    assert names(import_model(proto)) == ["nn.dequantize", "nn.add"]


def test_model_functions_are_inlined_whatever_their_opset():
    proto = onnx.parser.parse_model("""
        <ir_version: 8, opset_import: ["": 17, "my": 1]>
        g (float[N,4] x) => (float[N,4] y) { a = my.f(x) y = my.f(a) }
        <opset_import: ["": 17, "my": 1], domain: "my">
        f (a) => (b) { c = Relu(a) b = my.g(c) }
        <opset_import: ["": 13], domain: "my">
        g (a) => (b) { b = Sigmoid(a) }
    """)
    module = import_model(proto, dims={"N": 2})
    assert names(module) == ["nn.relu", "nn.sigmoid"] * 2


def test_branch_of_a_known_condition_is_taken():
    branches = [
        helper.make_graph(
            [helper.make_node(op, ["x"], ["r"])],
            op,
            [],
            [helper.make_tensor_value_info("r", 1, [2])],
        )
        for op in ("Relu", "Exp")
    ]
    proto = model("g (float[2] x) => (float[2] y) { y = Relu(c) }")
    condition = numpy_helper.from_array(np.array(False), "c")
    proto.graph.initializer.append(condition)
    node = helper.make_node(
        "If", ["c"], ["y"], then_branch=branches[0], else_branch=branches[1]
    )
    proto.graph.node[0].CopyFrom(node)
    assert names(import_model(proto)) == ["nn.exp"]


def test_bias_of_constants_is_constant():
    text = "g (float[1,2,4] x) => (float[1,3,2] y) { y = Conv(x, w, b) }"
    proto = model(text)
    for name, shape in (("w", (3, 2, 3)), ("b", (3,))):
        array = np.ones(shape, np.float32)
        proto.graph.initializer.append(numpy_helper.from_array(array, name))
    assert names(import_model(proto)) == ["nn.conv", "nn.add"]


@pytest.mark.parametrize(
    ("opset", "text"),
    [
        (17, "g (int32[4] x) => (float[4] y) { y = Cast<to=1>(x) }"),
        (17, "g (float[4] x) => (int32[4] y) { y = Cast<to=6>(x) }"),
        (17, "g (float[4] x) => (bool[4] y) { a = Less(x, x) y = Not(a) }"),
        (17, "g (float[4] x) => (float[4] y) { a = CastLike(x, x) y = Neg(a) }"),
        (12, "g (float[2,3,4] x) => (float[2,3,4] y) { y = Softmax<axis=1>(x) }"),
        (12, "g (float[2,3,4] x) => (float[2,3,4] y) { y = LogSoftmax(x) }"),
        (13, "g (float[2,3] x) => (float y) { y = ReduceLogSumExp<keepdims=0>(x) }"),
        (13, "g (int64[2,3] x) => (int64 y) "
             "{ a = ReduceMax<axes=[1]>(x) y = ReduceSum<keepdims=0>(a) }"),
        (7, "g (float[2,3] x) => (float[2,3] y) { y = Clip<min=-0.5>(x) }"),
        (9, "g (float[4,6] x) => (float[1,4] y) "
            "{ y = Slice<starts=[1,-4],ends=[2,9]>(x) }"),
        (11, "g (float[1,2,5,5] x) => (float[1,2,3,3] y) "
             "{ y = AveragePool<kernel_shape=[2,2],strides=[2,2],ceil_mode=1>(x) }"),
        (11, "g (float[1,2,2] x) => (float[1,2,1] y) "
             "{ y = MaxPool<kernel_shape=[3],strides=[2],ceil_mode=1>(x) }"),
        (19, "g (float[1,2,1] x) => (float[1,2,1] y) "
             "{ y = AveragePool<kernel_shape=[2],dilations=[2],pads=[1,1]>(x) }"),
    ],
    ids=lambda value: str(value).partition("{")[2] or str(value),
)  # fmt: skip
def test_agrees_with_onnxruntime(opset: int, text: str):
    proto = model(text, opset)
    known = case(proto)
    (got,) = run_module(import_model(proto), known.inputs)
    np.testing.assert_allclose(got, known.expected[0], rtol=1e-5, atol=1e-6)


def test_sign_of_nan_is_nan():
    proto = model("g (float[4] x) => (float[4] y) { y = Sign(x) }")
    x = np.array([np.nan, -np.inf, -0.0, 2], np.float32)
    (expected,) = session(proto).run(None, {"x": x})
    np.testing.assert_array_equal(run_module(import_model(proto), [x])[0], expected)


def test_onnx_is_imported_only_when_needed():
    code = "import sys, deployopt.frontend.onnx; sys.exit('onnx' in sys.modules)"
    path = str(Path(__file__).parents[3] / ".dev")
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": path})
    assert done.returncode == 0


def test_refused_bytes_do_not_become_a_module():
    with pytest.raises(DeployError):
        import_model(b"\x08\x08")


def test_dequantised_parameters_are_known():
    text = """
    g (float[1, 2, 2] x) => (float[1, 2, 2] y)
    <int8[2] q = {2, -4}, float s = {0.5}, int8 z = {-2}, float[2] v = {3.0, 8.0}> {
      [dq] w = DequantizeLinear(q, s, z)
      [bn] y = BatchNormalization <epsilon = 1.0> (x, w, w, w, v)
    }"""
    module = import_model(model(text))
    x = np.arange(4, dtype=np.float32).reshape(1, 2, 2)
    w, v = np.array([2.0, -1.0]), np.array([3.0, 8.0])
    scale = (w / np.sqrt(v + 1)).reshape(1, 2, 1)
    expected = (x - w.reshape(1, 2, 1)) * scale + w.reshape(1, 2, 1)
    np.testing.assert_allclose(run_module(module, [x])[0], expected, rtol=1e-6)
