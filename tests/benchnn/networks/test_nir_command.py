"""NIR files on the command line: a model like any other, known by the digest of its file."""

import hashlib
import json
import shutil

import h5py
import numpy as np
import pytest

from benchnn.results.configuration import spike_configuration

NODES = {
    "input": ("Input", {"shape": [2]}),
    "fc": ("Affine", {"weight": np.array([[1.0, 0.003], [0.5, -0.25]]), "bias": np.array([0.3, 0.0])}),
    "lif": (
        "LIF",
        {"tau": [0.01, 0.02], "r": [5.0, 5.0], "v_leak": [0.0, 0.0], "v_threshold": [1.0, 1.0], "v_reset": [0.0, 0.0]},
    ),
    "output": ("Output", {"shape": [2]}),
}
EDGES = [("input", "fc"), ("fc", "lif"), ("lif", "output")]
TIMES = ("--time", 40, "--warmup", 0, "--threads", 1, "--backend", "oracle")


@pytest.fixture
def net(nir_file, tmp_path, monkeypatch):
    """The working folder with a file net.nir, and spikes for its input."""
    monkeypatch.chdir(tmp_path)
    nir_file(NODES, EDGES)
    (tmp_path / "in.dat").write_text("".join(f"{1 + k % 2}\t{k}.000\n" for k in range(1, 40)))
    return tmp_path


def test_a_run_records_the_file_and_the_parameters(net, benchnn):
    params = ("--param", "dt_ms=1", "--param", "reset=subtract", "--param", "input=in.dat")
    record = benchnn("run", "net.nir", *params, *TIMES, "--json").record
    assert record["model"]["name"] == "net.nir"
    expected = {"dt_ms": 1.0, "reset": "subtract", "scheme": "euler", "input": "in.dat"}
    assert record["model"]["parameters"] == expected
    assert record["provenance"]["model_digest"] == hashlib.sha256((net / "net.nir").read_bytes()).hexdigest()
    assert record["model"]["resolution_ms"] == 1.0
    assert record["mean_rate_hz"]["input"] == pytest.approx(39 / (2 * 0.04)) and record["spikes"] > 39 + 3


def test_runs_are_known_by_the_content_of_the_file_not_by_its_folder(net, benchnn):
    def configuration(path, *params):
        return spike_configuration(benchnn("run", path, "--param", "dt_ms=1", *params, *TIMES, "--json").record)

    (net / "other").mkdir()
    shutil.copy("net.nir", "other/net.nir")
    first = configuration("net.nir")
    assert configuration("other/net.nir") == first
    assert configuration("net.nir", "--param", "reset=subtract") != first
    assert configuration("net.nir", "--weight-bits", 32) != first
    with h5py.File("other/net.nir", "r+") as file:
        file["node/nodes/fc/weight"][0, 0] = 2.0
    assert configuration("other/net.nir") != first


def test_models_shows_layers_and_rounding(net, benchnn):
    out = benchnn("models", "net.nir", "--param", "dt_ms=1").out
    assert "net.nir: Network in a NIR file." in out and "Kind of reset: set the potential to v_reset" in out
    assert "4 neurons, 4 synapses, 1 projections, resolution 1 ms" in out
    row = out.splitlines()[-1].split()
    # 0.003 of 1 is less than half of 2^-6, and not of 2^-14.
    assert row[:4] == ["input", "->", "lif", "4"] and row[6] == "1" and row[9] == row[12] == "0"


def test_weights_that_become_zero_are_refused_and_accepted(net, benchnn):
    run = ("run", "net.nir", "--param", "dt_ms=1", *TIMES, "--json", "--weight-bits", 8)
    assert "projection input->lif.weight" in benchnn(*run).refusal
    adapted = benchnn(*run, "--accept-quantisation").record["backend"]["adaptations"]
    assert len(adapted) == 1 and "weights would become 0" in adapted[0]


def test_a_network_is_mapped_to_a_chip(net, benchnn):
    found = json.loads(benchnn("map", "net.nir", "--param", "dt_ms=1", "--chip", "loihi1", "--json").out)
    assert found["model"]["neurons"] == 4


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "net.nir"), ("dt_ms is missing", "node 'lif' (LIF)", "--param dt_ms=VALUE")),
        (("run", "none.nir"), ("model 'none.nir' cannot be read: No such file",)),
        (("run", "net.nir", "--param", "dt=1"), ("parameter 'dt' is unknown", "dt_ms, reset, scheme, input")),
        (("models", "net.nir", "--param", "reset=half"), ("parameter reset = 'half'", "'zero', 'subtract' or none")),
        (("map", "bad.nir", "--chip", "loihi1"), ("bad.nir: node 'x' has the type 'Softmax'",)),
        (("run", "text.nir"), ("cannot read text.nir: it is not an HDF5 file",)),
        (("run", "net.nir", "--param", "dt_ms=1", "--param", "input=none.h5"), ("none.h5",)),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(net, nir_file, benchnn, arguments, words):
    nir_file({"x": ("Softmax", {})}, [], "bad.nir")
    (net / "text.nir").write_text("weights")
    refusal = benchnn(*arguments).refusal
    for word in words:
        assert word in refusal
