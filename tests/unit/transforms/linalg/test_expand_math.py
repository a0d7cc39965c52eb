"""The expansions against numpy's float64, over all of float32, with their bounds."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from deployopt.interpreters import run_module
from deployopt.transforms.linalg.expand_math import LinalgExpandMathPass
from xdsl.context import Context
from xdsl.dialects import get_all_dialects
from xdsl.parser import Parser

Array = npt.NDArray[Any]

STRIDE = 3989
"""Every so many-th bit pattern is tried: a million floats, a prime apart."""

DENORMALS = [1e-45, -1e-45, 1e-39]
LIMITS = [1.1754944e-38, 3.4e38, -3.4e38, 88.72, 88.73, -103.9, -104.1]
PLAIN = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, -0.5]
EDGES = [*PLAIN, *DENORMALS, *LIMITS, math.inf, -math.inf, math.nan]


def expanded(
    operation: str, operands: int = 1, type: str = "f32"
) -> Callable[..., Array]:
    """A scalar operation on %x (and %y), expanded, as a function of whole arrays."""
    context = Context()
    for name, factory in get_all_dialects().items():
        context.register_dialect(name, factory)

    def call(*arrays: Array) -> Array:
        tensor = f"tensor<{arrays[0].size}x{type}>"
        names = ("x", "y")[:operands]
        maps = ", ".join(["affine_map<(d) -> (d)>"] * (operands + 1))
        text = f"""
        func.func @run({", ".join(f"%t{n} : {tensor}" for n in names)}) -> {tensor} {{
          %e = tensor.empty() : {tensor}
          %r = linalg.generic {{
            indexing_maps = [{maps}], iterator_types = ["parallel"]}}
            ins({", ".join(f"%t{n}" for n in names)} : {", ".join([tensor] * operands)})
            outs(%e : {tensor}) {{
          ^bb0({", ".join(f"%{n} : {type}" for n in names)}, %out : {type}):
            {operation}
            linalg.yield %v : {type}
          }} -> {tensor}
          func.return %r : {tensor}
        }}"""
        module = Parser(context, text).parse_module()
        LinalgExpandMathPass().apply(context, module)
        module.verify()
        left = {op.name for op in module.walk() if op.dialect_name() == "math"}
        assert left <= {"math.absf", "math.sqrt"}
        return run_module(module, arrays)[0]

    return call


def every_float() -> Array:
    """Bit patterns all over float32, with the edges."""
    bits = np.arange(0, 2**32, STRIDE, dtype=np.uint64).astype(np.uint32)
    return np.concatenate([bits.view(np.float32), np.array(EDGES, "f")])


def ulps(got: Array, exact: Array) -> Array:
    """The distance to the float64 reference in units of the last place of float32."""
    with np.errstate(all="ignore"):
        nearest = exact.astype(np.float32)
        unit = np.spacing(np.abs(nearest)).astype(np.float64)
        distance = np.abs(got.astype(np.float64) - exact) / unit
    same = (got == nearest) | (np.isnan(got) & np.isnan(exact))
    plain = np.isfinite(nearest) & np.isfinite(got)
    return np.where(plain, distance, np.where(same, 0.0, np.inf))


def error_function(x: Array) -> Array:
    return np.asarray(np.frompyfunc(math.erf, 1, 1)(x)).astype(np.float64)


def reciprocal_root(x: Array) -> Array:
    return 1.0 / np.sqrt(x)


class Function(NamedTuple):
    reference: Callable[[Array], Array]
    ulps: float


FUNCTIONS = {
    "exp": Function(np.exp, 1.8),
    "exp2": Function(np.exp2, 1.1),
    "expm1": Function(np.expm1, 3.0),
    "log": Function(np.log, 1.5),
    "log2": Function(np.log2, 2.5),
    "log10": Function(np.log10, 2.5),
    "log1p": Function(np.log1p, 3.0),
    "tanh": Function(np.tanh, 7.0),
    "erf": Function(error_function, 7.0),
    "rsqrt": Function(reciprocal_root, 1.6),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_error_bound(name: str) -> None:
    x = every_float()
    got = expanded(f"%v = math.{name} %x : f32")(x)
    with np.errstate(all="ignore"):
        exact = FUNCTIONS[name].reference(x.astype(np.float64))
    error = ulps(got, exact)
    worst = error.argmax()
    assert error[worst] <= FUNCTIONS[name].ulps, (x[worst], got[worst], exact[worst])


@pytest.mark.parametrize("name", ["tanh", "erf"])
def test_levels_off(name: str) -> None:
    x = np.linspace(3.9, 20, 200_001).astype("f")
    call = expanded(f"%v = math.{name} %x : f32")
    positive, negative = call(x), call(-x)
    assert (positive == -negative).all()
    assert positive.max() == 1.0
    assert (positive[x >= 9.02] == 1.0).all()


@pytest.mark.parametrize("name", ["tanh", "erf"])
def test_absolute_error(name: str) -> None:
    x = np.linspace(-10, 10, 1_000_001).astype("f")
    exact = FUNCTIONS[name].reference(x.astype(np.float64))
    assert np.abs(expanded(f"%v = math.{name} %x : f32")(x) - exact).max() < 4e-7


def round_away(x: Array) -> Array:
    whole = np.trunc(x)
    return np.copysign(whole + np.where(np.abs(x - whole) >= 0.5, np.sign(x), 0), x)


ROUNDINGS: dict[str, Callable[[Array], Array]] = {
    "floor": np.floor,
    "ceil": np.ceil,
    "trunc": np.trunc,
    "roundeven": np.rint,
    "round": round_away,
}


@pytest.mark.parametrize("type", ["f32", "f64"])
@pytest.mark.parametrize("name", ROUNDINGS)
def test_roundings_are_exact(name: str, type: str) -> None:
    dtype, limit = {"f32": (np.float32, 2.0**23), "f64": (np.float64, 2.0**52)}[type]
    halves = np.arange(-40, 40, 0.5)
    near = np.concatenate([np.nextafter(halves.astype(dtype), d) for d in (-99, 99)])
    large = [limit, limit / 2 - 0.5, limit / 2 + 0.5, limit - 0.5, limit + 1]
    floats = every_float()
    parts = [halves, near, large, np.negative(large)]
    with np.errstate(all="ignore"):  # widening a signalling NaN is invalid
        x = np.concatenate([p.astype(dtype) for p in (*map(np.array, parts), floats)])
        exact = ROUNDINGS[name](x)
    got = expanded(f"%v = math.{name} %x : {type}", type=type)(x)
    bits = f"uint{8 * x.itemsize}"
    same = (got.view(bits) == exact.view(bits)) | (np.isnan(got) & np.isnan(exact))
    assert same.all(), (x[~same][:3], got[~same][:3])


def test_copysign_is_exact() -> None:
    a, b = np.array([*product(EDGES, EDGES)], "f").T.copy()
    got = expanded("%v = math.copysign %x, %y : f32", 2)(a, b)
    assert (got.view("uint32") == np.copysign(a, b).view("uint32")).all()


SPECIAL = [*EDGES, 2.5, -2.5, 3.0, -3.0, -7.0, 2.0**24, 2.0**24 - 1, 1 - 2.0**-24]


def test_power_by_the_rules_of_c() -> None:
    x, y = np.array([*product(SPECIAL, SPECIAL)], "f").T.copy()
    got = expanded("%v = math.powf %x, %y : f32", 2)(x, y)
    with np.errstate(all="ignore"):
        exact = np.float_power(x.astype(np.float64), y.astype(np.float64))
    assert ulps(got, exact).max() <= 0.51
    signs = np.signbit(got) == np.signbit(exact)
    assert (signs | np.isnan(exact)).all()


def test_power_error_bound() -> None:
    random = np.random.default_rng(7)
    x = np.exp(random.uniform(-87, 88, 1_000_000)).astype("f")
    y = (random.uniform(-103, 88, x.size) / np.log(x.astype(float))).astype("f")
    signed = random.uniform(-9, 9, 200_000).astype("f")
    whole = random.integers(-30, 30, signed.size).astype("f")
    x, y = np.concatenate([x, signed]), np.concatenate([y, whole])
    with np.errstate(all="ignore"):
        exact = np.float_power(x.astype(np.float64), y.astype(np.float64))
    assert ulps(expanded("%v = math.powf %x, %y : f32", 2)(x, y), exact).max() <= 0.51


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0, 3.0, -1.0, 0.5])
def test_constant_exponents(exponent: float) -> None:
    x = every_float()
    constant = f"%c = arith.constant {exponent:e} : f32"
    got = expanded(f"{constant}\n%v = math.powf %x, %c : f32")(x)
    with np.errstate(all="ignore"):
        exact = np.float_power(x.astype(np.float64), exponent)
    finite = np.abs(exact) >= 2.0**-126
    assert ulps(got, exact)[finite | (exact == 0) | np.isnan(exact)].max() <= 1.5
    assert (np.signbit(got) == np.signbit(exact))[~np.isnan(exact)].all()


def test_half_goes_through_single() -> None:
    x = np.arange(2**16, dtype=np.uint16).view(np.float16)
    got = expanded("%v = math.exp %x : f16", type="f16")(x)
    with np.errstate(all="ignore"):
        exact = np.exp(x.astype(np.float64)).astype(np.float16)
    same = (got == exact) | (np.isnan(got) & np.isnan(exact))
    assert got.dtype == np.float16
    assert (~same).mean() < 1e-3  # ties that float32 rounds the other way
