"""`nn` on arrays: a network as it was written."""

from __future__ import annotations

from xdsl.interpreter import InterpreterFunctions

from .base import NNBaseFunctions
from .elementwise import NNElementwiseFunctions, NNNamedFunctions, plugin_functions
from .producers import NNProducerFunctions
from .quantization import NNQuantizationFunctions
from .shaping import NNShapingFunctions
from .taking import NNTakingFunctions

FUNCTIONS: tuple[type[InterpreterFunctions], ...] = (
    NNBaseFunctions,
    NNNamedFunctions,
    NNElementwiseFunctions,
    NNProducerFunctions,
    NNQuantizationFunctions,
    NNShapingFunctions,
    NNTakingFunctions,
)
"""One class per file of the dialect, and one for its named functions."""

__all__ = ["FUNCTIONS", "plugin_functions"]
