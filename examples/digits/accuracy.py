"""
Accuracy on the 360 test images: onnxruntime against the compiled program.

    python accuracy.py [MACHINE]

Needs onnxruntime. MACHINE is `rv64gcv` unless given.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import deployopt
import numpy as np

HERE = Path(__file__).parent


def main() -> None:
    """Prints one line per model."""
    import onnxruntime  # pyright: ignore[reportMissingTypeStubs]

    machine = sys.argv[1] if len(sys.argv) > 1 else "rv64gcv"
    data = np.load(HERE / "test.npz")
    images = (data["images"] / np.float32(16)).astype(np.float32)[:, None]
    for name in ("digits", "digits_int8"):
        path = HERE / f"{name}.onnx"
        reference: Any = onnxruntime.InferenceSession(path)
        expected = [reference.run(None, {"image": image})[0] for image in images]
        with deployopt.compile(path, machine).session() as session:
            results = session.run_many([{"image": image} for image in images])
        found = [outputs[0] for outputs in results]
        worst = max(np.abs(a - b).max() for a, b in zip(expected, found, strict=True))
        rights = [
            int((np.concatenate(outputs).argmax(axis=1) == data["labels"]).sum())
            for outputs in (expected, found)
        ]
        print(
            f"{name}: of {len(images)} images onnxruntime has {rights[0]} right, "
            f"the program for {machine} on {session.runner} {rights[1]}; "
            f"probabilities differ by at most {worst:.1g}"
        )


if __name__ == "__main__":
    main()
