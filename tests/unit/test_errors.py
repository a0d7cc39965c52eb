"""The one line that a refusal is."""

from __future__ import annotations

import pytest
from deployopt.errors import DeployError, UsageError, combined, printable, refusal
from deployopt.universe import new_context
from hypothesis import given
from hypothesis import strategies as st
from xdsl.parser import Parser
from xdsl.utils.exceptions import DiagnosticException, PassFailedException

NESTED = """
builtin.module attributes {deploy.nodes = {"a" = "Conv", "b" = "Relu"}} {
  func.func @f(%x: tensor<2xf32>) -> tensor<2xf32> {
    %y = linalg.generic {
      indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      outs(%x : tensor<2xf32>) {
    ^bb0(%e: f32):
      %n = arith.negf %e : f32
      linalg.yield %n : f32
    } -> tensor<2xf32> loc(fused["a", "b"])
    func.return %y : tensor<2xf32>
  }
}
"""


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (DeployError("is wrong"), "is wrong"),
        (DeployError("is wrong", node="conv1"), "conv1: is wrong"),
        (DeployError("is wrong", op_type="Conv"), "Conv: is wrong"),
        (DeployError("is wrong", node="c", op_type="Conv"), "c (Conv): is wrong"),
        (DeployError("is wrong", node="c", hint="try d"), "c: is wrong; try d"),
        (DeployError("is wrong", node="\x1b[31mc"), "\\x1b[31mc: is wrong"),
        (DeployError("is wrong", node="a\u202eb\nc"), "a\\u202eb\\nc: is wrong"),
    ],
)
def test_the_text_names_what_is_known(error: DeployError, text: str):
    assert str(error) == text


@given(st.text())
def test_a_name_can_not_command_the_terminal(name: str):
    assert printable(name).isprintable()
    assert printable(printable(name)) == printable(name)


def test_several_refusals_are_one():
    first = DeployError("is unknown", node="a", op_type="Foo")
    second = DeployError("is too large", node="b")
    assert combined([first]) is first
    assert str(combined([first, second])) == "a (Foo): is unknown; b: is too large"


def test_the_exit_status_tells_a_refusal_from_wrong_usage():
    assert DeployError("").exit_status == 1
    assert UsageError("").exit_status == 2


def refused(name: str, text: str = NESTED) -> DeployError:
    """The refusal for an error emitted at the first operation called `name`."""
    module = Parser(new_context(), text).parse_module()
    op = next(op for op in module.walk() if op.name == name)
    with pytest.raises(PassFailedException) as caught:
        op.emit_error("does\n  not fit", PassFailedException("does\n  not fit"))
    return refusal(caught.value, "x.mlir:3:4")


def test_a_diagnostic_is_named_after_its_onnx_node():
    assert str(refused("linalg.generic")) == "a (Conv): does not fit"


def test_an_operation_without_a_name_takes_the_one_around_it():
    assert str(refused("arith.negf")) == "a (Conv): does not fit"


def test_without_a_node_the_position_is_named():
    assert str(refused("func.func")) == "x.mlir:3:4 (func.func): does not fit"


def test_a_node_that_is_not_listed_is_named_with_the_operation():
    text = NESTED.replace('"a" = "Conv", ', "")
    assert str(refused("linalg.generic", text)) == "a (linalg.generic): does not fit"


def test_a_diagnostic_without_an_operation_keeps_its_text():
    assert str(refusal(DiagnosticException("no place"))) == "no place"
