"""`deployc plan`: tables of buffers in, offsets and how good they are out."""

from __future__ import annotations

import csv
import importlib.util
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from shared_folder import memory_checker, shared_file
from tool import Call

# Greedy planners need 5 bytes, 4 are live.
PUZZLE = """id,lower,upper,size
a,3,4,2
b,3,5,1
c,2,4,1
d,0,3,3
e,4,6,3
"""

needs_solver = pytest.mark.skipif(
    importlib.util.find_spec("ortools") is None, reason="ortools is not installed"
)


@pytest.fixture
def call(call: Call) -> Call:
    """Runs the tool on a table."""
    return partial(call, "plan")


@pytest.fixture
def puzzle(tmp_path: Path) -> Path:
    return table(tmp_path, PUZZLE)


def table(folder: Path, text: str) -> Path:
    path = folder / "buffers.csv"
    path.write_bytes(text.encode())
    return path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def check(path: Path, capacity: int) -> dict[str, Any]:
    """What the independent checker says of a table with offsets."""
    checker = memory_checker()
    return checker.check(checker.load(str(path), capacity))


@needs_solver
def test_plan_is_saved_and_stated(call: Call, puzzle: Path, tmp_path: Path):
    out = tmp_path / "out.csv"
    status, text, told = call(puzzle, "--capacity", "4", "-o", out)
    assert status == 0
    assert text == (
        "peak 4 bytes, lower bound 4 bytes (live bytes), gap 0.000 %, by cp-sat TWA\n"
    )
    assert "5 buffers in" in told
    assert [set(row) for row in rows(out)] == [
        {"id", "lower", "upper", "size", "offset"}
    ] * 5
    offsets = {row["id"]: int(row["offset"]) for row in rows(out)}
    # d and c, c and b, b and e: next to each other; a between b and c
    assert offsets["a"] == 1
    assert {offsets["b"], offsets["c"]} == {0, 3}
    found = check(out, 4)
    assert found["ok"]
    assert found["levels"]["L1"]["peak"] == 4


@needs_solver
def test_the_fewest_bytes_without_a_capacity(call: Call, puzzle: Path):
    assert call(puzzle)[1].startswith("peak 4 bytes, lower bound 4 bytes")
    greedy = call(puzzle, "--planner", "greedy")[1]
    assert greedy.startswith("peak 5 bytes, lower bound 4 bytes (live bytes), gap 25")


def test_quiet_says_nothing(call: Call, puzzle: Path, tmp_path: Path):
    out = tmp_path / "out.csv"
    assert call(puzzle, "-q", "-o", out, "--capacity", "5") == (0, "", "")
    assert out.exists()


@needs_solver
def test_verbose_says_what_is_used_up(call: Call, puzzle: Path):
    told = call(puzzle, "-v", "--budget", "2")[2]
    assert "searched for 0.01 of 2 s" in told


def test_capacity_below_the_bound(call: Call, puzzle: Path, tmp_path: Path):
    out = tmp_path / "out.csv"
    status, text, told = call(puzzle, "--capacity", "3", "-o", out)
    assert (status, text) == (1, "")
    assert told == (
        f"error: {puzzle}: capacity must be at least the lower bound of 4 bytes "
        "(live bytes), got 3\n"
    )
    assert not out.exists()


def test_not_found_within_the_budget(call: Call, puzzle: Path, tmp_path: Path):
    out = tmp_path / "out.csv"
    status, _, told = call(puzzle, "--capacity", "4", "--budget", "0", "-o", out)
    assert status == 1
    assert "found no plan within 4 bytes, the best one takes 5, the lower" in told
    assert not out.exists()
    _, _, told = call(puzzle, "--capacity", "4", "--planner", "greedy")
    assert told.endswith("the lower bound is 4; --planner cp-sat searches\n")


def test_no_place_for_the_plan_is_refused_before_the_search(
    call: Call, puzzle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def never(*_: object) -> None:
        raise AssertionError("nothing is searched")

    monkeypatch.setattr("deployopt.tools.deployc_plan.offsets_for", never)
    out = tmp_path / "no" / "out.csv"
    told = f"error: {out}: no such file or directory\n"
    assert call(puzzle, "-o", out) == (2, "", told)


@needs_solver
def test_what_is_proven_not_to_fit(call: Call, tmp_path: Path):
    # multiples of 8 below 20, and three of 4 bytes that are live together
    text = "id,lower,upper,size,alignment\na,0,2,4,8\nb,0,2,4,8\nc,0,2,4,8\nd,0,2,1,1\n"
    status, _, told = call(table(tmp_path, text), "--capacity", "19")
    assert status == 1
    assert told.endswith(
        "capacity must be at least the lower bound of 20 bytes (cp-sat), got 19\n"
    )


def test_without_the_solver(call: Call, puzzle: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "ortools", None)
    assert call(puzzle, "--capacity", "5", "-q")[0] == 0
    status, _, told = call(puzzle, "--capacity", "4")
    assert status == 1
    assert told.endswith("needs OR-Tools: pip install 'deployopt[solver]'\n")
    status, _, told = call(puzzle, "--planner", "cp-sat")
    assert status == 2
    assert told == (
        "error: planner cp-sat needs OR-Tools; pip install 'deployopt[solver]'\n"
    )


def test_old_columns_alignment_and_what_else_there_is(call: Call, tmp_path: Path):
    text = (
        "note,size,start,end,buffer_id,alignment,offset\r\n"
        "one,3,0,1,x,,7\r\n\r\n two,3,1,2,y,8,7\r\n"
    )
    out = tmp_path / "out.csv"
    assert call(table(tmp_path, text), "-o", out, "-q")[0] == 0
    assert out.read_text().splitlines()[0] == (
        "note,size,start,end,buffer_id,alignment,offset"
    )
    # the last step is included, so that they meet in step 1
    offsets = {row["note"]: int(row["offset"]) for row in rows(out)}
    assert offsets["two"] % 8 == 0
    assert abs(offsets["one"] - offsets["two"]) >= 3


def test_no_buffers(call: Call, tmp_path: Path):
    path = table(tmp_path, "id,lower,upper,size\n")
    assert call(path)[1].startswith("peak 0 bytes, lower bound 0 bytes")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", ":1: expected columns id, lower, upper, size, got no id"),
        (
            "id,lower,upper\n",
            ":1: expected columns id, lower, upper, size, got no size",
        ),
        ("id,lower,upper,size,size\n", ":1: column 'size' is there twice"),
        ("a,0,1,4,5", ":3: expected 4 cells, got 5"),
        ("b,0,1,x", ":3: size must be a number that is not negative, got 'x'"),
        ("b,0,1,-4", ":3: size must be a number that is not negative, got '-4'"),
        ("b,0,,4", ":3: upper must be a number that is not negative, got ''"),
        ("b,2,2,4", ":3: expected lower to be below upper, got 2 and 2"),
        ("a,0,1,4", ":3: id 'a' is there twice"),
        ("b,0,1,99999999999999999999", ":3: size must be below 281474976710656"),
        ('b,0,1,"4', ": expected a CSV file in UTF-8"),
    ],
)
def test_malformed_tables(call: Call, tmp_path: Path, text: str, complaint: str):
    if text and not text.startswith("id"):
        text = f"id,lower,upper,size\na,0,1,4\n{text}\n"
    path = table(tmp_path, text)
    status, out, told = call(path, "--capacity", "9")
    assert (status, out) == (1, "")
    assert told.startswith(f"error: {path}{complaint}"), told


def test_malformed_optional_columns(call: Call, tmp_path: Path):
    path = table(tmp_path, "id,lower,upper,size,alignment\na,0,1,4,0\n")
    assert call(path)[2] == f"error: {path}:2: alignment must be positive, got 0\n"
    path = table(tmp_path, "id,lower,upper,size,gaps\na,0,9,4,3-5\n")
    assert call(path)[2] == f"error: {path}:2: a buffer must be live without gaps\n"


def test_wrong_calls(call: Call, puzzle: Path, tmp_path: Path):
    assert call(tmp_path / "none.csv")[0] == 2
    assert call(puzzle, "--capacity", "0")[0] == 2
    assert call(puzzle, "--budget", "-1")[0] == 2
    assert call(puzzle, "--budget", "nan")[0] == 2
    status, _, told = call(puzzle, "--planner", "greedy", "--budget", "2")
    assert (status, told.strip()) == (
        2,
        "error: --planner greedy does not search, got --budget",
    )
    assert call(puzzle, "--planner", "best")[0] == 2


@needs_solver
@pytest.mark.slow
@pytest.mark.parametrize("name", "ACEG")
def test_published_instances(call: Call, tmp_path: Path, name: str):
    path = shared_file(f"minimalloc/{name}.1048576.csv")
    out = tmp_path / "out.csv"
    status, *_ = call(path, "--capacity", "1048576", "-o", out, "-q")
    assert status == 0
    assert check(out, 1048576)["ok"]
