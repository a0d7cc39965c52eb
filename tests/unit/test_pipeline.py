"""What runs, given what is asked for and what the module has been through."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from deployopt import pipeline, resolution
from deployopt.errors import DeployError, UsageError
from deployopt.pipeline import FinishPhasePass, Phase
from deployopt.universe import all_passes, new_context
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import PassFailedException


@dataclass(frozen=True)
class ChooseSizesPass(ModulePass):
    """A pass with options."""

    name = "choose-sizes"

    tile_sizes: tuple[int, ...] = ()
    budget: int = 8

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Does nothing."""


@dataclass(frozen=True)
class ApplySizesPass(ModulePass):
    """A pass with one option of the same name."""

    name = "apply-sizes"

    budget: int

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Does nothing."""


PASSES = {
    "choose-sizes": lambda: ChooseSizesPass,
    "apply-sizes": lambda: ApplySizesPass,
}

NETWORK = "func.func @f() { %a = arith.constant 1 : i32 func.return }"
TENSORS = """
func.func @f(%a: tensor<4xf32>, %c: f32) {
  %b = linalg.fill ins(%c : f32) outs(%a : tensor<4xf32>) -> tensor<4xf32>
  func.return
}
"""
GROUPED = """
func.func @f(%a: tensor<4xf32>) {
  %b = tensor.extract_slice %a[0] [2] [1] : tensor<4xf32> to tensor<2xf32>
  func.return
}
"""


def parsed(text: str, phase: str | None = None) -> ModuleOp:
    """The module in `text`, having gone through `phase`."""
    mark = f'attributes {{deploy.phase = "{phase}"}}' if phase else ""
    return Parser(new_context(), f"builtin.module {mark} {{ {text} }}").parse_module()


def finished(text: str, module: ModuleOp | None, *, strict: bool = False) -> list[str]:
    """The phases that run when `text` is asked for, in order."""
    requests = resolution.parse_requests(text, PASSES)
    resolved = resolution.resolve(requests, module, PASSES, strict=strict)
    return [p.phase for p in resolved.passes if isinstance(p, FinishPhasePass)]


@pytest.fixture(name="small_table")
def fixture_small_table(monkeypatch: pytest.MonkeyPatch):
    """Phases that are empty but for `tile`, which has two passes."""
    passes = ("choose-sizes", "apply-sizes{budget=1}")
    phases = tuple(
        Phase(
            p.name, passes if p.name == "tile" else (), p.legal, p.works_on, p.tensors
        )
        for p in pipeline.PHASES
    )
    monkeypatch.setattr(resolution, "PHASES", phases)


@pytest.mark.parametrize(
    ("asked", "phases"),
    [
        ("fuse", ["fuse"]),
        ("tile", ["fuse", "layout", "to-linalg", "tile"]),
        ("fuse,layout,to-linalg", ["fuse", "layout", "to-linalg"]),
        ("fuse,tile,lower", ["fuse", "layout", "to-linalg", "tile", "lower"]),
        ("tile,fuse", ["fuse", "layout", "to-linalg", "tile"]),
    ],
)
@pytest.mark.usefixtures("small_table")
def test_a_fresh_model_gets_what_a_phase_needs(asked: str, phases: list[str]):
    assert finished(asked, None) == phases
    assert finished(asked, parsed(NETWORK, "import")) == phases


@pytest.mark.usefixtures("small_table")
def test_a_resumed_module_gets_the_rest():
    assert finished("lower", parsed(TENSORS, "to-linalg")) == ["tile", "lower"]
    assert finished("tile", parsed(TENSORS, "to-linalg")) == ["tile"]
    assert finished("to-linalg", parsed(TENSORS, "to-linalg")) == []


@pytest.mark.usefixtures("small_table")
def test_a_hand_written_module_gets_the_phases_of_its_operations():
    assert finished("tile", parsed(TENSORS)) == ["tile"]
    assert finished("lower", parsed(TENSORS)) == ["tile", "lower"]
    assert finished("lower", parsed(GROUPED)) == ["lower"]
    assert finished("vectorize", parsed(NETWORK)) == ["vectorize"]
    assert finished("tile,lower", parsed(TENSORS)) == ["tile", "lower"]


@pytest.mark.usefixtures("small_table")
def test_remarks_say_what_differs():
    requests = resolution.parse_requests("to-linalg,fuse", PASSES)
    resolved = resolution.resolve(requests, None, PASSES)
    assert resolved.remarks == [
        "'to-linalg' needs 'fuse', 'layout' first",
        "'fuse' is finished already and is left out",
    ]


@pytest.mark.usefixtures("small_table")
def test_strict_refuses_what_a_remark_would_say():
    with pytest.raises(DeployError, match="'layout' needs 'fuse' first"):
        finished("layout", None, strict=True)
    with pytest.raises(DeployError, match="'fuse' is finished already"):
        finished("fuse", parsed(NETWORK, "fuse"), strict=True)
    assert finished("fuse,layout", None, strict=True) == ["fuse", "layout"]


def lines(text: str) -> list[str]:
    """What `--print-pipeline` says on a module in phase `to-linalg`."""
    requests = resolution.parse_requests(text, PASSES)
    module = parsed(TENSORS, "to-linalg")
    return resolution.resolve(requests, module, PASSES).lines()


@pytest.mark.usefixtures("small_table")
def test_options_go_to_the_passes_that_have_them():
    assert lines("tile") == ["choose-sizes", "apply-sizes{budget=1}"]
    assert lines("tile{tile-sizes=4,4}") == [
        "choose-sizes{tile_sizes=4,4}",
        "apply-sizes{budget=1}",
    ]
    assert lines("tile{budget=2},choose-sizes{budget=3}") == [
        "choose-sizes{budget=2}",
        "apply-sizes{budget=2}",
        "choose-sizes{budget=3}",
    ]
    assert lines("lower{}") == ["choose-sizes", "apply-sizes{budget=1}"]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("tiel", "tiel: unknown pass; did you mean 'tile'?"),
        ("zzz", "zzz: unknown pass"),
        ("import", "import: unknown pass"),
        ("tile{sizes=4}", "tile: no pass of this phase has an option 'sizes'"),
        ("lower{budget=4}", "lower: no pass of this phase has an option 'budget'"),
        ("choose-sizes{budget=a}", "choose-sizes: Incompatible types"),
        ("choose-sizes{size=1}", "choose-sizes: Provided arguments"),
        ("apply-sizes", 'apply-sizes: apply-sizes requires argument "budget"'),
        ("tile{budget=x}", "choose-sizes: Incompatible types"),
        ("tile,,lower", "-p 'tile,,lower': expected pass name here, at column 6"),
        ("tile{", "-p 'tile{': expected argument name here, at column 6"),
    ],
)
@pytest.mark.usefixtures("small_table")
def test_a_wrong_request_is_a_usage_error(asked: str, message: str):
    with pytest.raises(UsageError) as caught:
        resolution.parse_requests(asked, PASSES)
    assert str(caught.value).startswith(message)


@pytest.mark.usefixtures("small_table")
def test_an_unknown_phase_in_a_module_is_refused():
    with pytest.raises(
        DeployError, match=r"deploy\.phase: expected one of import, fuse"
    ):
        finished("tile", parsed(NETWORK, "polish"))


def finish(module: ModuleOp, phase: str) -> None:
    """Ends `phase` on `module`."""
    FinishPhasePass(phase).apply(new_context(), module)


def test_a_finished_phase_is_written_down():
    module = parsed(NETWORK)
    finish(module, "fuse")
    assert str(module.attributes["deploy.phase"]) == '"fuse"'


def test_an_operation_that_should_be_gone_is_named():
    with pytest.raises(PassFailedException, match="gone after phase 'fuse'"):
        finish(parsed(TENSORS), "fuse")
    with pytest.raises(PassFailedException, match="gone after phase 'lower'"):
        finish(parsed(GROUPED), "lower")
    library = "func.func @f(%a: f32) { %b = math.exp %a : f32 func.return }"
    with pytest.raises(PassFailedException, match="gone after phase 'to-linalg'"):
        finish(parsed(library), "to-linalg")
    finish(parsed(library), "fuse")
    finish(parsed(TENSORS), "tile")


LOCATED = """
func.func @f(%a: i32) {{
  %b = arith.addi %a, %a : i32 {0}
  func.return
}}
"""


def test_a_lost_location_is_named_on_an_imported_module():
    module = parsed(LOCATED.format(""))
    finish(module, "fuse")
    imported = parsed(LOCATED.format('loc("node")'))
    imported.attributes["deploy.nodes"] = module.attributes["deploy.phase"]
    finish(imported, "fuse")
    module.attributes["deploy.nodes"] = module.attributes["deploy.phase"]
    with pytest.raises(
        PassFailedException, match="lost its location in phase 'layout'"
    ):
        finish(module, "layout")


def test_run_runs():
    module = parsed("func.func @f() { %a = arith.constant 1 : i32 func.return }")
    assert resolution.run(new_context(), module, "dce", all_passes()) == []
    assert "arith.constant" not in str(module)
