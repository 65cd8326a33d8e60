"""Graphs of NIR that are written: those that NIR's own package writes, and what NIR itself does not say."""

import itertools

import h5py
import numpy as np
import pytest

from benchnn.networks.conversion.layers import AveragePool2d, Conv2d, Dense, Flatten, Stage
from benchnn.networks.conversion.nir_file import Neurons, write_nir
from simcore.errors import InputError

CONV = Conv2d(np.arange(18.0).reshape(2, 1, 3, 3), np.array([1.0, 2.0]), (2, 1), (0, 1))
DENSE = Dense(np.arange(30.0).reshape(5, 6), np.arange(5.0))
STAGES = [
    Stage((CONV,), None, (2, 3, 7)),
    Stage((AveragePool2d((1, 3), (3, 2)), Flatten(), DENSE), None, (5,)),
]
CHAIN = ["input", "0_0_conv2d", "0_neurons", "1_0_avgpool2d", "1_1_flatten", "1_2_dense", "1_neurons", "output"]


def contents(path):
    """All values of a file by name, with their types."""
    found = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset):
            found[name] = (item.dtype, np.asarray(item[()]).tolist())

    with h5py.File(path) as file:
        file.visititems(visit)
    return found


@pytest.fixture
def path(tmp_path):
    return tmp_path / "net.nir"


def test_a_network_is_a_chain_of_its_layers_and_neurons(path):
    write_nir(path, (1, 7, 7), STAGES, Neurons(0.5), fires=True)
    found = {name: value for name, (_, value) in contents(path).items()}
    edges = [[end.decode() for end in edge] for edge in found["node/edges"]]
    assert edges == [list(pair) for pair in itertools.pairwise(CHAIN)]
    kinds = [found[f"node/nodes/{name}/type"].decode() for name in CHAIN]
    assert kinds == ["Input", "Conv2d", "IF", "AvgPool2d", "Flatten", "Affine", "IF", "Output"]
    assert found["node/nodes/0_0_conv2d/weight"] == CONV.weight.tolist()
    assert found["node/nodes/1_2_dense/bias"] == DENSE.bias.tolist()
    assert np.array_equal(found["node/nodes/0_neurons/v_threshold"], np.ones((2, 3, 7)))


def test_nir_itself_would_write_the_same_file(path, tmp_path):
    """Its own check of the shapes along the edges passes, and what it writes again has the same names and values."""
    nir = pytest.importorskip("nir", reason="the package nir is not installed")
    for neurons, fires in ((Neurons(0.5), True), (Neurons(0.0, tau_steps=10.0), False)):
        write_nir(path, (1, 7, 7), STAGES, neurons, fires)
        nir.write(tmp_path / "again.nir", nir.read(path))
        ours, theirs = contents(path), contents(tmp_path / "again.nir")
        assert ours["version"][1] == theirs["version"][1]
        assert {name: value for name, (_, value) in ours.items()} == {n: value for n, (_, value) in theirs.items()}
        assert {name: dtype.kind for name, (dtype, _) in ours.items()} == {n: d.kind for n, (d, _) in theirs.items()}


def test_the_file_says_what_nir_has_no_field_for(path):
    write_nir(path, (1, 7, 7), STAGES, Neurons(0.5), fires=True)
    found = {name: value for name, (_, value) in contents(path).items() if "metadata" in name}
    assert found == {
        "node/metadata/reset": b"subtract",
        "node/metadata/dt_s": 1e-3,
        "node/metadata/scheme": b"euler",
        **{f"node/nodes/{number}_neurons/metadata/v_initial": 0.5 for number in (0, 1)},
        **{f"node/nodes/{number}_neurons/metadata/reset": b"subtract" for number in (0, 1)},
    }


def test_neurons_with_a_leak_count_each_input_once(path):
    write_nir(path, (1, 7, 7), STAGES, Neurons(0.0, tau_steps=10.0), fires=False)
    found = {name: value for name, (_, value) in contents(path).items()}
    tau, r = (np.array(found[f"node/nodes/0_neurons/{name}"]) for name in ("tau", "r"))
    assert found["node/nodes/0_neurons/type"] == b"LIF" and np.allclose(tau, 0.01) and np.allclose(1e-3 / tau * r, 1.0)
    assert found["node/nodes/1_readout/type"] == b"I" and found["node/nodes/1_readout/r"] == [1.0] * 5


def test_the_same_network_gives_the_same_bytes(path):
    written = []
    for _ in range(2):
        write_nir(path, (1, 7, 7), STAGES, Neurons(0.5), fires=True)
        written.append(path.read_bytes())
    assert written[0] == written[1]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match="no/net"):
        write_nir(tmp_path / "no" / "net.nir", (1, 7, 7), STAGES, Neurons(0.5), fires=True)
