"""What runs, given what is asked for and what the module has been through."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import pytest
from deployopt import pipeline, requests, resolution
from deployopt.errors import DeployError, UsageError
from deployopt.pipeline import FinishPhasePass, Phase
from deployopt.properties import Property, effects_of, ordered
from deployopt.state import WriteStatePass
from deployopt.universe import UNIVERSE, all_passes, new_context
from xdsl.context import Context
from xdsl.dialects.builtin import DictionaryAttr, ModuleOp
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


PASSES = requests.Passes(
    {"choose-sizes": lambda: ChooseSizesPass, "apply-sizes": lambda: ApplySizesPass}
)

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
    asked = requests.parse_requests(text, PASSES)
    resolved = resolution.resolve(asked, module, PASSES, strict=strict)
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
    for module in (requests, resolution):
        monkeypatch.setattr(module, "PHASES", phases)


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
    asked = requests.parse_requests("to-linalg,fuse", PASSES)
    resolved = resolution.resolve(asked, None, PASSES)
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
    asked = requests.parse_requests(text, PASSES)
    module = parsed(TENSORS, "to-linalg")
    return resolution.resolve(asked, module, PASSES).lines()


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
        requests.parse_requests(asked, PASSES)
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
    imported = parsed(TENSORS)
    imported.attributes["deploy.nodes"] = DictionaryAttr({})
    with pytest.raises(PassFailedException, match="gone after phase 'fuse'"):
        finish(imported, "fuse")
    with pytest.raises(PassFailedException, match="gone after phase 'lower'"):
        finish(parsed(GROUPED), "lower")
    library = "func.func @f(%a: f32) { %b = math.exp %a : f32 func.return }"
    with pytest.raises(PassFailedException, match="gone after phase 'to-linalg'"):
        finish(parsed(library), "to-linalg")
    finish(parsed(library), "fuse")
    finish(parsed(TENSORS), "tile")


def test_a_module_written_by_hand_may_be_ahead_of_its_phases():
    finish(parsed(TENSORS), "fuse")
    loop = """func.func @f(%m: memref<4xf32>, %i: index) {
      %v = memref.load %m[%i] : memref<4xf32>
      func.return
    }"""
    finish(parsed(loop), "to-linalg")
    unknown = "func.func @f() { %m = memref.alloc() : memref<4xf32> func.return }"
    with pytest.raises(PassFailedException, match="gone after phase 'vectorize'"):
        finish(parsed(unknown), "vectorize")


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


def test_every_property_is_established_and_needed():
    effects = [effects_of(load()) for load in UNIVERSE.all_passes.values()]
    needed = {p for one in effects for p in one.needs}
    made = {p for one in effects for p in one.establishes}
    made |= {p for phase in pipeline.PHASES for p in phase.establishes}
    assert needed == made == set(Property)


def shuffled(phase: Phase) -> Phase:
    """`phase` with its passes the wrong way round."""
    return dataclasses.replace(phase, passes=phase.passes[::-1])


@pytest.mark.parametrize("phase", pipeline.PHASES, ids=lambda phase: phase.name)
def test_the_table_stands_in_the_order_of_needs(phase: Phase):
    names = [one.name for one in requests.phase_passes(phase, None, all_passes())]
    assert names == [spec.name for spec in requests.specs_of(phase, all_passes())]


def test_the_order_follows_from_needs_and_not_from_the_table(
    monkeypatch: pytest.MonkeyPatch,
):
    tile = next(phase for phase in pipeline.PHASES if phase.name == "tile")
    wrong = shuffled(tile)
    phases = tuple(wrong if p is tile else p for p in pipeline.PHASES)
    monkeypatch.setattr(requests, "PHASES", phases)
    names = [one.name for one in requests.phase_passes(wrong, None, all_passes())]
    chain = ("choose-groups", "form-kernels", "choose-tiles", "tile-kernels", "stage")
    places = [next(n for n, x in enumerate(names) if part in x) for part in chain]
    assert places == sorted(places)


def established(text: str, module: ModuleOp | None) -> list[str]:
    """What runs when `text` is asked for, phases in capitals when they end."""
    asked = requests.parse_requests(text, all_passes())
    resolved = resolution.resolve(asked, module, all_passes())
    shown = (p for p in resolved.passes if not isinstance(p, WriteStatePass))
    return [
        p.phase.upper() if isinstance(p, FinishPhasePass) else p.name for p in shown
    ]


def test_a_pass_gets_what_it_needs():
    assert established("nn-fuse-epilogue", None) == [
        "nn-generalize-elementwise",
        "nn-fuse-epilogue",
    ]
    names = established("linalg-tile-kernels", parsed(TENSORS, "to-linalg"))
    assert names == [
        "linalg-choose-groups",
        "linalg-form-kernels",
        "linalg-choose-tiles",
        "linalg-tile-kernels",
    ]
    phases = [name for name in established("memory-bufferize", None) if name.isupper()]
    assert phases == ["FUSE", "LAYOUT", "TO-LINALG", "TILE"]
    assert established("linalg-tile-kernels", parsed(TENSORS)) == [
        "linalg-tile-kernels"
    ]


def test_a_pass_that_comes_too_late_is_refused_with_the_one_before_it():
    with pytest.raises(DeployError) as caught:
        established("linalg-from-nn,nn-fuse-epilogue", None)
    assert str(caught.value) == (
        "nn-fuse-epilogue: needs 'network', which 'linalg-from-nn' has ended; "
        "run it before 'linalg-from-nn'"
    )
    with pytest.raises(DeployError, match="'linalg-from-nn' has ended"):
        established("nn-fold-constants", parsed(TENSORS, "tile"))


def test_strict_adds_no_pass():
    asked = requests.parse_requests("nn-fuse-epilogue", all_passes())
    with pytest.raises(DeployError, match="needs 'nn-generalize-elementwise' first"):
        resolution.resolve(asked, None, all_passes(), strict=True)


def test_a_phase_is_resumed_where_it_stopped():
    module = parsed(TENSORS, "to-linalg")
    resolution.run(new_context(), module, "linalg-form-kernels", all_passes())
    assert '"free-tiles"' in str(module.attributes["deploy.properties"])
    names = established("linalg-choose-tiles", module)
    assert names == ["linalg-choose-tiles"]
    resolution.run(new_context(), module, "tile", all_passes())
    assert "deploy.properties" not in module.attributes


@pytest.mark.parametrize("text", ['"tiles"', '{tails = "x"}'])
def test_properties_that_mean_nothing_are_refused(text: str):
    module = parsed(TENSORS, "to-linalg")
    module.attributes["deploy.properties"] = Parser(
        new_context(), text
    ).parse_attribute()
    with pytest.raises(
        DeployError, match=r"deploy\.properties: expected properties out"
    ):
        established("linalg-choose-tiles", module)


@dataclass(frozen=True)
class FirstPass(ModulePass):
    """Wants to be before and behind `SecondPass`."""

    name = "first"
    needs = (Property.TILES,)
    establishes = (Property.BLOCKS,)

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Does nothing."""


@dataclass(frozen=True)
class SecondPass(ModulePass):
    """Wants to be before and behind `FirstPass`."""

    name = "second"
    needs = (Property.BLOCKS,)
    establishes = (Property.TILES,)

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        """Does nothing."""


def test_two_passes_that_wait_for_each_other_are_both_named():
    with pytest.raises(DeployError) as caught:
        ordered([FirstPass(), SecondPass()])
    assert str(caught.value) == (
        "second: must run behind 'first', for 'blocks'; "
        "'first' in turn waits for it, for 'tiles'"
    )
    assert ordered([FirstPass(), SecondPass()], {Property.TILES})[0].name == "first"
