"""`deployopt` as a program: what it prints, where, and with which status."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from deployopt.tools.command import run_command
from deployopt.tools.deployopt import DeployOptMain, deployopt
from xdsl.utils.diagnostic import Diagnostic

SMALL = """
func.func @f(%a : i32) -> i32 {
  %b = arith.addi %a, %a : i32 loc("node")
  %c = arith.addi %a, %a : i32 loc("node")
  func.return %c : i32
}
"""

WRONG = """
builtin.module attributes {deploy.nodes = {"n\\1B[2Jode" = "Add"}} {
  func.func @f(%a : f32) {
    %b = "arith.addi"(%a, %a) : (f32, f32) -> f32 loc("n\\1B[2Jode")
    func.return
  }
}
"""


class Result(NamedTuple):
    """What a run of the program leaves."""

    status: int
    out: str
    err: str


Tool = Callable[..., Result]


@pytest.fixture(name="tool")
def fixture_tool(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Tool:
    """Runs the tool in an empty folder, on `text` as standard input."""
    monkeypatch.chdir(tmp_path)

    def run(*args: str, text: str = SMALL) -> Result:
        stdin = io.TextIOWrapper(io.BytesIO(text.encode()))
        monkeypatch.setattr(sys, "stdin", stdin)
        status = run_command(lambda: deployopt(args))
        out, err = capsys.readouterr()
        return Result(status, out, err)

    return run


def test_locations_are_printed_unless_unknown_or_unwanted(tool: Tool):
    status, out, err = tool()
    assert (status, err) == (0, "")
    assert out.count('loc("node")') == 2
    assert "unknown" not in out
    assert "loc" not in tool("--no-debuginfo").out
    assert '"arith.addi"(%a, %a)' in tool("--print-op-generic").out


def test_what_is_printed_can_be_read_again(tool: Tool):
    printed = tool("--print-op-generic").out
    assert tool(text=printed).out == tool().out


def test_upstream_passes_run(tool: Tool):
    assert tool("-p", "cse,dce").out.count("arith.addi") == 1


def test_print_pipeline_lists_and_stops(tool: Tool):
    listed = tool(
        "-",
        "-p",
        "cse,memref-stream-tile-outer-loops{target-rank=4}",
        "--print-pipeline",
    )
    assert listed.out == "cse\nmemref-stream-tile-outer-loops{target_rank=4}\n"


def test_print_pipeline_without_input_is_for_a_fresh_model(tool: Tool):
    status, out, err = tool("-p", "tile,cse", "--print-pipeline", text="not mlir")
    assert status == 0
    assert out.splitlines()[-1] == "cse"
    assert err == "remark: 'tile' needs 'fuse', 'layout', 'to-linalg' first\n"
    strict = tool("-p", "tile", "--print-pipeline", "--strict")
    assert (strict.status, strict.out) == (1, "")
    assert strict.err.startswith(
        "error: 'tile' needs 'fuse', 'layout', 'to-linalg' first"
    )


def test_a_module_keeps_its_machine(tool: Tool):
    attached = tool("--machine", "rv64gcv")
    assert '"rv64gcv" = #dlti.target_device_spec' in attached.out
    assert "dlti" not in tool().out
    again = tool("--machine", "host", text=attached.out)
    assert again.out == attached.out
    assert again.err == "remark: the module keeps the machine it has\n"
    assert '"host" = #dlti' in tool("-p", "vectorize").out


def test_a_figure_of_the_machine_can_be_set(tool: Tool):
    assert (
        '"size" = 65536 : i64'
        in tool("--machine=rv64gcv", "--set", "ram.size=65536").out
    )


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["-p", "tiel"], "error: tiel: unknown pass; did you mean 'tile'?"),
        (["-p", "cse{a=1}"], "error: cse: Provided arguments"),
        (["-p", "cse,"], None),
        (["-p", "cse cse"], "error: -p 'cse cse': expected a comma or pass arguments"),
        (["-t", "fortran"], "error: argument -t/--target: invalid choice: 'fortran'"),
        (["-t", "mlir{"], "error: --target: expected argument name here, at column 6"),
        (["-f", "tflite"], "error: argument -f/--frontend: invalid choice: 'tflite'"),
        (["--machine", "abacus"], "error: unknown machine 'abacus'"),
        (["--machine", "no.toml"], "error: no.toml: no such machine file"),
        (["--machin", "host"], "error: unrecognized arguments: --machin"),
        (["--strict=no"], "error: argument --strict: ignored explicit argument 'no'"),
        (["--dim", "batch"], "error: --dim: expected NAME=N, got 'batch'"),
        (
            ["--dim", "batch=1", "--dim", "batch=2"],
            "error: --dim batch: expected one size, got 1 and 2",
        ),
        (
            ["--dim", "batch=-1"],
            "error: --dim batch: expected a positive size, got '-1'",
        ),
        (["--set", "vlen"], "error: --set: expected KEY=VALUE, got 'vlen'"),
        (["none.mlir"], "error: none.mlir: no such file or directory"),
        (["none.onnx"], "error: none.onnx: no such file or directory"),
        (["-o", "none/x.mlir"], "error: "),
        (["/dev/null"], "error: /dev/null: unrecognized file extension"),
        (["."], "error: .: is a directory"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(
    tool: Tool, tmp_path: Path, args: list[str], line: str | None
):
    status, out, err = tool(*args)
    if line is None:
        assert (status, err) == (0, "")
        return
    assert (status, out) == (2, "")
    assert err.startswith(line)
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("func.func @f(", "error: stdin:1:14: Expected"),
        ("func.func @f() {\n  %x = no.such\n}", "error: stdin:3:1: Operation no.such"),
        ("\0\0\0", "error: stdin:1:1: "),
        (
            WRONG,
            "error: n\\x1b[2Jode (Add): operand 'lhs' at position 0 does not verify",
        ),
        (WRONG.replace("n\\1B[2Jode", "a"), "error: a (Add): operand 'lhs'"),
        (
            WRONG.replace(' loc("n\\1B[2Jode")', ""),
            "error: stdin:4:5 (arith.addi): operand 'lhs' at position 0",
        ),
    ],
)
def test_a_refusal_is_one_line_and_status_1(
    tool: Tool, tmp_path: Path, text: str, line: str
):
    status, out, err = tool("-o", "out.mlir", text=text)
    assert (status, out) == (1, "")
    assert err.startswith(line)
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_refusal_leaves_the_old_file(tool: Tool, tmp_path: Path):
    file = tmp_path / "out.mlir"
    file.write_text("old")
    chunks = f"{SMALL}\n// -----\n{WRONG}"
    assert tool("-o", "out.mlir", "--split-input-file", text=chunks).status == 1
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]
    assert tool("-o", "out.mlir").status == 0
    assert file.read_text() == tool().out


def test_bytes_that_are_no_text_are_refused(tool: Tool, tmp_path: Path):
    file = tmp_path / "model.mlir"
    file.write_bytes(b"\xff\xfe")
    status, out, err = tool(str(file))
    expected = "expected MLIR in UTF-8, got other bytes; is it a model? -f onnx"
    assert (status, out, err) == (1, "", f"error: {file}: {expected}\n")


def test_what_is_no_file_is_written_through(tool: Tool):
    assert tool("-o", "/dev/null").status == 0
    assert Path("/dev/null").is_char_device()


def test_verify_diagnostics_is_as_in_xdsl(tool: Tool):
    Diagnostic.colored = False
    status, out, err = tool("--verify-diagnostics", text=WRONG)
    assert (status, err) == (0, "")
    assert "| Operation does not verify: operand 'lhs' at position 0" in out


def test_a_mistake_of_ours_is_one_line(tool: Tool, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object) -> None:
        raise KeyError("what\nis this")

    monkeypatch.setattr(DeployOptMain, "attach_machine", broken)
    status, out, err = tool()
    assert (status, out) == (1, "")
    assert err.startswith("error: internal error: KeyError: 'what\\nis this'")
    assert err.count("\n") == 1


def test_help_lists_the_phases(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as caught:
        DeployOptMain(["--help"])
    assert caught.value.code == 0
    assert "fuse, layout, to-linalg, tile" in " ".join(capsys.readouterr().out.split())


def test_the_program_starts_without_what_is_slow_to_import():
    command = [sys.executable, "-X", "importtime", "-m", "deployopt.tools.deployopt"]
    done = subprocess.run([*command, "--version"], capture_output=True, text=True)
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "deployopt.tools.deployopt" in imported or "xdsl.xdsl_opt_main" in imported
    assert not imported & {"numpy", "onnx", "onnxruntime"}


def test_a_reader_that_leaves_is_no_error(tmp_path: Path):
    text = "func.func private @f()\n" * 1
    program = f"{sys.executable} -m deployopt.tools.deployopt"
    command = f"set -o pipefail; {program} 2>err | true; cat err"
    shell = ["bash", "-c", command]
    result = subprocess.run(
        shell, input=text, capture_output=True, text=True, cwd=tmp_path
    )
    assert "Traceback" not in result.stdout + result.stderr
