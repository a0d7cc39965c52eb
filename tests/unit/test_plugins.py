"""Passes and patterns that a user adds: where they run, and what is refused."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from types import ModuleType

import deployopt
import pytest
from deployopt import plugins, requests
from deployopt.errors import DeployError, UsageError
from deployopt.pipeline import PHASES
from deployopt.tools.command import as_refusal
from deployopt.universe import all_passes, new_context, with_plugins
from xdsl.passes import ModulePass

DIGITS = Path(__file__).parents[2] / "examples" / "digits" / "digits.onnx"

PASS = """
from dataclasses import dataclass
from deployopt.properties import Property
from xdsl.passes import ModulePass

@dataclass(frozen=True)
class Mine(ModulePass):
    name = "{name}"
    phase = {phase!r}
    {more}

    def apply(self, ctx, op):
        pass
"""


def plugin(folder: Path, *, name: str = "mine", phase: str = "fuse", more: str = ""):
    """A file with one pass."""
    path = folder / "plugin.py"
    path.write_text(PASS.format(name=name, phase=phase, more=more or "pass"))
    return path


def fused(path: Path) -> list[str]:
    """The passes of `fuse` with that plugin."""
    phase = next(phase for phase in PHASES if phase.name == "fuse")
    return [p.name for p in requests.phase_passes(phase, None, all_passes([path]))]


def test_a_pass_without_needs_runs_at_the_end_of_its_phase(tmp_path: Path):
    assert fused(plugin(tmp_path))[-1] == "mine"
    names = fused(plugin(tmp_path))[:-1]
    assert names == [one for one in fused(plugin(tmp_path, phase="tile"))]


def test_needs_move_a_pass_to_its_place(tmp_path: Path):
    early = fused(plugin(tmp_path, more="needs = (Property.NAMED,)"))
    place = early.index("mine")
    assert early[place + 1] == "nn-fuse-chains"
    late = fused(plugin(tmp_path, more="ends = (Property.NAMED,)"))
    assert late.index("mine") > late.index("nn-fold-zero-points")


def test_a_pass_that_cannot_be_placed_is_refused_with_the_other_one(tmp_path: Path):
    wrong = "needs = (Property.GENERIC_ELEMENTWISE, Property.NAMED)"
    with pytest.raises(DeployError) as caught:
        fused(plugin(tmp_path, more=wrong))
    assert "mine" in str(caught.value)
    assert "nn-generalize-elementwise" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", "expected a ModulePass, a RewritePattern or an Operation, got none"),
        ("import nowhere", "cannot be loaded: ModuleNotFoundError: No module named"),
        ("x = (", "cannot be loaded: SyntaxError: "),
        ("raise SystemExit(3)", "cannot be loaded: SystemExit: 3"),
        (
            PASS.format(name="a", phase="fuse", more="ends = ('x',)"),
            "Mine.ends: expect",
        ),
        (PASS.format(name="a", phase="polish", more="pass"), "Mine.phase: expected"),
    ],
)
def test_a_file_that_is_no_plugin_is_refused(text: str, message: str, tmp_path: Path):
    path = tmp_path / "plugin.py"
    path.write_text(text)
    with pytest.raises(DeployError) as caught:
        plugins.from_file(path)
    assert str(caught.value).startswith(f"{path}: {message}")
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_wrong_usage(tmp_path: Path):
    with pytest.raises(UsageError, match="no such file"):
        plugins.from_file(tmp_path / "none.py")


def test_a_name_that_is_taken_is_refused(tmp_path: Path):
    with pytest.raises(DeployError, match="cse: name is taken by another pass"):
        all_passes([plugin(tmp_path, name="cse")])


OPERATION = """
from deployopt.dialects import nn
from xdsl.irdl import irdl_op_definition

@irdl_op_definition
class MineOp(nn.UnaryOp):
    name = "{name}"
"""


def test_an_operation_is_known_by_its_name(tmp_path: Path):
    path = tmp_path / "plugin.py"
    path.write_text(OPERATION.format(name="nn.mine"))
    known = new_context(all_passes([path])).get_optional_op("nn.mine")
    assert known is not None
    assert known.__name__ == "MineOp"
    assert new_context().get_optional_op("nn.mine") is None


def test_an_operation_whose_name_is_taken_is_refused(tmp_path: Path):
    path = tmp_path / "plugin.py"
    path.write_text(OPERATION.format(name="nn.relu"))
    with pytest.raises(DeployError, match="name is taken by another operation"):
        new_context(all_passes([path]))


@pytest.fixture(name="entries")
def fixture_entries(monkeypatch: pytest.MonkeyPatch):
    """Lets modules be listed by entry points; their names, to be added to."""
    names: list[str] = []

    def entry_points(group: str) -> EntryPoints:
        return EntryPoints(EntryPoint(name, name, group) for name in names)

    monkeypatch.setattr(plugins, "entry_points", entry_points)
    plugins.installed.cache_clear()
    yield names
    plugins.installed.cache_clear()


def test_an_installed_plugin_is_found(
    entries: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    module = ModuleType("a_plugin_of_somebody")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(plugin(tmp_path).read_text(), vars(module))
    entries.append(module.__name__)
    table: dict[str, type[ModulePass]] = {}
    found = with_plugins({}, [])
    table["mine"] = found["mine"]()
    assert table["mine"].name == "mine"
    assert found.added == (("fuse", "mine"),)


def test_an_installed_plugin_that_cannot_be_loaded_is_named(entries: list[str]):
    entries.append("no_such_module_anywhere")
    with pytest.raises(DeployError, match="plugin no_such_module_anywhere: cannot be"):
        with_plugins({}, [])


PATTERN = """
from deployopt.dialects import nn
from deployopt.properties import Property
from xdsl.pattern_rewriter import RewritePattern, op_type_rewrite_pattern

class AbsForRelu(RewritePattern):
    phase = "fuse"
    needs = (Property.NAMED,)

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.ReluOp, rewriter) -> None:
        rewriter.replace(op, nn.AbsOp(op.input))
"""


def test_a_pattern_changes_what_is_compiled(tmp_path: Path):
    path = tmp_path / "plugin.py"
    path.write_text(PATTERN)
    options = {"plugins": [path]}
    changed = deployopt.compile(DIGITS, machine="rv64gc", options=options)
    assert "math.absf" in changed.files["digits.mlir"]
    assert "math.absf" not in deployopt.compile(DIGITS, "rv64gc").files["digits.mlir"]


def test_a_plugin_that_fails_is_named_with_the_line(tmp_path: Path):
    path = tmp_path / "plugin.py"
    path.write_text(PATTERN.replace("nn.AbsOp", "nn.NoSuchOp"))
    with pytest.raises(AttributeError) as caught:
        deployopt.compile(DIGITS, options={"plugins": [path]})
    line = PATTERN.splitlines().index(
        "        rewriter.replace(op, nn.AbsOp(op.input))"
    )
    refusal = str(as_refusal(caught.value))
    assert refusal.startswith(f"{path}:{line + 1}: the plugin failed: AttributeError: ")
    assert refusal.endswith("; DEPLOYOPT_TRACEBACK=1 shows where")


@pytest.mark.parametrize("given", ["plugin.py", 3, [3]])
def test_plugins_that_are_no_paths_are_wrong_usage(given: object):
    with pytest.raises(UsageError, match="option 'plugins' must be paths of files"):
        deployopt.compile(DIGITS, options={"plugins": given})


ENDLESS = """
from deployopt.dialects import nn
from xdsl.pattern_rewriter import RewritePattern, op_type_rewrite_pattern

class AgainAndAgain(RewritePattern):
    phase = "fuse"
    needs = ("named",)

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: nn.ReluOp, rewriter):
        rewriter.replace(op, nn.ReluOp(op.input))
"""


def test_a_pattern_that_does_not_stop_is_named(tmp_path: Path):
    path = tmp_path / "endless.py"
    path.write_text(ENDLESS)
    with pytest.raises(DeployError) as caught:
        deployopt.compile(str(DIGITS), options={"plugins": [path]})
    message = "again-and-again: does not stop: more than 100 rewrites per operation"
    assert str(caught.value) == message
