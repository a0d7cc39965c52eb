"""`deployc report`: a page for a model or a folder, or one line that says why not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from report_files import files
from tool import Call


def folder(path: Path) -> Path:
    """The folder that was written by hand."""
    path.mkdir()
    for name, text in files().items():
        (path / name).write_text(text)
    return path


def left(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir())


def test_a_model_and_its_folder_give_the_same_page(
    call: Call, small: Path, tmp_path: Path
):
    chosen = ("--dim", "N=1", "--machine", "rv64gcv")
    status, text, error = call("report", small, "-o", tmp_path / "a.html", *chosen)
    assert (status, text) == (0, "")
    assert "small for rv64gcv" in error
    assert call("build", small, "-o", tmp_path / "out", *chosen, "-q")[0] == 0
    arguments = ("report", tmp_path / "out", "-o", tmp_path / "b.html", "-q")
    assert call(*arguments) == (0, "", "")
    page = (tmp_path / "a.html").read_text()
    assert page == (tmp_path / "b.html").read_text()
    for shown in ("<h1>small", "MatMul", ">ram", ">flash", "multiply-adds"):
        assert shown in page


def test_a_folder_with_levels(call: Call, tmp_path: Path):
    where = folder(tmp_path / "net")
    assert call("report", where, "-o", tmp_path / "net.html", "-q") == (0, "", "")
    page = (tmp_path / "net.html").read_text()
    assert "L3 → L2" in page
    assert "peak = lower bound 700 B" in page


def test_a_profile(call: Call, small: Path, tmp_path: Path):
    profile, page = tmp_path / "p.json", tmp_path / "p.html"
    assert call("run", small, "--dim", "N=1", "--profile", profile, "-q")[0] == 0
    arguments = ("--dim", "N=1", "--profile", profile)
    assert call("report", small, "-o", page, *arguments, "-q") == (0, "", "")
    assert "measured on native" in page.read_text()


def test_a_page_is_replaced(call: Call, tmp_path: Path):
    page = tmp_path / "net.html"
    page.write_text("old")
    assert call("report", folder(tmp_path / "net"), "-o", page, "-q")[0] == 0
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert left(tmp_path) == ["net", "net.html"]


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ("{tmp}/nothing -o {tmp}/x.html", 2, "nothing: no such file"),
        ("{tmp}/foreign -o {tmp}/x.html", 1, "expected a folder that deployopt made"),
        ("{tmp}/damaged -o {tmp}/x.html", 1, "expected a manifest of format 1"),
        ("{tmp}/net -o {tmp}/no/x.html", 2, "no such file or directory"),
        ("{tmp}/net -o {tmp}/foreign", 2, "is a directory"),
        ("{tmp}/net", 2, "the following arguments are required: -o"),
        ("{tmp}/net -o {tmp}/x.html --dim N=1", 2, "belongs to a model, got a folder"),
        ("{tmp}/net -o {tmp}/x.html --machine host", 1, "the folder is for machine"),
        ("{tmp}/net -o {tmp}/x.html --profile {tmp}/no.json", 2, "no such file"),
        ("{tmp}/net -o {tmp}/x.html --profile {tmp}/text", 1, "text: not valid JSON"),
        ("{tmp}/net -o {tmp}/x.html --profile {tmp}/p.json", 1, "got host"),
    ],
)
def test_refused(call: Call, tmp_path: Path, arguments: str, status: int, message: str):
    folder(tmp_path / "net")
    (tmp_path / "foreign").mkdir()
    (folder(tmp_path / "damaged") / "manifest.json").write_text(
        json.dumps({"versions": {"deployopt": "0"}})
    )
    (tmp_path / "text").write_text("no profile")
    profile = {"machine": "host", "runner": "native", "unit": "ns", "total": 1}
    (tmp_path / "p.json").write_text(json.dumps({**profile, "nodes": []}))
    before = left(tmp_path)
    words = arguments.format(tmp=tmp_path).split()
    found, text, error = call("report", *words)
    assert (found, text) == (status, "")
    assert message in error
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert left(tmp_path) == before
    assert left(tmp_path / "foreign") == []


def test_a_page_that_was_there_outlives_a_failure(call: Call, tmp_path: Path):
    page = tmp_path / "x.html"
    page.write_text("old")
    assert call("report", tmp_path / "nothing", "-o", page)[0] == 2
    assert page.read_text() == "old"
