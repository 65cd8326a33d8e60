"""G1: the same bits from every backend, on any number of threads; golden digests pin network and spikes."""

from functools import cache
from itertools import combinations, product

import numpy as np
import pytest

from benchnn.models import models
from simcore.network import (
    AllToAll,
    CircularMask,
    Dc,
    DoughnutMask,
    EllipticalMask,
    Explicit,
    ExponentialKernel,
    FixedIndegree,
    FixedOutdegree,
    FixedTotalNumber,
    Gaussian2DKernel,
    GaussianKernel,
    GridPositions,
    InhomogeneousPoisson,
    LinearKernel,
    Network,
    Normal,
    OneToOne,
    PairwiseBernoulli,
    Poisson,
    Population,
    Projection,
    RandomPositions,
    SpatialFixedIndegree,
    SpatialPairwiseBernoulli,
    SpikeRecorder,
    SpikeTrain,
    TraceRecorder,
    Uniform,
)
from simcore.simulator import Simulator

DELIVERIES = ("just_in_time", "by_source", "calendar")
THREADS = (1, 2, 3, 4, 16)
PRECISIONS = ["float32", "float64"]


def everything():
    """A small network with every rule, kind of value, drive and model."""
    exc = Population(
        "E",
        97,
        params={"tau_syn_ex": 0.5, "t_ref": Uniform(low=0.5, high=3.0), "I_e": Normal(mean=100.0, std=50.0)},
        initial={"V_m": Normal(mean=-62.0, std=5.0)},
    )
    inh = Population("I", 31, params={"C_m": np.linspace(200.0, 300.0, 31)})
    relay = Population("R", 5, "parrot_neuron")
    second_relay = Population("S", 3, "parrot_neuron")
    weights = Normal(mean=120.0, std=12.0, low=0.0)
    projections = [
        Projection("E", "E", FixedTotalNumber(900), weights, Normal(mean=1.5, std=0.75, low=0.05)),
        Projection("E", "I", FixedIndegree(11, allow_multapses=False), weights, 0.3),
        Projection("I", "E", PairwiseBernoulli(0.2), -400.0, Uniform(low=0.1, high=2.0)),
        Projection("I", "I", FixedOutdegree(4, allow_autapses=False), -300.0, 0.1),
        Projection("R", "E", AllToAll(), np.linspace(5.0, 15.0, 5 * 97), 1.0),
        # Several spikes a step: each counts one, whatever its weight.
        Projection("R", "S", FixedIndegree(4), -2.0, Uniform(low=0.1, high=2.0)),
        Projection("S", "I", Explicit([0, 1, 1, 2], [1, 2, 2, 30]), [30.0, -20.0, -70.0, 5.0], [0.1, 0.2, 6.0, 0.5]),
        Projection("E", "E", OneToOne(), 30.0, np.linspace(0.1, 4.0, 97)),
        # Both signs: these sources need a row for each receptor.
        Projection("E", "I", Explicit([0, 0, 5], [1, 2, 2]), [80.0, -90.0, -70.0], [0.1, 0.2, 6.0]),
    ]
    drives = [
        Poisson("E", 9000.0, 120.0, 1.5),
        Poisson("I", 400.0, -90.0, 0.7, start_ms=20.0, stop_ms=60.0),
        Poisson("R", 3000.0, 1.0, 0.1),
        SpikeTrain("S", [5.0, 5.0, 5.0, 40.0], -0.5, 0.4),
        SpikeTrain("I", [0.1, 3.3, 3.3, 70.0], 900.0, 0.3),
        Dc("I", 250.0),
    ]
    recorders = [SpikeRecorder(), TraceRecorder("E", (0, 50, 96), ("V_m", "I_syn_in")), TraceRecorder("I", (3,))]
    return Network([exc, inh, relay, second_relay], projections, drives, recorders)


def receptors():
    """Constant weights, two of them from some sources; named receptors, of which some get both signs or weight 0."""
    many = Population("M", 60, "iaf_psc_exp_multisynapse", {"tau_syn": [0.5, 3.0, 12.0, 40.0], "I_e": 250.0})
    two = Population("T", 40, params={"I_e": 300.0})
    spread = Uniform(low=0.1, high=3.0)
    projections = [
        Projection("M", "M", FixedIndegree(6), 40.0, spread, receptor="2"),
        Projection("M", "M", FixedIndegree(6), -40.0, 1.0, receptor="4"),
        Projection("M", "T", PairwiseBernoulli(0.2), 80.0, spread),
        Projection("T", "M", FixedIndegree(9), -55.0, 0.5, receptor="1"),
        Projection("T", "M", FixedTotalNumber(200), -55.0, spread, receptor="4"),
        Projection("T", "T", FixedIndegree(4), 0.0, 0.2, receptor="in"),
        Projection("T", "T", FixedIndegree(8), -60.0, 0.3),
    ]
    drives = [
        Poisson("M", 500.0, 45.0, 0.4, receptor="3"),
        Poisson("T", 9000.0, 60.0, 1.5, receptor="ex"),
        SpikeTrain("M", [5.0, 5.0, 40.0], -500.0, 0.4, receptor="1"),
        InhomogeneousPoisson("M", [0.0, 50.0], [900.0, 3000.0], 70.0, receptor="4"),
    ]
    recorders = [SpikeRecorder(), TraceRecorder("M", (0, 59), ("V_m", "I_syn_1", "I_syn_4"))]
    return Network([many, two], projections, drives, recorders)


def on_a_sheet():
    """A small network with the spatial rules, in a plane with periodic boundaries; some neurons are selected."""
    around = {"extent": (1.0, 0.8), "edge_wrap": True}
    noisy = {"I_e": Normal(mean=420.0, std=60.0)}
    exc = Population("E", 120, params=noisy, positions=RandomPositions(**around))
    inh = Population("I", 30, params=noisy, positions=GridPositions((6, 5), **around))
    gaussian, disc = GaussianKernel(0.15, scale=0.8), CircularMask(0.3)
    nearby = SpatialPairwiseBernoulli(gaussian, disc, allow_autapses=False)
    falling, later = GaussianKernel(0.3, scale=60.0, offset=5.0), LinearKernel(3.0, 0.4)
    distinct = SpatialFixedIndegree(9, ExponentialKernel(0.1), allow_multapses=False)
    ring = SpatialFixedIndegree(7, 1.0, DoughnutMask(0.1, 0.35))
    oblique = SpatialPairwiseBernoulli(
        Gaussian2DKernel(0.2, 0.1, rho=0.4), EllipticalMask(0.7, 0.3, azimuth_angle=20.0)
    )
    projections = [
        Projection("E", "E", nearby, falling, later),
        Projection("E", "I", distinct, Normal(mean=50.0, std=10.0, low=0.0), Uniform(low=0.1, high=2.0)),
        Projection("I", "E", ring, -90.0, later),
        Projection("I", "I", oblique, LinearKernel(50.0, -60.0), 0.3),
        Projection(exc[::3], inh[1::2], nearby, falling, later),
        Projection(exc[20:60], exc[50:110], ring, 20.0, 1.0),
    ]
    return Network([exc, inh], projections, recorders=[SpikeRecorder(), TraceRecorder("E", [0, 5])])


NETWORKS = {
    "everything": everything,
    "receptors": receptors,
    "pd14": lambda: models.get("pd14")(scale=0.02),
    "pd14-thalamus": lambda: models.get("pd14")(scale=0.02, thalamus=True, thalamus_start_ms=20.0),
    "brunel": lambda: models.get("brunel")(order=100),
    "on-a-sheet": on_a_sheet,
}

# Model time in ms; the oracle takes longest for the networks with many projections.
TIMES = dict.fromkeys(NETWORKS, 100.0) | {"pd14": 60.0, "pd14-thalamus": 40.0}

# Network digest and spike digests in float32 and float64 of this time with seed 42. A change of any of them changes
# what a seed means: it needs a reason and a new minor version.
GOLDEN = {
    "everything": (
        "5422783041a5ec3c8aeee9b7a77e2316",
        "a437d6a225e1f3ee48fe81836eefcf25",
        "a437d6a225e1f3ee48fe81836eefcf25",
    ),
    "receptors": (
        "9c921243a7ab46c50407342de64aacfc",
        "f49e6a464f5051cf9a1ffb372271aa03",
        "f49e6a464f5051cf9a1ffb372271aa03",
    ),
    "pd14": (
        "2ff6b18ae12a63a19f52eb2efa041fb4",
        "d36730708c63b4029e0d616f0fd7fba0",
        "d36730708c63b4029e0d616f0fd7fba0",
    ),
    "pd14-thalamus": (
        "93218ce10e699febe3de68c30da193c1",
        "788e4ab82a2133038d3baf6a3d29c3f7",
        "788e4ab82a2133038d3baf6a3d29c3f7",
    ),
    "brunel": (
        "9ea8941fb15e38c11aab461de0e0f3db",
        "650c6ff1bb343f1c6bff94d11049d4f6",
        "f66b6bcee5b5f7278109fe7ef804ad43",
    ),
    "on-a-sheet": (
        "f1cfb15e7ea99ef14a87eb4efcbb40ee",
        "91b3efcb57d2e4e0a631ed733efd4321",
        "91b3efcb57d2e4e0a631ed733efd4321",
    ),
}


# Synapses, and synaptic events in float32.
COUNTED = {
    "everything": (2579, 166984),
    "receptors": (2448, 45341),
    "pd14": (119548, 4490),
    "pd14-thalamus": (120786, 15707),
    "brunel": (25000, 201871),
    "on-a-sheet": (3540, 15577),
}


def layouts():
    """Layouts with every pair of network, delivery algorithm, number of threads and precision."""
    for number, name in enumerate(NETWORKS):
        yield name, "gpu", "just_in_time", 1, "float32"
        yield name, "gpu", "calendar", 1, "float32"
        yield name, "gpu", ("just_in_time", "calendar")[number % 2], 1, "float64"
        for place, threads in enumerate(THREADS):
            own = DELIVERIES if name == "everything" else [DELIVERIES[(number + place) % 3]]
            yield from ((name, "cpu", delivery, threads, "float32") for delivery in own)
        # Compiled code depends on precision and delivery: one delivery for each network.
        for place in (number, number + 2):
            yield name, "cpu", DELIVERIES[number % 3], THREADS[place % 5], "float64"


@pytest.fixture(scope="module")
def oracle():
    """Results of the oracle by (network, precision), each simulated once."""
    return cache(lambda name, precision: simulated(name, backend="oracle", precision=precision))


def simulated(name, **options):
    with Simulator(NETWORKS[name](), seed=42, **options) as simulator:
        result = simulator.run(TIMES[name])
        return simulator.network_digest, simulator.n_synapses, result, simulator.traces()


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("name", NETWORKS)
def test_the_oracle_gives_the_golden_bits(oracle, name, precision):
    network_digest, n_synapses, result, _ = oracle(name, precision)
    assert (network_digest, result.spike_digest) == (GOLDEN[name][0], GOLDEN[name][1 + PRECISIONS.index(precision)])
    assert precision == "float64" or (n_synapses, result.synaptic_events) == COUNTED[name]
    assert sum(result.spikes.values()) > 20


@pytest.mark.parametrize(("name", "backend", "delivery", "threads", "precision"), list(layouts()))
def test_every_layout_gives_the_golden_bits(oracle, name, backend, delivery, threads, precision):
    options = {"backend": backend, "delivery": delivery, "threads": threads, "precision": precision}
    network_digest, n_synapses, result, traces = simulated(name, **options)
    expected = oracle(name, precision)
    assert (network_digest, result.spike_digest) == (GOLDEN[name][0], GOLDEN[name][1 + PRECISIONS.index(precision)])
    assert n_synapses == expected[1]
    assert result.spikes == expected[2].spikes
    assert result.synaptic_events == expected[2].synaptic_events
    for recorded, values in expected[3].items():
        assert np.array_equal(traces[recorded], values)


def test_layouts_have_every_pair_of_choices():
    on_cpu = [(name, *others) for name, backend, *others in layouts() if backend == "cpu"]
    for one, other in combinations(enumerate((NETWORKS, DELIVERIES, THREADS, PRECISIONS)), 2):
        assert {(found[one[0]], found[other[0]]) for found in on_cpu} == set(product(one[1], other[1]))


@pytest.mark.parametrize("backend", ["oracle", "cpu", "gpu"])
def test_another_seed_gives_another_network_and_other_spikes(backend):
    digests = set()
    for seed in (0, 1, 2**32 - 1):
        with Simulator(NETWORKS["brunel"](), seed=seed, backend=backend, threads=2) as simulator:
            digests |= {simulator.network_digest, simulator.run(20.0).spike_digest}
    assert len(digests) == 6


@pytest.mark.parametrize("bits", [8, pytest.param(32, marks=pytest.mark.thorough)])
def test_other_weight_widths_agree_between_backends(bits):
    results = []
    for backend, delivery, threads in [
        ("oracle", "auto", 1),
        ("gpu", "just_in_time", 1),
        ("gpu", "calendar", 1),
        ("cpu", "just_in_time", 1),
        ("cpu", "just_in_time", 3),
        ("cpu", "by_source", 3),
        ("cpu", "calendar", 2),
    ]:
        network = NETWORKS["brunel"]()
        # Other tests simulate 32-bit weights in float64, too: the step loop is compiled once for all of them.
        options = {"delivery": delivery, "threads": threads, "precision": PRECISIONS[bits == 32], "weight_bits": bits}
        with Simulator(network, seed=7, backend=backend, **options) as simulator:
            results.append((simulator.network_digest, simulator.run(50.0).spike_digest))
    assert len(set(results)) == 1
