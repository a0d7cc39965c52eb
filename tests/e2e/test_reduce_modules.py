"""`deployc reduce` on modules: what is left of one on which passes or commands fail."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from deployopt.artifact.module_parts import without_operations, without_returns
from deployopt.errors import DeployError, UsageError
from deployopt.tools.deployc import deployc
from deployopt.tools.deployopt import deployopt
from deployopt.universe import new_context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.parser import Parser

DIGITS = Path(__file__).parents[2] / "examples" / "digits" / "digits.onnx"

BUGS = """
from dataclasses import dataclass

from xdsl.dialects import arith
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter


@dataclass(frozen=True)
class ForgetMaximumPass(ModulePass):
    name = "forget-maximum"

    def apply(self, ctx, op):
        for inner in tuple(op.walk()):
            if isinstance(inner, arith.MaximumfOp):
                Rewriter.replace_op(inner, [], [inner.lhs])


@dataclass(frozen=True)
class CrashPass(ModulePass):
    name = "crash-on-second-pool"

    def apply(self, ctx, op):
        pools = [inner for inner in op.walk() if inner.name == "nn.pool"]
        assert len(pools) < 2, "there is one"


@dataclass(frozen=True)
class BreakPass(ModulePass):
    name = "break-pools"

    def apply(self, ctx, op):
        for inner in tuple(op.walk()):
            if inner.name == "nn.pool":
                del inner.properties["kind"]
"""
"""Passes with a bug each: one changes what a module means, one fails, one breaks it."""


@pytest.fixture(scope="module", name="digits")
def fixture_digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The digits as a module, beside the passes."""
    folder = tmp_path_factory.mktemp("modules")
    (folder / "bugs.py").write_text(BUGS)
    module = folder / "digits.mlir"
    deployopt([str(DIGITS), "-p", "nn-generalize-elementwise", "-o", str(module)])
    return module


def parsed(text: str) -> ModuleOp:
    return Parser(new_context(), text).parse_module()


def reduced(module: Path, folder: Path, *arguments: str) -> list[str]:
    """The operations of what is left of the digits, those of functions left out."""
    small = folder / "small.mlir"
    plugin = ("--plugin", str(module.with_name("bugs.py")))
    seed = () if "--test" in arguments else ("--seed", "1")
    command = ["reduce", str(module), "-o", str(small), *plugin, *arguments]
    assert deployc([*command, *seed]) == 0
    left = parsed(small.read_text())
    return [op.name for op in left.walk() if not op.name.startswith(("bu", "fu"))]


def test_what_changes_the_meaning_is_left(
    digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    left = reduced(digits, tmp_path, "-p", "forget-maximum")
    assert {"nn.elementwise", "arith.maximumf"} <= set(left)
    assert len(left) <= 4
    assert "of 42 operations; the output differs" in capsys.readouterr().out


def test_what_a_pass_fails_on_is_left(
    digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    passes = ("-p", "crash-on-second-pool")
    assert reduced(digits, tmp_path, *passes) == ["nn.pool", "nn.pool"]
    told = capsys.readouterr().out
    assert "4 of 42 operations; AssertionError: there is one" in told


def test_what_does_not_verify_behind_a_pass_is_left(digits: Path, tmp_path: Path):
    assert reduced(digits, tmp_path, "-q", "-p", "break-pools") == ["nn.pool"]


def test_what_a_phase_refuses_is_left(digits: Path, tmp_path: Path):
    small = ("--machine", "rv64gc", "--set", "ram.size=66000")
    left = reduced(digits, tmp_path, "-q", "-p", "lower", *small)
    assert len(left) == 1


def command(script: Path, needle: str) -> str:
    """A command that fails for files with a word."""
    script.write_text(f"import sys\nsys.exit({needle!r} in open(sys.argv[1]).read())\n")
    return f"'{sys.executable}' '{script}'"


def test_what_a_command_fails_on_is_left(digits: Path, tmp_path: Path):
    test = command(tmp_path / "test.py", "nn.matmul")
    assert reduced(digits, tmp_path, "-q", "--test", test) == ["nn.matmul"]


HALF = """
from xdsl.dialects.builtin import f32
from xdsl.irdl import IRDLOperation, irdl_op_definition, result_def

@irdl_op_definition
class HalfOp(IRDLOperation):
    name = "mine.half"
    half = result_def(f32)
"""
"""A plugin with an operation."""


def test_an_operation_of_a_plugin_is_known(tmp_path: Path):
    plugin, module = tmp_path / "half.py", tmp_path / "half.mlir"
    plugin.write_text(HALF)
    module.write_text('%a = "mine.half"() : () -> f32\n%b = arith.addf %a, %a : f32\n')
    test = command(tmp_path / "test.py", "mine.half")
    words = ["reduce", str(module), "-o", str(tmp_path / "small.mlir"), "-q"]
    assert deployc([*words, "--plugin", str(plugin), "--test", test]) == 0
    assert "addf" not in (tmp_path / "small.mlir").read_text()


NESTED = """
func.func @called(%a: f32) -> f32 {
  %b = arith.addf %a, %a : f32
  func.return %b : f32
}
func.func @run(%x: tensor<2xf32>, %n: index) -> (tensor<2xf32>, tensor<2xf32>) {
  %c = arith.constant 1 : index
  %y = arith.addf %x, %x : tensor<2xf32>
  %z = scf.for %i = %c to %n step %c iter_args(%t = %y) -> (tensor<2xf32>) {
    %u = arith.mulf %t, %y : tensor<2xf32>
    scf.yield %u : tensor<2xf32>
  }
  func.return %y, %z : tensor<2xf32>, tensor<2xf32>
}
"""


def functions(module: ModuleOp) -> Sequence[FuncOp]:
    return [op for op in module.ops if isinstance(op, FuncOp)]


def test_what_is_read_is_an_argument_or_zero():
    left = without_operations(parsed(NESTED), 2, {1, 2})
    assert left is not None
    left.verify()
    run = functions(left)[1]
    assert len(run.function_type.inputs) == 3
    assert [op.name for op in run.body.block.ops][:2] == ["arith.constant", "scf.for"]


def test_a_function_that_is_called_keeps_its_arguments():
    text = NESTED + "func.func @f(%a: f32) { func.call @called(%a) : (f32) -> f32\n"
    left = without_operations(parsed(f"{text} func.return }}"), 2, {0})
    assert left is not None
    left.verify()
    assert len(functions(left)[0].function_type.inputs) == 1
    inside = [op.name for op in functions(left)[0].body.block.ops]
    assert inside == ["arith.constant", "func.return"]


def test_results_are_left_out():
    left = without_returns(parsed(NESTED), {1})
    left.verify()
    assert len(functions(left)[1].function_type.outputs) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["digits.mlir"], "expected -p PASSES or --test COMMAND with a module"),
        (["digits.mlir", "-p", "fuze"], "unknown pass; did you mean 'fuse'"),
        (["digits.mlir", "-p", "fuse", "--dim", "N=1"], "a model with --dim"),
        (["digits.mlir", "-p", "fuse", "--fuse", "nn.a+nn.b"], "a model with --fuse"),
        (["digits.mlir", "-p", "fuse", "--weights-at", "1"], "model with --weights-at"),
        (["digits.mlir", "--test", "x", "--seed", "1"], "expected -p with --seed, got"),
        (["digits.mlir", "--test", "x", "--set", "a=1"], "expected -p with --set, got"),
        (["digits.mlir", "--test", "'"], "--test: no closing quotation"),
        (["digits.mlir", "--test", " "], "--test: expected a command, got none"),
        (["none.mlir", "-p", "fuse"], "no such file"),
        ([str(DIGITS), "-p", "fuse"], "expected a .mlir file with -p"),
    ],
)
def test_wrong_usage(
    arguments: list[str], message: str, digits: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(digits.parent)
    with pytest.raises(UsageError, match=message):
        deployc(["reduce", *arguments, "-o", "small.mlir"])
    assert not Path("small.mlir").exists()


def test_a_module_that_is_right_is_refused(digits: Path, tmp_path: Path):
    with pytest.raises(DeployError, match="expected a module that fails, got one that"):
        reduced(digits, tmp_path, "-p", "fuse")
    assert not list(tmp_path.iterdir())
