"""The convolutional networks of MLPerf Tiny, in float32 and quantised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from onnx import ModelProto

from . import quantized
from .convolutions import conv
from .graph import Graph


@dataclass
class Network:
    """A graph whose layers are all of one kind."""

    graph: Graph
    is_quantized: bool

    def conv(self, x: str, *weight: int, relu: bool = True, **options: Any) -> str:
        """A convolution, and the activation behind it."""
        g = self.graph
        if self.is_quantized:
            extra = quantized.weight(g, *weight), quantized.bias(g, weight[0], 0.0006)
            return self.active(g.node("Conv", x, *extra, **options), relu)
        return self.active(conv(g, x, *weight, **options), relu)

    def active(self, x: str, relu: bool = True) -> str:
        """`x` behind an activation, rounded when the network is quantised."""
        x = self.graph.node("Relu", x) if relu else x
        if not self.is_quantized:
            return x
        return quantized.activation(self.graph, x, 0.05, -128 if relu else 3)

    def pooled(self, x: str, *window: int) -> None:
        """Ends with the mean of each channel."""
        y = self.active(self.graph.node("AveragePool", x, kernel_shape=window))
        self.graph.output(self.graph.node("Flatten", y))

    def input(self, *shape: int) -> str:
        """What the network is given."""
        x = self.graph.input(*shape)
        return quantized.activation(self.graph, x, 0.03, 2) if self.is_quantized else x


def resnet8(n: Network) -> None:
    """Residual blocks of 16, 32 and 64 channels on 32 x 32 pixels."""
    x = n.conv(n.input(1, 3, 32, 32), 16, 3, 3, 3, pads=[1] * 4)
    y = n.conv(x, 16, 16, 3, 3, pads=[1] * 4)
    y = n.conv(y, 16, 16, 3, 3, pads=[1] * 4, relu=False)
    x = n.active(n.graph.node("Add", x, y))
    for c in (16, 32):
        strided: dict[str, Any] = {"strides": [2, 2]}
        y = n.conv(x, 2 * c, c, 3, 3, pads=[0, 0, 1, 1], **strided)
        y = n.conv(y, 2 * c, 2 * c, 3, 3, pads=[1] * 4, relu=False)
        x = n.conv(x, 2 * c, c, 1, 1, relu=False, **strided)
        x = n.active(n.graph.node("Add", x, y))
    n.pooled(x, 8, 8)


def mobilenet_vww(n: Network) -> None:
    """Depthwise and pointwise convolutions on 96 x 96 pixels."""
    even: dict[str, Any] = {"strides": [2, 2], "pads": [0, 0, 1, 1]}
    x, c, size = n.conv(n.input(1, 3, 96, 96), 8, 3, 3, 3, **even), 8, 48
    layers = [(16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (128, 2)]
    for channels, stride in (*layers, *[(128, 1)] * 5, (256, 2), (256, 1)):
        options: dict[str, Any] = even if stride == 2 else {"pads": [1] * 4}
        x = n.conv(x, c, 1, 3, 3, group=c, **options)
        x, c, size = n.conv(x, channels, c, 1, 1), channels, size // stride
    n.pooled(x, size, size)


def dscnn_kws(n: Network) -> None:
    """Depthwise and pointwise convolutions of 64 channels on 49 x 10 coefficients."""
    x = n.input(1, 1, 49, 10)
    x = n.conv(x, 64, 1, 10, 4, strides=[2, 2], pads=[4, 1, 5, 1])
    for _ in range(4):
        x = n.conv(x, 64, 1, 3, 3, group=64, pads=[1] * 4)
        x = n.conv(x, 64, 64, 1, 1)
    n.pooled(x, 24, 5)


NETWORKS: dict[str, Callable[[Network], None]] = {
    "resnet8": resnet8,
    "mobilenet_vww": mobilenet_vww,
    "dscnn_kws": dscnn_kws,
}


def network(name: str, is_quantized: bool) -> ModelProto:
    """One of the networks; the same every time."""
    graph = Graph(f"{name}_int8" if is_quantized else name)
    NETWORKS[name](Network(graph, is_quantized))
    return graph.model()
