"""``benchnn convert``: a file of a trained network becomes one of a spiking network, and both are compared."""

import h5py
import numpy as np
import pytest

from benchnn.inference.conversion import ConversionOptions
from simcore.errors import InputError

DATA = ("--calibration", "train.npz", "--data", "test.npz")


@pytest.fixture
def trained(home):
    """Files of a network with one hidden layer that tells in which of four quarters a point lies, and of points."""
    random = np.random.default_rng(1)
    hidden = random.normal(size=(40, 2))
    points = random.uniform(-1.0, 1.0, size=(800, 2))
    quarters = (points[:, 0] > 0) + 2 * (points[:, 1] > 0)
    active = np.maximum(points @ hidden.T + 0.1, 0.0)
    readout = np.linalg.lstsq(active, np.eye(4)[quarters], rcond=None)[0].T
    arrays = {"input_shape": np.array([2]), "layers": np.array(["dense", "relu", "dense"])}
    np.savez(home / "net.npz", **arrays, **{"0.weight": hidden, "0.bias": np.full(40, 0.1), "2.weight": readout})
    np.savez(home / "train.npz", x=points[:500])
    np.savez(home / "test.npz", x=points[500:], y=quarters[500:])
    return home


def kind_of(node):
    """Kind of a node in the file."""
    with h5py.File("net.nir") as file:
        return file["node/nodes"][node]["type"][()]


def test_the_record_compares_both_over_the_steps(trained, benchnn):
    line = ("convert", "net.npz", "--out", "net.nir", *DATA, "--steps", "64,1,8")
    record = benchnn(*line, "--json").record
    tested = record["test"]
    rows = tested["over_steps"]
    assert tested["samples"] == 300 and tested["accuracy"] > 0.9 and [row["steps"] for row in rows] == [1, 8, 64]
    for row in rows:
        assert row["difference"] == pytest.approx(row["accuracy"] - tested["accuracy"])
        assert row["difference_low"] < row["difference"] < row["difference_high"]
    assert abs(rows[2]["difference"]) < 0.02 and abs(rows[2]["difference"]) < abs(rows[0]["difference"])
    # From one time to the next, no neuron of the hidden layer fires more than once in a step.
    spikes = [row["spikes_per_sample"] for row in rows]
    assert 0.0 < spikes[0] <= 40.0 and 0.0 < spikes[1] - spikes[0] <= 7 * 40.0
    assert spikes[2] == pytest.approx(8 * spikes[1], rel=0.15)
    assert record["neurons"] == [40, 4] and record["scales"][1] == 1.0 and len(record["network_sha256"]) == 64
    assert kind_of("1_readout") == b"I"
    text = benchnn(*line, "--overwrite")
    assert text.code == 0 and f"{tested['accuracy']:.2%} on 300 samples" in text.out
    assert len(text.out.splitlines()) == 3 + len(rows)


def test_the_file_and_the_table_are_of_the_same_network(trained, benchnn):
    """The graph, computed node by node, finds the classes of which the table tells."""
    record = benchnn("convert", "net.npz", "--out", "net.nir", *DATA, "--steps", "4", "--json").record
    with h5py.File("net.nir") as file:
        nodes = file["node/nodes"]
        (w, bias), (last, last_bias) = (
            [nodes[name][key][()].astype(float) for key in ("weight", "bias")] for name in ("0_0_dense", "1_0_dense")
        )
        v_initial, r, threshold = (nodes["0_neurons"][key][()] for key in ("metadata/v_initial", "r", "v_threshold"))
    with np.load("test.npz") as data:
        x, y = data["x"], data["y"]
    v, total = np.full((len(x), 40), v_initial), 0.0
    for _ in range(4):
        v = v + r * (x @ w.T + bias)
        fired = v > threshold
        v = v - fired * threshold
        total = total + fired @ last.T + last_bias
    (row,) = record["test"]["over_steps"]
    assert row["accuracy"] == (total.argmax(axis=1) == y).mean()


def test_neurons_that_count_fire_in_the_last_layer_too(trained, benchnn):
    record = benchnn("convert", "net.npz", "--out", "net.nir", *DATA, "--readout", "count", "--json").record
    assert record["scales"][1] != 1.0 and record["test"]["over_steps"][-1]["accuracy"] > 0.9
    assert kind_of("1_neurons") == b"IF"


def test_without_data_nothing_is_tested_and_the_reason_is_reported(trained, benchnn):
    record = benchnn("convert", "net.npz", "--out", "net.nir", "--calibration", "train.npz", "--json").record
    assert record["test"] is None and "--data" in record["reasons"]["test"]
    assert benchnn("convert", "net.npz", "--out", "two.nir", "--calibration", "train.npz").out.count("\n") == 1


def test_a_file_that_is_there_is_kept_unless_it_is_to_be_replaced(trained, benchnn):
    (trained / "net.nir").write_text("mine")
    assert "pass --overwrite" in benchnn("convert", "net.npz", "--out", "net.nir", *DATA).refusal
    assert (trained / "net.nir").read_text() == "mine"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (("net.npz", "--out", "net.h5", *DATA), "must end in .nir"),
        (("net.txt", "--out", "net.nir", *DATA), "must end in .npz or .onnx"),
        (("net.npz", "--out", "net.nir"), "calibration is missing"),
        (("net.npz", "--out", "net.nir", "--method", "quantised"), "weighted layer 1 has no clip"),
        (("net.npz", "--out", "net.nir", "--method", "quantised", *DATA), "calibration = 'train.npz' is not allowed"),
        (("net.npz", "--out", "net.nir", "--method", "best", *DATA), "method = 'best'"),
        (("net.npz", "--out", "net.nir", "--readout", "spike", *DATA), "readout = 'spike'"),
        (("net.npz", "--out", "net.nir", "--percentile", "0", *DATA), "percentile = 0.0"),
        (("net.npz", "--out", "net.nir", "--percentile", "most", *DATA), "percentile = 'most'"),
        (("net.npz", "--out", "net.nir", "--steps", "0,4", *DATA), "steps = '0,4'"),
        (("net.npz", "--out", "net.nir", "--data", "train.npz", "--calibration", "train.npz"), "no array 'y'"),
        (("test.npz", "--out", "net.nir", *DATA), "no array 'input_shape'"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(trained, benchnn, line, message):
    assert message in benchnn("convert", *line).refusal
    assert not (trained / "net.nir").exists()


@pytest.mark.parametrize("steps", [(), (4, 2), (2, 2), (1.5,)])
def test_steps_ascend(steps):
    with pytest.raises(InputError, match="steps"):
        ConversionOptions("net.nir", calibration="train.npz", steps=steps)
