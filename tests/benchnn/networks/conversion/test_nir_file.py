"""Graphs of NIR that are written: nodes, shapes, and what NIR itself does not say."""

import itertools
import sys

import numpy as np
import pytest

from benchnn.networks.conversion.layers import AveragePool2d, Conv2d, Dense, Flatten, Stage
from benchnn.networks.conversion.nir_file import Neurons, write_nir
from simcore.errors import InputError, UnavailableError

CONV = Conv2d(np.arange(18.0).reshape(2, 1, 3, 3), np.array([1.0, 2.0]), (2, 1), (0, 1))
DENSE = Dense(np.arange(30.0).reshape(5, 6), np.arange(5.0))
STAGES = [
    Stage((CONV,), None, (2, 3, 7)),
    Stage((AveragePool2d((1, 3), (3, 2)), Flatten(), DENSE), None, (5,)),
]


@pytest.fixture
def nir():
    return pytest.importorskip("nir", reason="the package nir is not installed")


def test_a_network_is_a_chain_of_its_layers_and_neurons(nir, tmp_path):
    path = str(tmp_path / "net.nir")
    write_nir(path, (1, 7, 7), STAGES, Neurons(0.5), fires=True)
    # With nir's own check of the shapes along the edges.
    graph = nir.read(path)
    chain = ["input", "0_0_conv2d", "0_neurons", "1_0_avgpool2d", "1_1_flatten", "1_2_dense", "1_neurons", "output"]
    assert graph.edges == list(itertools.pairwise(chain)) and set(graph.nodes) == set(chain)
    conv, neurons, dense = (graph.nodes[name] for name in ("0_0_conv2d", "0_neurons", "1_2_dense"))
    assert np.array_equal(conv.weight, CONV.weight) and np.array_equal(conv.bias, CONV.bias)
    assert [list(value) for value in (conv.stride, conv.padding, conv.dilation)] == [[2, 1], [0, 1], [1, 1]]
    assert isinstance(neurons, nir.IF) and neurons.v_threshold.shape == (2, 3, 7)
    assert np.all(neurons.v_threshold == 1.0) and np.all(neurons.r == 1.0) and np.all(neurons.v_reset == 0.0)
    assert np.array_equal(dense.weight, DENSE.weight) and np.array_equal(dense.bias, DENSE.bias)
    assert dense.weight.dtype == conv.weight.dtype == np.float32


def test_the_file_says_what_nir_has_no_field_for(nir, tmp_path):
    path = str(tmp_path / "net.nir")
    write_nir(path, (1, 7, 7), STAGES, Neurons(0.5), fires=True)
    graph = nir.read(path)
    assert graph.metadata == {"reset": "subtract", "dt_s": 1e-3, "scheme": "euler"}
    for name in ("0_neurons", "1_neurons"):
        assert graph.nodes[name].metadata == {"v_initial": 0.5, "reset": "subtract"}


def test_neurons_with_a_leak_count_each_input_once(nir, tmp_path):
    path = str(tmp_path / "net.nir")
    write_nir(path, (1, 7, 7), STAGES, Neurons(0.0, tau_steps=10.0), fires=False)
    graph = nir.read(path)
    hidden, readout = graph.nodes["0_neurons"], graph.nodes["1_readout"]
    assert isinstance(hidden, nir.LIF) and isinstance(readout, nir.I)
    assert np.allclose(hidden.tau, 0.01) and np.allclose(1e-3 / hidden.tau * hidden.r, 1.0)
    assert readout.r.tolist() == [1.0] * 5


def test_a_folder_that_is_not_there_is_named(nir, tmp_path):
    with pytest.raises(InputError, match="no/net"):
        write_nir(str(tmp_path / "no" / "net.nir"), (1, 7, 7), STAGES, Neurons(0.5), fires=True)


def test_without_the_package_the_reason_is_told(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "nir", None)
    with pytest.raises(UnavailableError, match="files need nir"):
        write_nir(str(tmp_path / "net.nir"), (1, 7, 7), STAGES, Neurons(0.5), fires=True)
    assert not (tmp_path / "net.nir").exists()
