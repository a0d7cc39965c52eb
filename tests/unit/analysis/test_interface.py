"""The caller's tensors against the model's, by numbers that can be added up."""

from __future__ import annotations

import numpy as np
import pytest
from deployopt.analysis.interface import Border, Quantization, Written
from deployopt.analysis.interface_choices import Choices, Interface
from deployopt.errors import DeployError, UsageError

HALVES = Quantization("int8", 0.5, 3)
IMAGE = Border("x", "int8", (1, 2, 2, 3), "nhwc", HALVES, Written("float32", "nchw"))


def test_integers_and_channels_last_become_reals_and_channels_first():
    given = np.arange(12, dtype=np.int8).reshape(1, 2, 2, 3)
    model = IMAGE.to_model(given)
    assert (model.dtype, model.shape) == (np.float32, (1, 3, 2, 2))
    assert IMAGE.written_shape == (1, 3, 2, 2)
    assert model[0, 2, 0, 1] == (given[0, 0, 1, 2] - 3) * 0.5 == 1.0
    assert np.array_equal(IMAGE.to_caller(model), given)


def test_reals_are_rounded_to_even_and_saturated():
    reals = np.array([0.25, 0.75, -1.0, 1000, -1000], np.float32)
    assert HALVES.quantized(reals).tolist() == [3, 5, 1, 127, -128]


def test_a_step_is_what_one_integer_means():
    reals = Border("y", "float32", (4,), None, HALVES, Written("int8", None))
    assert (IMAGE.step, reals.step, Border("z", "int8", (4,)).step) == (1.0, 0.5, 0.0)


def test_a_manifest_gives_it_back():
    assert Border.of_entry(IMAGE.entry()) == IMAGE
    plain = Border("z", "float32", (1, 4))
    assert plain.entry() == {"name": "z", "dtype": "float32", "shape": [1, 4]}
    assert Border.of_entry(plain.entry()) == plain


def test_words_for_all_and_for_one():
    found = Choices.of(["int8", "a=b=uint8"], ("int8", "uint8"))
    assert (dict(found.named), found.others) == ({"a=b": "uint8"}, ("int8",))
    with pytest.raises(DeployError, match="inputs and outputs x, got 'a=b'"):
        found.check_names(["x"])


@pytest.mark.parametrize("types", [["int7"], ["=int8"], [3], 3, {"x": "int9"}])
def test_words_that_nobody_knows(types: object):
    with pytest.raises(UsageError):
        Interface.of(types, None)


def test_words_by_name_are_spelled_as_in_the_ir():
    assert Interface.of({"π": "int8"}, "nhwc").types == ("\\u03c0=int8",)
