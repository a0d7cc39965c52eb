"""Fixed-point rounding against exact fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from deployopt.interpreters import run_module
from deployopt.transforms.nn.accumulators import Bounds
from deployopt.transforms.nn.affine_form import Integer, Term, numbers
from deployopt.transforms.nn.arrays import Array
from deployopt.transforms.nn.fixed_point import rounding
from deployopt.transforms.nn.multipliers import Rounding
from deployopt.universe import all_passes, new_context
from xdsl.dialects.builtin import ModuleOp, i32
from xdsl.ir import Block
from xdsl.parser import Parser

RATE = 1e-4
"""The part of all results that may be off by one, for real scales."""


def term(factor: Fraction, low: int, high: int) -> Term:
    """`factor` times an integer of some range."""
    argument = Block(arg_types=[i32]).args[0]
    return Term(Integer(argument, Bounds(low, high)), numbers(factor))


def evaluated(how: Rounding, integers: list[Array]) -> Array:
    """What a rounding gives, in Python integers."""
    total = numbers(0)
    ups = how.scaled_up or (0,) * len(integers)
    for multiplier, values, up in zip(how.multipliers, integers, ups, strict=True):
        product = multiplier * (values.astype(object) << up)
        total = total + (product if how.scaled_up is None else product >> 32)
    total = numbers(total + how.constant)
    assert all(-(1 << 31) <= v < 1 << 31 for v in total) or how.width == 64
    if how.tie_bits is not None:
        total = total + ((total >> how.shift) & 1) * (1 << how.tie_bits)
    return total >> how.shift


def exact(factors: list[Fraction], constant: Fraction, integers: list[Array]) -> Array:
    """The sum of products rounded half to even."""
    columns = zip(*(values.tolist() for values in integers), strict=True)
    sums = [
        sum((f * n for f, n in zip(factors, row, strict=True)), constant)
        for row in columns
    ]
    return np.array([round(value) for value in sums], dtype=object)


@pytest.mark.parametrize("seed", range(40))
def test_random_scales(seed: int):
    random = np.random.default_rng(seed)
    scale = np.float32(2.0 ** random.uniform(-24, -2))
    reach = int(min(2**31 - 1, 300 / float(scale)))
    factor = Fraction(float(scale)) * Fraction(float(np.float32(random.random() + 0.5)))
    how = rounding([term(factor, -reach, reach)], numbers(Fraction(0)))
    assert how is not None
    assert how.width == 32
    integers = random.integers(-reach, reach + 1, 2000)
    off = np.abs(evaluated(how, [integers]) - exact([factor], Fraction(0), [integers]))
    assert off.max() <= 1
    assert (off > 0).mean() <= RATE


@pytest.mark.parametrize(
    "factor",
    [
        Fraction(1, 2),
        Fraction(3, 16),
        Fraction(1, 36),
        Fraction(5, 6),
        Fraction(7, 100),
    ],
)
def test_every_tie_of_a_simple_fraction(factor: Fraction):
    how = rounding([term(factor, -5000, 5000)], numbers(Fraction(0)))
    assert how is not None
    integers = np.arange(-5000, 5001)
    expected = exact([factor], Fraction(0), [integers])
    assert np.array_equal(evaluated(how, [integers]), expected)


def test_a_whole_factor_needs_no_shift():
    how = rounding([term(Fraction(3), -10, 10)], numbers(Fraction(2)))
    assert how is not None
    assert (how.shift, how.tie_bits, how.width) == (0, None, 32)


@pytest.mark.parametrize("seed", range(10))
def test_sums_of_two(seed: int):
    random = np.random.default_rng(seed)
    drawn = random.uniform(0.01, 2, 3).astype(np.float32)
    factors = [Fraction(float(value)) for value in drawn[:2]]
    constant = Fraction(float(drawn[2]))
    terms = [term(factor, -255, 255) for factor in factors]
    how = rounding(terms, numbers(constant))
    assert how is not None
    integers = [random.integers(-255, 256, 2000) for _ in range(2)]
    off = np.abs(evaluated(how, integers) - exact(factors, constant, integers))
    assert off.max() <= 1
    assert (off > 0).mean() <= RATE


def test_refuses_what_64_bits_cannot_hold():
    big = (1 << 40) - 1
    terms = [term(Fraction(1, 3), -big, big), term(Fraction(1 << 30), -big, big)]
    assert rounding(terms, numbers(Fraction(0))) is None


SCALES = """
func.func @run(%x: tensor<8x3xi32> {{deploy.name = "x", deploy.dtype = "int32"}})
    -> (tensor<8x3xi8> {{deploy.name = "y", deploy.dtype = "int8"}}) {{
  %r = nn.dequantize(%x) {{scale = dense<{scales}> : tensor<3xf32>, axis = 1 : i64}}
      : (tensor<8x3xi32>) -> tensor<8x3xf32>
  %q = nn.quantize(%r) {{scale = dense<0.0417> : tensor<f32>,
      zero_point = dense<-3> : tensor<i8>}} : (tensor<8x3xf32>) -> tensor<8x3xi8>
  func.return %q : tensor<8x3xi8>
}}
"""

PASSES = ("nn-generalize-quantization", "nn-fuse-elementwise", "nn-integerize")


def integer_module(scales: Array) -> ModuleOp:
    """A requantisation per channel, by integers."""
    ctx, table = new_context(), all_passes()
    text = SCALES.format(scales=[float(scale) for scale in scales])
    module = Parser(ctx, text).parse_module()
    for name in PASSES:
        table[name]()().apply(ctx, module)
    assert "arith.mulf" not in str(module)
    return module


@pytest.mark.parametrize("seed", range(10))
def test_channels_of_very_different_scale(seed: int):
    random = np.random.default_rng(seed)
    scales = (2.0 ** random.uniform(-16, -6, 3)).astype(np.float32)
    module = integer_module(scales)
    reach = (4 / scales).astype(np.int64)
    x = random.integers(-reach, reach + 1, (8, 3)).astype(np.int32)
    (got,) = run_module(module, [x])
    unit = Fraction(float(np.float32(0.0417)))
    for column, scale in enumerate(scales):
        factor = Fraction(float(scale)) / unit
        wanted = [round(factor * int(n)) - 3 for n in x[:, column]]
        off = np.abs(got[:, column].astype(int) - np.clip(wanted, -128, 127))
        assert off.max() <= 1
