"""Convolutions in all their forms, pools, and small networks of them."""

from __future__ import annotations

from typing import Any

from .graph import Graph, example


def conv(g: Graph, x: str, *weight: int, bias: bool = True, **attributes: Any) -> str:
    """A convolution with weights of shape `weight`."""
    extra = [g.weight(weight[0])] if bias else []
    return g.node("Conv", x, g.weight(*weight), *extra, **attributes)


def batch_norm(g: Graph, x: str, channels: int) -> str:
    """A batch normalisation as training leaves it."""
    parameters = [g.positive(channels), g.weight(channels), g.weight(channels)]
    return g.node("BatchNormalization", x, *parameters, g.positive(channels))


@example
def conv_padded(g: Graph) -> None:
    g.output(conv(g, g.input(1, 3, 8, 7), 4, 3, 3, 3, pads=[1, 1, 1, 1]))


@example
def conv_strided_uneven(g: Graph) -> None:
    x = g.input(2, 2, 9, 8)
    g.output(conv(g, x, 3, 2, 3, 2, pads=[0, 1, 2, 0], strides=[2, 3], bias=False))


@example
def conv_dilated(g: Graph) -> None:
    x = g.input(1, 2, 9, 9)
    g.output(conv(g, x, 3, 2, 3, 3, pads=[2, 2, 2, 2], dilations=[2, 2]))


@example
def conv_grouped(g: Graph) -> None:
    g.output(conv(g, g.input(1, 6, 5, 5), 4, 3, 3, 3, group=2, pads=[1, 1, 1, 1]))


@example
def conv_depthwise(g: Graph) -> None:
    x = g.input(1, 5, 6, 6)
    x = conv(g, x, 5, 1, 3, 3, group=5, pads=[1, 1, 1, 1], strides=[2, 2])
    g.output(conv(g, g.node("Relu", x), 7, 5, 1, 1))


@example
def conv_depthwise_multiplier(g: Graph) -> None:
    g.output(conv(g, g.input(1, 3, 5, 5), 6, 1, 3, 3, group=3))


@example
def conv_same_upper(g: Graph) -> None:
    x = g.input(1, 2, 7, 8)
    g.output(conv(g, x, 3, 2, 4, 3, auto_pad="SAME_UPPER", strides=[2, 2]))


@example
def conv_same_lower(g: Graph) -> None:
    g.output(conv(g, g.input(1, 2, 6, 5), 3, 2, 2, 2, auto_pad="SAME_LOWER"))


@example
def conv_1d(g: Graph) -> None:
    x = g.input(1, 4, 20)
    x = g.node("Relu", conv(g, x, 6, 4, 5, pads=[2, 2], strides=[2]))
    g.output(g.node("MaxPool", x, kernel_shape=[2], strides=[2]))


@example
def conv_3d(g: Graph) -> None:
    x = g.input(1, 2, 4, 5, 3)
    x = conv(g, x, 4, 1, 2, 3, 2, group=2, pads=[1, 2, 0, 0, 2, 1], dilations=[1, 2, 1])
    x = g.node("MaxPool", x, kernel_shape=[2, 2, 2], pads=[1, 0, 1, 0, 1, 0])
    g.output(g.node("Relu", x))


@example
def conv_padded_all_around(g: Graph) -> None:
    """Some windows see nothing but padding."""
    x = g.input(1, 2, 2, 3)
    g.output(conv(g, x, 3, 2, 2, 2, pads=[3, 2, 2, 4], strides=[2, 1]))


@example
def conv_computed_weight(g: Graph) -> None:
    x, scale = g.input(1, 2, 5, 5), g.positive(3, 1, 1, 1)
    weight = g.node("Mul", g.weight(3, 2, 3, 3), scale)
    g.output(g.node("Conv", x, weight))


@example
def residual_block(g: Graph) -> None:
    x = g.input(1, 4, 6, 6)
    y = g.node("Relu", batch_norm(g, conv(g, x, 4, 4, 3, 3, pads=[1, 1, 1, 1]), 4))
    y = batch_norm(g, conv(g, y, 4, 4, 3, 3, pads=[1, 1, 1, 1], bias=False), 4)
    y = g.node("Relu", g.node("Add", y, x))
    y = g.node("Flatten", g.node("GlobalAveragePool", y))
    y = g.node("Gemm", y, g.weight(5, 4), g.weight(5), transB=1)
    g.output(g.node("Softmax", y))


@example
def downsampling_block(g: Graph) -> None:
    x = g.node("Relu", conv(g, g.input(1, 3, 8, 8), 4, 3, 3, 3, pads=[1, 1, 1, 1]))
    y = conv(g, x, 6, 4, 3, 3, pads=[0, 0, 1, 1], strides=[2, 2])
    y = conv(g, g.node("Relu", y), 6, 6, 3, 3, pads=[1, 1, 1, 1])
    skip = conv(g, x, 6, 4, 1, 1, strides=[2, 2])
    g.output(g.node("Relu", g.node("Add", skip, y)))


@example
def channels_last_outside(g: Graph) -> None:
    """As tf2onnx writes a model that is NHWC."""
    x = g.node("Transpose", g.input(1, 6, 6, 3), perm=[0, 3, 1, 2])
    x = g.node("Relu", conv(g, x, 4, 3, 3, 3, pads=[1, 1, 1, 1]))
    x = g.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = conv(g, g.node("Pad", x, g.ints(0, 0, 0, 0, 0, 0, 1, 1)), 5, 4, 2, 2)
    x = g.node("Transpose", x, perm=[0, 2, 3, 1])
    x = g.node("Reshape", x, g.ints(1, -1))
    g.output(g.node("MatMul", x, g.weight(45, 4)))


@example
def batch_norm_alone(g: Graph) -> None:
    g.output(batch_norm(g, g.input(2, 3, 4, 4), 3))


@example
def max_pool_padded(g: Graph) -> None:
    x = g.input(1, 3, 7, 7)
    x = g.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    g.output(x)


@example
def max_pool_dilated_ceil(g: Graph) -> None:
    x, shape = g.input(1, 2, 8, 8), {"kernel_shape": [2, 2], "dilations": [2, 2]}
    g.output(g.node("MaxPool", x, strides=[3, 3], ceil_mode=1, **shape))


@example
def average_pool_counts(g: Graph) -> None:
    x = g.input(1, 2, 6, 6)
    shape = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}
    g.output(g.node("AveragePool", x, **shape))
    g.output(g.node("AveragePool", x, count_include_pad=1, **shape))


@example
def global_pools(g: Graph) -> None:
    x = g.input(1, 3, 5, 4)
    g.output(g.node("GlobalAveragePool", x), g.node("GlobalMaxPool", x))


@example
def conv_hard_swish_and_clip(g: Graph) -> None:
    x = conv(g, g.input(1, 2, 5, 5), 4, 2, 3, 3)
    x = g.node("Clip", x, g.constant(0.0), g.constant(6.0))
    g.output(g.node("HardSwish", conv(g, x, 3, 4, 1, 1)))


@example
def decoder(g: Graph) -> None:
    """Channels become pixels: transposed, interpolated and reflected."""
    x = g.input(1, 4, 3, 2)
    options = {"strides": [2, 2], "pads": [1, 0, 1, 0], "output_padding": [1, 0]}
    x = g.node("ConvTranspose", x, g.weight(4, 3, 3, 2), g.weight(3), **options)
    x = g.node("Relu", x)
    y = g.node("Resize", x, "", g.constant([1, 1, 2, 1.5]), mode="linear")
    g.output(g.node("Pad", y, g.ints(0, 0, 1, 2, 0, 0, 2, 1), mode="reflect"))
    y = g.node("Resize", x, "", "", g.ints(1, 3, 12, 7), mode="nearest")
    g.output(g.node("ArgMax", y, axis=1, keepdims=0), dtype="int64")


@example
def skip_connection(g: Graph) -> None:
    """Two that are read twice or interleaved are joined: orders pull both ways."""
    x = g.node(
        "Relu", g.node("Conv", g.input(1, 2, 8, 8), g.weight(4, 2, 3, 3), pads=[1] * 4)
    )
    y = g.node("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    y = g.node("Relu", g.node("Conv", y, g.weight(8, 4, 3, 3), pads=[1] * 4))
    y = g.node("ConvTranspose", y, g.weight(8, 4, 2, 2), g.weight(4), strides=[2, 2])
    g.output(g.node("Conv", g.node("Concat", x, y, axis=1), g.weight(2, 8, 1, 1)))
