"""NeuroBench's metrics of an inference: those of the package itself, and of a plain evaluation of its definitions.

PUBLISHED was printed by neurobench_reference.py with neurobench 2.3.0, snntorch 1.0.0 and torch 2.13.0 (CPU).
"""

import importlib.util
import json
import runpy
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import h5py
import numpy as np
import pytest

reference = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("neurobench_reference.py"))))
TEXT = h5py.string_dtype()
PUBLISHED = {
    "events": {
        "Footprint": 616, "ParameterCount": 144, "ConnectionSparsity": 0.3194, "MAC": 0, "AC": 1854,
        "total_synops": 6912, "membrane_updates": 572, "nonzero": 27, "elements": 624, "output_spikes": 2,
    },
    "direct": {
        "Footprint": 652, "ParameterCount": 153, "ConnectionSparsity": 0.3194, "MAC": 1928, "AC": 561,
        "total_synops": 6912, "membrane_updates": 555, "nonzero": 45, "elements": 624, "output_spikes": 8,
    },
    "convolution": {
        "Footprint": 240, "ParameterCount": 50, "ConnectionSparsity": 0.28, "MAC": 190, "AC": 3565,
        "total_synops": 11136, "membrane_updates": 1707, "nonzero": 168, "elements": 1728, "output_spikes": 12,
    },
}  # fmt: skip


def write_nir(path, nodes, edges):
    """A file of nodes, (type, values) by name."""
    with h5py.File(path, "w") as file:
        file.create_dataset("version", data="1.0.8", dtype=TEXT)
        group = file.create_group("node")
        group.create_dataset("type", data="NIRGraph", dtype=TEXT)
        for name, (kind, values) in nodes.items():
            node = group.create_group(f"nodes/{name}")
            node.create_dataset("type", data=kind, dtype=TEXT)
            for key, value in values.items():
                node.create_dataset(key, data=value)
        group.create_dataset("edges", data=np.array(edges, dtype=object), dtype=TEXT)


def lif(shape):
    """The coefficients of a step of 1 ms are 0.5 and 1."""
    values = {"tau": 0.002, "r": 2.0, "v_leak": 0.0, "v_threshold": 1.0, "v_reset": 0.0}
    return "LIF", {name: np.full(shape, value) for name, value in values.items()}


def write_recurrent(path):
    """One neuron that fires in each step, with a connection to itself."""
    nodes = {
        "in": ("Input", {"shape": [1]}),
        "fc": ("Linear", {"weight": [[2.0]]}),
        "lif": lif(1),
        "back": ("Linear", {"weight": [[-0.25]]}),
        "end": ("Output", {"shape": [1]}),
    }
    edges = [("in", "fc"), ("fc", "lif"), ("lif", "back"), ("back", "lif"), ("lif", "end")]
    write_nir(path, nodes, edges)


def write_convolution(path):
    first, second = reference.filters()
    one, zero, two = np.array([1, 1]), np.array([0, 0]), np.array([2, 2])
    conv = {"weight": first, "bias": np.zeros(2), "stride": one, "padding": one, "dilation": one, "groups": 1}
    nodes = {
        "in": ("Input", {"shape": [1, 4, 4]}),
        "conv": ("Conv2d", conv),
        "hidden": lif((2, 4, 4)),
        "pool": ("SumPool2d", {"kernel_size": two, "stride": two, "padding": zero}),
        "flat": ("Flatten", {"start_dim": 0, "end_dim": -1}),
        "fc": ("Linear", {"weight": second}),
        "out": lif(4),
        "end": ("Output", {"shape": [4]}),
    }
    write_nir(path, nodes, list(pairwise(nodes)))


def write_dense(path, coding):
    first, second, bias = reference.weights()
    nodes = {
        "in": ("Input", {"shape": [12]}),
        "fc1": ("Affine", {"weight": first, "bias": bias}) if coding == "direct" else ("Linear", {"weight": first}),
        "hidden": lif(9),
        "fc2": ("Linear", {"weight": second}),
        "out": lif(4),
        "end": ("Output", {"shape": [4]}),
    }
    write_nir(path, nodes, list(pairwise(nodes)))


@pytest.fixture
def rows(benchnn, home):
    """Run a NIR file on samples, and return the rows of the record."""

    def run(coding, values, *options, steps=reference.STEPS):
        np.savez(home / "x.npz", x=values)
        words = ("--param", "dt_ms=1", "--param", "reset=subtract", "--data", "x.npz", "--coding", coding)
        more = ("--neurobench", "--json", "--out", "r", "--overwrite")
        done = benchnn("infer", "net.nir", *words, "--steps", steps, *more, *options)
        assert done.code == 0, done.err
        return json.loads(done.out)["rows"]

    return run


@pytest.mark.parametrize("coding", ["events", "direct"])
def test_metrics_are_those_of_the_package(home, rows, coding):
    write_dense(home / "net.nir", coding)
    row = rows(coding, reference.values(coding))[0]
    found, published = row["neurobench"]["metrics"], PUBLISHED[coding]
    samples = reference.SAMPLES
    assert row["neurobench"]["layers"] == "nodes of the NIR file"
    assert found == {
        "footprint_bytes": published["Footprint"],
        "parameter_count": published["ParameterCount"],
        "connection_sparsity": published["ConnectionSparsity"],
        "activation_sparsity": 1.0 - published["nonzero"] / published["elements"],
        "effective_macs": published["MAC"] / samples,
        "effective_acs": published["AC"] / samples,
        "dense": published["total_synops"] / samples,
        "membrane_updates": published["membrane_updates"] / samples,
    }
    # Weights of 0 are no synapses, and products with a sample are no events.
    ours, (first, second, _) = row["neurobench"]["ours"], reference.weights()
    simulated = np.count_nonzero(second) + (np.count_nonzero(first) if coding == "events" else 0)
    assert ours["parameter_count"] == np.count_nonzero(first) + np.count_nonzero(second)
    assert ours["dense"] == simulated * reference.STEPS
    assert ours["effective_acs"] == row["synaptic_events"] and ours["effective_macs"] == 0
    assert ours["connection_sparsity"] == 0 and ours["membrane_updates"] is None and ours["footprint_bytes"] > 0


def test_a_convolution_has_a_bias_and_taps_inside_of_its_input(home, rows):
    """NIR's convolutions have a bias: two parameters more. The values that a pool sums are multiplied."""
    write_convolution(home / "net.nir")
    row = rows("events", reference.values("convolution"))[0]
    found, published = row["neurobench"]["metrics"], PUBLISHED["convolution"]
    samples = reference.SAMPLES
    assert found == {
        "footprint_bytes": published["Footprint"] + 2 * 4,
        "parameter_count": published["ParameterCount"] + 2,
        "connection_sparsity": published["ConnectionSparsity"],
        "activation_sparsity": 1.0 - published["nonzero"] / published["elements"],
        "effective_macs": published["MAC"] / samples,
        "effective_acs": published["AC"] / samples,
        "dense": published["total_synops"] / samples,
        "membrane_updates": published["membrane_updates"] / samples,
    }
    assert found["effective_macs"] > 0 and row["neurobench"]["ours"]["parameter_count"] > found["parameter_count"]


@pytest.mark.parametrize("coding", list(PUBLISHED))
def test_the_stored_metrics_are_those_of_the_installed_package(coding):
    for package in ("torch", "snntorch", "neurobench"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    assert reference.counted(coding) == PUBLISHED[coding]


def test_neither_batch_nor_later_steps_change_a_metric(home, rows):
    write_dense(home / "net.nir", "direct")
    values = reference.values("direct")
    several = rows("direct", values, "--exit-entropy", "0.9", "--batch", 4, steps="5,8")
    assert several == rows("direct", values, "--exit-entropy", "0.9", "--batch", 1, steps="5,8")
    whole, early = several[2:]
    assert early["mean_steps"] < 8
    for name in ("dense", "effective_acs", "membrane_updates"):
        assert early["neurobench"]["metrics"][name] < whole["neurobench"]["metrics"][name]
    assert several[0] == rows("direct", values, steps="5")[0]


def test_metrics_are_shown_by_both_definitions(benchnn, home, rows):
    write_dense(home / "net.nir", "events")
    values = reference.values("events")
    assert rows("events", values)[0]["reasons"]["neurobench.ours.membrane_updates"]
    words = ("--param", "dt_ms=1", "--param", "reset=subtract", "--data", "x.npz", "--coding", "events", "--steps", 8)
    shown = benchnn("infer", "net.nir", *words, "--neurobench", "--out", "shown").out
    lines = [line for line in shown.splitlines() if "nodes of the NIR file" in line or "simulator" in line]
    assert len(lines) == 2 and "309" in lines[0] and "1,152" in lines[0]
    assert benchnn("report", "shown").code == 0
    page = next((home / "shown").glob("*.html")).read_text()
    assert "NeuroBench" in page and "membrane updates" in page and "nodes of the NIR file" in page


def test_spikes_of_the_last_step_arrive_at_no_recurrent_connection(home, rows):
    write_recurrent(home / "net.nir")
    row = rows("direct", np.array([[0.75]]), steps=4)[0]
    found = row["neurobench"]
    assert row["spikes"] == 4
    assert (found["metrics"]["effective_macs"], found["metrics"]["effective_acs"]) == (4, 3)
    assert (found["metrics"]["dense"], found["ours"]["dense"], found["ours"]["effective_acs"]) == (8, 4, 4)


def test_projections_are_the_layers_of_other_networks(benchnn, trained, samples):
    options = ("--data", "samples.npz", "--steps", 7, "--coding", "rate", "--json", "--out", "r", "--overwrite")
    plain, counted = (
        json.loads(benchnn("infer", trained, *options, *more).out)["rows"][0] for more in ((), ("--neurobench",))
    )
    assert plain["neurobench"] is None and "--neurobench" in plain["reasons"]["neurobench"]
    found = counted.pop("neurobench")
    assert found["layers"] == "projections"
    metrics, synapses = found["metrics"], 12 * 9 + 9 * 4
    assert metrics["effective_acs"] == pytest.approx(counted["synaptic_events"], rel=1e-12)
    assert (metrics["dense"], metrics["parameter_count"]) == (synapses * 7, synapses)
    densities = counted["densities"]
    silent = 1.0 - (9 * sum(densities["hidden"]) + 4 * sum(densities["out"])) / (13 * 7)
    assert metrics["activation_sparsity"] == pytest.approx(silent, rel=1e-12)
    # All else is as without.
    assert {key: counted[key] for key in plain if key not in ("neurobench", "reasons")} == {
        key: value for key, value in plain.items() if key not in ("neurobench", "reasons")
    }
