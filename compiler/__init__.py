"""
deployopt: a deployment compiler for small RISC-V machines.

`compile` turns an ONNX model into an artifact, `load` reads one back, and an artifact's
`session` runs it. Importing the package is cheap; the compiler is loaded on first use.
"""

from __future__ import annotations

if __name__ != "deployopt":
    raise ImportError(
        f"this package must be imported as 'deployopt', got '{__name__}': "
        "under another name every class would exist twice"
    )

__version__ = "0.1.0"
