"""Elements moved and kept: shapes, slices, joins, constants."""

from __future__ import annotations

from onnx import TensorProto

from .graph import Graph, example


@example
def reshapes(g: Graph) -> None:
    x = g.node("Relu", g.input(2, 3, 4))
    g.output(g.node("Reshape", x, g.ints(0, -1)), g.node("Flatten", x, axis=2))
    y = g.node("Unsqueeze", x, g.ints(0, 2))
    g.output(y, g.node("Squeeze", y, g.ints(0)))


@example
def reshape_by_shape(g: Graph) -> None:
    x, y = g.input(2, 3, 4), g.input(4, 6)
    g.output(g.node("Add", g.node("Reshape", x, g.node("Shape", y)), y))


@example
def transposes(g: Graph) -> None:
    x = g.input(2, 3, 4)
    y = g.node("Relu", g.node("Transpose", x, perm=[2, 0, 1]))
    g.output(y, g.node("Transpose", x), g.node("Transpose", y, perm=[1, 2, 0]))


@example
def concatenations(g: Graph) -> None:
    x, y = g.input(2, 3), g.input(2, 2)
    wide = g.node("Concat", x, g.node("Neg", y), g.weight(2, 1), axis=1)
    g.output(wide, g.node("Concat", x, x, axis=0))


@example
def slices(g: Graph) -> None:
    x = g.input(6, 7)
    g.output(g.node("Slice", x, g.ints(1), g.ints(-1), g.ints(0), g.ints(2)))
    g.output(g.node("Slice", x, g.ints(-1), g.ints(-100), g.ints(1), g.ints(-1)))
    turned = g.node("Slice", x, g.ints(0, 4), g.ints(5, 1), g.ints(0, 1), g.ints(1, -1))
    g.output(turned)


@example
def split_and_join(g: Graph) -> None:
    x = g.input(2, 6)
    left = g.node("Slice", x, g.ints(0), g.ints(3), g.ints(1))
    right = g.node("Slice", x, g.ints(3), g.ints(6), g.ints(1))
    g.output(g.node("Concat", g.node("Relu", right), left, axis=1))


@example
def pads(g: Graph) -> None:
    x = g.input(2, 3)
    g.output(g.node("Pad", x, g.ints(0, 1, 1, 2), g.constant(1.5)))
    g.output(g.node("Pad", g.node("Relu", x), g.ints(1, 0, 0, 0)))


@example
def pad_read_by_all(g: Graph) -> None:
    """By a window, by elementwise work, by another pad, and as a result."""
    x = g.input(1, 2, 4, 5)
    p = g.node(
        "Pad", g.node("Relu", x), g.ints(0, 0, 1, 2, 0, 1, 0, 3), g.constant(0.5)
    )
    g.output(
        g.node("MaxPool", p, kernel_shape=[3, 2], strides=[1, 2]), g.node("Neg", p)
    )
    q = g.node("Pad", p, g.ints(0, 1, 0, 0, 0, 0, 2, -1), g.constant(-2.0))
    g.output(g.node("Sigmoid", q))


@example
def pad_of_a_row(g: Graph) -> None:
    x = g.node("Pad", g.input(3, 4), g.ints(0, 2, 0, 1))
    g.output(g.node("MatMul", x, g.weight(7, 5)), x)


@example
def gathers(g: Graph) -> None:
    x = g.input(4, 5)
    g.output(g.node("Gather", x, g.ints(2, 0, 2), axis=1))
    g.output(g.node("Gather", x, g.constant(-1, "int64")))
    g.output(g.node("Gather", x, g.ints(0, 1, 0, 1)))


@example
def computed_places(g: Graph) -> None:
    """A table of constants and one that is computed, at places from -3 to 3."""
    x = g.input(2, 5, 7)
    number = g.node("ArgMax", x, axis=2, keepdims=0)
    place = g.node("Sub", number, g.constant(3, "int64"))
    rows = g.node("Gather", g.weight(9, 6), place)
    g.output(g.node("Relu", rows), g.node("Gather", g.node("Neg", x), place, axis=1))
    number = g.node("Cast", g.node("ArgMin", x, axis=1), to=TensorProto.INT32)
    g.output(g.node("GatherElements", g.node("Abs", x), number, axis=1))
    number = g.node("ArgMax", g.input(4, 3, 2), axis=2, keepdims=0)
    g.output(g.node("GatherND", g.node("Exp", x), number))


@example
def order_in_lines(g: Graph) -> None:
    x = g.input(3, 7, 2)
    best, where = g.nodes_of("TopK", 2, x, g.ints(3), axis=1)
    least, _ = g.nodes_of("TopK", 2, g.node("Neg", x), g.ints(2), axis=0, largest=0)
    g.output(best, least)
    g.output(where, dtype="int64")
    axis = g.constant(1, "int64")
    g.output(g.node("CumSum", x, axis), g.node("CumSum", x, axis, reverse=1))
    g.output(g.node("CumSum", where, axis, exclusive=1), dtype="int64")
    rest = g.node("Mod", g.node("Sub", where, g.ints(3)), g.ints(-2, 4))
    g.output(rest, dtype="int64")


@example
def constants_made(g: Graph) -> None:
    zeros = g.node("ConstantOfShape", g.ints(2, 3))
    g.output(g.node("Add", g.input(2, 3), zeros), zeros)


@example
def identities(g: Graph) -> None:
    x = g.input(2, 3)
    y = g.node("Dropout", g.node("Identity", x))
    g.output(g.node("Identity", x), g.node("Relu", y), y)


@example
def unused_input(g: Graph) -> None:
    g.input(3)
    g.output(g.node("Relu", g.input(4)))


@example
def scalar_tensors(g: Graph) -> None:
    x = g.input()
    g.output(g.node("Mul", x, x), g.node("Add", x, g.weight(3)))
