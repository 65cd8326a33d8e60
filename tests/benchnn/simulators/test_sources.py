"""Populations with a source on the peers: NEST's generators before parrots, Brian2's groups before theirs."""

import math

import numpy as np
import pytest

from benchnn.simulators import PeerJob, peers
from simcore.errors import InputError
from simcore.network import (
    BernoulliTrains,
    Dc,
    FixedIndegree,
    InhomogeneousPoisson,
    InhomogeneousPoissonTrains,
    Network,
    Poisson,
    PoissonTrains,
    Population,
    Projection,
    SpikeRecorder,
    SpikeTrain,
    SpikeTrains,
    Uniform,
)
from simcore.simulator import Simulator

PEERS = [
    pytest.param(name, marks=[pytest.mark.skipif(why is not None, reason=str(why))])
    for name, why in ((name, peers.unusable_because(name)) for name in ("nest", "brian2"))
]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
N, M = 40, 60
MODES = {"nest": None, "brian2": "runtime"}


@pytest.fixture(autouse=True)
def numpy_code_of_brian2(request):
    """Import Brian2 only in its own tests."""
    if "brian2" in request.node.name:
        request.getfixturevalue("numpy_code")


def simulated(peer, described, connectivity="exact", steps=500):
    asked = PeerJob(described, 5, 1, 0, steps, connectivity, mode=MODES[peer])
    peers.get(peer).check(asked)
    return peers.get(peer).simulate(asked)


def network(source, drives=()):
    projections = [
        Projection("S", "E", FixedIndegree(8), 120.0, Uniform(low=0.1, high=3.0)),
        Projection("S", "E", FixedIndegree(3), -90.0, 0.4),
        Projection("E", "E", FixedIndegree(5), 40.0, 1.5),
    ]
    populations = [Population("E", M), Population("S", N, source=source)]
    return Network(populations, projections, [Dc("E", 350.0), *drives], [SpikeRecorder()])


def trains(seed=1, per_neuron=30):
    """At most one spike of a neuron in a step, from the second step on; some neurons are silent."""
    random = np.random.default_rng(seed)
    each = [np.sort(random.choice(np.arange(2, 500), per_neuron, replace=False)) / 10.0 for _ in range(N)]
    return SpikeTrains.by_neuron([train if neuron % 7 else [] for neuron, train in enumerate(each)])


@pytest.mark.parametrize("peer", PEERS)
def test_spikes_equal_those_of_a_generator_for_each_neuron(peer):
    weights = np.where(np.arange(M) % 2, 300.0, -300.0)
    described = network(trains(), [SpikeTrain("E", [5.0, 20.0], weights, 0.7), Dc("E", np.linspace(0.0, 90.0, M))])
    found = simulated(peer, described)
    with Simulator(described, seed=5, backend="oracle", precision="float64") as simulator:
        simulator.run(50.0)
        expected = simulator.spikes()
    for name in ("E", "S"):
        assert len(expected.of(name)[0]) > 100
    np.testing.assert_array_equal(found.spikes.stamps, expected.stamps)
    np.testing.assert_array_equal(found.spikes.ids, expected.ids)
    assert found.synapses == M * 16


@pytest.mark.parametrize("peer", PEERS[:1])
def test_nest_repeats_spikes_with_the_same_time_and_on_other_grids(peer):
    source = SpikeTrains([1.0, 1.0, 2.0, 4.5, 2.0], [0, 0, 2, 1, 0])
    described = Network([Population("S", 3, source=source)], recorders=[SpikeRecorder()], resolution_ms=0.5)
    found = simulated(peer, described, steps=20).spikes
    spikes = list(zip(found.stamps.tolist(), found.ids.tolist(), strict=True))
    assert spikes == [(2, 0), (2, 0), (4, 0), (4, 2), (9, 1)]


def without_targets(source, size):
    return Network([Population("S", size, source=source)], recorders=[SpikeRecorder()])


def counts_of(found, size=N):
    times, ids = found.spikes.of("S")
    return np.bincount(ids, minlength=size), np.rint(times * 10.0).astype(int)


@pytest.mark.parametrize("peer", PEERS)
def test_poisson_trains_have_the_rate_of_each_neuron(peer):
    size, steps = 10 * N, 2_000
    rates = np.where(np.arange(size) % 2, 20.0, 200.0)
    described = without_targets(PoissonTrains(rates), size)
    counts, stamps = counts_of(simulated(peer, described, "statistical", steps), size)
    for rate in (20.0, 200.0):
        expected = rate * 1e-4 * steps * size / 2
        assert abs(counts[rates == rate].sum() - expected) < 5.0 * math.sqrt(expected)
    assert stamps.min() > (2 if peer == "nest" else 1)


@pytest.mark.parametrize("peer", PEERS[1:])
def test_bernoulli_trains_of_brian2(peer):
    """Of 40 rates, each of which 10 neurons have."""
    rates = np.repeat(np.linspace(0.0, 390.0, N), 10)
    described = without_targets(BernoulliTrains(rates), len(rates))
    counts, _ = counts_of(simulated(peer, described, "statistical", 2_000), len(rates))
    counts, expected = counts.reshape(N, 10).sum(axis=1), np.linspace(0.0, 390.0, N) * 2.0
    assert counts[0] == 0 and np.all(np.abs(counts - expected) < 5.0 * np.sqrt(expected + 1.0))


@pytest.mark.parametrize(
    ("source", "window"),
    [
        (PoissonTrains(5000.0, start_ms=1.0, stop_ms=3.0), (11, 30)),
        (PoissonTrains(5000.0), (3, 100)),
        (InhomogeneousPoissonTrains([2.0, 5.0], [5000.0, 0.0]), (21, 50)),
        (InhomogeneousPoissonTrains([0.0, 0.1, 5.0], np.full((3, N), [[0.0], [5000.0], [0.0]])), (3, 50)),
    ],
)
@pytest.mark.parametrize("peer", PEERS[:1])
def test_windows_of_nests_generators_are_those_of_the_source_but_for_the_first_two_steps(peer, source, window):
    found = simulated(peer, network(source), "statistical", 100)
    _, stamps = counts_of(found)
    assert (stamps.min(), stamps.max()) == window
    late = any("silent in the first two steps: S" in difference for difference in found.differences)
    assert late == (window[0] == 3)


@pytest.mark.parametrize("peer", PEERS[:1])
def test_nest_takes_drives_with_arrays_of_rates_and_weights(peer):
    rates = np.where(np.arange(400) % 2, 500.0, 3000.0)
    drives = [
        Poisson("P", rates, np.ones(400), 0.1),
        InhomogeneousPoisson("P", [0.0], rates[np.newaxis], 1.0, 0.1),
        Poisson("P", 100.0, np.ones(400), 0.1),
    ]
    described = Network([Population("P", 400, "parrot_neuron")], drives=drives, recorders=[SpikeRecorder()])
    _, ids = simulated(peer, described, "statistical", 5000).spikes.of("P")
    counts = np.bincount(ids, minlength=400)
    for rate in (500.0, 3000.0):
        expected = (2.0 * rate + 100.0) * 0.5 * 200
        assert abs(counts[rates == rate].sum() - expected) < 6.0 * math.sqrt(expected) + 0.01 * expected


REFUSED = [
    ("nest", BernoulliTrains(5.0), (), "statistical", r"S.source = 'bernoulli' .*NEST has no corresponding"),
    ("nest", SpikeTrains([0.1], [0]), (), "exact", r"S.source.times_ms = 0.1 .*not before 0.2 ms"),
    ("nest", PoissonTrains(5.0), (), "exact", r"S.source = 'poisson' .*exact connectivity"),
    ("brian2", PoissonTrains(5.0), (), "exact", r"S.source = 'poisson' .*exact connectivity"),
    ("brian2", InhomogeneousPoissonTrains([0.0], [1.0]), (), "statistical", r"S.source = 'inhomogeneous_poisson'"),
    ("brian2", PoissonTrains(5.0, 1.0), (), "statistical", r"S.source.start_ms .*at all times"),
    ("brian2", SpikeTrains([1.0, 1.0], [0, 0]), (), "exact", r"S.source.times_ms .*at most one spike per step"),
    ("brian2", trains(), (Poisson("E", np.ones(M), 1.0),), "statistical", r"poisson->E.rate_hz .*one number"),
]


@pytest.mark.parametrize(("peer", "source", "drives", "connectivity", "message"), REFUSED)
def test_what_a_peer_cannot_do_is_refused_in_one_sentence(peer, source, drives, connectivity, message):
    if peers.unusable_because(peer) is not None:
        pytest.skip(str(peers.unusable_because(peer)))
    with pytest.raises(InputError, match=message):
        simulated(peer, network(source, drives), connectivity)
