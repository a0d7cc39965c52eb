"""Sessions: runs one by one, at once, later, and a thousand of them."""

from __future__ import annotations

import gc
import json
import os
import re
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import deployopt
import numpy as np
import psutil
import pytest
from deployopt.artifact.callbacks import Event
from deployopt.artifact.session import Session
from session_models import RUNNERS, Array, compared_to, differences, expected, x
from small_models import convolution
from tiny_model import need

MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def artifact() -> deployopt.Artifact:
    return deployopt.compile(convolution())


@pytest.fixture(scope="module", params=RUNNERS)
def any_artifact(request: pytest.FixtureRequest) -> deployopt.Artifact:
    found = deployopt.compile(convolution(), request.param)
    need(found.machine, found.machine.default_runner)
    return found


def is_right(session: Session, seed: int) -> bool:
    return not differences(session(x=x(seed)), {"y": expected(x(seed))["y"]})


def test_two_sessions_at_once(any_artifact: deployopt.Artifact):
    with any_artifact.session() as one, any_artifact.session() as other:
        one.set_input("x", x(1))
        other.set_input("x", x(2))
        one.run()
        other.run()
        for session, seed in ((one, 1), (other, 2)):
            value = session.get_output("y")
            assert compared_to(expected(x(seed)), "y", value).is_right


def test_two_threads_with_two_sessions(artifact: deployopt.Artifact):
    def work(first: int) -> list[bool]:
        with artifact.session(profile=bool(first)) as session:
            start.wait()
            found = [(seed, session(x=x(seed))["y"]) for seed in range(first, 60, 2)]
        return [compared_to(expected(x(s)), "y", y).is_right for s, y in found]

    start = threading.Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        for right in pool.map(work, (0, 1)):
            assert right == [True] * 30


def test_a_thread_that_shares_a_session_waits(artifact: deployopt.Artifact):
    with artifact.session() as session, ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(session.run_many, [{"x": x(n)}]) for n in range(20)]
        for seed, future in enumerate(futures):
            ((value,),) = future.result()
            assert compared_to(expected(x(seed)), "y", value).is_right


def test_outputs_go_where_they_are_wanted(artifact: deployopt.Artifact):
    with artifact.session() as session:
        session(x=x())
        whole = np.zeros((5, 4), np.float32)
        part = whole.T[1:2]  # not in one piece
        assert session.get_output("y", out=part) is part
        assert compared_to(expected(x()), "y", part).is_right
        assert not whole[:, [0, 2, 3]].any()
        value = session.get_output("y")
        value[:] = 0  # the session has its own copy
        assert session.get_output("y").any()


def read_only() -> np.ndarray[Any, Any]:
    array = np.zeros((1, 5), np.float32)
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    ("out", "message"),
    [
        (np.zeros((1, 5)), "y: expected float32 of shape [1, 5], got float64"),
        (np.zeros(5, np.float32), "got float32 of shape [5]"),
        (bytearray(20), "y: expected a numpy array, got bytearray"),
        (read_only(), "y: expected an array that can be written, got a read-only one"),
    ],
)
def test_outputs_are_not_cast(artifact: deployopt.Artifact, out: Any, message: str):
    with artifact.session() as session:
        session(x=x())
        with pytest.raises(deployopt.DeployError, match=re.escape(message)):
            session.get_output("y", out=out)


def test_a_closed_session_does_nothing(artifact: deployopt.Artifact):
    session = artifact.session()
    assert [tensor.name for tensor in session.inputs] == ["x"]
    with session:
        session(x=x())
        with pytest.raises(deployopt.DeployError, match="got an open one"):
            session.__enter__()
    closed = (session.run, session.run_async, session.benchmark, session.code_bytes)
    for call in closed:
        with pytest.raises(deployopt.DeployError, match="inside its with block"):
            call()
    with session:  # and can be opened again
        assert is_right(session, 4)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "x: expected an array for this input"),
        ({"x": x(), "z": x()}, "expected one of the inputs x, got 'z'"),
        ({"x": x().astype(np.float16)}, "x: expected float32 .* got float16"),
    ],
)
def test_many_runs_are_checked(artifact: deployopt.Artifact, given: Any, message: str):
    with artifact.session() as session:
        with pytest.raises(deployopt.DeployError, match=message):
            session.run_many([{"x": x()}, given])
        assert session.result is None


def test_what_is_none_of_the_expected_is_named(artifact: deployopt.Artifact):
    swapped, nothing = x().astype(">f4"), cast(Any, None)
    with artifact.session() as session:
        with pytest.raises(deployopt.DeployError, match="got byte-swapped float32 of"):
            session.set_input("x", swapped)
        with pytest.raises(deployopt.DeployError, match="expected a list of runs"):
            session.run_many(cast(Any, {"x": x()}))
        with pytest.raises(deployopt.DeployError, match="finish: expected a function"):
            session.add_callbacks(finish=cast(Any, 3))
    with pytest.raises(deployopt.DeployError, match=r"model: .* got NoneType"):
        deployopt.compile(nothing)


def test_texts_of_objects_are_short(artifact: deployopt.Artifact):
    assert repr(artifact).startswith("<Artifact small for host, ")
    assert repr(artifact.session()) == "<Session of small on native>"


# Later.


def test_runs_that_nobody_waits_for(any_artifact: deployopt.Artifact):
    with any_artifact.session() as session:
        futures: list[Future[dict[str, Array]]] = []
        for seed in range(3):
            session.set_input("x", x(seed))
            futures.append(session.run_async())
        session.set_input("x", 0 * x())  # these have their inputs
        last = session.run_async()
    assert last.done()  # the end of the block waits
    for seed, future in enumerate(futures):
        assert differences(future.result(), {"y": expected(x(seed))["y"]}) == []


def test_a_future_wants_all_inputs(artifact: deployopt.Artifact):
    with (
        artifact.session() as session,
        pytest.raises(deployopt.DeployError, match="x: this input has not been set"),
    ):
        session.run_async()


# Told.


def test_callbacks_of_runs(any_artifact: deployopt.Artifact):
    told: list[Event] = []
    with any_artifact.session() as session:
        session.add_callbacks(told.append, told.append)
        session(x=x())
        session.run_async().result()
        assert session.result is not None
        total = session.result.totals[-1]
    assert [event.name for event in told] == ["small"] * 4
    assert [event.count is None for event in told] == [True, False] * 2
    assert told[-1].count == total
    assert told[-1].unit == session.result.unit


def test_callbacks_of_nodes(artifact: deployopt.Artifact):
    told: list[tuple[str, str, bool]] = []

    def tell(event: Event) -> None:
        told.append((event.name, event.op, event.count is None))

    with artifact.session() as session:
        session.add_callbacks(tell, tell, nodes=True)
        assert is_right(session, 0)
        assert [starts for _, _, starts in told] == [True, False] * (len(told) // 2)
        nodes = list(dict.fromkeys((name, op) for name, op, _ in told))
        assert nodes == [("conv", "Conv"), ("matmul", "MatMul")]
        before = len(told)
        session.benchmark(repeat=1, number=2)
        assert len(told) == before


def test_callbacks_of_two_threads(artifact: deployopt.Artifact):
    """Both stand in the same function of the same library at the same time."""
    meeting = threading.Barrier(2, timeout=60)

    def work(seed: int) -> bool:
        told: list[int] = []

        def meet(event: Event) -> None:
            meeting.wait()
            told.append(threading.get_ident())

        with artifact.session(profile=True) as session:
            session.add_callbacks(meet, meet, nodes=True)
            right = is_right(session, seed)
            assert session.result is not None
            (steps,) = session.result.steps
        assert told == [threading.get_ident()] * 2 * len(steps)
        return right

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, (1, 2))) == [True, True]


def test_what_a_callback_raises_ends_the_run(artifact: deployopt.Artifact):
    told: list[str] = []

    def refuse(event: Event) -> None:
        told.append(event.name)
        raise KeyError(event.name)

    with artifact.session() as session:
        session.add_callbacks(finish=refuse, nodes=True)
        for _ in range(2):
            with pytest.raises(KeyError, match="conv"):
                session(x=x())
        assert told == ["conv", "conv"]
        assert session.result is None


def test_a_callback_uses_other_sessions(artifact: deployopt.Artifact):
    with artifact.session(profile=True) as one, artifact.session() as other:
        right: list[bool] = []
        one.add_callbacks(lambda _: right.append(is_right(other, 7)), nodes=True)
        other.add_callbacks(lambda _: None, nodes=True)
        assert is_right(one, 8)
        assert right == [True] * len(right) != []
        one.add_callbacks(lambda _: one.run())
        with pytest.raises(deployopt.DeployError, match="a callback cannot use"):
            one.run()


@pytest.mark.spike
def test_no_callbacks_of_nodes_in_a_simulator():
    artifact = deployopt.compile(convolution(), "rv64gc")
    message = "nodes are not known while they run on spike"
    with (
        artifact.session() as session,
        pytest.raises(deployopt.DeployError, match=message),
    ):
        session.add_callbacks(print, nodes=True)


# A thousand.


def held() -> tuple[int, int, int, int]:
    """Descriptors, threads, processes and mapped files of this process."""
    gc.collect()  # or what tests before have left would go in between
    me = psutil.Process()
    maps = Path("/proc/self/maps").read_text(encoding="utf-8")
    mapped = {line.split()[-1] for line in maps.splitlines() if "program.elf" in line}
    return me.num_fds(), threading.active_count(), len(me.children()), len(mapped)


def resident() -> int:
    gc.collect()
    return psutil.Process().memory_info().rss


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="no /proc")
def test_a_thousand_runs_leak_nothing(
    artifact: deployopt.Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv("DEPLOYOPT_CACHE_DIR", str(tmp_path / "cache"))
    given, out = x(), np.empty((1, 5), np.float32)

    def runs(session: Session, count: int) -> None:
        for _ in range(count):
            session.set_input("x", given)
            session.run()
            session.get_output("y", out=out)
            session.run_async().result()

    before = held()
    with artifact.session(profile=True) as session:
        runs(session, 200)
        during, size = held(), resident()
        assert during[-1] == before[-1] + 1
        runs(session, 1000)
        assert held() == during
        assert resident() - size < 4 * MEGABYTE
    assert held() == before
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]


def test_many_sessions_leak_nothing(
    artifact: deployopt.Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)

    def sessions(count: int) -> None:
        for seed in range(count):
            with artifact.session() as session:
                session(x=x(seed))

    sessions(3)
    before, size = held(), resident()
    sessions(60)
    assert held() == before
    assert resident() - size < 8 * MEGABYTE
    assert list(tmp_path.iterdir()) == []


@pytest.mark.spike
def test_runs_in_a_simulator_leave_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    artifact = deployopt.compile(convolution(), "rv32imfc")
    need(artifact.machine, "spike")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with artifact.session() as session:
        session(x=x())
        before, files = held(), list(tmp_path.rglob("*"))
        for seed in range(10):
            assert is_right(session, seed)
        assert held() == before
        assert list(tmp_path.rglob("*")) == files
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_tells_no_arenas(artifact: deployopt.Artifact):
    manifest = {k: v for k, v in artifact.manifest.items() if k != "arenas"}
    files = {**artifact.files, "manifest.json": json.dumps(manifest)}
    with deployopt.Artifact(files).session() as session:
        assert is_right(session, 5)  # in a process of its own
        assert session.benchmark(repeat=1, number=3).unit == "s"
        with pytest.raises(deployopt.DeployError, match="nodes are not known while"):
            session.add_callbacks(print, nodes=True)


def test_what_fails_leaves_nothing(
    artifact: deployopt.Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    files = {**artifact.files, "small.c": "#error no program\n"}
    monkeypatch.setenv("DEPLOYOPT_CACHE_DIR", str(tmp_path / "cache"))
    with deployopt.Artifact(files).session() as session:
        session.set_input("x", x())
        with pytest.raises(deployopt.DeployError, match="no program"):
            session.run()
    assert os.listdir(tmp_path) == ["cache"]
    kept = list((tmp_path / "cache" / "builds").glob("*/*"))
    assert {path.name for path in kept} <= {"object.o"}, "sources that all share"
