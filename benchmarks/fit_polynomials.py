"""
Fits the polynomials of `compiler/transforms/linalg/scalar_math` and prints the table.

    python benchmarks/fit_polynomials.py > \\
        compiler/transforms/linalg/scalar_math/coefficients.py

Each fit minimises the largest weighted error on Chebyshev nodes by iteratively
reweighted least squares (C. L. Lawson, 1961); a rational function is linearised around
its last denominator (C. K. Sanathanan and J. Koerner, 1963). Coefficients are rounded
to their type one by one, the lowest first, and the others are fitted again to what is
left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import erf
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating[Any]]
Rounding = Callable[[float], float]

ROUNDS = 200
NODES = 4000


def single(value: float) -> float:
    """`value` as float32 has it."""
    return float(np.float32(value))


def nodes(low: float, high: float) -> Array:
    """Chebyshev nodes of an interval."""
    angles = np.pi * (np.arange(NODES) + 0.5) / NODES
    return (low + high) / 2 + (high - low) / 2 * np.cos(angles)


def solution(rows: Array, target: Array) -> Array:
    """The least squares solution of `rows @ c = target`."""
    answer: Array = np.linalg.lstsq(rows, target, rcond=None)[0]
    return answer


def minimax(basis: Array, target: Array, weight: Array) -> Array:
    """The coefficients with the least largest `weight * |basis @ c - target|`."""
    emphasis = np.ones(len(target))
    best = np.zeros(basis.shape[1])
    least = np.inf
    for _ in range(ROUNDS):
        scale = np.sqrt(emphasis) * weight
        rows = basis * scale[:, None]
        size = np.abs(rows).max(0)
        found = solution(rows / size, target * scale) / size
        error = np.abs(weight * (basis @ found - target))
        if error.max() < least:
            best, least = found, error.max()
        emphasis *= error / error.max() + 1e-9
        emphasis /= emphasis.sum()
    return best


def rounded_fit(
    basis: Sequence[Array], target: Array, weight: Array, rounding: Rounding
) -> tuple[list[float], float]:
    """Rounded coefficients and the largest error that remains."""
    columns, rest, coefficients = np.stack(basis, 1), target, list[float]()
    for k in range(columns.shape[1]):
        best = minimax(columns[:, k:], rest, weight)
        coefficients.append(rounding(best[0]))
        rest = rest - coefficients[-1] * columns[:, k]
    return coefficients, float(np.abs(weight * rest).max())


def powers(x: Array, first: int, count: int, step: int = 1) -> list[Array]:
    """`x ** first`, `x ** (first + step)`, …"""
    return [x ** (first + step * k) for k in range(count)]


def odd_rational(
    x: Array, target: Array, sizes: tuple[int, int], fixed: float | None
) -> tuple[list[float], list[float], float]:
    """
    `x * P(x * x) / Q(x * x)` with `Q(0) = 1`, the least relative error, and that error.

    `sizes` are the degrees of P and Q; `fixed` is `P(0)` where it must be exact.
    """
    u, weight = x * x, 1 / np.abs(target)
    upper = [x * u**k for k in range(sizes[0] + 1)]
    lower = [-target * u**k for k in range(1, sizes[1] + 1)]
    known = np.zeros_like(x) if fixed is None else fixed * upper.pop(0)
    emphasis, denominator = np.ones_like(x), np.ones_like(x)
    best: tuple[list[float], list[float], float] = ([], [], np.inf)
    for _ in range(ROUNDS):
        scale = np.sqrt(emphasis) * weight / denominator
        rows = np.stack(upper + lower, 1) * scale[:, None]
        size = np.abs(rows).max(0)
        answer = solution(rows / size, (target - known) * scale) / size
        found = [single(c) for c in answer.tolist()]
        p = ([] if fixed is None else [fixed]) + found[: len(upper)]
        q = [1.0, *found[len(upper) :]]
        denominator = np.polyval(q[::-1], u)
        error = np.abs(x * np.polyval(p[::-1], u) / denominator / target - 1)
        if error.max() < best[2]:
            best = (p, q, float(error.max()))
        emphasis *= error / error.max() + 1e-6
        emphasis /= emphasis.sum()
    return best


def show(name: str, values: Sequence[float], about: str) -> None:
    """Prints one constant of the table."""
    lines = "".join(f"    {value!r},\n" for value in values)
    print(f'\n{name} = (\n{lines})\n"""{about}"""')


def exponentials() -> None:
    """`exp` and `exp2` in float32, `exp2` in float64."""
    r = nodes(-0.6933, 0.6933)
    found, error = rounded_fit(powers(r, 2, 6), np.expm1(r) - r, np.exp(-r), single)
    show("EXP", found, f"`(exp(r) - 1 - r) / r**2`, |r| <= ln(2); {error:.1e}.")
    r = nodes(-0.5, 0.5)
    value = np.exp2(r)
    found, error = rounded_fit(powers(r, 1, 6), value - 1, 1 / value, single)
    show("EXP2", found, f"`(2**r - 1) / r`, |r| <= 1/2; {error:.1e}.")
    found, error = rounded_fit(powers(r, 0, 9), value, 1 / value, float)
    show("EXP2_DOUBLE", found, f"`2**r`, |r| <= 1/2, in float64; {error:.1e}.")


def logarithms() -> None:
    """`log` in float32, `log2` in float64."""
    f = nodes(0.5**0.5 - 1, 2**0.5 - 1)
    f = f[np.abs(f) > 1e-4]
    value = np.log1p(f)
    target, weight = value - f + f * f / 2, 1 / np.abs(value)
    found, error = rounded_fit(powers(f, 3, 8), target, weight, single)
    about = "`(log(1 + f) - f + f**2/2) / f**3`, sqrt(1/2) <= 1 + f <= sqrt(2); "
    show("LOG", found, f"{about}{error:.1e}.")
    s = nodes(1e-3, 0.1717)
    value = 2 * np.arctanh(s) / np.log(2)
    found, error = rounded_fit(powers(s, 1, 6, 2), value, 1 / value, float)
    show("LOG2_DOUBLE", found, f"`log2((1+s)/(1-s)) / s` in `s*s`; {error:.1e}.")


def sigmoids() -> None:
    """`tanh` and `erf` in float32."""
    x = nodes(1e-3, 9.1)
    p, q, error = odd_rational(x, np.tanh(x), (5, 4), 1.0)
    show("TANH_UPPER", p, f"`tanh(x) = x * P(x*x) / Q(x*x)`, |x| <= 9.1; {error:.1e}.")
    show("TANH_LOWER", q, "Q of tanh.")
    x = nodes(1e-3, 4.0)
    values: Any = np.vectorize(erf)(x)
    p, q, error = odd_rational(x, values, (5, 5), None)
    show("ERF_UPPER", p, f"`erf(x) = x * P(x*x) / Q(x*x)`, |x| <= 4; {error:.1e}.")
    show("ERF_LOWER", q, "Q of erf.")


def main() -> None:
    """Prints the module."""
    print('"""Coefficients, lowest first; printed by benchmarks/fit_polynomials.py."""')
    exponentials()
    logarithms()
    sigmoids()


if __name__ == "__main__":
    main()
