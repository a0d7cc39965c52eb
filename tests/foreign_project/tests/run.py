"""A layer compiled by way of deployopt, run on this computer, against numpy."""

from __future__ import annotations

import ctypes
import subprocess
import sys
import tempfile
from pathlib import Path

import deployopt
import numpy as np
from toyc import compile_to_c

LAYER = Path(__file__).with_name("scaled_sum.mlir")


def library(source: str, folder: Path) -> ctypes.CDLL:
    """The C text as a library in `folder`."""
    file, built = folder / "layer.c", folder / "layer.so"
    file.write_text(source)
    include = f"-I{deployopt.get_include()}"
    options = ("-std=c11", "-O2", "-ffp-contract=off", "-march=native", "-fPIC")
    command = ("cc", *options, include, "-shared", "-o", built, file, "-lm")
    subprocess.run(command, check=True)
    return ctypes.CDLL(str(built))


def main() -> None:
    """Exits with a message when the numbers differ."""
    random = np.random.default_rng(0)
    shapes = ((8, 16), (16, 32), (8, 32))
    x, w, b = (random.standard_normal(s).astype(np.float32) for s in shapes)
    y = np.empty((8, 32), np.float32)
    pointer = ctypes.POINTER(ctypes.c_float)
    with tempfile.TemporaryDirectory() as folder:
        run = library(compile_to_c(LAYER.read_text(), "host"), Path(folder)).model_run
        status = run(*(array.ctypes.data_as(pointer) for array in (x, w, b, y)))
    want = np.float32(0.5) * (x @ w) + b
    error = np.abs(y - want).max() / np.abs(want).max()
    if status or not error <= 1e-5:
        sys.exit(f"wrong: status {status}, error {error}")
    print(f"right: error {error:.1e}")


if __name__ == "__main__":
    main()
