"""
Every pass keeps the meaning: interpreted after each one, a module agrees with
onnxruntime on its model.

Whole operations in numpy down to tile; below, one scalar at a time, on models small
enough for that.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from agreement import example_models, first_disagreement
from models import BUILDERS, build
from onnx import ModelProto

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.mark.parametrize("name", BUILDERS)
def test_small_model(name: str) -> None:
    assert first_disagreement(build(name), "vectorize") is None


@pytest.mark.parametrize("path", example_models(EXAMPLES), ids=lambda path: path.stem)
def test_example(path: Path) -> None:
    model = ModelProto.FromString(path.read_bytes())
    assert first_disagreement(model, "tile") is None
