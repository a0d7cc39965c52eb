"""
Trains a small convolutional network on scikit-learn's handwritten digits.

Plain numpy, no framework, the same numbers on every run. Writes beside this file:

* `digits.onnx`: the network in float32;
* `digits_int8.onnx`: the same, quantised by onnxruntime (int8 weights by channel, int8
  activations, QuantizeLinear and DequantizeLinear around every operator);
* `test.npz`: the test images and labels, which training does not see.

Needs scikit-learn and onnxruntime. Takes about a minute.
"""

# pyright: basic, reportMissingImports=false
# What it needs has no types, and scikit-learn is needed here only.

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = Path(__file__).parent

TEST_IMAGES = 360
CALIBRATION_IMAGES = 200
BRIGHTEST = 16
"""Pixels are integers from 0 to this."""

EPOCHS = 100
BATCH = 32
RATE = 4e-3

Array = np.ndarray


@dataclass
class Layer:
    """Weights, a bias per output channel, and Adam's two averages of both."""

    weight: Array
    bias: Array
    averages: list[Array] = field(default_factory=list)

    def step(self, gradients: tuple[Array, Array], rate: float, count: int) -> None:
        """One step of Adam, in place."""
        parameters = (self.weight, self.bias)
        if not self.averages:
            self.averages = [np.zeros_like(p) for p in parameters for _ in range(2)]
        for index, (parameter, gradient) in enumerate(
            zip(parameters, gradients, strict=True)
        ):
            mean, square = self.averages[2 * index : 2 * index + 2]
            mean += 0.1 * (gradient - mean)
            square += 0.001 * (gradient * gradient - square)
            size = np.sqrt(square / (1 - 0.999**count)) + 1e-8
            parameter -= rate * mean / (1 - 0.9**count) / size


def he_normal(random: np.random.Generator, *shape: int) -> Layer:
    """A layer with random weights `[outputs, inputs, ...]` and no bias."""
    spread = np.sqrt(2 / np.prod(shape[1:]))
    weight = (random.standard_normal(shape) * spread).astype(np.float32)
    return Layer(weight, np.zeros(shape[0], np.float32))


def patches(images: Array) -> Array:
    """The 3x3 neighbourhood of every pixel, `[N, H, W, C * 9]`; zeros outside."""
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    count, channels, height, width = images.shape
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(
        count, height, width, channels * 9
    )


class Convolution:
    """3x3 convolution, relu and 2x2 maximum, forwards and backwards."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer

    def forward(self, images: Array) -> Array:
        """`[N, C, H, W]` to `[N, M, H/2, W/2]`."""
        self.columns = patches(images)
        flat = self.layer.weight.reshape(len(self.layer.weight), -1)
        sums = self.columns @ flat.T + self.layer.bias
        active = np.maximum(sums, 0).transpose(0, 3, 1, 2)
        count, channels, height, width = active.shape
        blocks = active.reshape(count, channels, height // 2, 2, width // 2, 2)
        result = blocks.max(axis=(3, 5))
        peak = blocks == result[:, :, :, None, :, None]
        self.mask = peak & (blocks > 0)
        self.shape = active.shape
        return result

    def backward(self, gradient: Array) -> tuple[Array, tuple[Array, Array]]:
        """The gradients for the images, and for weights and bias."""
        spread = (self.mask * gradient[:, :, :, None, :, None]).reshape(self.shape)
        rows = spread.transpose(0, 2, 3, 1).reshape(-1, self.shape[1])
        columns = self.columns.reshape(len(rows), -1)
        weight = (rows.T @ columns).reshape(self.layer.weight.shape)
        flipped = self.layer.weight[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
        images = patches(spread) @ flipped.reshape(len(flipped), -1).T
        return images.transpose(0, 3, 1, 2), (weight, rows.sum(axis=0))


class Network:
    """Two convolutions and one dense layer with softmax."""

    def __init__(self, random: np.random.Generator) -> None:
        self.convolutions = [
            Convolution(he_normal(random, 8, 1, 3, 3)),
            Convolution(he_normal(random, 16, 8, 3, 3)),
        ]
        self.dense = he_normal(random, 10, 64)
        self.count = 0

    def forward(self, images: Array) -> Array:
        """The probability of each class."""
        for convolution in self.convolutions:
            images = convolution.forward(images)
        self.features = images.reshape(len(images), -1)
        logits = self.features @ self.dense.weight.T + self.dense.bias
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def learn(self, images: Array, labels: Array, rate: float) -> None:
        """One step on one batch, down the gradient of the cross entropy."""
        wanted = np.eye(10, dtype=np.float32)[labels]
        error = (self.forward(images) - wanted) / len(images)
        gradient = error @ self.dense.weight
        self.count += 1
        dense = (error.T @ self.features, error.sum(axis=0))
        self.dense.step(dense, rate, self.count)
        gradient = gradient.reshape(len(images), 16, 2, 2)
        for convolution in reversed(self.convolutions):
            gradient, steps = convolution.backward(gradient)
            convolution.layer.step(steps, rate, self.count)


def shifted(images: Array, random: np.random.Generator) -> Array:
    """Half of the images moved by up to one pixel each way."""
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)))
    places = random.integers(0, 3, (len(images), 2))
    places[random.random(len(images)) < 0.5] = 1
    return np.stack(
        [
            padded[index, :, row : row + 8, column : column + 8]
            for index, (row, column) in enumerate(places)
        ]
    )


def train(images: Array, labels: Array) -> Network:
    """A network that has seen every image `EPOCHS` times."""
    random = np.random.default_rng(1)
    network = Network(random)
    for epoch in range(EPOCHS):
        rate = RATE * (1 - epoch / EPOCHS)
        order = random.permutation(len(images))
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            network.learn(shifted(images[chosen], random), labels[chosen], rate)
    return network


def onnx_model(network: Network) -> onnx.ModelProto:
    """The network as an ONNX file would have it, one image at a time."""
    node, value = helper.make_node, "image"
    nodes: list[onnx.NodeProto] = []
    layers = [convolution.layer for convolution in network.convolutions]
    for number in (1, 2):
        names = [f"{kind}{number}" for kind in ("conv", "relu", "pool")]
        weights = [value, f"conv{number}.weight", f"conv{number}.bias"]
        around: dict[str, Any] = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
        halved: dict[str, Any] = {"kernel_shape": [2, 2], "strides": [2, 2]}
        nodes += [
            node("Conv", weights, names[:1], names[0], **around),
            node("Relu", names[:1], names[1:2], names[1]),
            node("MaxPool", names[1:2], names[2:], names[2], **halved),
        ]
        value = names[2]
    dense = ["flat", "dense.weight", "dense.bias"]
    nodes += [
        node("Flatten", [value], ["flat"], "flatten"),
        node("Gemm", dense, ["logits"], "dense", transB=1),
        node("Softmax", ["logits"], ["probabilities"], "softmax", axis=1),
    ]
    names = ["conv1", "conv2", "dense"]
    weights = [
        numpy_helper.from_array(array, f"{name}.{kind}")
        for name, layer in zip(names, [*layers, network.dense], strict=True)
        for kind, array in (("weight", layer.weight), ("bias", layer.bias))
    ]
    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, 8, 8])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [1, 10])],
        weights,
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model


def quantise(source: Path, target: Path, images: Array) -> None:
    """Writes the int8 form of `source`, its ranges taken from `images`."""
    from onnxruntime.quantization import (
        CalibrationDataReader,
        QuantFormat,
        QuantType,
        quantize_static,
    )
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Images(CalibrationDataReader):
        def __init__(self) -> None:
            self.rest: Iterator[Array] = iter(images)

        def get_next(self) -> Any:
            image = next(self.rest, None)
            return None if image is None else {"image": image[None]}

    with tempfile.TemporaryDirectory() as scratch:
        prepared = Path(scratch, "prepared.onnx")
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
        quantize_static(
            prepared,
            target,
            Images(),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv", "Relu", "MaxPool", "Flatten", "Gemm"],
            per_channel=True,
            activation_type=QuantType.QInt8,
            weight_type=QuantType.QInt8,
        )


def main() -> None:
    """Trains, exports and quantises."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    data = load_digits()
    pixels = data.images.astype(np.uint8)[:, None]
    known, unseen, labels, answers = train_test_split(
        pixels,
        data.target.astype(np.uint8),
        test_size=TEST_IMAGES,
        random_state=0,
        stratify=data.target,
    )
    images = known.astype(np.float32) / BRIGHTEST
    network = train(images, labels)
    np.savez_compressed(HERE / "test.npz", images=unseen, labels=answers)
    onnx.save(onnx_model(network), HERE / "digits.onnx")
    calibration = images[:CALIBRATION_IMAGES]
    quantise(HERE / "digits.onnx", HERE / "digits_int8.onnx", calibration)
    guesses = network.forward(unseen.astype(np.float32) / BRIGHTEST).argmax(axis=1)
    right = (guesses == answers).sum()
    print(f"{right} of {len(answers)} test images are classified rightly")


if __name__ == "__main__":
    main()
