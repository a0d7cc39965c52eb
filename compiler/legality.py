"""The dialects, or single operations, that may be there after each phase."""

from __future__ import annotations

NETWORK = frozenset({"builtin", "func", "arith", "math", "nn"})

SCALAR = frozenset(
    {
        "builtin",
        "func",
        "arith",
        "math.absf",
        "math.absi",
        "math.ceil",
        "math.copysign",
        "math.floor",
        "math.fma",
        "math.roundeven",
        "math.sqrt",
        "math.trunc",
    }
)
"""What C can say without a library, and what holds it."""

STRUCTURED = SCALAR | {
    "linalg.generic",
    "linalg.fill",
    "linalg.index",
    "linalg.yield",
    "tensor.empty",
    "tensor.pad",
    "tensor.yield",
    "tensor.extract",
    "tensor.extract_slice",
    "tensor.insert_slice",
    "tensor.collapse_shape",
    "tensor.expand_shape",
}

TILED = STRUCTURED | {
    "scf",
    "deploy.kernel",
    "deploy.yield",
    "bufferization.alloc_tensor",
}

LOOPS = SCALAR | {
    "scf",
    "vector",
    "memref.global",
    "memref.get_global",
    "memref.view",
    "memref.subview",
    "memref.collapse_shape",
    "memref.expand_shape",
    "memref.reinterpret_cast",
    "memref.load",
    "memref.store",
    "deploy.dma_start",
    "deploy.dma_wait",
    "deploy.vcast",
    "deploy.vcmp",
    "deploy.vselect",
    "deploy.together",
    "deploy.loads_after",
    "deploy.opaque",
    "deploy.anew",
    "deploy.words",
    "deploy.dot4",
}

PLACED = LOOPS | {
    "linalg.generic",
    "linalg.fill",
    "linalg.index",
    "linalg.yield",
    "deploy.registers",
}
