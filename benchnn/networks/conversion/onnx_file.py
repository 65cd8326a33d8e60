"""Read trained networks from ONNX files: chains of dense layers, convolutions, average pooling and ReLUs."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchnn.networks.conversion.layers import (
    AveragePool2d,
    Conv2d,
    Dense,
    Flatten,
    FloatArray,
    Layer,
    Pair,
    Relu,
    ReluNetwork,
    network_of,
)
from simcore.connectivity.files.table import FAULTS, faults_named
from simcore.errors import InputError, UnavailableError, require, shown

IGNORED = ("Identity", "Dropout", "Softmax", "LogSoftmax")
"""Operators that change neither the trained network nor the index of its largest output."""


def read_onnx(path: str) -> ReluNetwork:
    """Read a trained network.

    Raises
    ------
    UnavailableError
        If onnx is not installed.
    InputError
        If the file cannot be read, or the graph branches or has an unsupported operator; the message names the node.
    """
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ImportError as error:
        needed = f"it requires onnx ({error}): pip install 'benchnn[onnx]'"
        raise UnavailableError(f"cannot read {path}: {needed}") from error
    with faults_named(path, (*FAULTS, DecodeError)):
        # External files of weights are not read, because their names could refer to any file.
        graph = onnx.load(path, load_external_data=False).graph
        return _Reader(path, graph, onnx.numpy_helper.to_array, onnx.helper.get_attribute_value).network()


class _Reader:
    def __init__(self, path: str, graph: Any, to_array: Any, value_of: Any) -> None:
        self._path = path
        self._graph = graph
        self._to_array = to_array
        self._value_of = value_of
        self._constants = {tensor.name: tensor for tensor in graph.initializer}

    def network(self) -> ReluNetwork:
        inputs = [entry for entry in self._graph.input if entry.name not in self._constants]
        if len(inputs) != 1:
            raise InputError(f"cannot read {self._path}: it has {len(inputs)} inputs, but must have one")
        sizes = [dimension.dim_value for dimension in inputs[0].type.tensor_type.shape.dim]
        if len(sizes) not in (2, 4) or min(sizes[1:]) < 1:
            allowed = "use (samples, inputs) or (samples, channels, height, width); only samples may be unknown"
            raise InputError(f"cannot read {self._path}: its input has the shape {tuple(sizes)}; {allowed}")
        layers: list[Layer] = []
        before = inputs[0].name
        for node in self._graph.node:
            if node.op_type == "Constant":
                self._constants[node.output[0]] = self._attributes(node)["value"]
                continue
            if before not in node.input:
                raise self._wrong(node, "does not use the output of the previous node; only chains are supported")
            self._add(node, before, layers)
            before = node.output[0]
        return network_of(tuple(int(size) for size in sizes[1:]), layers, self._path)

    def _add(self, node: Any, before: str, layers: list[Layer]) -> None:
        attributes = self._attributes(node)
        match node.op_type:
            case "Relu":
                layers.append(Relu())
            case "Flatten":
                self._require(node, attributes, axis=1)
                layers.append(Flatten())
            case "Reshape":
                if len(self._constant(node, 1)) != 2:
                    raise self._wrong(node, "does not yield one dimension per sample")
                layers.append(Flatten())
            case "Gemm":
                layers.append(self._gemm(node, attributes))
            case "MatMul":
                if node.input[0] != before:
                    raise self._wrong(node, "multiplies by the input from the right, which is not supported")
                weight = self._constant(node, 1).T
                layers.append(Dense(weight, np.zeros(len(weight))))
            case "Add":
                self._add_bias(node, before, layers)
            case "Conv":
                layers.append(self._conv(node, attributes))
            case "AveragePool":
                self._require(node, attributes, auto_pad=b"NOTSET", ceil_mode=0, dilations=[1, 1], pads=[0] * 4)
                kernel = self._pair(node, attributes, "kernel_shape", None)
                layers.append(AveragePool2d(kernel, self._pair(node, attributes, "strides", (1, 1))))
            case kind if kind not in IGNORED:
                supported = "Gemm, MatMul, Add, Conv, AveragePool, Flatten, Reshape and Relu"
                raise self._wrong(node, f"has the kind {kind}; the supported kinds are {supported}")

    def _gemm(self, node: Any, attributes: Mapping[str, Any]) -> Dense:
        self._require(node, attributes, alpha=1.0, beta=1.0, transA=0)
        weight = self._constant(node, 1)
        weight = weight if attributes.get("transB", 0) else weight.T
        return Dense(weight, self._bias(node, 2, len(weight)))

    def _conv(self, node: Any, attributes: Mapping[str, Any]) -> Conv2d:
        self._require(node, attributes, auto_pad=b"NOTSET", group=1, dilations=[1, 1])
        weight = self._constant(node, 1)
        require(weight.ndim == 4, "weight.shape", weight.shape, "a convolution must have two spatial dimensions")
        top, left, bottom, right = attributes.get("pads", [0] * 4)
        if (top, left) != (bottom, right):
            raise self._wrong(node, "has different padding on the two sides")
        bias = self._bias(node, 2, len(weight))
        return Conv2d(weight, bias, self._pair(node, attributes, "strides", (1, 1)), (int(top), int(left)))

    def _add_bias(self, node: Any, before: str, layers: list[Layer]) -> None:
        constant = self._constant(node, 1 if node.input[0] == before else 0).ravel()
        last = layers[-1] if layers else None
        if not isinstance(last, Dense) or constant.shape != last.bias.shape:
            raise self._wrong(node, "adds something other than the bias of a dense layer")
        layers[-1] = Dense(last.weight, last.bias + constant)

    def _bias(self, node: Any, place: int, size: int) -> FloatArray:
        if len(node.input) <= place or not node.input[place]:
            return np.zeros(size)
        bias = self._constant(node, place).ravel()
        if bias.shape != (size,):
            raise self._wrong(node, f"has {bias.size} biases for {size} rows of weights")
        return bias

    def _constant(self, node: Any, place: int) -> FloatArray:
        name = node.input[place] if len(node.input) > place else ""
        if name not in self._constants:
            raise self._wrong(node, f"uses {name!r}, which is not a constant of the file")
        if getattr(self._constants[name], "external_data", ()):
            raise self._wrong(node, f"has its weights {name!r} in another file; save the network as a single file")
        values = np.asarray(self._to_array(self._constants[name]))
        if values.dtype.kind not in "iuf" or not np.isfinite(values).all():
            raise self._wrong(node, f"has weights {name!r} that are not finite numbers")
        return values.astype(np.float64)

    def _attributes(self, node: Any) -> dict[str, Any]:
        return {entry.name: self._value_of(entry) for entry in node.attribute}

    def _pair(self, node: Any, attributes: Mapping[str, Any], name: str, default: Pair | None) -> Pair:
        found = attributes.get(name, default)
        if found is None or len(found) != 2 or min(found) < 1:
            raise self._wrong(node, f"has {name} = {shown(found)}, but must have two integers >= 1")
        return int(found[0]), int(found[1])

    def _require(self, node: Any, attributes: Mapping[str, Any], **wanted: Any) -> None:
        for name, value in wanted.items():
            if attributes.get(name, value) != value:
                raise self._wrong(node, f"has {name} = {shown(attributes[name])}; only {shown(value)} is supported")

    def _wrong(self, node: Any, problem: str) -> InputError:
        return InputError(f"cannot read {self._path}: node {node.name or node.output[0]!r} ({node.op_type}) {problem}")
