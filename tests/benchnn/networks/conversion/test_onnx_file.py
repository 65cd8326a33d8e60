"""Trained networks in ONNX files: the operators that are read, and those that are refused by name."""

import sys

import numpy as np
import pytest

from benchnn.networks.conversion.layers import AveragePool2d, Conv2d, Dense, Flatten, Relu, network_of
from benchnn.networks.conversion.onnx_file import read_onnx
from simcore.errors import InputError, UnavailableError

RANDOM = np.random.default_rng(6)
CONV, CONV_BIAS = RANDOM.normal(size=(3, 2, 3, 3)), RANDOM.normal(size=3)
GEMM, GEMM_BIAS = RANDOM.normal(size=(5, 12)), RANDOM.normal(size=5)
MATMUL, ADD = RANDOM.normal(size=(5, 4)), RANDOM.normal(size=4)


@pytest.fixture
def written(tmp_path):
    """A function that writes a chain of nodes: each an operator, its constants and its attributes."""
    onnx = pytest.importorskip("onnx", reason="the package onnx is not installed")
    helper = onnx.helper

    def write(shape, *nodes, last=None):
        made, constants, before = [], [], "x"
        for number, (kind, arrays, attributes) in enumerate(nodes):
            names = [f"c{number}_{place}" for place in range(len(arrays))]
            constants += [onnx.numpy_helper.from_array(np.asarray(a), n) for a, n in zip(arrays, names, strict=True)]
            source = "x" if number == last else before
            made.append(helper.make_node(kind, [source, *names], [f"y{number}"], f"node{number}", **attributes))
            before = f"y{number}"
        real = onnx.TensorProto.DOUBLE
        inputs = [helper.make_tensor_value_info("x", real, shape)]
        outputs = [helper.make_tensor_value_info(before, real, None)]
        path = tmp_path / "net.onnx"
        onnx.save(helper.make_model(helper.make_graph(made, "net", inputs, outputs, constants)), path)
        return str(path)

    return write


CHAIN = (
    ("Conv", [CONV, CONV_BIAS], {"strides": [2, 2], "pads": [1, 1, 1, 1]}),
    ("Relu", [], {}),
    ("AveragePool", [], {"kernel_shape": [2, 2], "strides": [2, 2]}),
    ("Flatten", [], {}),
    ("Gemm", [GEMM, GEMM_BIAS], {"transB": 1}),
    ("Relu", [], {}),
    ("MatMul", [MATMUL], {}),
    ("Add", [ADD], {}),
    ("Softmax", [], {}),
)


def test_a_chain_is_the_network_of_its_layers(written):
    network = read_onnx(written(["n", 2, 8, 8], *CHAIN))
    layers = [
        Conv2d(CONV, CONV_BIAS, (2, 2), (1, 1)),
        Relu(),
        AveragePool2d((2, 2), (2, 2)),
        Flatten(),
        Dense(GEMM, GEMM_BIAS),
        Relu(),
        Dense(MATMUL.T, ADD),
    ]
    x = RANDOM.normal(size=(6, 2, 8, 8))
    assert np.allclose(network.apply(x), network_of((2, 8, 8), layers, "net").apply(x))


@pytest.mark.parametrize(
    ("shape", "nodes", "message"),
    [
        (["n", 2, 8, 8], [*CHAIN[:2], ("MaxPool", [], {"kernel_shape": [2, 2]})], "'node2' (MaxPool) has the kind"),
        (["n", 2, "h", 8], CHAIN, "its input has the shape"),
        (["n", 5], [("Gemm", [MATMUL], {"alpha": 2.0})], "has alpha = 2.0; only 1.0 is supported"),
        (["n", 5], [("Gemm", [MATMUL, GEMM_BIAS], {})], "has 5 biases for 4 rows of weights"),
        (["n", 5], [("Gemm", [np.full((5, 4), np.inf)], {})], "not finite"),
        (["n", 5], [("Add", [ADD], {})], "adds something other than the bias of a dense layer"),
        (["n", 2, 8, 8], [("Conv", [CONV], {"group": 2})], "has group = 2"),
        (["n", 2, 8, 8], [("Conv", [CONV], {"pads": [0, 0, 1, 1]})], "has different padding on the two sides"),
        (["n", 4], [("Gemm", [MATMUL], {})], "layer 0 (dense)"),
    ],
)
def test_what_is_not_read_is_named(written, shape, nodes, message):
    with pytest.raises(InputError) as caught:
        read_onnx(written(shape, *nodes))
    assert message in str(caught.value)


def test_branches_are_refused(written):
    path = written(["n", 5], ("MatMul", [MATMUL], {}), ("Relu", [], {}), ("MatMul", [MATMUL], {}), last=2)
    with pytest.raises(InputError, match="only chains are supported"):
        read_onnx(path)


def test_a_file_of_something_else_is_refused(tmp_path):
    pytest.importorskip("onnx", reason="the package onnx is not installed")
    path = tmp_path / "net.onnx"
    path.write_bytes(b"\xff\xff\xff\xff not a model")
    with pytest.raises(InputError, match="cannot read"):
        read_onnx(str(path))


def test_without_the_package_the_reason_is_reported(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(UnavailableError, match="requires onnx"):
        read_onnx("net.onnx")
