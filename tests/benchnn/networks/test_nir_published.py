"""Published graphs: sizes, weights, and the same spikes as a plain evaluation of the graph in NumPy.

What the Braille networks were given is not published: the activities of snnTorch beside them cannot be compared.
"""

from collections import Counter

import h5py
import numpy as np
import pytest

from benchnn.networks.nir.network import import_nir
from simcore.network import SpikeTrains
from simcore.simulator import Simulator

BRAILLE = {
    "braille_noDelay_bias_zero.nir": ("zero", 38),
    "braille_noDelay_noBias_subtract.nir": ("subtract", 40),
}
BITS = 2.0**-31
EXACT = {"precision": "float64", "weight_bits": 32}
N_STEPS = 60


def values_of(path):
    """Values of each node, by name."""
    with h5py.File(path) as file:
        nodes = file["node/nodes"]
        return {name: {key: nodes[name][key][()] for key in nodes[name] if key != "metadata"} for name in nodes}


class Layer:
    """Neurons of a graph by forward Euler, as NIR's equations say; `step` takes the input of a step."""

    def __init__(self, values, dt, subtract):
        self.values, self.dt, self.subtract = values, dt, subtract
        self.v, self.i = np.zeros(values["r"].shape), np.zeros(values["r"].shape)
        self.spikes = np.zeros(values["r"].shape)

    def step(self, x):
        p, dt = self.values, self.dt
        if p["type"] == b"CubaLIF":
            self.i = self.i + dt / p["tau_syn"] * (p["w_in"] * x - self.i)
            self.v = self.v + dt / p["tau_mem"] * (p["v_leak"] - self.v + p["r"] * self.i)
        else:
            self.v = self.v + p["r"] * x
        self.spikes = (self.v > p["v_threshold"]).astype(float)
        below = self.v - p["v_threshold"] if self.subtract else p.get("v_reset", 0.0)
        self.v = np.where(self.spikes > 0.0, below, self.v)
        return self.spikes


def convolved(values, x):
    """A convolution with one padding, stride and no dilation, on an image of channels."""
    (stride, _), (pad, _) = values["stride"], values["padding"]
    x = np.pad(x, [(0, 0), (pad, pad), (pad, pad)])
    windows = np.lib.stride_tricks.sliding_window_view(x, values["weight"].shape[2:], axis=(1, 2))
    windows = windows[:, ::stride, ::stride]
    return np.einsum("cyxab,ocab->oyx", windows, values["weight"].astype(float)) + values["bias"][:, None, None]


def pooled(x):
    return x.reshape(x.shape[0], x.shape[1] // 2, 2, x.shape[2] // 2, 2).sum(axis=(2, 4))


def spikes_of(path, trains, options):
    """Spikes of each layer, shape (steps, neurons), in NIR's steps: shifted by the layer's depth."""
    times, ids = np.nonzero(trains)
    imported = import_nir(path, trains=SpikeTrains((times + 1) * options["dt_ms"], ids), **options)
    network, last = imported.network, max(imported.depths.values())
    # That skipping neurons at rest changes no bit is tested in tests/simcore/test_resting.py.
    with Simulator(network, skip_resting=False, **EXACT) as simulator:
        simulator.run((len(trains) + last) * options["dt_ms"])
        spikes = simulator.spikes()
    found = {}
    for population in network.populations:
        fired = np.zeros((len(trains) + last, population.size))
        own = (spikes.ids >= network.first_ids[population.name]) & (
            spikes.ids < network.first_ids[population.name] + population.size
        )
        fired[spikes.stamps[own] - 1, spikes.ids[own] - network.first_ids[population.name]] = 1
        found[population.name] = fired[imported.depths[population.name] :][: len(trains)]
    return found


@pytest.mark.parametrize("reset", ["zero", "subtract"])
def test_the_convolutional_network_is_its_evaluation(published, reset):
    path, options = published("cnn_sinabs.nir"), {"dt_ms": 1.0, "reset": reset}
    values = values_of(path)
    trains = np.random.default_rng(5).random((N_STEPS, 2 * 34 * 34)) < 0.3
    found = spikes_of(path, trains, options)
    assert {name: fired.shape[1] for name, fired in found.items()} == {
        "input": 2312,
        "1": 4096,
        "3": 4096,
        "6": 512,
        "10": 256,
        "12": 10,
    }
    layers = {name: Layer(values[name], 0.001, reset == "subtract") for name in ("1", "3", "6", "10", "12")}
    for step, image in enumerate(trains):
        x = layers["1"].step(convolved(values["0"], image.reshape(2, 34, 34).astype(float)))
        x = layers["3"].step(convolved(values["2"], x))
        x = layers["6"].step(convolved(values["5"], pooled(x)))
        x = layers["10"].step(values["9"]["weight"].astype(float) @ pooled(x).ravel() + values["9"]["bias"])
        layers["12"].step(values["11"]["weight"].astype(float) @ x + values["11"]["bias"])
        for name, layer in layers.items():
            assert np.array_equal(found[name][step], layer.spikes.ravel()), (step, name)
    assert min(fired.sum() for fired in found.values()) > 20


@pytest.mark.parametrize("name", BRAILLE)
def test_the_recurrent_networks_are_their_evaluation(published, name):
    """Layers with a bias start with the simulation, and thus before the first step of the input: see docs/nir.md."""
    path, (reset, hidden) = published(name), BRAILLE[name]
    values = values_of(path)
    rng = np.random.default_rng(1)
    # Rates that change every 20 steps.
    trains = rng.random((N_STEPS * 4, 12)) < np.repeat(rng.random((N_STEPS // 5, 12)) ** 4, 20, axis=0)
    found = spikes_of(path, trains, {"dt_ms": 0.1, "reset": reset})
    assert [fired.shape[1] for fired in found.values()] == [12, hidden, 7]
    first, second = (Layer(values[layer], 1e-4, reset == "subtract") for layer in ("lif1.lif", "lif2"))

    def linear(node, x):
        return values[node]["weight"].astype(float) @ x + values[node].get("bias", 0.0)

    # NIR's step -1 is the first of the simulation for the second layer, its step 0 for the first one.
    second.step(linear("fc2", first.spikes))
    for step in range(-1, len(trains)):
        given = trains[step].astype(float) if step >= 0 else np.zeros(12)
        x = first.step(linear("fc1", given) + linear("lif1.w_rec", first.spikes))
        second.step(linear("fc2", x))
        if step >= 0:
            assert np.array_equal(found["lif1.lif"][step], first.spikes), step
            assert np.array_equal(found["lif2"][step], second.spikes), step
    assert found["lif1.lif"].sum() > 50 and found["lif2"].sum() > 20


@pytest.mark.parametrize("scheme", ["euler", "exact"])
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_the_single_neuron_spikes_when_simulators_and_chips_say(published, scheme, precision):
    path, (given, _, fired) = published("lif_norse.nir"), np.loadtxt(published("lif_norse.csv"), delimiter=",").T
    stamps = np.flatnonzero(given) + 1
    trains = SpikeTrains(stamps * 0.1, np.zeros(len(stamps), dtype=int))
    imported = import_nir(path, dt_ms=0.1, scheme=scheme, trains=trains)
    with Simulator(imported.network, precision=precision) as simulator:
        simulator.run(0.1 * (len(given) + 1))
        spikes = simulator.spikes()
    found = spikes.stamps[spikes.ids == imported.network.first_ids["1"]] - 1 - imported.depths["1"]
    assert found.tolist() == np.flatnonzero(fired).tolist() == [460, 510, 710, 760]


def weights_between(network, source, target):
    (projection,) = [p for p in network.projections if (p.source, p.target) == (source, target)]
    return np.broadcast_to(projection.weight, len(projection.rule.sources))


def test_every_weight_is_there_as_often_as_the_graph_uses_it(published):
    path = published("cnn_sinabs.nir")
    network, values = import_nir(path).network, values_of(path)
    assert [len(p.rule.sources) for p in network.projections] == [199_712, 541_696, 247_808, 131_072, 2_560]
    for node, source, target, size, share in (
        ("0", "input", "1", 34, 1),
        ("2", "1", "3", 16, 1),
        ("5", "3", "6", 8, 4),
    ):
        given = values[node]
        inside = np.pad(np.ones((size, size)), int(given["padding"][0]))
        taps = given["weight"].shape[2:]
        windows = np.lib.stride_tricks.sliding_window_view(inside, taps)[:: given["stride"][0], :: given["stride"][0]]
        uses = share * windows.sum(axis=(0, 1)).astype(int)
        expected = np.repeat(given["weight"].ravel(), np.broadcast_to(uses, given["weight"].shape).ravel())
        assert np.array_equal(np.sort(weights_between(network, source, target)), np.sort(expected))
    for node, source, target, share in (("9", "6", "10", 4), ("11", "10", "12", 1)):
        expected = np.repeat(values[node]["weight"].ravel(), share)
        assert np.array_equal(np.sort(weights_between(network, source, target)), np.sort(expected))


@pytest.mark.parametrize("name", BRAILLE)
def test_synapses_hold_the_weights_of_the_file_to_32_bits(published, name):
    path, (reset, hidden) = published(name), BRAILLE[name]
    network, values = import_nir(path, dt_ms=0.1, reset=reset).network, values_of(path)
    expected = np.concatenate([values[node]["weight"].ravel() for node in ("fc1", "fc2", "lif1.w_rec")])
    with Simulator(network, **EXACT) as simulator:
        edges = simulator.edges()
        held = np.sort(np.asarray(edges.weights))
    assert len(held) == 12 * hidden + hidden * hidden + hidden * 7 == len(expected)
    assert np.allclose(held, np.sort(expected), rtol=0.0, atol=np.abs(expected).max() * BITS)
    assert Counter(population.size for population in network.populations) == {12: 1, hidden: 1, 7: 1}
