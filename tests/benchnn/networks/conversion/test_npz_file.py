"""Trained networks and samples in NumPy archives: the layout, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

from benchnn.networks.conversion.layers import AveragePool2d, Conv2d, Dense, Flatten, Relu
from benchnn.networks.conversion.npz_file import read_network, read_samples
from simcore.errors import InputError

KINDS = ["conv2d", "relu", "avgpool2d", "flatten", "dense"]
ARRAYS = {
    "input_shape": np.array([1, 8, 8]),
    "layers": np.array(KINDS),
    "0.weight": np.arange(18.0, dtype=np.float32).reshape(2, 1, 3, 3),
    "0.bias": np.array([1, -1]),
    "0.padding": np.array(1),
    "1.clip": np.array(2.5),
    "1.levels": np.array(8),
    "2.kernel": np.array([2, 4]),
    "4.weight": np.ones((10, 16)),
}


@pytest.fixture
def written(tmp_path):
    """A function that writes the arrays with changes; None leaves one out."""

    def write(**changes):
        arrays = {name: array for name, array in (ARRAYS | changes).items() if array is not None}
        path = tmp_path / "net.npz"
        np.savez_compressed(path, **arrays)
        return str(path)

    return write


def test_all_kinds_of_layers_are_read_with_their_defaults(written):
    network = read_network(written())
    (conv, relu), (pool, flatten, dense) = (
        (*network.stages[0].layers, network.stages[0].relu),
        network.stages[1].layers,
    )
    assert isinstance(conv, Conv2d) and conv.stride == (1, 1) and conv.padding == (1, 1)
    assert conv.weight.dtype == np.float64 and conv.bias.tolist() == [1.0, -1.0]
    assert relu == Relu(2.5, 8) and pool == AveragePool2d((2, 4), (2, 4)) and flatten == Flatten()
    assert isinstance(dense, Dense) and dense.bias.tolist() == [0.0] * 10
    assert network.stages[1].relu is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"input_shape": None}, "it has no array 'input_shape'"),
        ({"input_shape": np.array([8, 8])}, "input_shape = (8, 8)"),
        ({"input_shape": np.array([1, 8, 0])}, "integers in [1,"),
        ({"layers": np.array([*KINDS[:4], "maxpool2d"])}, "layer 4 has the unknown kind 'maxpool2d'"),
        ({"layers": np.arange(5)}, "'layers' must be a list of strings"),
        ({"layers": np.array(KINDS, dtype=object)}, "'layers' contains Python objects"),
        ({"0.weight": None}, "it has no array '0.weight'"),
        ({"0.weight": np.ones((2, 9))}, "has the shape (2, 9), but must have 4 dimensions"),
        ({"0.weight": np.full((2, 1, 3, 3), np.nan)}, "'0.weight' contains values that are not finite"),
        ({"0.weight": np.ones((2, 1, 3, 3), complex)}, "has the type complex128"),
        ({"0.bias": np.ones(3)}, "'0.bias' has 3 values, but its weight has 2 rows"),
        ({"0.padding": np.array([1, 1, 1])}, "must contain 1 or 2 integers in [0,"),
        ({"0.padding": np.array(0.5)}, "must contain 1 or 2 integers in [0,"),
        ({"1.clip": np.array(0.0)}, "1.clip = 0.0 is not allowed"),
        ({"1.clip": None}, "1.levels = 8 is not allowed: it requires 1.clip"),
        ({"2.kernel": np.array(-1)}, "integers in [1,"),
        ({"4.weight": np.ones((10, 15))}, "layer 4 (dense)"),
    ],
)
def test_what_is_wrong_is_named(written, changes, message):
    with pytest.raises(InputError) as caught:
        read_network(written(**changes))
    assert message in str(caught.value)


def test_files_that_are_no_whole_archives_are_refused_and_never_unpickled(tmp_path):
    whole, cut, pickle = (str(tmp_path / name) for name in ("whole.npz", "cut.npz", "pickle.npz"))
    np.savez(whole, **ARRAYS)
    Path(cut).write_bytes(Path(whole).read_bytes()[:-900])
    Path(pickle).write_bytes(b"\x80\x04\x95.")
    for name in (cut, pickle, str(tmp_path), str(tmp_path / "missing.npz")):
        with pytest.raises(InputError) as caught:
            read_network(name)
        assert f"cannot read {name}: " in str(caught.value)


def test_samples_fit_the_network_and_their_labels_its_classes(tmp_path):
    path = str(tmp_path / "samples.npz")
    np.savez(path, x=np.ones((4, 1, 8, 8), np.uint8), y=np.array([0, 9, 3, 3]))
    x, y = read_samples(path, (1, 8, 8), 10)
    assert x.dtype == np.float64 and x.shape == (4, 1, 8, 8) and y.tolist() == [0, 9, 3, 3]
    for shape, labels, message in (
        ((64,), 10, "needs (samples, 64)"),
        ((1, 8, 8), 9, "has labels from 0 to 9, but must be in [0, 8]"),
    ):
        with pytest.raises(InputError) as caught:
            read_samples(path, shape, labels)
        assert message in str(caught.value)
    np.savez(path, x=np.ones((4, 2)), y=np.ones(3, np.int64))
    with pytest.raises(InputError, match="must be 4 integers"):
        read_samples(path, (2,), 2)
