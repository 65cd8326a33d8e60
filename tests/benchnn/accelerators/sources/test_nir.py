"""Workloads of NIR files, and what the argument of a command means."""

from itertools import pairwise

import numpy as np
import pytest

from benchnn.accelerators.sources.nir import workload_of_nir
from benchnn.accelerators.sources.source import find_workload
from simcore.errors import InputError

SINABS = [
    ("convolution", 2, 16, (16, 16), 1),
    ("convolution", 16, 16, (16, 16), 2),
    ("convolution", 16, 8, (8, 8), 2),
    ("linear", 128, 256, (1, 1), 1),
    ("linear", 256, 10, (1, 1), 1),
]
"""Kind, channels, filters, size of the output, pooling."""


def test_the_published_network_of_sinabs_has_five_layers(published):
    workload = workload_of_nir(published("cnn_sinabs.nir"))
    shapes = [(one.kind, one.channels, one.filters, one.output_size, one.pooling) for one in workload.layers]
    assert shapes == SINABS
    assert (workload.steps, workload.measured) == (None, False)
    assert {one.input_density for one in workload.layers} == {None}
    assert "SHA-256" in workload.sources["nir"]


def small(nir_file, branch=False):
    nodes = {
        "in": ("Input", {"shape": [3]}),
        "fc": ("Linear", {"weight": np.ones((2, 3))}),
        "lif": ("IF", {"r": np.ones(2), "v_threshold": np.ones(2)}),
        "end": ("Output", {"shape": [2]}),
    }
    edges = list(pairwise(nodes))
    if branch:
        nodes["other"] = "Linear", {"weight": np.ones((2, 3))}
        edges += [("in", "other"), ("other", "lif")]
    return nir_file(nodes, edges)


def test_a_graph_that_is_not_a_chain_says_so(nir_file):
    assert workload_of_nir(small(nir_file)).why_not_chained is None
    branched = workload_of_nir(small(nir_file, True))
    assert {layer.name for layer in branched.layers} == {"fc", "other"} and "not a chain" in branched.why_not_chained


def test_an_argument_is_a_folder_a_file_or_a_name(nir_file, tmp_path, monkeypatch):
    path = small(nir_file)
    found = find_workload(str(path))
    assert found.workload == workload_of_nir(path) and found.origin == "NIR graph" and found.run is None
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vgg9").mkdir()
    # A folder without a result hides no table.
    assert find_workload("vgg9").origin == "published table"
    with pytest.raises(InputError, match=r"cannot read .*inference\.json"):
        find_workload(str(tmp_path))
    refusals = {
        "vgg99": "did you mean",
        "no.toml": "does not exist",
        "no.nir": "no.nir",
        "a.json": "use a folder",
    }
    for name, refusal in refusals.items():
        with pytest.raises(InputError, match=refusal):
            find_workload(name)
    with pytest.raises(InputError, match=r"exit_entropy = 0.5 is not allowed: it requires a folder"):
        find_workload(str(path), 0.5)
