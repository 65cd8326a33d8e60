"""``benchnn infer --crossbar``: crossbars without errors are the simulator, and errors are what their seeds say."""

import json
from itertools import pairwise

import numpy as np
import pytest

from benchnn.inference.record_keys import INFERENCE, RECORD, SCHEMA_VERSION
from benchnn.record.reading import read_record
from tests.benchnn.inference.test_neurobench import write_nir as write_graph

EXACT = ("--crossbar", "spikesim_nice", "--weight-bits", "8", "--adc-bits", "14", "--wire", "0")
SAME = ("accuracy", "confusion", "spikes", "synaptic_events", "densities", "spike_digest", "answers_digest", "exits")
"""Keys of a row that spikes and answers decide."""


def write_nir(path, nodes, edges=None):
    """A file of nodes, (type, values) by name, which follow one another unless edges are given."""
    write_graph(path, nodes, list(pairwise(nodes)) if edges is None else edges)


def leaky(shape):
    values = {"tau": 0.004, "r": 4.0, "v_leak": 0.0, "v_threshold": 1.0, "v_reset": 0.0}
    return "LIF", {name: np.full(shape, value) for name, value in values.items()}


def counting(shape):
    return "IF", {name: np.full(shape, value) for name, value in (("r", 1.0), ("v_threshold", 1.0), ("v_reset", 0.0))}


def affine(random, n_in, n_out, spread=0.3):
    return "Affine", {"weight": random.normal(0.05, spread, (n_out, n_in)), "bias": random.normal(0.0, 0.1, n_out)}


def convolution(random, filters, channels, groups=1, stride=1, padding=1, dilation=1):
    sides = {"stride": stride, "padding": padding, "dilation": dilation}
    values = {name: np.array([side, side]) for name, side in sides.items()}
    weight = random.normal(0.05, 0.4, (filters, channels // groups, 3, 3))
    return "Conv2d", {"weight": weight, "bias": random.normal(0.0, 0.1, filters), "groups": groups, **values}


def pool(kind, side):
    sizes = {"kernel_size": [side, side], "stride": [side, side], "padding": [0, 0]}
    return kind, {name: np.array(size) for name, size in sizes.items()}


def dense_nodes(random):
    return {
        "in": ("Input", {"shape": [24]}),
        "first": affine(random, 24, 13),
        "hidden": leaky(13),
        "second": affine(random, 13, 4, 0.5),
        "out": counting(4),
        "end": ("Output", {"shape": [4]}),
    }


def convolution_nodes(random):
    """Groups, padding, strides, dilation, both kinds of pools, and outputs that cannot fire."""
    return {
        "in": ("Input", {"shape": [2, 8, 6]}),
        "first": convolution(random, 4, 2, groups=2),
        "one": counting((4, 8, 6)),
        "average": pool("AvgPool2d", 2),
        "second": convolution(random, 3, 4, stride=2, dilation=1),
        "two": leaky((3, 2, 2)),
        "sum": pool("SumPool2d", 2),
        "flat": ("Flatten", {"start_dim": 0, "end_dim": -1}),
        "third": affine(random, 3, 4, 0.6),
        "out": ("I", {"r": np.ones(4)}),
        "end": ("Output", {"shape": [4]}),
    }


NETWORKS = {"dense": (dense_nodes, (24,)), "convolution": (convolution_nodes, (2, 8, 6))}


@pytest.fixture
def written(home):
    """Write one of the networks, and 20 samples for it."""

    def write(name):
        nodes, shape = NETWORKS[name]
        random = np.random.default_rng(6)
        write_nir(home / "net.nir", nodes(random))
        # Multiples of 2^-8, which eight bits hold: products of a constant sample have no rounding in float32.
        x = random.integers(0, 256, (20, *shape)).astype(np.float32) / 256.0
        x.flat[0] = 255.0 / 256.0
        np.savez(home / "x.npz", x=x, y=random.integers(0, 4, 20))
        return "net.nir"

    return write


@pytest.fixture
def rows_of(benchnn):
    def rows(*options):
        arguments = ("net.nir", "--data", "x.npz", "--param", "dt_ms=1", "--steps", "6", "--out", "r", "--overwrite")
        done = benchnn("infer", *arguments, *options, "--json")
        assert done.code == 0, done.err
        return json.loads(done.out)["rows"]

    return rows


@pytest.mark.parametrize("coding", ["direct", "rate", "latency"])
@pytest.mark.parametrize("name", NETWORKS)
def test_crossbars_without_errors_do_what_the_simulator_does(written, rows_of, name, coding):
    written(name)
    original, crossbar = rows_of("--coding", coding, "--crossbar-size", "7", *EXACT)
    assert (original["network"], crossbar["network"]) == ("original", "crossbar")
    assert {key: original[key] for key in SAME} == {key: crossbar[key] for key in SAME}
    assert original["spikes"] > 5 and min(map(max, original["densities"].values())) >= 0
    assert crossbar["crossbar"]["answers_as_original"] == 1.0


@pytest.mark.parametrize(
    "options",
    [
        ("--weight-encoding", "offset"),
        ("--weight-encoding", "offset_complemented", "--cell-bits", "2"),
        ("--weight-encoding", "differential_complemented", "--resistance-ratio", "20"),
        ("--precision", "float64"),
        ("--exit-entropy", "0.8", "--coding", "rate", "--noise", "0.1"),
        ("--adapt-normalisation", "10"),
    ],
)
def test_neither_encoding_nor_early_exit_nor_adaptation_changes_ideal_crossbars(written, rows_of, options):
    written("dense")
    rows = rows_of("--crossbar-size", "16", *EXACT, *options)
    half = len(rows) // 2
    for original, crossbar in zip(rows[:half], rows[half:], strict=True):
        assert {key: original[key] for key in SAME} == {key: crossbar[key] for key in SAME}


def test_negative_values_are_applied_after_the_positive_ones(written, rows_of, home):
    written("dense")
    x = np.load(home / "x.npz")["x"]
    np.savez(home / "x.npz", x=x - np.float32(0.25) * (np.arange(24) % 2))
    original, crossbar = rows_of("--input-bits", "8", *EXACT)
    assert original["spike_digest"] == crossbar["spike_digest"]
    coarse = rows_of("--input-bits", "2", *EXACT)[1]
    assert coarse["spike_digest"] != original["spike_digest"]


def test_more_noise_gives_fewer_of_the_simulators_answers(written, rows_of):
    written("dense")
    options = ("--coding", "rate", "--conductance-noise", "0,0.3,1", "--crossbar-seed", "1,2", *EXACT)
    original, *rows = rows_of(*options)
    found = {(row["crossbar"]["conductance_noise"], row["crossbar"]["seed"]): row for row in rows}
    assert list(found) == [(noise, seed) for noise in (0.0, 0.3, 1.0) for seed in (1, 2)]
    same = [
        np.mean([found[noise, seed]["crossbar"]["answers_as_original"] for seed in (1, 2)]) for noise in (0, 0.3, 1)
    ]
    assert same[0] == 1.0 > same[1] > same[2]
    assert found[0.3, 1]["spike_digest"] != found[0.3, 2]["spike_digest"]
    assert found[0.0, 1]["spike_digest"] == found[0.0, 2]["spike_digest"] == original["spike_digest"]


def test_neither_batch_nor_earlier_runs_change_a_result(written, rows_of):
    written("convolution")
    noise = ("--conductance-noise", "0.1", "--read-noise", "0.1", "--adapt-normalisation", "8", "--wire", "1")
    exact = EXACT[:-2]
    rows = rows_of(*exact, *noise)
    assert rows_of(*exact, *noise, "--batch", "3") == rows
    assert rows[0]["spike_digest"] != rows[1]["spike_digest"]


def test_the_record_is_one_and_names_the_crossbars(written, benchnn, home):
    written("dense")
    done = benchnn(
        "infer", "net.nir", "--data", "x.npz", "--param", "dt_ms=1", "--steps", "6", "--out", "r",
        "--crossbar", "spikesim_nice", "--weight-bits", "8", "--wire", "2", "--read-noise", "0.05",
        "--stuck", "0.02", "--drift-exponent", "0.02", "--drift-time", "100",
        "--adapt-normalisation", "5",
    )  # fmt: skip
    assert done.code == 0, done.err
    assert "1 x" not in done.out and "crossbars of 64 x 64, differential weights" in done.out
    record = read_record(home / "r" / RECORD, SCHEMA_VERSION, INFERENCE)
    original, row = record.parts("rows")
    assert original.number("crossbar.size") is None and original.text("reasons.crossbar")
    found = {
        key: row.number(f"crossbar.{key}")
        for key in ("wire_ohm", "read_noise", "stuck_on", "stuck_off", "drift_exponent", "drift_time_s", "seed")
    }
    expected = {"wire_ohm": 2, "read_noise": 0.05, "stuck_on": 0.01, "stuck_off": 0.01}
    assert found == expected | {"drift_exponent": 0.02, "drift_time_s": 100, "seed": 1}
    assert row.number("crossbar.crossbars") == 2 and row.number("crossbar.adapted_samples") == 5
    assert row.text("crossbar.sheet") == "spikesim_nice"
    assert benchnn("report", "r").code == 0


def refused(benchnn, *options):
    """The message of a command that is refused."""
    arguments = ("net.nir", "--data", "x.npz", "--param", "dt_ms=1", "--steps", "6", "--weight-bits", "8")
    done = benchnn("infer", *arguments, *options)
    assert done.code == 2
    return done.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--wire", "1"), "wire is an option of crossbars; add --crossbar NAME"),
        (("--crossbar", "sata"), "use a sheet of kind analogue crossbar, not systolic array"),
        (("--crossbar", "spikesim_nice", "--chip", "loihi1"), "it cannot be combined with --chip or --neurobench"),
        (("--crossbar", "spikesim_nice", "--neurobench"), "it cannot be combined with --chip or --neurobench"),
        (("--crossbar", "spikesim_nice", "--crossbar-size", "1"), "crossbar_size"),
        (("--crossbar", "spikesim_nice", "--wire", "-1"), "wire"),
        (
            ("--crossbar", "spikesim_nice", "--wire", ",".join(["1"] * 101)),
            "number of values of wire = 101 is not allowed: must be at most 100",
        ),
        (
            (
                "--crossbar",
                "spikesim_nice",
                "--wire",
                ",".join(["0"] * 11),
                "--conductance-noise",
                ",".join(["0"] * 92),
            ),
            "crossbar_seed = 1012 is not allowed: must be at most 1000",
        ),
        (
            ("--crossbar", "spikesim_nice", "--crossbar-size", "512", "--wire", ",".join(["1"] * 100)),
            "crossbar_size = 512 is not allowed: 100 table lines with wire resistance on 2 crossbars",
        ),
        (("--crossbar", "spikesim_nice", "--resistance-ratio", "1"), "resistance_ratio = '1'"),
        (("--crossbar", "spikesim_nice", "--resistance-ratio", "1e16"), "resistance_ratio = '1e16'"),
        (("--crossbar", "spikesim_nice", "--conductance-noise", "2"), "conductance_noise"),
        (("--crossbar", "spikesim_nice", "--stuck", "1.1"), "stuck"),
        (("--crossbar", "spikesim_nice", "--weight-encoding", "twice"), "weight_encoding"),
        (("--crossbar", "spikesim_nice", "--adapt-normalisation", "21"), "adapt_normalisation"),
        (("--crossbar", "spikesim_nice", "--weight-bits", "32"), "weight_bits"),
        (("--crossbar", "spikesim_nice", "--read-noise", "0.1,0.2"), "one number"),
        (("--crossbar", "spikesim_nice", "--drift-time", "0.5"), "drift_time"),
        (("--crossbar", "spikesim_nice", "--adc-bits", "40"), "adc_bits"),
        (("--crossbar", "spikesim_nice", "--precision", "float16"), "precision"),
    ],
)
def test_wrong_options_are_refused(written, benchnn, options, message):
    written("dense")
    assert message in refused(benchnn, *options)


ON = ("--crossbar", "spikesim_nice")


def test_a_network_of_no_nir_file_is_refused(benchnn, home, trained, samples):
    done = benchnn("infer", trained, "--data", "samples.npz", "--steps", "3", "--crossbar", "spikesim_nice")
    assert done.code == 2 and "NIR file" in done.err


def test_layers_in_a_circle_are_refused(written, benchnn, home):
    written("dense")
    nodes = dense_nodes(np.random.default_rng(6))
    names = list(nodes)
    nodes["back"] = affine(np.random.default_rng(1), 13, 13)
    edges = [*pairwise(names), ("hidden", "back"), ("back", "hidden")]
    write_nir(home / "net.nir", nodes, edges)
    assert "in a loop" in refused(benchnn, *ON)


def test_a_delay_is_refused(written, benchnn, home):
    written("dense")
    nodes = dense_nodes(np.random.default_rng(6))
    parts = list(nodes.items())
    delay = ("wait", ("Delay", {"delay": np.linspace(0.0, 0.002, 13)}))
    write_nir(home / "net.nir", dict([*parts[:3], delay, *parts[3:]]))
    assert "crossbars have no delays" in refused(benchnn, *ON)


def test_weights_that_no_crossbar_holds_are_refused(written, benchnn, home):
    written("dense")
    nodes = dense_nodes(np.random.default_rng(6))
    parts = list(nodes.items())
    scale = ("scale", ("Scale", {"scale": np.linspace(0.5, 2.0, 13)}))
    write_nir(home / "net.nir", dict([*parts[:3], scale, *parts[3:]]))
    assert "with different weights" in refused(benchnn, *ON)
    write_nir(home / "net.nir", dict([*parts[:2], scale, *parts[2:]]))
    assert "differ from the weights of the Linear" in refused(benchnn, *ON)


def test_pooled_constant_samples_are_refused_and_pooled_spikes_are_not(written, rows_of, benchnn, home):
    written("convolution")
    nodes = convolution_nodes(np.random.default_rng(6))
    first = {"in": ("Input", {"shape": [2, 16, 12]}), "before": pool("SumPool2d", 2)}
    write_nir(home / "net.nir", first | {name: node for name, node in nodes.items() if name != "in"})
    np.savez(home / "x.npz", x=np.random.default_rng(0).random((10, 2, 16, 12)).astype(np.float32))
    assert "use rate or latency" in refused(benchnn, *ON)
    original, crossbar = rows_of("--coding", "rate", "--crossbar-size", "32", *EXACT)
    assert original["spike_digest"] == crossbar["spike_digest"]
