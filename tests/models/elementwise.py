"""Functions of single elements, with broadcasting."""

from __future__ import annotations

from .graph import Graph, example


@example
def arithmetic_broadcast(g: Graph) -> None:
    x, y = g.input(2, 3, 4), g.input(3, 1)
    z = g.node("Add", x, y)
    z = g.node("Mul", z, g.node("Sub", y, g.weight(4)))
    g.output(g.node("Div", z, g.positive(2, 1, 1)))


@example
def many_operands(g: Graph) -> None:
    x, y, c = g.input(2, 4), g.input(4), g.weight(2, 1)
    g.output(g.node("Sum", x, y, c), g.node("Min", x, y, c), g.node("Max", x, y, c))


@example
def signs_and_roots(g: Graph) -> None:
    x = g.input(3, 5)
    x = g.node("Neg", g.node("Sqrt", g.node("Abs", x)))
    g.output(g.node("Exp", x))


@example
def logarithm_of_square(g: Graph) -> None:
    x = g.node("Pow", g.input(4, 4), g.constant(2.0))
    g.output(g.node("Log", g.node("Add", x, g.constant(0.5))))


@example
def powers(g: Graph) -> None:
    x = g.node("Abs", g.input(3, 4))
    g.output(g.node("Pow", x, g.positive(4)), g.node("Pow", x, g.constant(0.5)))


@example
def saturating(g: Graph) -> None:
    x = g.node("Mul", g.input(4, 8), g.constant(3.0))
    g.output(g.node("Erf", x), g.node("Tanh", x), g.node("Sigmoid", x))


@example
def activations(g: Graph) -> None:
    x = g.node("Mul", g.input(4, 8), g.constant(4.0))
    g.output(g.node("Relu", x), g.node("LeakyRelu", x, alpha=0.1))
    g.output(g.node("HardSigmoid", x, alpha=0.25, beta=0.4), g.node("HardSwish", x))


@example
def clips(g: Graph) -> None:
    x, low, high = g.input(4, 6), g.constant(-0.5), g.constant(0.75)
    g.output(g.node("Clip", x, low, high), g.node("Clip", x, "", high))
    g.output(g.node("Clip", x, low))


@example
def gelus(g: Graph) -> None:
    x = g.node("Mul", g.input(3, 6), g.constant(2.0))
    g.output(g.node("Gelu", x), g.node("Gelu", x, approximate="tanh"))


@example
def gelu_written_out(g: Graph) -> None:
    x = g.input(3, 6)
    y = g.node("Erf", g.node("Div", x, g.constant(2.0**0.5)))
    y = g.node("Mul", x, g.node("Add", y, g.constant(1.0)))
    g.output(g.node("Mul", y, g.constant(0.5)))


@example
def casts(g: Graph) -> None:
    x = g.node("Mul", g.input(3, 4), g.constant(5.0))
    whole = g.node("Cast", x, to=6)  # int32
    g.output(whole, dtype="int32")
    g.output(g.node("Cast", g.node("Mul", whole, whole), to=1))


@example
def integers(g: Graph) -> None:
    x, y = g.input(3, 4, dtype="int32"), g.input(4, dtype="int32")
    g.output(g.node("Add", x, g.node("Mul", y, y)), g.node("Max", x, y), dtype="int32")
    g.output(g.node("Sub", g.node("Neg", x), g.node("Abs", y)), dtype="int32")


@example
def chain_with_two_readers(g: Graph) -> None:
    x = g.node("Relu", g.input(2, 5))
    y = g.node("Exp", g.node("Neg", x))
    g.output(g.node("Mul", x, y), y)
