"""The Python interface: compile, save, load, sessions."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import deployopt
import numpy as np
import pytest
from deployopt import api
from deployopt.artifact.reference import compare, reference
from deployopt.machine import load_machine
from lowered import COMPILERS, SANITIZED
from numpy.typing import NDArray
from onnx import helper
from small_models import convolution, model

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def artifact() -> deployopt.Artifact:
    return deployopt.compile(convolution())


@pytest.fixture(scope="module")
def x() -> NDArray[Any]:
    return np.random.default_rng(0).standard_normal((1, 2, 8, 8)).astype(np.float32)


def test_importing_is_cheap():
    code = "import sys, deployopt; print('xdsl' in sys.modules, 'numpy' in sys.modules)"
    environment = {"PYTHONPATH": str(ROOT / ".dev")}
    found = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, check=True
    )
    assert found.stdout.split() == [b"False", b"False"]


def test_results_are_right(artifact: deployopt.Artifact, x: NDArray[Any]):
    ((expected,),) = reference(convolution(), [{"x": x}])
    with artifact.session() as session:
        assert [(t.name, t.dtype, t.shape) for t in session.inputs] == [
            ("x", np.dtype("float32"), (1, 2, 8, 8))
        ]
        result = session(x=x)["y"]
        assert compare("y", result, expected, quantized=False).is_right
        twice = 2 * x
        session.set_input(0, twice)
        twice[:] = 0  # the session has its own copy
        session.run()
        other = session.get_output("y")
        assert not np.array_equal(other, result)
        ((doubled,),) = reference(convolution(), [{"x": 2 * x}])
        assert compare("y", other, doubled, quantized=False).is_right
        place = np.empty((1, 5), np.float32)
        assert session.get_output(0, out=place) is place
        np.testing.assert_array_equal(place, other)


def test_many_runs_in_one_start(artifact: deployopt.Artifact, x: NDArray[Any]):
    with artifact.session() as session:
        first, second = session.run_many([{"x": x}, {"x": 3 * x}])
        np.testing.assert_array_equal(session(x=x)["y"], first[0])
        np.testing.assert_array_equal(session(x=3 * x)["y"], second[0])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            np.zeros((1, 2, 8, 8)),
            "x: expected float32 of shape [1, 2, 8, 8], got float64",
        ),
        (np.zeros((2, 8, 8), np.float32), "got float32 of shape [2, 8, 8]"),
        ([0.0], "x: expected a numpy array, got list"),
    ],
)
def test_inputs_are_checked(artifact: deployopt.Artifact, wrong: Any, message: str):
    with artifact.session() as session, pytest.raises(deployopt.DeployError) as caught:
        session.set_input("x", wrong)
    assert message in str(caught.value)


def test_misuse_is_refused(artifact: deployopt.Artifact):
    session = artifact.session()
    with session:
        with pytest.raises(deployopt.DeployError, match="has not been set"):
            session.run()
        with pytest.raises(deployopt.DeployError, match="run the session"):
            session.get_output(0)
        for key in ("z", 1, -1):
            with pytest.raises(
                deployopt.DeployError, match="expected one of the inputs x"
            ):
                session.set_input(key, np.zeros(1))
    with pytest.raises(
        deployopt.DeployError, match="runs on native, got runner 'spike'"
    ):
        artifact.session(runner="spike")
    with pytest.raises(deployopt.DeployError, match="unknown option 'nam'"):
        deployopt.compile(convolution(), options={"nam": "x"})
    for options in (["name"], "name"):
        with pytest.raises(deployopt.DeployError, match="options must be a dictionary"):
            deployopt.compile(convolution(), options=cast(Any, options))


@pytest.mark.parametrize("key", ["name", "plan", "weights_address"])
def test_options_that_fit_has_no_use_for_invalid(key: str):
    expected = "expected one of fuse, io_layout, io_type, plugins, set, tuned"
    message = f"fit takes no option '{key}', {expected}"
    with pytest.raises(deployopt.DeployError, match=message):
        api.fit(convolution(), options={key: "x"})
    with pytest.raises(deployopt.DeployError, match="unknown option 'nam'"):
        api.fit(convolution(), options={"nam": "x"})


def test_fit_has_plugins(tmp_path: Path):
    plugin = tmp_path / "plugin.py"
    plugin.write_text("raise ValueError('it is read')")
    with pytest.raises(deployopt.DeployError, match="it is read"):
        api.fit(convolution(), options={"plugins": [plugin]})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dims": {"batch": "2"}}, "dimension batch: expected a positive integer"),
        ({"dims": {"batch": True}}, "dimension batch: expected a positive integer"),
        ({"dims": {"batch": 0}}, "dimension batch: expected a positive integer"),
        ({"options": {"set": ["a"]}}, "'set' must be a dictionary"),
        ({"options": {"set": {"ram.size": "x"}}}, "expected an integer, got 'x'"),
        (
            {"machine": load_machine("host"), "options": {"set": {"ram.size": 1}}},
            "needs a machine by its name",
        ),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], message: str):
    with pytest.raises(deployopt.DeployError, match=message):
        deployopt.compile(convolution(), **arguments)


def test_figures_may_be_numbers():
    figures = {"set": {"ram.size": 1 << 20}}
    artifact = deployopt.compile(convolution(), "rv64gc", options=figures)
    assert artifact.manifest["memory"]["levels"]["ram"]["size"] == 1 << 20


def test_a_call_wants_every_input(artifact: deployopt.Artifact):
    with (
        artifact.session() as session,
        pytest.raises(deployopt.DeployError, match="x: this input must be given"),
    ):
        session()


def test_what_was_saved_is_loaded(artifact: deployopt.Artifact, tmp_path: Path):
    artifact.save(tmp_path / "out")
    again = deployopt.load(tmp_path / "out")
    assert again.files == artifact.files
    assert again.machine == artifact.machine
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_folder_of_another_version_is_refused(
    artifact: deployopt.Artifact, tmp_path: Path
):
    artifact.save(tmp_path / "out")
    manifest = tmp_path / "out" / "manifest.json"
    manifest.write_text(json.dumps(artifact.manifest | {"format": 99}))
    message = r"out: expected a manifest of format 1, got 99; build it again"
    with pytest.raises(deployopt.DeployError, match=message):
        deployopt.load(tmp_path / "out")


def test_only_own_folders_are_replaced(artifact: deployopt.Artifact, tmp_path: Path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious")
    with pytest.raises(deployopt.DeployError, match="one that deployopt made"):
        artifact.save(tmp_path / "mine")
    assert [p.name for p in (tmp_path / "mine").iterdir()] == ["thesis.txt"]
    (tmp_path / "empty").mkdir()
    artifact.save(tmp_path / "empty")
    stale = tmp_path / "empty" / "stale.c"
    stale.write_text("#error stale")
    artifact.save(tmp_path / "empty")
    assert not stale.exists()
    with pytest.raises(deployopt.DeployError, match="deployopt made"):
        deployopt.load(tmp_path / "mine")


def test_symbolic_dimensions_are_bound():
    batches = deployopt.compile(convolution("N"), dims={"N": 3})
    assert batches.manifest["inputs"] == [
        {"name": "x", "dtype": "float32", "shape": [3, 2, 8, 8]}
    ]
    with pytest.raises(deployopt.DeployError) as caught:
        deployopt.compile(convolution("N"))
    assert caught.value.node == "x"


def test_bytes_and_names(tmp_path: Path):
    data = convolution().SerializeToString()
    path = tmp_path / "8 bits.onnx"
    path.write_bytes(data)
    assert deployopt.compile(path).name == "model_8_bits"
    named = deployopt.compile(data, options={"name": "kws"})
    assert {"kws.h", "kws.c", "kws_weights.c", "kws.mlir"} < named.files.keys()
    assert "int kws_run(const float *x, float *y);" in named.files["kws.h"]


def test_scalars_and_names_that_do_not_print():
    product = helper.make_node("Mul", ["x\n", "s"], ["y"], "a\tb")
    given = model(
        [product],
        {"x\n": ("float32", [])},
        {"y": ("float32", [])},
        {"s": np.array(2, np.float32)},
    )
    artifact = deployopt.compile(given, machine="rv64gc")
    assert artifact.manifest["inputs"][0]["name"] == "x\n"
    assert artifact.plan["kernels"][0]["nodes"] == ["a\\x09b"]
    ((border,), _) = artifact.borders
    one = np.array(1, np.float32)
    assert border.to_caller(border.to_model(one)).shape == ()
    changed = artifact.with_params({"s": one}).with_params({"s": one})
    assert changed.manifest["outputs"][0]["shape"] == []


def test_same_input_same_bytes(artifact: deployopt.Artifact):
    assert deployopt.compile(convolution()).files == artifact.files


def test_the_manifest_tells_everything(artifact: deployopt.Artifact):
    manifest = artifact.manifest
    assert manifest["entry"] == f"{artifact.name}_run"
    assert manifest["macs"] == 4 * 4 * 4 * 2 * 9 + 64 * 5
    memory = manifest["memory"]
    assert {op["symbol"] for op in memory["ops"]} <= {
        word for word in artifact.files[f"{artifact.name}.c"].replace("(", " ").split()
    }
    assert all("_kernel_" in op["symbol"] for op in memory["ops"])
    names = {buffer["name"] for buffer in memory["buffers"]}
    assert {"x", "y", "(stack)", "b"} <= names
    plan = json.loads(artifact.files["plan.json"])
    assert [g["kernel"] for g in plan["groups"]] == [o["symbol"] for o in memory["ops"]]


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_any_c11_compiler_takes_the_folder(
    artifact: deployopt.Artifact, compiler: str, tmp_path: Path
):
    if not shutil.which(compiler):
        pytest.skip(f"no {compiler}")
    artifact.save(tmp_path / "out")
    sources = [str(path) for path in sorted((tmp_path / "out").glob("*.c"))]
    strict = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
    command = [compiler, *strict, "-c", "-I", str(tmp_path / "out"), *sources]
    subprocess.run(command, cwd=tmp_path, check=True)
    objects = [str(path) for path in sorted(tmp_path.glob("*.o"))]
    listing = subprocess.run(
        ["nm", "-g", "--defined-only", *objects], capture_output=True, check=True
    )
    lines = listing.stdout.decode().splitlines()
    symbols = [line.split()[2] for line in lines if len(line.split()) == 3]
    assert symbols
    assert all(symbol.startswith(f"{artifact.name}_") for symbol in symbols)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_no_undefined_behaviour(
    artifact: deployopt.Artifact,
    x: NDArray[Any],
    compiler: str,
    monkeypatch: pytest.MonkeyPatch,
):
    with artifact.session() as session:
        expected = session(x=x)["y"]
    flags = f"-Wall -Wextra -Werror {SANITIZED}"
    monkeypatch.setenv("DEPLOYOPT_CC", f"{compiler} {flags}")
    with artifact.session() as session:
        np.testing.assert_array_equal(session(x=x)["y"], expected)


MAIN = """
#include "twice.h"
#include <stdio.h>
static _Alignas(64) uint8_t arena[2][twice_ARENA_RAM_BYTES + 1];
int main(void) {
    static float x[128], one[5], two[5];
    x[0] = 1.0F;
    const struct twice_arenas a = {.ram = arena[0]}, b = {.ram = arena[1]};
    int bad = twice_run(x, one) | twice_run_in(&a, x, two);
    (void)b;
    for (int i = 0; i < 5; i++) {
        bad |= one[i] != two[i];
    }
    return bad;
}
"""


@pytest.mark.skipif(not shutil.which("gcc"), reason="no gcc")
def test_the_caller_may_bring_the_memory(tmp_path: Path):
    deployopt.compile(convolution(), options={"name": "twice"}).save(tmp_path / "out")
    (tmp_path / "main.c").write_text(MAIN)
    folder = str(tmp_path / "out")
    sources = [str(path) for path in sorted((tmp_path / "out").glob("*.c"))]
    program = str(tmp_path / "main")
    options = ["-std=c11", "-I", folder, str(tmp_path / "main.c"), *sources]
    subprocess.run(["gcc", *options, "-o", program], check=True)
    assert subprocess.run([program], check=False).returncode == 0
