"""Elementary functions as arithmetic, for machines without a mathematics library."""

from .exponential import exp, exp2, expm1
from .logarithm import log, log1p, log2, log10
from .power import SIMPLE_POWERS, power, reciprocal_root
from .rational import erf, tanh
from .rounding import ceil, copy_sign, floor, round_away, round_even, trunc
from .scalars import Scalar

__all__ = [
    "SIMPLE_POWERS",
    "Scalar",
    "ceil",
    "copy_sign",
    "erf",
    "exp",
    "exp2",
    "expm1",
    "floor",
    "log",
    "log1p",
    "log2",
    "log10",
    "power",
    "reciprocal_root",
    "round_away",
    "round_even",
    "tanh",
    "trunc",
]
