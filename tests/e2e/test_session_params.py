"""Sessions with parameters that the model has not, and with those of another one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import deployopt
import numpy as np
import pytest
from deployopt.artifact.session import Session
from onnx import ModelProto, numpy_helper
from session_models import Array, differences, expected, x
from small_models import convolution, weights

NEW = {"w": weights((4, 2, 3, 3), 11), "dense": weights((64, 5), 12)}
"""Other values for two of three initializers."""


def replaced(params: Mapping[str, Array]) -> ModelProto:
    """The model with other initializers, without the code under test."""
    model = convolution()
    for tensor in model.graph.initializer:
        if tensor.name in params:
            new = numpy_helper.from_array(params[tensor.name], tensor.name)
            tensor.CopyFrom(new)
    return model


def is_right(session: Session, model: ModelProto | None = None) -> bool:
    wanted = {"y": expected(x(), model)["y"]}
    return not differences(session(x=x()), wanted)


def images(cache: Path) -> int:
    return len(list((cache / "builds").glob("*/program.elf")))


def test_parameters_are_loaded_and_shared(
    artifact: deployopt.Artifact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DEPLOYOPT_CACHE_DIR", str(tmp_path))
    with artifact.session() as one, artifact.session() as other:
        assert is_right(one)
        assert is_right(other)
        assert images(tmp_path) == 1
        one.load_params(NEW)
        with pytest.raises(deployopt.DeployError, match="run the session before"):
            one.get_output("y")
        assert is_right(one, replaced(NEW))
        assert is_right(other)  # keeps its own
        other.share_params(one)
        assert is_right(other, replaced(NEW))
        assert images(tmp_path) == 2
        if artifact.machine.is_native:
            assert mapped(tmp_path) == 1
        one.load_params({"w": -NEW["w"]})  # the others stay
        assert is_right(one, replaced({**NEW, "w": -NEW["w"]}))
        assert is_right(other, replaced(NEW))
    assert is_right_again(artifact)


def is_right_again(artifact: deployopt.Artifact) -> bool:
    with artifact.session() as session:
        return is_right(session)


def mapped(cache: Path) -> int:
    """Libraries of a cache in the memory of this process."""
    lines = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    found = {line.split()[-1] for line in lines if str(cache) in line}
    return len(found)


def test_decisions_are_kept(host: deployopt.Artifact):
    other = host.with_params(NEW)
    assert {**other.plan, "model": ""} == {**host.plan, "model": ""}
    assert other.manifest["memory"] == host.manifest["memory"]
    assert other.files["small_weights.h"] == host.files["small_weights.h"]
    assert other.files["small_weights.c"] != host.files["small_weights.c"]


@pytest.mark.parametrize("value", [0.0, np.inf])
def test_values_that_change_what_is_compiled(host: deployopt.Artifact, value: float):
    w = NEW["w"].copy()
    w[1] = value
    with host.session() as session:
        session.load_params({"w": w})
        assert is_right(session, replaced({"w": w}))


def test_parameters_in_a_file(host: deployopt.Artifact, tmp_path: Path):
    np.savez(tmp_path / "new.npz", allow_pickle=False, **NEW)
    with host.session() as session:
        session.load_params(tmp_path / "new.npz")
        assert is_right(session, replaced(NEW))
        with pytest.raises(deployopt.DeployError, match="no such file"):
            session.load_params(tmp_path / "old.npz")


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        (
            "denze",
            NEW["dense"],
            "denze: expected one of the initializers of the model, "
            "got none of that name; the closest is 'dense'",
        ),
        ("conv_out", NEW["dense"], "conv_out: expected one of the initializers"),
        (
            "w",
            NEW["w"].astype(np.float64),
            "w: expected float32 of shape [4, 2, 3, 3], got float64",
        ),
        ("w", NEW["w"][0], "got float32 of shape [2, 3, 3]"),
        ("w", NEW["w"].tolist(), "w: expected a numpy array, got list"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(
    host: deployopt.Artifact, name: str, array: Any, message: str
):
    with host.session() as session:
        with pytest.raises(deployopt.DeployError, match=re.escape(message)):
            session.load_params({"dense": NEW["dense"], name: array})
        assert is_right(session)  # nothing has changed


def test_sessions_of_other_models_share_nothing(host: deployopt.Artifact):
    simulated = deployopt.compile(convolution(), "rv64gc")
    named = deployopt.compile(convolution(), options={"name": "net"})
    with host.session() as session:
        for other, what in ((simulated, "other machine"), (named, "other name")):
            with (
                other.session() as theirs,
                pytest.raises(
                    deployopt.DeployError, match=f"model on machine host, got {what}"
                ),
            ):
                session.share_params(theirs)
        with pytest.raises(deployopt.DeployError, match="a session, got NoneType"):
            session.share_params(None)  # pyright: ignore[reportArgumentType]
        with pytest.raises(deployopt.DeployError, match="an npz file, got NoneType"):
            session.load_params(None)  # pyright: ignore[reportArgumentType]
        assert is_right(session)


def test_a_folder_and_its_model(tmp_path: Path):
    path = tmp_path / "small.onnx"
    path.write_bytes(convolution("N").SerializeToString())
    made = deployopt.compile(path, dims={"N": 2})
    made.save(tmp_path / "out")
    alone = deployopt.load(tmp_path / "out")
    with pytest.raises(
        deployopt.DeployError, match="artifact whose model is known"
    ) as caught:
        alone.with_params(NEW)
    assert 'deployopt.load(folder, model="model.onnx")' in str(caught.value)
    loaded = deployopt.load(tmp_path / "out", model=path)
    assert loaded == alone == made
    assert loaded.with_params(NEW) == made.with_params(NEW)
    given = x(0, 2)
    with loaded.session() as session:
        session.set_input(0, given)
        value = session.debug_get_output("relu_out")
        assert differences({"relu_out": value}, expected(given)) == []
    with pytest.raises(deployopt.DeployError, match="small: expected the model with"):
        deployopt.load(tmp_path / "out", model=convolution())
    path.write_bytes(convolution(2).SerializeToString())
    with pytest.raises(deployopt.DeployError, match="another file, or changed"):
        loaded.with_outputs(["relu_out"])
