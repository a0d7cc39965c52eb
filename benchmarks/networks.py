"""
Writes the networks that instructions are counted on.

    python benchmarks/networks.py DIR

Four have the layers of MLPerf Tiny's reference models, with batch normalisation and
activations as nodes of their own, as exporters leave them. Then a LeNet, a product of
two matrices, one convolution, and one block of a transformer's encoder whose
normalisation and GELU are written in primitive operators. Weights are random, from
seeds.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from onnx import ModelProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8
FLOAT = 1


class Network:
    """A graph under construction; a value is its name, and its shape is known."""

    def __init__(self, name: str, *shape: int) -> None:
        self.name = name
        self.random = np.random.default_rng(zlib.crc32(name.encode()))
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.shapes: dict[str, tuple[int, ...]] = {"input": shape}

    def constant(self, values: Any) -> str:
        """A constant of these values."""
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def floats(self, values: Any) -> str:
        """A constant of float32."""
        return self.constant(np.asarray(values, np.float32))

    def weight(self, *shape: int, inputs: int) -> str:
        """Normal numbers, such that sums over so many inputs stay of one size."""
        return self.floats(self.random.normal(0, np.sqrt(2 / inputs), shape))

    def around(self, middle: float, count: int) -> str:
        """So many numbers near one."""
        return self.floats(self.random.uniform(middle - 0.2, middle + 0.2, count))

    def node(
        self, op: str, inputs: Sequence[str], shape: Sequence[int], **attributes: Any
    ) -> str:
        """The result of a new node."""
        name = f"{op.lower()}_{len(self.nodes)}"
        made = helper.make_node(op, list(inputs), [name], name, **attributes)
        self.nodes.append(made)
        self.shapes[name] = tuple(shape)
        return name

    def same(self, op: str, *inputs: str, **attributes: Any) -> str:
        """The result of a node that has the shape of its first input."""
        return self.node(op, inputs, self.shapes[inputs[0]], **attributes)

    def model(self, output: str) -> ModelProto:
        """The model whose result is `output`."""
        ends = [
            helper.make_tensor_value_info(name, FLOAT, self.shapes[name])
            for name in ("input", output)
        ]
        graph = helper.make_graph(
            self.nodes, self.name, ends[:1], ends[1:], self.constants
        )
        opsets = [helper.make_opsetid("", OPSET)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)


def convolution(
    n: Network,
    x: str,
    channels: int,
    kernel: tuple[int, int],
    stride: int = 1,
    *,
    depthwise: bool = False,
    padded: bool = True,
) -> str:
    """A convolution with a bias; padded as TensorFlow's `same`, more at the end."""
    _, inside, *sizes = n.shapes[x]
    groups = inside if depthwise else 1
    whole = [-(-size // stride) for size in sizes]
    missing = [
        max(0, (out - 1) * stride + k - size) if padded else 0
        for out, k, size in zip(whole, kernel, sizes, strict=True)
    ]
    before = [count // 2 for count in missing]
    after = [count - part for count, part in zip(missing, before, strict=True)]
    found = [
        (size + more - k) // stride + 1
        for size, more, k in zip(sizes, missing, kernel, strict=True)
    ]
    depth = inside // groups
    window = depth * kernel[0] * kernel[1]
    weight = n.weight(channels, depth, *kernel, inputs=window)
    return n.node(
        "Conv",
        (x, weight, n.around(0, channels)),
        (1, channels, *found),
        group=groups,
        kernel_shape=kernel,
        pads=[*before, *after],
        strides=[stride, stride],
    )


def normalized(n: Network, x: str) -> str:
    """Batch normalisation."""
    channels = n.shapes[x][1]
    constants = [n.around(middle, channels) for middle in (1, 0, 0, 1)]
    return n.same("BatchNormalization", x, *constants, epsilon=1e-3)


def block(n: Network, x: str, *layer: Any, **options: Any) -> str:
    """Convolution, normalisation, activation."""
    return n.same("Relu", normalized(n, convolution(n, x, *layer, **options)))


def dense(n: Network, x: str, width: int) -> str:
    """A dense layer."""
    rows, inside = n.shapes[x]
    weight = n.weight(inside, width, inputs=inside)
    return n.node("Gemm", (x, weight, n.around(0, width)), (rows, width))


def flat(n: Network, x: str) -> str:
    """All of `x` in one row."""
    return n.node("Flatten", (x,), (1, int(np.prod(n.shapes[x]))), axis=1)


def pooled(n: Network, x: str, op: str, window: tuple[int, int]) -> str:
    """Pooling by windows that do not overlap."""
    _, channels, *sizes = n.shapes[x]
    found = [size // k for size, k in zip(sizes, window, strict=True)]
    shape = (1, channels, *found)
    return n.node(op, (x,), shape, kernel_shape=window, strides=window)


def classified(n: Network, x: str, window: tuple[int, int], classes: int) -> ModelProto:
    """Ends with a mean of each channel and the probability of each class."""
    x = flat(n, pooled(n, x, "AveragePool", window))
    return n.model(n.same("Softmax", dense(n, x, classes), axis=-1))


def resnet8() -> ModelProto:
    """MLPerf Tiny, image classification."""
    n = Network("resnet8", 1, 3, 32, 32)
    x = block(n, "input", 16, (3, 3))
    y = normalized(n, convolution(n, block(n, x, 16, (3, 3)), 16, (3, 3)))
    x = n.same("Relu", n.same("Add", x, y))
    for channels in (32, 64):
        y = block(n, x, channels, (3, 3), 2)
        y = normalized(n, convolution(n, y, channels, (3, 3)))
        x = convolution(n, x, channels, (1, 1), 2)
        x = n.same("Relu", n.same("Add", x, y))
    return classified(n, x, (8, 8), 10)


def mobilenet_vww() -> ModelProto:
    """MLPerf Tiny, visual wake words."""
    n = Network("mobilenet_vww", 1, 3, 96, 96)
    x = block(n, "input", 8, (3, 3), 2)
    layers = [(16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (128, 2)]
    for channels, stride in (*layers, *[(128, 1)] * 5, (256, 2), (256, 1)):
        x = block(n, x, n.shapes[x][1], (3, 3), stride, depthwise=True)
        x = block(n, x, channels, (1, 1))
    return classified(n, x, (3, 3), 2)


def dscnn_kws() -> ModelProto:
    """MLPerf Tiny, keyword spotting."""
    n = Network("dscnn_kws", 1, 1, 49, 10)
    x = block(n, "input", 64, (10, 4), 2)
    for _ in range(4):
        x = block(n, x, 64, (3, 3), depthwise=True)
        x = block(n, x, 64, (1, 1))
    return classified(n, x, (24, 5), 12)


def autoencoder_ad() -> ModelProto:
    """MLPerf Tiny, anomaly detection."""
    n = Network("autoencoder_ad", 1, 640)
    x = "input"
    for width in (*[128] * 4, 8, *[128] * 4):
        x = n.same("Relu", normalized(n, dense(n, x, width)))
    return n.model(dense(n, x, 640))


def lenet_mnist() -> ModelProto:
    """LeNet on 28 x 28 pixels."""
    n = Network("lenet_mnist", 1, 1, 28, 28)
    x = n.same("Relu", convolution(n, "input", 6, (5, 5)))
    x = pooled(n, x, "MaxPool", (2, 2))
    x = n.same("Relu", convolution(n, x, 16, (5, 5), padded=False))
    x = flat(n, pooled(n, x, "MaxPool", (2, 2)))
    for width in (120, 84):
        x = n.same("Relu", dense(n, x, width))
    return n.model(n.same("Softmax", dense(n, x, 10), axis=-1))


def matmul128() -> ModelProto:
    """A matrix times a weight."""
    n = Network("matmul128", 128, 128)
    weight = n.weight(128, 128, inputs=128)
    return n.model(n.same("MatMul", "input", weight))


def conv64() -> ModelProto:
    """One convolution of 64 channels."""
    n = Network("conv64", 1, 64, 32, 32)
    return n.model(convolution(n, "input", 64, (3, 3)))


TOKENS, WIDTH, HEADS, HIDDEN = 64, 64, 4, 256


def linear(n: Network, x: str, width: int) -> str:
    """A dense layer on each token."""
    *rows, inside = n.shapes[x]
    weight = n.weight(inside, width, inputs=2 * inside)
    y = n.node("MatMul", (x, weight), (*rows, width))
    return n.same("Add", y, n.around(0, width))


def layer_normalized(n: Network, x: str) -> str:
    """Each token with mean 0 and variance 1, then scaled."""
    *rows, width = n.shapes[x]

    def mean(y: str) -> str:
        return n.node("ReduceMean", (y,), (*rows, 1), axes=[-1], keepdims=1)

    centred = n.same("Sub", x, mean(x))
    variance = mean(n.same("Mul", centred, centred))
    deviation = n.same("Sqrt", n.same("Add", variance, n.floats(1e-5)))
    y = n.same("Mul", n.same("Div", centred, deviation), n.around(1, width))
    return n.same("Add", y, n.around(0, width))


def heads(n: Network, x: str, *order: int) -> str:
    """The part of each head, its axes (batch, token, head, number) in an order."""
    shape = (1, TOKENS, HEADS, WIDTH // HEADS)
    y = n.node("Reshape", (x, n.constant(np.array(shape))), shape)
    return n.node("Transpose", (y,), [shape[a] for a in order], perm=order)


def attention(n: Network, x: str) -> str:
    """What each token takes from all."""
    query = heads(n, linear(n, x, WIDTH), 0, 2, 1, 3)
    key = heads(n, linear(n, x, WIDTH), 0, 2, 3, 1)
    value = heads(n, linear(n, x, WIDTH), 0, 2, 1, 3)
    scores = n.node("MatMul", (query, key), (1, HEADS, TOKENS, TOKENS))
    scores = n.same("Div", scores, n.floats(np.sqrt(WIDTH // HEADS)))
    shares = n.same("Softmax", scores, axis=-1)
    y = n.node("MatMul", (shares, value), n.shapes[value])
    shape = (1, TOKENS, HEADS, WIDTH // HEADS)
    y = n.node("Transpose", (y,), shape, perm=(0, 2, 1, 3))
    joined = (1, TOKENS, WIDTH)
    y = n.node("Reshape", (y, n.constant(np.array(joined))), joined)
    return linear(n, y, WIDTH)


def gelu(n: Network, x: str) -> str:
    """GELU by the error function."""
    error = n.same("Erf", n.same("Div", x, n.floats(np.sqrt(2))))
    y = n.same("Mul", x, n.same("Add", error, n.floats(1)))
    return n.same("Mul", y, n.floats(0.5))


def transformer() -> ModelProto:
    """One block of an encoder, normalised behind each part."""
    n = Network("transformer", 1, TOKENS, WIDTH)
    x = layer_normalized(n, n.same("Add", "input", attention(n, "input")))
    y = linear(n, gelu(n, linear(n, x, HIDDEN)), WIDTH)
    return n.model(layer_normalized(n, n.same("Add", x, y)))


NETWORKS: tuple[Callable[[], ModelProto], ...] = (
    *(resnet8, mobilenet_vww, dscnn_kws, autoencoder_ad),
    *(lenet_mnist, matmul128, conv64, transformer),
)


def main(folder: Path) -> None:
    """Writes every network."""
    folder.mkdir(parents=True, exist_ok=True)
    for network in NETWORKS:
        model = network().SerializeToString()
        (folder / f"{network.__name__}.onnx").write_bytes(model)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
