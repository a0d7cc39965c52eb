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

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import Artifact, compile, load
    from .artifact.session import Session
    from .errors import DeployError
    from .execution.runtime_files import get_include

__version__ = "0.1.0"

__all__ = ["Artifact", "DeployError", "Session", "compile", "get_include", "load"]

_PLACES = {
    "Artifact": "api",
    "DeployError": "errors",
    "Session": "artifact.session",
    "compile": "api",
    "get_include": "execution.runtime_files",
    "load": "api",
}


def __getattr__(name: str) -> Any:
    """Loads the part of the compiler that `name` is in, when it is first asked for."""
    from importlib import import_module

    if name not in _PLACES:
        raise AttributeError(f"module 'deployopt' has no attribute {name!r}")
    return getattr(import_module(f".{_PLACES[name]}", __name__), name)
