"""Matrix products, reductions, and what is made of them."""

from __future__ import annotations

from .graph import Graph, example


@example
def gemm_all_options(g: Graph) -> None:
    x = g.input(5, 3)
    options = {"alpha": 0.5, "beta": 2.0, "transA": 1, "transB": 1}
    g.output(g.node("Gemm", x, g.weight(4, 5), g.weight(1, 4), **options))


@example
def dense_layers(g: Graph) -> None:
    x = g.node("Relu", g.node("Gemm", g.input(2, 12), g.weight(12, 8), g.weight(8)))
    x = g.node("Tanh", g.node("MatMul", x, g.weight(8, 6)))
    g.output(g.node("Gemm", x, g.weight(6, 3)))


@example
def matmul_of_inputs(g: Graph) -> None:
    g.output(g.node("MatMul", g.input(4, 5), g.input(5, 3)))


@example
def matmul_batched(g: Graph) -> None:
    g.output(g.node("MatMul", g.input(2, 3, 4, 5), g.input(3, 5, 2)))


@example
def matmul_of_vectors(g: Graph) -> None:
    x, y = g.input(6), g.input(6, 4)
    g.output(g.node("MatMul", x, y), g.node("MatMul", g.node("Transpose", y), x))


@example
def attention(g: Graph) -> None:
    x = g.input(1, 6, 8)
    q, k, v = (g.node("MatMul", x, g.weight(8, 8)) for _ in "qkv")
    heads = [
        g.node("Transpose", g.node("Reshape", t, g.ints(1, 6, 2, 4)), perm=[0, 2, 1, 3])
        for t in (q, k, v)
    ]
    keys = g.node("Transpose", heads[1], perm=[0, 1, 3, 2])
    scores = g.node("Mul", g.node("MatMul", heads[0], keys), g.constant(0.5))
    mixed = g.node("MatMul", g.node("Softmax", scores, axis=-1), heads[2])
    mixed = g.node("Transpose", mixed, perm=[0, 2, 1, 3])
    mixed = g.node("Reshape", mixed, g.ints(1, 6, 8))
    x = g.node("Add", x, g.node("MatMul", mixed, g.weight(8, 8)))
    g.output(g.node("LayerNormalization", x, g.positive(8), g.weight(8), axis=-1))


@example
def layer_norm(g: Graph) -> None:
    x = g.input(2, 3, 8)
    g.output(g.node("LayerNormalization", x, g.positive(8), g.weight(8)))
    g.output(g.node("LayerNormalization", x, g.positive(3, 8), axis=1, epsilon=0.01))


@example
def softmax_axes(g: Graph) -> None:
    x = g.node("Mul", g.input(2, 5, 3), g.constant(20.0))
    g.output(g.node("Softmax", x, axis=1), g.node("Softmax", x))


@example
def reductions(g: Graph) -> None:
    x = g.input(2, 3, 4)
    g.output(g.node("ReduceMean", x, g.ints(1)))
    g.output(g.node("ReduceSum", x, g.ints(0, 2), keepdims=0))
    g.output(g.node("ReduceMax", x, g.ints(-1)), g.node("ReduceMean", x, keepdims=0))
    g.output(g.node("ReduceMin", x, g.ints(1, 2)))


@example
def variance_written_out(g: Graph) -> None:
    x = g.input(2, 6)
    y = g.node("Sub", x, g.node("ReduceMean", x, g.ints(-1)))
    variance = g.node("ReduceMean", g.node("Mul", y, y), g.ints(-1))
    deviation = g.node("Sqrt", g.node("Add", variance, g.constant(1e-5)))
    g.output(g.node("Div", y, deviation))


@example
def recurrent(g: Graph) -> None:
    """Both directions of three steps, then one of a kind without memory."""
    weights = g.weight(2, 16, 3), g.weight(2, 16, 4), g.weight(2, 32)
    options = {"hidden_size": 4, "direction": "bidirectional"}
    steps, last, _ = g.nodes_of("LSTM", 3, g.input(3, 1, 3), *weights, **options)
    weights = g.weight(1, 6, 8), g.weight(1, 6, 2), g.weight(1, 12)
    joined = g.node("Transpose", steps, perm=[0, 2, 1, 3])
    joined = g.node("Reshape", joined, g.ints(3, 1, 8))
    options = {"hidden_size": 2, "linear_before_reset": 1}
    g.output(g.nodes_of("GRU", 2, joined, *weights, **options)[1], last)


@example
def einstein_sum(g: Graph) -> None:
    x = g.node("Einsum", g.input(1, 3, 8), g.weight(8, 2, 4), equation="bsd,dhk->bhsk")
    g.output(g.node("Einsum", x, x, equation="bhqk,bhsk->bhqs"))
