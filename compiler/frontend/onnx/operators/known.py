"""What import takes without a handler of its own, with limits in a few words."""

from __future__ import annotations

BY_DEFINITION = "by its definition in simpler operators"

COMPOSITES: dict[str, str] = dict.fromkeys(
    (
        "Celu",
        "Elu",
        "GroupNormalization",
        "MeanVarianceNormalization",
        "Mish",
        "RMSNormalization",
        "Selu",
        "Shrink",
        "Softsign",
        "Swish",
        "ThresholdedRelu",
    ),
    BY_DEFINITION,
)
"""Operators that ONNX defines by others we take."""

FOLDED: dict[str, str] = {
    "Constant": "no strings",
    "ConstantOfShape": "constant shape",
    "If": "constant condition",
    "Range": "constant limits",
    "Shape": "computed at compile time",
    "Size": "computed at compile time",
    "any other operator": "constant inputs",
}
"""Operators whose results are known at compile time."""
