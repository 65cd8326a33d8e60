"""iaf_psc_exp_reset equals Brian2: the same spikes of the same edges and trains in float64, neuron by neuron."""

import numpy as np
import pytest

pytest.importorskip("brian2")

from fly_brain import DELAY_STEPS, H_MS, REFRACTORY_MS, brian2_spikes

from simcore.network import Explicit, Network, OneToOne, Population, Projection, SpikeRecorder, SpikeTrains
from simcore.simulator import Simulator

# Brian2 calls deprecated functions of pyparsing, thousands of times.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
STIMULATED = np.arange(21)
EXCITATORY = 0.6


def spikes(n, edges, trains, steps, stimulated=(), jump_pa=250.0, initial_mv=-52.0):
    """Stamps and ids of `simcore`, ordered; the arguments are those of `brian2_spikes`."""
    t_ref = np.full(n, REFRACTORY_MS)
    t_ref[np.asarray(stimulated, dtype=np.int64)] = 0.0
    sources, targets, contacts = (np.asarray(column) for column in edges)
    network = Network(
        [
            Population("N", n, "iaf_psc_exp_reset", {"t_ref": t_ref}, {"V_m": initial_mv}),
            Population("S", n, source=SpikeTrains(np.asarray(trains[0]) * H_MS, trains[1])),
        ],
        [
            Projection("N", "N", Explicit(sources, targets), contacts.astype(float), DELAY_STEPS * H_MS, "syn"),
            Projection("S", "N", OneToOne(), jump_pa, H_MS, "jump"),
        ],
        recorders=[SpikeRecorder("N")],
    )
    with Simulator(network, seed=1, threads=1, precision="float64") as simulator:
        simulator.run(steps * H_MS)
        found = simulator.spikes()
    order = np.lexsort((found.ids, found.stamps))
    return found.stamps[order], found.ids[order]


def surrogate(n, n_edges, seed):
    """Random edges with contacts of a long tail, excitatory and inhibitory neurons."""
    chance = np.random.default_rng(seed)
    sources, targets = chance.integers(0, n, (2, n_edges))
    contacts = np.minimum(chance.zipf(2.2, n_edges) + chance.geometric(0.4, n_edges) - 1, 300)
    return sources, targets, np.where(sources < EXCITATORY * n, contacts, -contacts)


def bernoulli(neurons, rate_hz, steps, seed):
    """Steps and neurons of Bernoulli trains; no spike in step 0, where none of `simcore` can arrive."""
    chance = np.random.default_rng(seed)
    at, which = np.nonzero(chance.random((steps - 1, len(neurons))) < rate_hz * H_MS * 1e-3)
    return at + 1, neurons[which]


def assert_equal(found, expected, at_least):
    assert len(expected[0]) >= at_least
    np.testing.assert_array_equal(found[0], expected[0])
    np.testing.assert_array_equal(found[1], expected[1])


@pytest.mark.parametrize(
    ("n", "n_edges", "rate_hz", "steps", "at_least"),
    [
        (800, 60_000, 150.0, 1500, 500),
        (800, 60_000, 600.0, 1500, 3000),
        (800, 60_000, 1200.0, 1500, 3000),
        (1500, 60_000, 200.0, 1500, 500),
        pytest.param(5000, 544_000, 800.0, 600, 1000, marks=pytest.mark.thorough),
    ],
)
def test_spikes_of_a_surrogate_brain_are_those_of_brian2(n, n_edges, rate_hz, steps, at_least):
    edges = surrogate(n, n_edges, seed=1)
    trains = bernoulli(STIMULATED, rate_hz, steps, seed=int(rate_hz))
    found = spikes(n, edges, trains, steps, STIMULATED)
    assert_equal(found, brian2_spikes(n, edges, trains, steps, STIMULATED), at_least)
    # Not only those that are stimulated.
    assert np.count_nonzero(found[1] >= len(STIMULATED)) > at_least / 10


def test_strong_input_at_every_moment_of_the_refractory_period():
    """Jumps and currents that make neurons fire meet spikes, and every step after them."""
    n, steps, chance = 60, 1500, np.random.default_rng(3)
    sources, targets = chance.integers(0, n, (2, 900))
    edges = sources, targets, chance.integers(-150, 300, 900)
    trains = bernoulli(np.arange(n), 400.0, steps, seed=4)
    initial = chance.uniform(-60.0, -40.0, n)
    options = {"stimulated": np.arange(0, n, 2), "initial_mv": initial}
    found = spikes(n, edges, trains, steps, jump_pa=30.0, **options)
    assert_equal(found, brian2_spikes(n, edges, trains, steps, jump_mv=30.0 * 0.275, **options), 1500)
