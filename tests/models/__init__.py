"""Small ONNX models, each about one thing; all under 20,000 multiply-adds."""

from . import convolutions, elementwise, products, quantized, shaping
from .graph import BUILDERS, Array, build, together

__all__ = [
    "BUILDERS",
    "Array",
    "build",
    "convolutions",
    "elementwise",
    "products",
    "quantized",
    "shaping",
    "together",
]
