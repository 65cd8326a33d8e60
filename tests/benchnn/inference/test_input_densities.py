"""Densities of the inputs of layers of weights, against a dense evaluation of the same NIR graph, step by step."""

import json
from itertools import pairwise

import numpy as np
import pytest

from benchnn.inference.coding import coded
from benchnn.inference.samples import Samples
from tests.benchnn.inference.test_neurobench import lif, write_nir, write_recurrent

SAMPLES, STEPS = 9, 7
ONE, TWO, ZERO = np.array([1, 1]), np.array([2, 2]), np.array([0, 0])
OPTIONS = ("--param", "dt_ms=1", "--param", "reset=subtract", "--data", "x.npz", "--json", "--out", "r", "--overwrite")


def weights():
    """Two filters of 3 x 3, and a matrix (4, 8), multiples of 2**-8; a quarter is 0."""
    chance = np.random.default_rng(3)
    spans = {(2, 1, 3, 3): (-20, 150), (4, 8): (-120, 300)}
    made = [chance.integers(*span, shape) * (chance.integers(0, 4, shape) > 0) for shape, span in spans.items()]
    return [one / 256.0 for one in made]


def values():
    """Multiples of 1/16; some are 0."""
    chance = np.random.default_rng(4)
    found = chance.integers(0, 17, (SAMPLES, 1, 4, 4)) * (chance.integers(0, 3, (SAMPLES, 1, 4, 4)) > 0)
    return found.astype(np.float32) / np.float32(16.0)


def write_stack(path, pool="SumPool2d"):
    """A convolution, a pool of 2 x 2, and a matrix; names that are not in the order of the layers."""
    filters, matrix = weights()
    conv = {"weight": filters, "bias": np.zeros(2), "stride": ONE, "padding": ONE, "dilation": ONE, "groups": 1}
    nodes = {
        "in": ("Input", {"shape": [1, 4, 4]}),
        "z_conv": ("Conv2d", conv),
        "hidden": lif((2, 4, 4)),
        "pool": (pool, {"kernel_size": TWO, "stride": TWO, "padding": ZERO}),
        "flat": ("Flatten", {"start_dim": 0, "end_dim": -1}),
        "fc": ("Linear", {"weight": matrix * (4.0 if pool == "AvgPool2d" else 1.0)}),
        "out": lif(4),
        "end": ("Output", {"shape": [4]}),
    }
    write_nir(path, nodes, list(pairwise(nodes)))


def integrated(potential, arriving):
    """Potential and spikes of LIF neurons after a step of 1 ms; what is above the threshold stays."""
    potential = potential * 0.5 + arriving
    spikes = potential > 1.0
    return potential - spikes, spikes


def plain(inputs):
    """Elements that are not 0 of both inputs, (2, steps), spikes of the output, (steps, 4), and the largest sum."""
    filters, matrix = weights()
    hidden, out = np.zeros((2, 4, 4)), np.zeros(4)
    nonzero, fired = np.zeros((2, len(inputs)), dtype=int), np.zeros((len(inputs), 4), dtype=bool)
    largest = 0
    for step, given in enumerate(inputs):
        windows = np.lib.stride_tricks.sliding_window_view(np.pad(given, 1), (3, 3))
        hidden, spikes = integrated(hidden, np.einsum("yxab,oab->oyx", windows, filters[:, 0]))
        pooled = spikes.reshape(2, 2, 2, 2, 2).sum(axis=(2, 4)).ravel()
        out, fired[step] = integrated(out, matrix @ pooled)
        nonzero[:, step] = np.count_nonzero(given), np.count_nonzero(pooled)
        largest = max(largest, pooled.max())
    return nonzero, fired, largest


def inputs_of(coding, number):
    """Input of a sample by step, (steps, 4, 4)."""
    sample = values()[number : number + 1]
    if coding == "direct":
        return np.repeat(sample.reshape(1, 4, 4).astype(float), STEPS, axis=0)
    found = coded(Samples(sample.reshape(1, 16), None, False), number, coding, STEPS, 1)
    sent = np.zeros((STEPS, 16))
    sent[found.step - 1, found.neuron] = 1.0
    return sent.reshape(STEPS, 4, 4)


@pytest.fixture
def record_of(benchnn, home):
    """Run net.nir, and return the record."""

    def run(*options, inputs=None):
        np.savez(home / "x.npz", x=values() if inputs is None else inputs)
        done = benchnn("infer", "net.nir", *OPTIONS, *options)
        assert done.code == 0, done.err
        return json.loads(done.out)

    return run


@pytest.mark.parametrize(("coding", "pool"), [("rate", "SumPool2d"), ("rate", "AvgPool2d"), ("direct", "SumPool2d")])
def test_densities_are_those_of_a_dense_evaluation(home, record_of, coding, pool):
    write_stack(home / "net.nir", pool)
    row = record_of("--steps", STEPS, "--coding", coding)["rows"][0]
    nonzero, _, largest = zip(*(plain(inputs_of(coding, number)) for number in range(SAMPLES)), strict=True)
    counted = sum(nonzero)
    found = row["input_densities"]
    assert list(found) == ["z_conv", "fc"]
    for name, expected, elements in zip(found, counted, (16, 8), strict=True):
        assert np.array_equal(np.array(found[name]) * elements * SAMPLES, expected)
        assert 0 < sum(expected) < STEPS * elements * SAMPLES
    # Several spikes of a square are one element.
    assert max(largest) > 2
    assert row["exits"] == [0] * (STEPS - 1) + [SAMPLES]


@pytest.mark.parametrize("coding", ["rate", "direct"])
def test_a_sample_counts_until_it_is_answered(home, record_of, coding):
    write_stack(home / "net.nir")
    options = ("--steps", STEPS, "--coding", coding, "--exit-entropy", "0.95")
    record = record_of(*options)
    row = record["rows"][1]
    counted, alive, exits = np.zeros((2, STEPS), dtype=int), np.zeros(STEPS, dtype=int), [0] * STEPS
    for number in range(SAMPLES):
        nonzero, fired, _ = plain(inputs_of(coding, number))
        chances = np.exp(np.cumsum(fired, axis=0))
        chances /= chances.sum(axis=1, keepdims=True)
        sure = -(chances * np.log(chances)).sum(axis=1) / np.log(4) < 0.95
        last = int(sure.argmax()) + 1 if sure.any() else STEPS
        counted[:, :last] += nonzero[:, :last]
        alive[:last] += 1
        exits[last - 1] += 1
    assert row["exits"] == exits and sum(exits) == SAMPLES and max(exits) < SAMPLES
    assert row["mean_steps"] == pytest.approx(alive.sum() / SAMPLES)
    for expected, elements, found in zip(counted, (16, 8), row["input_densities"].values(), strict=True):
        for share, count, samples in zip(found, expected, alive, strict=True):
            assert share == (count / (elements * samples) if samples else None)
    # No batch changes a bit.
    assert record_of(*options, "--batch", 2)["rows"] == record["rows"]


def test_layers_have_their_shapes_and_widths(home, record_of):
    write_stack(home / "net.nir")
    filters, matrix = weights()
    conv, fc = record_of("--steps", 2, "--coding", "rate", "--weight-bits", 8)["weighted_layers"]
    assert conv == {
        "name": "z_conv", "kind": "convolution", "channels": 1, "filters": 2, "input_size": [4, 4], "kernel": [3, 3],
        "stride": [1, 1], "padding": [1, 1], "groups": 1, "pooling": 2, "weight_bits": 8, "input_bits": 1,
        "weight_density": np.count_nonzero(filters) / 18,
    }  # fmt: skip
    # Sums of up to four spikes.
    assert (fc["kind"], fc["channels"], fc["filters"], fc["input_bits"]) == ("linear", 8, 4, 3)
    assert fc["weight_density"] == np.count_nonzero(matrix) / 32
    direct = record_of("--steps", 2)["weighted_layers"]
    assert [layer["input_bits"] for layer in direct] == [8, 3]


def test_noise_counts_as_values_that_are_not_0(home, record_of):
    write_stack(home / "net.nir")
    clean, noisy = record_of("--steps", 3, "--noise", "0,0.2")["rows"]
    assert max(clean["input_densities"]["z_conv"]) < 1.0 and noisy["input_densities"]["z_conv"] == [1.0] * 3


def test_a_recurrent_layer_gets_the_spikes_of_the_step_before(home, record_of):
    write_recurrent(home / "net.nir")
    row = record_of("--steps", 4, inputs=np.array([[0.75]]))["rows"][0]
    assert row["spikes"] == 4
    assert row["input_densities"] == {"fc": [1.0] * 4, "back": [0.0, 1.0, 1.0, 1.0]}


@pytest.mark.parametrize("middle", ["Scale", "Affine"])
def test_inputs_that_may_cancel_are_added_up(home, record_of, middle):
    """Two neurons that always fire together, with weights 1 and -1 or a bias of -1, sum to 0 where both do."""
    first = np.array([[2.0], [2.0]])
    if middle == "Affine":
        between = ("Affine", {"weight": np.array([[1.0, 0.0], [1.0, 1.0]]), "bias": np.array([-1.0, 0.0])})
    else:
        between = ("Linear", {"weight": np.array([[1.0, -1.0], [1.0, 1.0]])})
    nodes = {
        "in": ("Input", {"shape": [1]}),
        "fc": ("Linear", {"weight": first}),
        "lif": lif(2),
        "mid": between,
        "last": ("Linear", {"weight": np.array([[1.0, 1.0]])}),
        "out": lif(1),
        "end": ("Output", {"shape": [1]}),
    }
    write_nir(home / "net.nir", nodes, list(pairwise(nodes)))
    record = record_of("--steps", 3, inputs=np.array([[0.75], [0.0]]))
    found = record["rows"][0]["input_densities"]
    assert found["fc"] == [0.5] * 3 and found["mid"] == [0.5] * 3
    # The first element is 0 where both neurons fire; a bias is there without spikes.
    assert found["last"] == ([0.5] * 3 if middle == "Affine" else [0.25] * 3)
    assert record["weighted_layers"][2]["input_bits"] == 8


def test_other_models_have_no_layers_of_weights(benchnn, home, trained, samples, record_of):
    done = benchnn("infer", trained, "--data", "samples.npz", "--steps", 3, "--json", "--out", "r")
    record = json.loads(done.out)
    assert record["weighted_layers"] is None and "NIR file" in record["reasons"]["weighted_layers"]
    row = record["rows"][0]
    assert row["input_densities"] is None and "NIR file" in row["reasons"]["input_densities"]
    assert row["exits"] == [0, 0, 23]
    # The table does not show them.
    shown = benchnn("infer", trained, "--data", "samples.npz", "--steps", 3, "--out", "r", "--overwrite").out
    assert "23" in shown and "input_densities" not in shown
    nodes = {
        "in": ("Input", {"shape": [1]}),
        "fc": ("Linear", {"weight": [[2.0]]}),
        "wait": ("Delay", {"delay": [0.002]}),
        "lif": lif(1),
        "end": ("Output", {"shape": [1]}),
    }
    write_nir(home / "net.nir", nodes, list(pairwise(nodes)))
    late = record_of("--steps", 2, "--coding", "rate", inputs=np.array([[0.75]]))
    assert late["weighted_layers"] is None and "'wait' (Delay)" in late["reasons"]["weighted_layers"]


def test_densities_are_those_of_the_original_network(home, record_of):
    write_stack(home / "net.nir")
    chip = ("--chip", "loihi1", "--chip-weight-bits", 3, "--on-violation", "adapt")
    original, adapted = record_of("--steps", 2, "--coding", "rate", *chip)["rows"]
    assert original["input_densities"] is not None and adapted["network"] == "adapted"
    assert adapted["input_densities"] is None and "adapted" in adapted["reasons"]["input_densities"]
